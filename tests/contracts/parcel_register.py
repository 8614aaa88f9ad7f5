"""A parcel register as an operator keeps it: an RFC 6962 tree, written for clarity."""

from hashlib import sha256


def commitment(number: int) -> bytes:
    """What stands for a parcel: a hash of its salted particulars."""
    return sha256(b"salt and parcel %d" % number).digest()


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = _split(len(leaves))
    return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def path(index: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    """The audit path of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*path(index, leaves[:split]), root(leaves[split:]))
    return (*path(index - split, leaves[split:]), root(leaves[:split]))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
