"""Rates, code lists and thresholds as the state keeps them."""

from enum import StrEnum

from contracts.kernel.record import Part
from contracts.kernel.state import ObjectType, StateObject
from contracts.references.time import date_of


class Rate(StateObject, frozen=True):
    """The reference rate of a currency for one day, as a ratio of whole numbers.

    `pivot` minor units of the pivot currency (conversion.PIVOT) are worth `units` minor units of
    `currency`. day: days since 1 January 1970, UTC.
    """

    currency: str
    day: int
    pivot: int
    units: int


class CodeList(StateObject, frozen=True):
    """A code list that the union keeps. source: who defines it, e.g. "UN/LOCODE".

    national: True if each member's registrar keeps the codes that begin with its country code.
    """

    id: str
    title: str
    source: str
    national: bool


class CodeEntry(StateObject, frozen=True):
    """A code of a list, in force from `valid_from_ms` until `valid_to_ms` (excluded; None: on)."""

    list: str
    code: str
    meaning: str
    valid_from_ms: int
    valid_to_ms: int | None

    def in_force(self, now: int) -> bool:
        return self.valid_from_ms <= now and (self.valid_to_ms is None or now < self.valid_to_ms)


class ThresholdKind(StrEnum):
    """What a threshold limits."""

    BULK_DECLARATION = "bulk_declaration"
    """Highest value and mass of a parcel that may be declared in bulk."""
    DUTY_FREE = "duty_free"
    """De minimis: highest value and mass of a parcel on which no duty falls due."""


class Limit(Part, frozen=True):
    """A limit from a moment on: value in minor units of a currency, gross mass in grams."""

    amount: int
    currency: str
    mass_grams: int
    from_ms: int


class Threshold(StateObject, frozen=True):
    """A limit and, at most, the one that will follow it.

    member: whose limit it is; None for the union's, which holds where a member has none of its own.
    """

    kind: ThresholdKind
    member: str | None
    current: Limit | None
    coming: Limit | None

    def at(self, now: int) -> Limit | None:
        """The limit in force at `now`, if one is yet."""
        if self.coming is not None and self.coming.from_ms <= now:
            return self.coming
        return self.current


def rate_reference(currency: str, day: int) -> str:
    return f"{currency}/{date_of(day)}"


def code_reference(code_list: str, code: str) -> str:
    return f"{code_list}/{code}"


def threshold_reference(kind: ThresholdKind, member: str | None) -> str:
    return f"{kind.value}/{member or 'union'}"


RATE = ObjectType(
    "rate", Rate, lambda item: rate_reference(item.currency, item.day), "rate/<currency>/<date>"
)
CODE_LIST = ObjectType("code-list", CodeList, lambda item: item.id, "code-list/<list>")
CODE = ObjectType(
    "code", CodeEntry, lambda item: code_reference(item.list, item.code), "code/<list>/<code>"
)
THRESHOLD = ObjectType(
    "threshold",
    Threshold,
    lambda item: threshold_reference(item.kind, item.member),
    "threshold/<kind>/<member, or union>",
)
