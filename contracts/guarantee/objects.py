"""Guarantees, reservations and certificates of security as the state keeps them."""

from enum import StrEnum

from contracts.guarantee.terms import GuaranteeKind, Terms
from contracts.kernel.state import ObjectType, StateObject


class GuaranteeState(StrEnum):
    """The life of a guarantee. What it means for a use is judged by block time, not by this."""

    UNDERTAKEN = "undertaken"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKING = "revoking"
    """Revoked, with notice: it can be used until `revoked_from_ms`."""
    REVOKED = "revoked"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Guarantee(StateObject, frozen=True):
    """A guarantee and its account.

    guarantor: of kinds without one, the office of guarantee; coverage_percent: share of the
    reference amount that is secured, 0 for a waiver; reserved: Σ open, minor units; open: number
    of open reservations; uses: reservations ever made; paid: claims paid and not topped up, minor
    units; defaults: claims the guarantor is in default with; revoked_from_ms: block time from
    which a revocation bars new use, else None.
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
    terms: Terms
    reserved: int
    open: int
    uses: int
    paid: int
    defaults: int
    revoked_from_ms: int | None

    @property
    def covered(self) -> int:
        """What reservations may add up to, minor units, rounded down.

        The secured share of the reference amount, or all of it if security is waived, less what
        was paid on it.
        """
        percent = 100 if self.kind is GuaranteeKind.WAIVER else self.coverage_percent
        return self.reference_amount * percent // 100 - self.paid

    @property
    def free(self) -> int:
        """What can still be reserved, minor units."""
        return self.covered - self.reserved


class Reservation(StateObject, frozen=True):
    """An amount held for one open movement.

    amount: in the currency of the guarantee; asked, asked_currency: as declared, asked None if no
    amount was; office: of
    departure; certified: True if it counts against a certificate of security; freed_by: the record
    that will free it, as things stand, so that nobody wonders what it waits for.
    """

    grn: str
    mrn: str
    amount: int
    currency: str
    asked: int | None
    asked_currency: str
    reserved_ms: int
    office: str
    certified: bool
    freed_by: str


class CertificateKind(StrEnum):
    """Certificates of security of the EAEU."""

    SINGLE = "single"
    """For one operation."""
    GENERAL = "general"


class Certificate(StateObject, frozen=True):
    """A certificate that security was given in one member, for releases in another.

    member: where it is used; amount: the part of the guarantee it opens there, in its currency;
    reserved: Σ open under it; uses: reservations ever made under it.
    """

    grn: str
    member: str
    kind: CertificateKind
    amount: int
    valid_to_ms: int
    withdrawn: bool
    reserved: int
    uses: int


def reservation_reference(grn: str, mrn: str) -> str:
    return f"{grn}/{mrn}"


def certificate_reference(grn: str, member: str) -> str:
    return f"{grn}/{member}"


GUARANTEE = ObjectType("guarantee", Guarantee, lambda item: item.grn, "guarantee/<GRN>")
RESERVATION = ObjectType(
    "reservation",
    Reservation,
    lambda item: reservation_reference(item.grn, item.mrn),
    "reservation/<GRN>/<MRN>",
)
CERTIFICATE = ObjectType(
    "certificate",
    Certificate,
    lambda item: certificate_reference(item.grn, item.member),
    "certificate/<GRN>/<member>",
)
