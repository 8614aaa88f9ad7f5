"""A value, or its absence, in the state tree. Sources: ICS-23 (cosmos/ics23, proofs.proto and
`SmtSpec`); docs/formats.md, "State" and "State proof".

The tree allows a proof one form: the same leaf operation for every leaf, inner nodes of 0x01 and
two children, the path turning where SHA-256 of the key turns. So a proof is read field by field,
each expected where it stands, and nothing in it can be spelt in another way.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ctl_verify.refusal import Malformed

MAX_PROOF: Final = 256 * 1024
EMPTY: Final = bytes(32)
BITS: Final = 256

_LEAF: Final = bytes.fromhex("0801 1001 1801 2a0100")
"""SHA-256 of key, value and leaf; no lengths; prefix 0x00."""


@dataclass(frozen=True)
class Step:
    """An inner node above the way: the sibling, and whether it stands on the left."""

    on_left: bool
    sibling: bytes


@dataclass(frozen=True)
class Presence:
    """A key with its value, and the way from its leaf to the root."""

    key: bytes
    value: bytes
    way: tuple[Step, ...]


@dataclass(frozen=True)
class Absence:
    """A key, and the two that stand next to where it would be."""

    key: bytes
    left: Presence | None
    right: Presence | None


def leaf_hash(path: bytes, value_hash: bytes) -> bytes:
    """SHA-256(0x00 || path || value hash)."""
    return sha256(b"\0" + path + value_hash).digest()


def inner_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\1" + left + right).digest()


def bit(path: bytes, depth: int) -> bool:
    """Whether the path turns right at this depth, 0 at the root."""
    return bool(path[depth >> 3] >> (7 - (depth & 7)) & 1)


def parse_proof(data: bytes) -> Presence | Absence:
    """A proof in its canonical encoding, absences long or compressed. Raises Malformed."""
    if len(data) > MAX_PROOF:
        raise Malformed(f"{len(data)} bytes, longer than a proof may be")
    message = _Message(data)
    for tag, parse in ((0x0A, _presence), (0x12, _absence), (0x22, _compressed)):
        content = message.take(tag)
        if content is not None:
            message.end()
            return parse(content)
    raise Malformed("it is no proof of one key")


def check(root: bytes, key: bytes, value: bytes | None, proof: Presence | Absence) -> None:
    """Return if the proof shows that the key has the value, None for nothing. Raises Malformed."""
    if proof.key != key:
        raise Malformed(f"the proof is for {proof.key!r}, not for {key!r}")
    if isinstance(proof, Presence):
        if value != proof.value:
            raise Malformed(f"the proof is for another value of {key!r}, or for one at all")
        _check_presence(root, proof)
        return
    if value is not None:
        raise Malformed("the proof is of an absence")
    check_absence(root, sha256(key).digest(), proof)


def _check_presence(root: bytes, proof: Presence) -> None:
    if not proof.key or not proof.value:
        raise Malformed("a key or value is empty")
    path, depth = sha256(proof.key).digest(), len(proof.way)
    if depth > BITS:
        raise Malformed(f"a way of {depth} nodes is longer than any")
    node = leaf_hash(path, sha256(proof.value).digest())
    for at, step in enumerate(proof.way):
        if step.on_left != bit(path, depth - 1 - at):
            raise Malformed(f"the way turns away from {proof.key!r} at depth {depth - 1 - at}")
        pair = (step.sibling, node) if step.on_left else (node, step.sibling)
        node = inner_hash(*pair)
    if node != root:
        raise Malformed(f"the proof leads to {node.hex()}, not to {root.hex()}")


def check_absence(root: bytes, path: bytes, proof: Absence) -> None:
    """Return if nothing stands at this path, SHA-256 of the key. Raises Malformed."""
    left, right = proof.left, proof.right
    if not proof.key or (left is None and right is None):
        raise Malformed("there is no key, or neither neighbour")
    for neighbour in (left, right):
        if neighbour is not None:
            _check_presence(root, neighbour)
    if left is not None and path <= sha256(left.key).digest():
        raise Malformed(f"{left.key!r} is not left of {proof.key!r}")
    if right is not None and path >= sha256(right.key).digest():
        raise Malformed(f"{right.key!r} is not right of {proof.key!r}")
    if not _adjacent(() if left is None else left.way, () if right is None else right.way, proof):
        raise Malformed("something may lie between the neighbours")


def _adjacent(left: tuple[Step, ...], right: tuple[Step, ...], proof: Absence) -> bool:
    if proof.left is None:
        return _nothing_on(left_side=True, way=right)
    if proof.right is None:
        return _nothing_on(left_side=False, way=left)
    shared = 0
    while shared < min(len(left), len(right)) and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    if shared in (len(left), len(right)):
        return False
    left_end, right_end = len(left) - 1 - shared, len(right) - 1 - shared
    return (
        not left[left_end].on_left
        and right[right_end].on_left
        and _nothing_on(left_side=False, way=left[:left_end])
        and _nothing_on(left_side=True, way=right[:right_end])
    )


def _nothing_on(*, left_side: bool, way: tuple[Step, ...]) -> bool:
    """Whether all that stands beside the way on one side is empty."""
    return all(step.on_left != left_side or step.sibling == EMPTY for step in way)


# ---------------------------------------------------------------- protobuf


class _Message:
    """The byte strings of a message, taken in the order in which they must stand."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, tag: int) -> bytes | None:
        """The next field, if it has this tag."""
        if self._data[self._at : self._at + 1] != bytes([tag]):
            return None
        self._at += 1
        length = self.number()
        content = self._data[self._at : self._at + length]
        if len(content) != length:
            raise Malformed("a field is cut short")
        self._at += length
        return content

    def must(self, tag: int) -> bytes:
        """The next field, which has this tag."""
        content = self.take(tag)
        if content is None:
            raise Malformed("a field is missing or out of place")
        return content

    def every(self, tag: int) -> list[bytes]:
        """All fields that follow with this tag."""
        found: list[bytes] = []
        while (content := self.take(tag)) is not None:
            found.append(content)
        return found

    def number(self) -> int:
        """A varint in its shortest form, of at most 35 bits."""
        value = 0
        for n, byte in enumerate(self._data[self._at : self._at + 5]):
            value |= (byte & 0x7F) << 7 * n
            if byte < 0x80:
                if n and not byte:
                    break
                self._at += n + 1
                return value
        raise Malformed("a number is cut short, too long or not in its shortest form")

    @property
    def more(self) -> bool:
        return self._at < len(self._data)

    def end(self) -> None:
        if self.more:
            raise Malformed("a field is unknown or out of place")


def _presence(data: bytes) -> Presence:
    message = _Message(data)
    key, value = _key_and_value(message)
    way = tuple(_step(each) for each in message.every(0x22))
    message.end()
    return Presence(key, value, way)


def _key_and_value(message: _Message) -> tuple[bytes, bytes]:
    key, value = message.must(0x0A), message.must(0x12)
    if message.must(0x1A) != _LEAF:
        raise Malformed("the leaf is hashed in another way")
    return key, value


def _step(data: bytes) -> Step:
    """An inner operation: SHA-256 of prefix, child and suffix."""
    if data[:2] != b"\x08\x01":
        raise Malformed("an inner node is hashed in another way")
    message = _Message(data[2:])
    prefix, suffix = message.must(0x12), message.take(0x1A)
    message.end()
    if prefix == b"\1" and suffix is not None and len(suffix) == 32:
        return Step(on_left=False, sibling=suffix)
    if prefix[:1] == b"\1" and suffix is None and len(prefix) == 33:
        return Step(on_left=True, sibling=prefix[1:])
    raise Malformed("an inner node is not 0x01 and two children")


def _absence(data: bytes) -> Absence:
    message = _Message(data)
    key, left, right = message.must(0x0A), message.take(0x12), message.take(0x1A)
    message.end()
    return Absence(
        key,
        None if left is None else _presence(left),
        None if right is None else _presence(right),
    )


def _compressed(data: bytes) -> Absence:
    """A batch of one absence, whose neighbours name their inner nodes by number."""
    message = _Message(data)
    entry = _Message(message.must(0x0A))
    lookup = [_step(each) for each in message.every(0x12)]
    message.end()
    inner = _Message(entry.must(0x12))
    entry.end()
    key, used = inner.must(0x0A), 0
    neighbours: list[Presence | None] = []
    for tag in (0x12, 0x1A):
        part = inner.take(tag)
        neighbour, used = (None, used) if part is None else _numbered(part, lookup, used)
        neighbours.append(neighbour)
    inner.end()
    if used != len(lookup) or len(set(lookup)) != len(lookup):
        raise Malformed("an inner node stands there twice, or for nothing")
    return Absence(key, *neighbours)


def _numbered(data: bytes, lookup: list[Step], used: int) -> tuple[Presence, int]:
    """A neighbour, and how many of the inner nodes were used: new ones in their order."""
    message = _Message(data)
    key, value = _key_and_value(message)
    numbers = _Message(message.take(0x22) or b"")
    message.end()
    way: list[Step] = []
    while numbers.more:
        number = numbers.number()
        if number > used or number >= len(lookup):
            raise Malformed("inner nodes are not numbered in order of use")
        used += number == used
        way.append(lookup[number])
    return Presence(key, value, tuple(way)), used
