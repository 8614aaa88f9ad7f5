"""Checkpoints: a log's size and root, signed by the log and cosigned by witnesses.

What the ledger writes has its lines in one order: the log's, then those of witnesses in the order
of the policy. Sources: c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature; docs/formats.md, "Log".
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ctl_verify.note import (
    Key,
    Line,
    Note,
    base64,
    cosigned_at,
    decimal,
    parse_note,
    signed_by_log,
    unbase64,
)
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused

FORMAT: Final = "the file is a checkpoint, a signed note"
EXTENSIONS: Final = "the checkpoint has no extension lines"
LOG_SIGNATURE: Final = "the first signature is by a log of the policy"
COSIGNATURES: Final = "each further signature is by a witness of the policy, in its order"
QUORUM: Final = "the cosignatures meet the quorum"
NONE_TO_SPARE: Final = "the cosignatures meet the quorum with none to spare"

_EMPTY_ROOT: Final = sha256(b"").digest()
_SIGNATURES_BEGIN: Final = "\n\n— ".encode()


@dataclass(frozen=True)
class Checkpoint:
    """A tree head and its lines, unchecked. extensions: lines after the root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """What is signed."""
        parts = (self.origin, str(self.size), base64(self.root), *self.extensions)
        return "".join(f"{part}\n" for part in parts)


@dataclass(frozen=True)
class Cosignature:
    """A valid one. witness: its name in the policy; time_s: when it says it saw the head."""

    witness: str
    key: Key
    time_s: int
    signature: bytes


@dataclass(frozen=True)
class Head:
    """A checkpoint whose lines hold; others: names of those that were not looked at."""

    origin: str
    size: int
    root: bytes
    log: Key
    cosignatures: tuple[Cosignature, ...]
    others: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Of the witnesses that cosigned, in the policy's order."""
        return [each.witness for each in self.cosignatures]


def is_checkpoint(data: bytes) -> bool:
    """Whether a file has the look of one: no empty line before its signatures."""
    return data.find(b"\n\n") == data.find(_SIGNATURES_BEGIN) != -1


def parse_checkpoint(data: bytes) -> Checkpoint:
    """The parts of a signed checkpoint. Raises Malformed."""
    note: Note = parse_note(data)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise Malformed("a checkpoint is three lines or more, none of them empty")
    origin, size_text, root_text, *extensions = lines
    size, root = decimal(size_text), unbase64(root_text)
    if size is None or len(root) != 32:
        raise Malformed("the size is no plain number, or the root not 32 bytes")
    return checked(origin, size, root, tuple(extensions), note.lines)


def checked(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...], lines: tuple[Line, ...]
) -> Checkpoint:
    """A checkpoint of its parts. Raises Malformed for one that no log has."""
    if not origin or any(c < " " or "\ud800" <= c <= "\udfff" for c in origin):
        raise Malformed("the origin is no line of text")
    if size == 0 and root != _EMPTY_ROOT:
        raise Malformed("the root is not that of an empty tree")
    return Checkpoint(origin, size, root, extensions, lines)


def verify_lines(found: Checkpoint, policy: Policy) -> Head:
    """The head, once each of its lines holds. Whether they are enough is not asked.

    Raises Refused.
    """
    if found.extensions:
        raise Refused(EXTENSIONS, f"there are {len(found.extensions)}")
    first, *rest = found.lines
    log = policy.log_of(found.origin, first)
    if log is None:
        raise Refused(LOG_SIGNATURE, f"it is by an unlisted key {first.name}")
    if not signed_by_log(found.text, log, first):
        raise Refused(LOG_SIGNATURE, f"the signature of {first.name} does not hold")
    order = list(policy.witnesses)
    cosignatures: list[Cosignature] = []
    for line in rest:
        witness = policy.witness_of(line)
        if witness is None:
            raise Refused(COSIGNATURES, f"there is one by an unlisted key {line.name}")
        if cosignatures and order.index(witness) <= order.index(cosignatures[-1].witness):
            raise Refused(COSIGNATURES, f"{line.name} is out of order or twice")
        key = policy.witnesses[witness]
        time_s = cosigned_at(found.text, key, line)
        if time_s is None:
            raise Refused(COSIGNATURES, f"the cosignature of {line.name} does not hold")
        cosignatures.append(Cosignature(witness, key, time_s, line.signature))
    return Head(found.origin, found.size, found.root, log, tuple(cosignatures))


def verify_exact(found: Checkpoint, policy: Policy) -> Head:
    """The head, with as many cosignatures as the quorum asks for and none more. Raises Refused."""
    head = verify_lines(found, policy)
    if not policy.is_met(set(head.names)):
        raise Refused(NONE_TO_SPARE, f"{len(head.names)} cosignatures do not meet it")
    if policy.without_spare(head.names) != head.names:
        raise Refused(NONE_TO_SPARE, f"of {len(head.names)} some are not needed")
    return head


def verify_checkpoint(data: bytes, policy: Policy) -> Head:
    """What a checkpoint file says: there may be more cosignatures than needed, and after all others
    lines by keys that the policy does not list. Raises Refused."""
    try:
        found = parse_checkpoint(data)
    except Malformed as error:
        raise Refused(FORMAT, str(error)) from error
    known = len(found.lines)
    while known > 1 and policy.witness_of(found.lines[known - 1]) is None:
        known -= 1
    ours = Checkpoint(found.origin, found.size, found.root, found.extensions, found.lines[:known])
    head = verify_lines(ours, policy)
    if not policy.is_met(set(head.names)):
        raise Refused(QUORUM, f"{len(head.names)} do not meet it")
    others = tuple(line.name for line in found.lines[known:])
    return Head(head.origin, head.size, head.root, head.log, head.cosignatures, others)


def accepted(found: Checkpoint, policy: Policy) -> Head:
    """The head, if the policy accepts it as c2sp.org/tlog-policy has it: lines in any order, those
    of unknown keys passed over, a bad one by a known key fatal. Raises Malformed."""
    logs: list[Key] = []
    cosigned: dict[str, Cosignature] = {}
    for line in found.lines:
        log, witness = policy.log_of(found.origin, line), policy.witness_of(line)
        if log is not None:
            if not signed_by_log(found.text, log, line):
                raise Malformed(f"the signature of {line.name} does not hold")
            logs.append(log)
        elif witness is not None:
            key = policy.witnesses[witness]
            time_s = cosigned_at(found.text, key, line)
            if time_s is None:
                raise Malformed(f"the cosignature of {line.name} does not hold")
            cosigned.setdefault(witness, Cosignature(witness, key, time_s, line.signature))
    if not logs or not policy.is_met(set(cosigned)):
        raise Malformed("no log of the policy signed it, or too few of its witnesses cosigned it")
    in_order = tuple(cosigned[name] for name in policy.witnesses if name in cosigned)
    return Head(found.origin, found.size, found.root, logs[0], in_order)
