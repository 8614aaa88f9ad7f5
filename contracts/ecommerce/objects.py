"""Bulk declarations, consignments and parcels as the state keeps them."""

from enum import StrEnum

from contracts.kernel.state import ObjectType, StateObject


class BulkState(StrEnum):
    DECLARED = "declared"
    HELD = "held"
    """The office wants to see parcels before it decides."""
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class BulkDeclaration(StateObject, frozen=True):
    """Low-value parcels declared together.

    office: that decides; member: its member; values and duty in minor units of `currency`; masses
    in grams; root: of the parcel register (see parcels.py); mrn: the movement it travels under, or
    None; returned: parcels that went back.
    """

    operator: str
    lrn: str
    office: str
    member: str
    state: BulkState
    parcels: int
    total_value: int
    highest_value: int
    currency: str
    total_mass_grams: int
    highest_mass_grams: int
    duty: int
    root: bytes
    declared_ms: int
    mrn: str | None
    returned: int


class Consignment(StateObject, frozen=True):
    """The bulk declarations that one movement carries, by LRN of their operator."""

    mrn: str
    operator: str
    declarations: tuple[str, ...]


class ParcelState(StrEnum):
    SHOWN = "shown"
    RETURNED = "returned"


class Parcel(StateObject, frozen=True):
    """A parcel that was proven to be in a register. commitment: SHA-256 of its salted particulars.

    index: its place in the register, from 0; return_reason: why it went back, empty if it did not.
    """

    operator: str
    lrn: str
    index: int
    commitment: bytes
    state: ParcelState
    proven_ms: int
    return_reason: str


def bulk_reference(operator: str, lrn: str) -> str:
    return f"{operator}/{lrn}"


def parcel_reference(operator: str, lrn: str, index: int) -> str:
    return f"{operator}/{lrn}/{index}"


BULK_DECLARATION = ObjectType(
    "bulk",
    BulkDeclaration,
    lambda item: bulk_reference(item.operator, item.lrn),
    "bulk/<operator>/<LRN>",
)
CONSIGNMENT = ObjectType("consignment", Consignment, lambda item: item.mrn, "consignment/<MRN>")
PARCEL = ObjectType(
    "parcel",
    Parcel,
    lambda item: parcel_reference(item.operator, item.lrn, item.index),
    "parcel/<operator>/<LRN>/<index>",
)
