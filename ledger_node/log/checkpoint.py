"""Checkpoints: a log's tree head (origin, size, root) as the text of a signed note.

Parsing is strict, so a checkpoint that parses has exactly one text, and signatures over that
text can be checked from the parts. Extension lines are kept when read, as the spec asks; a log
of this ledger never writes any, for no cosigner vouches for them.

Source: c2sp.org/tlog-checkpoint.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ledger_node.codec.digests import DIGEST_SIZE, Digest
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import EMPTY_ROOT, MAX_TREE_SIZE
from ledger_node.log.note import (
    Note,
    NoteError,
    NoteRule,
    NoteSignature,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
    sign_note,
)

_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,18}")


class CheckpointRule(StrEnum):
    """What a checkpoint's text breaks."""

    LINES = "fewer than the three lines origin, size and root"
    EMPTY_LINE = "an empty line"
    LINE = "a line holds a control character or is not valid Unicode"
    SIZE = "the tree size is not a plain decimal below 2^63"
    ROOT = "the root is not the base64 of 32 bytes"
    EMPTY_TREE = "the root is not that of an empty tree"


class CheckpointError(LogError):
    """rule: what is broken; where: the line it was found at."""

    def __init__(self, rule: CheckpointRule, where: str) -> None:
        super().__init__(f"checkpoint, {where}: {rule.value}")
        self.rule = rule
        self.where = where


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of log `origin` when it held `size` entries."""

    origin: str
    size: int
    root: Digest
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines):
            raise CheckpointError(CheckpointRule.EMPTY_LINE, "origin or extension")
        if any(char < " " or "\ud800" <= char <= "\udfff" for line in lines for char in line):
            raise CheckpointError(CheckpointRule.LINE, "origin or extension")
        if not 0 <= self.size <= MAX_TREE_SIZE:
            raise CheckpointError(CheckpointRule.SIZE, "line 2")
        if len(self.root) != DIGEST_SIZE:
            raise CheckpointError(CheckpointRule.ROOT, "line 3")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointError(CheckpointRule.EMPTY_TREE, "line 3")

    def text(self) -> str:
        """The note text that is signed, with its final newline."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with signature lines that nobody has checked yet."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    def with_signatures(self, *more: NoteSignature) -> "SignedCheckpoint":
        """The same checkpoint with further lines, e.g. cosignatures, at the end."""
        return replace(self, signatures=(*self.signatures, *more))

    def format(self) -> bytes:
        """The signed note's bytes."""
        return Note(self.checkpoint.text(), self.signatures).format()


def parse_decimal(text: str) -> int | None:
    """A number of 0 to 2^63 - 1 without sign or leading zeroes; None for anything else."""
    if not _DECIMAL.fullmatch(text):
        return None
    value = int(text)
    return value if value <= MAX_TREE_SIZE else None


def parse_checkpoint_text(text: str) -> Checkpoint:
    """The checkpoint of a note's text. Raises CheckpointError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise CheckpointError(CheckpointRule.LINES, f"after {len(lines)} lines")
    origin, size_text, root_text, *extensions = lines
    size = parse_decimal(size_text)
    if size is None:
        raise CheckpointError(CheckpointRule.SIZE, "line 2")
    try:
        root = Digest(decode_base64(root_text, "root"))
    except NoteError as error:
        raise CheckpointError(CheckpointRule.ROOT, "line 3") from error
    return Checkpoint(origin, size, root, tuple(extensions))


def parse_signed_checkpoint(data: bytes) -> SignedCheckpoint:
    """A checkpoint and its unverified signature lines. Raises NoteError, CheckpointError."""
    note = parse_note(data)
    return SignedCheckpoint(parse_checkpoint_text(note.text), note.signatures)


def sign_checkpoint(
    checkpoint: Checkpoint, key: VerifierKey, signer: NoteSigner
) -> SignedCheckpoint:
    """The checkpoint as the log publishes it, with the log's own signature alone.

    `key` is of type ED25519 and named as the origin. Raises NoteError.
    """
    if key.name != checkpoint.origin:
        raise NoteError(NoteRule.ORIGIN, f"log key {key.name} for origin {checkpoint.origin}")
    return SignedCheckpoint(checkpoint, (sign_note(checkpoint.text(), key, signer),))
