"""What an object of the state, or its absence, means: one sentence for people.

The sentences say what the contracts guarantee of these objects, no more. Amounts are whole minor
units of the currency, as the ledger holds them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from contracts.catalogue import OBJECT_TYPES
from contracts.guarantee.objects import Guarantee, Reservation
from contracts.registry.objects import Participant
from contracts.registry.seals import Seal
from contracts.transit.objects import CLOSED, Movement


def sentence(key: str, value: msgspec.Struct | None, raw: bytes | None) -> str:
    """What the state held under `key`. value: decoded; raw: as it stood, None for nothing."""
    kind, _, reference = key.partition("/")
    if raw is None:
        return _absence(kind, reference)
    say = None if value is None else _SENTENCES.get(type(value))
    if say is None:
        return f"{_named(kind, reference)} existed"
    return say(value)


def only_open(guarantee: Guarantee, reserved: Iterable[Reservation]) -> str | None:
    """What a guarantee and reservations on it, in one and the same state, say together.

    A guarantee counts its open reservations: once as many are shown, there are no others.
    """
    shown = sorted({each.mrn for each in reserved if each.grn == guarantee.grn})
    if len(shown) != guarantee.open or not shown:
        return None
    named = ", ".join(shown)
    return f"no movement other than {named} was open on guarantee {guarantee.grn}"


def _absence(kind: str, reference: str) -> str:
    if kind == "reservation":
        grn, _, mrn = reference.partition("/")
        if mrn:
            return f"movement {mrn} was not open on guarantee {grn}: nothing was reserved for it"
    known = "" if kind in OBJECT_TYPES else f" (this program knows no kind of object {kind!r})"
    return f"{_named(kind, reference)} did not exist{known}"


def _named(kind: str, reference: str) -> str:
    return f"{kind.replace('-', ' ')} {reference}" if reference else kind


def _guarantee(value: Guarantee) -> str:
    many = "no movement was" if not value.open else f"{value.open} movement(s) were"
    return (
        f"guarantee {value.grn} was {value.state.value}, with a free amount of {value.free} "
        f"{value.currency} of {value.covered} covered, in minor units; {many} open on it"
    )


def _reservation(value: Reservation) -> str:
    return (
        f"movement {value.mrn} was open on guarantee {value.grn}, with {value.amount} "
        f"{value.currency} reserved for it, in minor units"
    )


def _movement(value: Movement) -> str:
    closed = " and closed" if value.state in CLOSED else ""
    return f"movement {value.mrn} was {value.state.value.replace('_', ' ')}{closed}"


def _participant(value: Participant) -> str:
    roles = ", ".join(role.value.replace("_", " ") for role in value.roles)
    return f"participant {value.id} of {value.member} was {value.standing.value}, as {roles}"


def _seal(value: Seal) -> str:
    where = "" if value.transport is None else f" on transport {value.transport}"
    return f"seal {value.id} was {value.state.value}{where}"


_SENTENCES: Final[Mapping[type[msgspec.Struct], Callable[[Any], str]]] = {
    Guarantee: _guarantee,
    Reservation: _reservation,
    Movement: _movement,
    Participant: _participant,
    Seal: _seal,
}
