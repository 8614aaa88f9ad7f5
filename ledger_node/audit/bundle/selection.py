"""What a bundle says it holds, and what its reader therefore asks to find in it."""

from typing import Final, TypeAlias, cast

import msgspec

from ledger_node.codec import DecodeError, decode

MAX_REFERENCE: Final = 128
"""Characters of a movement's, guarantee's or participant's reference."""


class Everything(msgspec.Struct, frozen=True, array_like=True, tag=0, forbid_unknown_fields=True):
    """[0]: every entry of the checkpoint's log."""


class Blocks(msgspec.Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True):
    """[1, first, last]: every entry of the blocks of these heights."""

    first: int
    last: int


class Period(msgspec.Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """[2, from_ms, to_ms]: every block with from_ms <= time < to_ms.

    The block before and the block after, or the end of the log, stand in the bundle as well and
    show that there are no more.
    """

    from_ms: int
    to_ms: int


class Concerning(msgspec.Struct, frozen=True, array_like=True, tag=3, forbid_unknown_fields=True):
    """[3, subject, reference]: whole blocks with records on one subject, e.g. a movement.

    That no other block has such records is what the exporter says; the bundle does not show it.
    """

    subject: str
    reference: str


Selection: TypeAlias = Everything | Blocks | Period | Concerning

_SELECTION: Final = cast("type[Selection]", Selection)


class SelectionRefused(ValueError):
    """Bytes that say nothing that could be held. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode_selection(data: bytes) -> Selection:
    """What canonical bytes select. Raises SelectionRefused."""
    try:
        selection: Selection = decode(_SELECTION, data, what="selection")
    except DecodeError as error:
        raise SelectionRefused(str(error)) from error
    match selection:
        case Blocks(first, last) if not 0 <= first <= last < 2**63:
            raise SelectionRefused(f"the heights {first} to {last} are no range")
        case Period(begin, end) if not 0 <= begin < end < 2**63:
            raise SelectionRefused(f"{begin} to {end} is no period")
        case Concerning(subject, reference) if not (
            0 < len(subject) <= MAX_REFERENCE and 0 < len(reference) <= MAX_REFERENCE
        ):
            raise SelectionRefused(f"subject and reference have 1 to {MAX_REFERENCE} characters")
    return selection
