"""Members that lie, each a few lines over the honest one. At most f of them take part."""

from tests.simulation.adversaries.certificate_forger import CertificateForger
from tests.simulation.adversaries.double_voter import DoubleVoter
from tests.simulation.adversaries.equivocating_leader import EquivocatingLeader
from tests.simulation.adversaries.flooder import Flooder
from tests.simulation.adversaries.fork_leader import ForkLeader
from tests.simulation.adversaries.nullify_and_finalize import NullifyAndFinalize
from tests.simulation.adversaries.selective_sender import SelectiveSender
from tests.simulation.adversaries.silent import Silent
from tests.simulation.adversaries.silent_leader import SilentLeader
from tests.simulation.adversaries.stale_replay import StaleReplay
from tests.simulation.adversaries.time_liar import TimeLiar
from tests.simulation.adversaries.twin import Twin
from tests.simulation.adversaries.withheld_bodies import WithheldBodies
from tests.simulation.adversaries.wrong_outcome import WrongOutcome
from tests.simulation.member import SimulatedMember

ADVERSARIES: dict[str, type[SimulatedMember]] = {
    "silent": Silent,
    "silent-leader": SilentLeader,
    "selective-sender": SelectiveSender,
    "equivocator": EquivocatingLeader,
    "double-voter": DoubleVoter,
    "nullify-and-finalize": NullifyAndFinalize,
    "wrong-outcome": WrongOutcome,
    "withheld-bodies": WithheldBodies,
    "forker": ForkLeader,
    "stale-replay": StaleReplay,
    "forger": CertificateForger,
    "flooder": Flooder,
    "time-liar": TimeLiar,
    "twin": Twin,
}

CONTRADICT_THEMSELVES = ("equivocator", "double-voter", "nullify-and-finalize")
"""Kinds that sign two things no correct member would both sign, and so are named."""
