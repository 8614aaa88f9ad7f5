"""Proof files: that an entry is in the log, checkable offline with a policy and nothing else.

Format: c2sp.org/tlog-proof@v1. Our `extra` line holds the exact bytes of the entry, so the file
also says what was logged; being part of the hashed leaf, it is authenticated by the proof.

`verify_proof` holds files to a stricter profile than the spec, so that no byte can be changed
and no line dropped, added or moved without the file being refused. `build_proof` keeps to it,
and every verifier that follows only the spec accepts what it builds. The profile asks:

- the one spelling of each line (canonical base64, plain decimals), one final newline;
- an `extra` line with 1 to 65535 bytes, and no extension line in the checkpoint;
- first the signature of one log of the policy, then cosignatures of its witnesses in the order
  of the policy's lines, each valid, none twice, and no line by anyone else;
- cosignatures that meet the quorum with none to spare: a superfluous line could be dropped
  without a trace, and nobody needs it.

A changed index is refused unless the changed file is a true statement too, which takes two equal
entries in one log; the ledger's entries state their own place and are never equal.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.checkpoint import (
    CheckpointError,
    SignedCheckpoint,
    parse_decimal,
    parse_signed_checkpoint,
)
from ledger_node.log.errors import LogError
from ledger_node.log.head import HeadRefused, HeadStep, signatures_in_order
from ledger_node.log.merkle import MAX_PATH, InclusionError, leaf_hash, verify_inclusion
from ledger_node.log.note import NoteError, decode_base64, encode_base64
from ledger_node.log.policy import Policy
from ledger_node.log.tiles import MAX_ENTRY
from ledger_node.log.verified import VerifiedCheckpoint, VerifiedCosignature

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF: Final = 512 * 1024
"""Bytes of a proof file: the largest entry, path and note fit with room to spare."""


class ProofRule(StrEnum):
    """What a file breaks of the proof format."""

    TOO_LARGE = "longer than is accepted"
    UTF8 = "not valid UTF-8"
    HEADER = f"does not start with the line {HEADER}"
    EXTRA = "the extra line is not followed by canonical base64"
    INDEX = "there is no index line with a plain decimal below 2^63"
    HASH = "a path line is not the base64 of 32 bytes"
    PATH_LENGTH = "the path has more than 63 hashes"
    NO_CHECKPOINT = "no blank line with a checkpoint after it"
    CHECKPOINT = "the checkpoint is malformed"


class ProofFormatError(LogError):
    """rule: what is broken; line: its number from 1, 0 for the file as a whole."""

    def __init__(self, rule: ProofRule, line: int, detail: str = "") -> None:
        place = f"proof line {line}" if line else "proof"
        super().__init__(f"{place}: {rule.value}" + (f" ({detail})" if detail else ""))
        self.rule = rule
        self.line = line


class ProofStep(StrEnum):
    """The checks of a proof, in their order."""

    FORMAT = "the file is a tlog-proof"
    ENTRY = "the extra line holds an entry of 1 to 65535 bytes"
    EXTENSIONS = HeadStep.EXTENSIONS.value
    LOG_SIGNATURE = HeadStep.LOG_SIGNATURE.value
    COSIGNATURES = HeadStep.COSIGNATURES.value
    QUORUM = "the cosignatures meet the quorum with none to spare"
    INCLUSION = "the path leads from the entry to the checkpoint's root"


_STEPS: Final = {
    HeadStep.EXTENSIONS: ProofStep.EXTENSIONS,
    HeadStep.LOG_SIGNATURE: ProofStep.LOG_SIGNATURE,
    HeadStep.COSIGNATURES: ProofStep.COSIGNATURES,
}


class ProofRefused(LogError):
    """A proof that proves nothing under the policy. step: the failing check; reason: text."""

    def __init__(self, step: ProofStep, reason: str) -> None:
        super().__init__(f"proof refused at: {step.value}; {reason}")
        self.step = step
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The parts of a proof file, unchecked. path: from the leaf's sibling upwards."""

    extra: bytes | None
    index: int
    path: tuple[Digest, ...]
    checkpoint: SignedCheckpoint

    def format(self) -> bytes:
        """The file's bytes."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [encode_base64(digest) for digest in self.path]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint.format()


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """That `entry` stands at `index` in the log of `checkpoint`; made by this module alone."""

    entry: bytes
    index: int
    path: tuple[Digest, ...]
    checkpoint: VerifiedCheckpoint

    def format(self) -> bytes:
        """The proof file's bytes, in the profile above."""
        return TlogProof(self.entry, self.index, self.path, self.checkpoint.signed()).format()


def parse_proof(data: bytes) -> TlogProof:
    """The parts of any file of the format, none of them verified. Raises ProofFormatError."""
    if len(data) > MAX_PROOF:
        raise ProofFormatError(ProofRule.TOO_LARGE, 0, f"{len(data)} bytes")
    head, blank, note = data.partition(b"\n\n")
    if not blank:
        raise ProofFormatError(ProofRule.NO_CHECKPOINT, 0)
    try:
        lines = head.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ProofFormatError(ProofRule.UTF8, 0, f"byte {error.start}") from error
    if lines[0] != HEADER:
        raise ProofFormatError(ProofRule.HEADER, 1)
    at = 1
    extra: bytes | None = None
    if at < len(lines) and lines[at].startswith("extra "):
        extra = _parse_extra(lines[at])
        at += 1
    index = parse_decimal(lines[at][6:]) if lines[at:] and lines[at][:6] == "index " else None
    if index is None:
        raise ProofFormatError(ProofRule.INDEX, at + 1)
    path = tuple(
        _parse_hash(line, number) for number, line in enumerate(lines[at + 1 :], start=at + 2)
    )
    if len(path) > MAX_PATH:
        raise ProofFormatError(ProofRule.PATH_LENGTH, at + 2 + MAX_PATH)
    try:
        checkpoint = parse_signed_checkpoint(note)
    except (NoteError, CheckpointError) as error:
        raise ProofFormatError(ProofRule.CHECKPOINT, 0, str(error)) from error
    return TlogProof(extra, index, path, checkpoint)


def _parse_extra(line: str) -> bytes:
    try:
        extra = decode_base64(line.removeprefix("extra "), "extra")
    except NoteError as error:
        raise ProofFormatError(ProofRule.EXTRA, 2) from error
    if not extra:
        # Without extra data there is no extra line.
        raise ProofFormatError(ProofRule.EXTRA, 2, "empty")
    return extra


def _parse_hash(line: str, number: int) -> Digest:
    try:
        digest = decode_base64(line, "path")
    except NoteError as error:
        raise ProofFormatError(ProofRule.HASH, number) from error
    if len(digest) != DIGEST_SIZE:
        raise ProofFormatError(ProofRule.HASH, number)
    return Digest(digest)


def verify_proof(data: bytes, policy: Policy) -> VerifiedProof:
    """What the file proves under `policy`, held to the profile above.

    Raises ProofRefused naming the first failing step, and nothing else.
    """
    try:
        proof = parse_proof(data)
    except ProofFormatError as error:
        raise ProofRefused(ProofStep.FORMAT, str(error)) from error
    entry = proof.extra
    if entry is None or len(entry) > MAX_ENTRY:
        found = "there is no extra line" if entry is None else f"{len(entry)} bytes"
        raise ProofRefused(ProofStep.ENTRY, found)
    checkpoint = _verify_signatures(proof.checkpoint, policy)
    return _verify_inclusion(entry, proof.index, proof.path, checkpoint)


def build_proof(
    entry: bytes,
    index: int,
    path: tuple[Digest, ...],
    checkpoint: VerifiedCheckpoint,
    policy: Policy,
) -> VerifiedProof:
    """A proof in the profile above; `format()` gives the file.

    path: `merkle.inclusion_path` for the checkpoint's size. policy: the one the checkpoint was
    verified under. Raises ProofRefused when the parts prove nothing, e.g. a path to another root.
    """
    if not 1 <= len(entry) <= MAX_ENTRY:
        raise ProofRefused(ProofStep.ENTRY, f"{len(entry)} bytes")
    if checkpoint.checkpoint.extensions:
        raise ProofRefused(ProofStep.EXTENSIONS, "there are some")
    if not policy.quorum_met({each.witness.name for each in checkpoint.cosignatures}):
        raise ProofRefused(ProofStep.QUORUM, "it is not met")
    needed = replace(checkpoint, cosignatures=_without_spare(checkpoint.cosignatures, policy))
    return _verify_inclusion(entry, index, path, needed)


def _without_spare(
    cosignatures: tuple[VerifiedCosignature, ...], policy: Policy
) -> tuple[VerifiedCosignature, ...]:
    """As many as meet the quorum and none more, dropping from the end of the policy's order.

    One pass is enough: a quorum that holds for some witnesses holds for more of them as well.
    """
    names = {each.witness.name for each in cosignatures}
    for each in reversed(cosignatures):
        if policy.quorum_met(names - {each.witness.name}):
            names.discard(each.witness.name)
    return tuple(each for each in cosignatures if each.witness.name in names)


def _verify_signatures(signed: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    try:
        head = signatures_in_order(signed, policy)
    except HeadRefused as error:
        raise ProofRefused(_STEPS[error.step], error.reason) from error
    cosignatures = head.cosignatures
    if not policy.quorum_met({each.witness.name for each in cosignatures}):
        raise ProofRefused(ProofStep.QUORUM, f"{len(cosignatures)} cosignatures do not meet it")
    if len(_without_spare(cosignatures, policy)) != len(cosignatures):
        raise ProofRefused(ProofStep.QUORUM, f"of {len(cosignatures)} some are not needed")
    return head


def _verify_inclusion(
    entry: bytes, index: int, path: tuple[Digest, ...], checkpoint: VerifiedCheckpoint
) -> VerifiedProof:
    head = checkpoint.checkpoint
    try:
        verify_inclusion(index, head.size, leaf_hash(entry), path, head.root)
    except InclusionError as error:
        raise ProofRefused(ProofStep.INCLUSION, str(error)) from error
    return VerifiedProof(entry, index, path, checkpoint)
