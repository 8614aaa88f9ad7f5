"""Proof files: that an entry stands in the log. Source: c2sp.org/tlog-proof.

Held to the ledger's profile (docs/formats.md, "Log"), in which no byte is to spare: an `extra` line
with the entry, no extension lines, cosignatures that meet the quorum and none more.
"""

from dataclasses import dataclass
from typing import Final

from ctl_verify.head import Checkpoint, Head, parse_checkpoint, verify_exact
from ctl_verify.merkle import MAX_PATH, check_inclusion, leaf_hash
from ctl_verify.note import decimal, unbase64
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF: Final = 512 * 1024
MAX_ENTRY: Final = 65_535

FORMAT: Final = "the file is a tlog-proof"
ENTRY: Final = "the extra line holds an entry of 1 to 65535 bytes"
INCLUSION: Final = "the path leads from the entry to the checkpoint's root"


@dataclass(frozen=True)
class ProvenEntry:
    """That `entry` stands at `index` in the log of `head`."""

    entry: bytes
    index: int
    head: Head

    @property
    def is_last(self) -> bool:
        """Whether nothing follows it, up to the head."""
        return self.index == self.head.size - 1


def verify_proof(data: bytes, policy: Policy) -> ProvenEntry:
    """What a proof file proves. Raises Refused."""
    try:
        entry, index, path, checkpoint = _parse(data)
    except Malformed as error:
        raise Refused(FORMAT, str(error)) from error
    return verify_parts(entry, index, path, checkpoint, policy)


def verify_parts(
    entry: bytes | None, index: int, path: list[bytes], checkpoint: Checkpoint, policy: Policy
) -> ProvenEntry:
    """What the parts of a proof prove. Raises Refused."""
    if entry is None or len(entry) > MAX_ENTRY:
        raise Refused(ENTRY, "there is no extra line" if entry is None else f"{len(entry)} bytes")
    head = verify_exact(checkpoint, policy)
    try:
        check_inclusion(index, head.size, leaf_hash(entry), path, head.root)
    except Malformed as error:
        raise Refused(INCLUSION, str(error)) from error
    return ProvenEntry(entry, index, head)


def _parse(data: bytes) -> tuple[bytes | None, int, list[bytes], Checkpoint]:
    if len(data) > MAX_PROOF:
        raise Malformed(f"proof: longer than is accepted ({len(data)} bytes)")
    opening, blank, note = data.partition(b"\n\n")
    if not blank:
        raise Malformed("no blank line with a checkpoint after it")
    try:
        header, *lines = opening.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8") from error
    if header != HEADER:
        raise Malformed(f"the first line is not {HEADER}")
    entry: bytes | None = None
    if lines and lines[0].startswith("extra "):
        entry = unbase64(lines.pop(0)[6:])
        if not entry:
            raise Malformed("the extra line is empty")
    index = decimal(lines[0][6:]) if lines and lines[0][:6] == "index " else None
    if index is None:
        raise Malformed("there is no index line with a plain number")
    path = [unbase64(line) for line in lines[1:]]
    if len(path) > MAX_PATH or any(len(each) != 32 for each in path):
        raise Malformed(f"the path is not up to {MAX_PATH} hashes of 32 bytes")
    return entry, index, path, parse_checkpoint(note)
