"""Navigation seals as the register keeps them: whose they are, and what carries them now.

Here and not with the acts of seals, because releasing goods asks it about the seals listed.
"""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class SealState(StrEnum):
    REGISTERED = "registered"
    """In the operator's stock: free to be activated."""
    ACTIVE = "active"
    LOST = "lost"
    FAULTY = "faulty"
    DESTROYED = "destroyed"
    """For good."""


class Seal(StateObject, frozen=True):
    """A navigation seal. operator: in whose registry it is; transport: where it is, or None.

    alarms: alarms ever opened on it, the number of the latest; confirmed: True if an authority
    confirmed one since it was activated; note: why it was set aside or taken back last; place:
    UN/LOCODE where it was attached or taken off last.
    """

    id: str
    operator: str
    model: str
    certificate: str
    state: SealState
    transport: str | None
    activated_ms: int
    alarms: int
    confirmed: bool
    note: str
    place: str = ""


SEAL = ObjectType("seal", Seal, lambda item: item.id, "seal/<seal id>")
