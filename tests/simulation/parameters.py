"""What a simulated union's genesis says: short times and small bounds, so that much happens."""

from consensus.pacing import PacingParameters
from consensus.state import Parameters

PARAMETERS = Parameters(PacingParameters(delta_ms=50, heartbeat_ms=2000), 8, 3)
SUBMISSIONS = 16
"""Given to the members of a union in the course of a run."""
RUN_LENGTH = 4
"""Blocks in a FinalisedRun; few, so that catching up takes several."""
