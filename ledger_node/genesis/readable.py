"""Cards and genesis documents as JSON that people read and compare, and back, strictly.

A struct is an object with exactly its fields, bytes are lower-case hex, tuples are arrays. Reading
refuses unknown, missing and repeated names, other types and other spellings of hex, each with the
path of the field. The canonical bytes are made from the struct, never from this text.
"""

import json
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from ledger_node.genesis.rules import GenesisError

MAX_JSON: Final = 4 * 1024 * 1024
S = TypeVar("S", bound=msgspec.Struct)


def write_json(value: msgspec.Struct) -> str:
    """Indented JSON with a final newline; non-ASCII text stays readable."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=False) + "\n"


def read_json(kind: type[S], text: bytes, *, limit: int = MAX_JSON) -> S:
    """The struct that `text` spells. Only the form is checked here; `check_*` do the rest.

    limit: greatest length in bytes. Raises GenesisError with the path of the offending field.
    """
    if len(text) > limit:
        raise GenesisError("file", f"{len(text)} bytes, at most {limit} are allowed")
    try:
        plain = json.loads(text.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except GenesisError:
        raise
    except (ValueError, RecursionError) as error:
        raise GenesisError("file", f"not JSON: {error}") from error
    value: S = _typed(kind, plain, "")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for name, value in pairs:
        if name in names:
            raise GenesisError(name, "given twice")
        names[name] = value
    return names


def _constant(name: str) -> Any:
    raise GenesisError("file", f"{name} is not JSON")


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(kind: Any, value: Any, path: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, value, path)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise GenesisError(path, "must be an array")
        item = get_args(kind)[0]
        return tuple(_typed(item, element, f"{path}[{i}]") for i, element in enumerate(value))
    if kind is bytes:
        return _bytes(value, path)
    # A bool is an int to isinstance; type() is meant.
    if type(value) is not kind:
        names = {int: "an integer", str: "text"}
        raise GenesisError(path, f"must be {names[kind]}")
    return value


def _struct(kind: type[msgspec.Struct], value: Any, path: str) -> msgspec.Struct:
    if not isinstance(value, dict):
        raise GenesisError(path or "file", "must be an object")
    prefix = f"{path}." if path else ""
    hints = get_type_hints(kind)
    for name in value:
        if name not in kind.__struct_fields__:
            raise GenesisError(f"{prefix}{name}", "unknown field")
    for name in kind.__struct_fields__:
        if name not in value:
            raise GenesisError(f"{prefix}{name}", "missing")
    return kind(**{n: _typed(hints[n], value[n], f"{prefix}{n}") for n in kind.__struct_fields__})


def _bytes(value: Any, path: str) -> bytes:
    reason = "must be bytes in lower-case hex"
    if not isinstance(value, str):
        raise GenesisError(path, reason)
    try:
        raw = bytes.fromhex(value)
    except ValueError as error:
        raise GenesisError(path, reason) from error
    if raw.hex() != value:
        raise GenesisError(path, reason)
    return raw
