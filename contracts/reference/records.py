"""Records of reference data."""

from typing import Annotated

from contracts.kernel.form import code, listed, number
from contracts.kernel.record import Part, Record
from contracts.reference.objects import ThresholdKind
from contracts.references.fields import Currency, MemberCode, Money, Name, Time

Day = Annotated[int, number("day since 1970-01-01", 0, 2_932_896)]
"""Up to 31 December 9999."""

RatioPart = Annotated[int, number("part of a ratio", 1, 10**12)]
ListId = Annotated[
    str, code("code list", r"[a-z][a-z0-9-]{0,31}", "1 to 32 of a–z, 0–9, hyphen; first a letter")
]
Code = Annotated[
    str,
    code("code", r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}", "1 to 35 letters, digits, dot, _ or hyphen"),
]


class RateLine(Part, frozen=True):
    """`pivot` minor units of the pivot currency are worth `units` minor units of `currency`."""

    currency: Currency
    pivot: RatioPart
    units: RatioPart


class PublishRates(Record, frozen=True, tag="reference.publish-rates"):
    """Rates of currencies for a day, today or soon."""

    day: Day
    rates: Annotated[tuple[RateLine, ...], listed("rates", 1, 64)]


class DefineCodeList(Record, frozen=True, tag="reference.define-list"):
    """The Commission opens a code list. national: registrars keep their country's codes."""

    list: ListId
    title: Name
    source: Name
    national: bool


class CodeLine(Part, frozen=True):
    """A code, what it means, and from when until when it may be used."""

    code: Code
    meaning: Name
    valid_from_ms: Time
    valid_to_ms: Time | None


class SetCodes(Record, frozen=True, tag="reference.set-codes"):
    """Codes of a list are entered, or replaced with what this record says."""

    list: ListId
    codes: Annotated[tuple[CodeLine, ...], listed("codes", 1, 128)]


class SetThreshold(Record, frozen=True, tag="reference.set-threshold"):
    """A limit takes effect at a moment ahead. member None: for the whole union."""

    threshold: ThresholdKind
    member: MemberCode | None
    amount: Money
    currency: Currency
    mass_grams: Annotated[int, number("gross mass in grams", 1, 10**9)]
    from_ms: Time
