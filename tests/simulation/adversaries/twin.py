"""Runs twice under one key: two honest copies that do not know of each other."""

from tests.simulation.member import SimulatedMember


class Twin(SimulatedMember):
    """Each copy keeps every rule; together they break them (Bano et al., "Twins", 2020)."""
