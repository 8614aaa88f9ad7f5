"""Evidence of a fork: two tree heads of one log, each accepted under a policy, that cannot both be.

    customs-trust-ledger/fork-evidence@v1
    culprits AM BY KZ                 witnesses that cosigned both heads, in the policy's order
    root <base64>                     what the second tree's root was at the size of the first
    <base64>                          a consistency proof from there to the second head
    …
                                      (an empty line)
    <the first checkpoint, a signed note>
                                      (an empty line)
    <the second checkpoint>

The proof shows that the second tree, at the size of the first, had the root in the file; the first
head states another. Both are signed, so nobody who signed both can deny it: by its cosignature a
witness says that the head is consistent with every head it cosigned before.

As with `log.proof`, a file has one spelling and no byte to spare: the smaller tree stands first (of
equal ones that with the lower root), signatures stand in the policy's order, and a cosignature by
someone who cosigned but one of the heads is there only if the quorum needs it.

Sources: c2sp.org/tlog-cosignature; RFC 6962 section 2.1.2. Format: docs/formats.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import (
    CheckpointError,
    SignedCheckpoint,
    parse_signed_checkpoint,
)
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import MAX_PATH, ConsistencyError, verify_consistency
from ledger_node.log.note import MAX_NOTE, NoteError, decode_base64, encode_base64
from ledger_node.log.policy import NO_QUORUM, Policy, Witness
from ledger_node.log.verified import (
    CheckpointRefused,
    VerifiedCheckpoint,
    VerifiedCosignature,
    verify_checkpoint,
)

HEADER: Final = "customs-trust-ledger/fork-evidence@v1"
MAX_EVIDENCE: Final = 2 * MAX_NOTE + 64 * 1024


class ForkStep(StrEnum):
    """The checks of evidence, in their order."""

    FORMAT = f"the file is evidence of a fork, its first line {HEADER}"
    SIGNATURES = "each checkpoint satisfies the policy, with its signatures in order, none to spare"
    ORIGIN = "both checkpoints are of one log"
    ORDER = "the smaller tree stands first, of equal ones that with the lower root"
    CONFLICT = "the second tree had another root at the size of the first"
    CONSISTENCY = "the proof leads from that root to the second checkpoint"
    CULPRITS = "the culprits are the witnesses that cosigned both"


class ForkRefused(LogError):
    """Evidence that shows nothing. step: the failing check; reason: text."""

    def __init__(self, step: ForkStep, reason: str) -> None:
        super().__init__(f"evidence refused at: {step.value}; {reason}")
        self.step = step
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ProvenFork:
    """Two heads that contradict each other; made by this module alone.

    root: of the second tree at the first's size; path: consistency proof from there to the second.
    """

    first: VerifiedCheckpoint
    second: VerifiedCheckpoint
    root: Digest
    path: tuple[Digest, ...]

    @property
    def culprits(self) -> tuple[Witness, ...]:
        """The witnesses that cosigned both heads."""
        return _shared(self.first, self.second)

    @property
    def one_log_key(self) -> bool:
        """Whether the same log key signed both heads, so that its holder is a culprit too."""
        return self.first.log.key == self.second.log.key

    def format(self) -> bytes:
        """The evidence file's bytes."""
        names = " ".join(each.name for each in self.culprits) or NO_QUORUM
        hashes = "".join(f"{encode_base64(each)}\n" for each in self.path)
        head = f"{HEADER}\nculprits {names}\nroot {encode_base64(self.root)}\n{hashes}\n"
        notes = (self.first.signed().format(), self.second.signed().format())
        return head.encode("utf-8", "surrogateescape") + b"\n".join(notes)


def is_fork_evidence(data: bytes) -> bool:
    """Whether a file says it is one, so that it is judged as one."""
    return data.startswith(f"{HEADER}\n".encode())


def prove_fork(
    one: VerifiedCheckpoint,
    other: VerifiedCheckpoint,
    root: Digest,
    path: tuple[Digest, ...],
    policy: Policy,
) -> ProvenFork:
    """Evidence made of two heads accepted under `policy`. Raises ForkRefused: there is no fork.

    root: of the larger tree at the smaller one's size; path: a consistency proof from there. For
    trees of one size: the other's root, and no path.
    """
    first, second = sorted((one, other), key=_order)
    if first.checkpoint.size == second.checkpoint.size:
        root, path = second.checkpoint.root, ()
    shared = {each.name for each in _shared(first, second)}
    return _checked(
        replace(first, cosignatures=_needed(first.cosignatures, shared, policy)),
        replace(second, cosignatures=_needed(second.cosignatures, shared, policy)),
        root,
        path,
    )


def verify_fork(data: bytes, policy: Policy) -> ProvenFork:
    """What an evidence file shows under `policy`. Raises ForkRefused, and nothing else."""
    culprits, root, path, notes = _parse(data)
    first, second = (_accepted(note, policy) for note in notes)
    fork = _checked(first, second, root, path)
    shared = {each.name for each in fork.culprits}
    for head in (first, second):
        if len(_needed(head.cosignatures, shared, policy)) != len(head.cosignatures):
            raise ForkRefused(ForkStep.SIGNATURES, "there is one that nobody needs")
    named = " ".join(each.name for each in fork.culprits) or NO_QUORUM
    if named != culprits:
        raise ForkRefused(ForkStep.CULPRITS, f"they are {named}")
    return fork


def _order(head: VerifiedCheckpoint) -> tuple[int, bytes]:
    return head.checkpoint.size, head.checkpoint.root


def _shared(first: VerifiedCheckpoint, second: VerifiedCheckpoint) -> tuple[Witness, ...]:
    also = {each.witness.name for each in second.cosignatures}
    return tuple(each.witness for each in first.cosignatures if each.witness.name in also)


def _needed(
    cosignatures: tuple[VerifiedCosignature, ...], shared: Iterable[str], policy: Policy
) -> tuple[VerifiedCosignature, ...]:
    """Those of `shared`, and as many others as the quorum asks for, dropping from the end."""
    names = {each.witness.name for each in cosignatures}
    for each in reversed(cosignatures):
        name = each.witness.name
        if name not in shared and policy.quorum_met(names - {name}):
            names.discard(name)
    return tuple(each for each in cosignatures if each.witness.name in names)


def _checked(
    first: VerifiedCheckpoint,
    second: VerifiedCheckpoint,
    root: Digest,
    path: tuple[Digest, ...],
) -> ProvenFork:
    old, new = first.checkpoint, second.checkpoint
    if old.origin != new.origin:
        raise ForkRefused(ForkStep.ORIGIN, f"they are of {old.origin} and {new.origin}")
    if _order(first) > _order(second):
        raise ForkRefused(ForkStep.ORDER, "it does not")
    if root == old.root:
        raise ForkRefused(ForkStep.CONFLICT, f"at size {old.size} it had the same")
    try:
        verify_consistency(old.size, new.size, path, root, new.root)
    except ConsistencyError as error:
        raise ForkRefused(ForkStep.CONSISTENCY, str(error)) from error
    return ProvenFork(first, second, root, path)


def _accepted(note: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    if note.checkpoint.extensions:
        raise ForkRefused(ForkStep.SIGNATURES, "a checkpoint has extension lines")
    try:
        head = verify_checkpoint(note, policy)
    except CheckpointRefused as error:
        raise ForkRefused(ForkStep.SIGNATURES, str(error)) from error
    if head.signed() != note:
        raise ForkRefused(ForkStep.SIGNATURES, "there are lines by others, out of order or twice")
    return head


def _parse(data: bytes) -> tuple[str, Digest, tuple[Digest, ...], list[SignedCheckpoint]]:
    parts = data.split(b"\n\n")
    if len(data) > MAX_EVIDENCE or len(parts) != 5 or parts[2][-1:] == b"\n":
        raise ForkRefused(ForkStep.FORMAT, f"{len(data)} bytes in {len(parts)} parts, not 5")
    lines = parts[0].decode("utf-8", "surrogateescape").split("\n")
    if len(lines) < 3 or lines[0] != HEADER or len(lines) - 3 > MAX_PATH:
        raise ForkRefused(ForkStep.FORMAT, "its first part is not")
    if not lines[1].startswith("culprits ") or not lines[2].startswith("root "):
        raise ForkRefused(ForkStep.FORMAT, "the lines culprits and root are missing")
    try:
        root, *path = (_digest(line) for line in (lines[2][5:], *lines[3:]))
        notes = [
            parse_signed_checkpoint(parts[1] + b"\n\n" + parts[2] + b"\n"),
            parse_signed_checkpoint(parts[3] + b"\n\n" + parts[4]),
        ]
    except (NoteError, CheckpointError) as error:
        raise ForkRefused(ForkStep.FORMAT, str(error)) from error
    return lines[1][9:], root, tuple(path), notes


def _digest(text: str) -> Digest:
    raw = decode_base64(text, "hash")
    if len(raw) != DIGEST_SIZE:
        raise ForkRefused(ForkStep.FORMAT, "a hash is not 32 bytes long")
    return Digest(raw)
