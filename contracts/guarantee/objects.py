"""Guarantees and reservations as the state keeps them."""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class GuaranteeKind(StrEnum):
    """Kinds of guarantee; in brackets the NCTS type."""

    GENERAL = "general"
    """For many operations (1)."""
    INDIVIDUAL = "individual"
    """For one operation, by a guarantor (2)."""
    VOUCHER = "voucher"
    """For one operation, by voucher (4)."""


class GuaranteeState(StrEnum):
    """The life of a guarantee. Expiry is no state: it follows from block time."""

    UNDERTAKEN = "undertaken"
    ACTIVE = "active"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


class Guarantee(StateObject, frozen=True):
    """A guarantee and its account.

    covered = reference_amount × coverage_percent / 100, rounded down. reserved: Σ open, minor
    units; open: number of open reservations; uses: reservations ever made.
    revoked_from_ms: block time from which a revocation bars new use, else None.
    """

    grn: str
    kind: GuaranteeKind
    state: GuaranteeState
    guarantor: str
    holder: str
    office: str
    reference_amount: int
    currency: str
    coverage_percent: int
    valid_from_ms: int
    valid_to_ms: int
    territory: tuple[str, ...]
    reserved: int
    open: int
    uses: int
    revoked_from_ms: int | None

    @property
    def covered(self) -> int:
        """What reservations may add up to, minor units."""
        return self.reference_amount * self.coverage_percent // 100

    @property
    def free(self) -> int:
        """What can still be reserved, minor units."""
        return self.covered - self.reserved


class Reservation(StateObject, frozen=True):
    """An amount held for one open movement.

    office: the office of departure, whose discharge (or invalidation) of the movement frees it.
    """

    grn: str
    mrn: str
    amount: int
    currency: str
    reserved_ms: int
    office: str


def reservation_reference(grn: str, mrn: str) -> str:
    return f"{grn}/{mrn}"


GUARANTEE = ObjectType("guarantee", Guarantee, lambda item: item.grn, "guarantee/<GRN>")
RESERVATION = ObjectType(
    "reservation",
    Reservation,
    lambda item: reservation_reference(item.grn, item.mrn),
    "reservation/<GRN>/<MRN>",
)
