"""Records of e-commerce."""

from enum import StrEnum
from typing import Annotated

from contracts.ecommerce.parcels import MAX_PATH
from contracts.kernel.form import Form, listed, number
from contracts.kernel.record import Record
from contracts.kernel.rules import LIST
from contracts.references.fields import (
    MAX_MONEY,
    Currency,
    Digest,
    Lrn,
    Money,
    Mrn,
    Note,
    ParticipantId,
    Reason,
)

MAX_PARCELS = 1 << MAX_PATH

Parcels = Annotated[int, number("parcels", 1, MAX_PARCELS)]
Index = Annotated[int, number("index in the register", 0, MAX_PARCELS - 1)]
MassGrams = Annotated[int, number("mass in grams", 1, 10**13)]
Duty = Annotated[int, number("duty in minor units", 0, MAX_MONEY)]
# Hashes of a path may repeat, so this is no `listed`.
Path = Annotated[
    tuple[Digest, ...],
    Form(
        "path",
        f"0 to {MAX_PATH} hashes",
        LIST,
        lambda value: len(value) <= MAX_PATH,
        (("maxItems", MAX_PATH),),
    ),
]


class DeclareBulk(Record, frozen=True, tag="ecommerce.declare"):
    """An operator declares parcels in bulk to an office.

    Values and duty in minor units of `currency`; masses in grams; highest: of any one parcel;
    root: Merkle root of the parcel register.
    """

    lrn: Lrn
    office: ParticipantId
    parcels: Parcels
    total_value: Money
    highest_value: Money
    currency: Currency
    total_mass_grams: MassGrams
    highest_mass_grams: MassGrams
    duty: Duty
    root: Digest


class WithdrawBulk(Record, frozen=True, tag="ecommerce.withdraw"):
    """The operator withdraws a bulk declaration that is not decided yet."""

    lrn: Lrn
    reason: Reason


class BulkDecision(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    REFUSE = "refuse"


class DecideBulk(Record, frozen=True, tag="ecommerce.decide"):
    """The office releases, refuses, or holds a bulk declaration. duty_settled: paid or secured."""

    operator: ParticipantId
    lrn: Lrn
    decision: BulkDecision
    duty_settled: bool
    note: Note


class ConsignBulk(Record, frozen=True, tag="ecommerce.consign"):
    """The operator puts bulk declarations under one transit movement with one guarantee."""

    mrn: Mrn
    lrns: Annotated[tuple[Lrn, ...], listed("declarations", 1, 32)]


class ShowParcel(Record, frozen=True, tag="ecommerce.show-parcel"):
    """The operator proves that a parcel is in the register of a declaration."""

    lrn: Lrn
    index: Index
    commitment: Digest
    path: Path


class ReturnParcel(Record, frozen=True, tag="ecommerce.return"):
    """A released parcel goes back to its sender, without duty."""

    lrn: Lrn
    index: Index
    commitment: Digest
    path: Path
    reason: Reason
