"""Records: the signed acts that change the state, one typed definition a kind.

A record is a msgpack array whose first element is its kind, e.g. "transit.release". The typed
definition is the only one: decoding, field checks, the JSON form and the rulebook come from it.
"""

import msgspec

MAX_RECORD_BYTES = 60 * 1024
"""A record and its outcome must fit one log entry of 65,535 bytes (c2sp.org/tlog-tiles)."""


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of all record kinds; a kind is declared with `tag="subject.act"`."""

    @classmethod
    def kind(cls) -> str:
        """E.g. "transit.release"."""
        tag = cls.__struct_config__.tag
        assert isinstance(tag, str), f"{cls.__name__} has no kind"
        return tag


class Part(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of the groups of fields inside records, which may also be kept in the state."""
