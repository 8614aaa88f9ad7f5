"""The state as contracts see it: typed objects under text keys.

An object is decoded once per record, however many rules look at it, and written back only if a
contract put it. Changes come out sorted by key, so their order never depends on the contract.
"""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from contracts.kernel.rule import Rule, violation

T = TypeVar("T", bound=msgspec.Struct)

_encode = msgspec.msgpack.Encoder().encode
_UNREAD: Any = object()


class StateView(Protocol):
    """Read access to the state before the record. Values are canonical msgpack."""

    def get(self, key: str) -> bytes | None: ...


class CorruptObjectError(Exception):
    """A stored value is not an object of its kind: damage or a foreign database, never a
    participant's fault, so it is no refusal: the node must stop."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class StateObject(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of the objects kept in the state."""


class ObjectType(Generic[T]):
    """A kind of object: its key prefix, its type, and how an object names itself.

    The key of an object is "<prefix>/<reference>".
    """

    __slots__ = ("_decoder", "form", "key_text", "prefix", "reference")

    def __init__(
        self, prefix: str, form: type[T], reference: Callable[[T], str], key_text: str
    ) -> None:
        self.prefix = prefix
        self.form = form
        self.reference = reference
        self.key_text = key_text
        self._decoder = msgspec.msgpack.Decoder(form)

    def key(self, reference: str) -> str:
        return f"{self.prefix}/{reference}"

    def decode(self, key: str, value: bytes) -> T:
        """The object stored as `value`. Raises CorruptObjectError."""
        try:
            return self._decoder.decode(value)
        except msgspec.DecodeError as error:
            raise CorruptObjectError(key) from error


class Ledger:
    """The state during one record: reads through to the view, remembers, collects changes."""

    __slots__ = ("_changed", "_known", "_view")

    def __init__(self, view: StateView) -> None:
        self._view = view
        self._known: dict[str, Any] = {}
        self._changed: dict[str, msgspec.Struct | None] = {}

    def find(self, kind: ObjectType[T], reference: str) -> T | None:
        """The object with that reference, or None."""
        key = f"{kind.prefix}/{reference}"
        known: T | None = self._known.get(key, _UNREAD)
        if known is _UNREAD:
            value = self._view.get(key)
            known = self._known[key] = None if value is None else kind.decode(key, value)
        return known

    def demand(self, kind: ObjectType[T], reference: str, rule: Rule) -> T:
        """The object with that reference; without one the record is refused under `rule`."""
        found = self.find(kind, reference)
        if found is None:
            raise violation(rule, **{kind.prefix.replace("-", "_"): reference})
        return found

    def put(self, kind: ObjectType[T], value: T) -> None:
        """Create or replace an object."""
        key = kind.key(kind.reference(value))
        self._known[key] = self._changed[key] = value

    def remove(self, kind: ObjectType[T], value: T) -> None:
        """Delete an object."""
        key = kind.key(kind.reference(value))
        self._known[key] = self._changed[key] = None

    def changes(self) -> tuple[tuple[str, bytes | None], ...]:
        """What changed, sorted by key, encoded."""
        return tuple(
            [
                (key, None if (value := self._changed[key]) is None else _encode(value))
                for key in sorted(self._changed)
            ]
        )
