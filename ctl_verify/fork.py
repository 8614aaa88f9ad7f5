"""Evidence of a fork. Source: docs/formats.md, "Fork evidence"."""

from dataclasses import dataclass
from typing import Final

from ctl_verify.head import Checkpoint, Head, parse_checkpoint, verify_lines
from ctl_verify.merkle import MAX_PATH, check_consistency
from ctl_verify.note import Key, unbase64
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused

HEADER: Final = "customs-trust-ledger/fork-evidence@v1"
MAX_EVIDENCE: Final = 2 * 256 * 1024 + 64 * 1024

FORMAT: Final = f"the file is evidence of a fork, its first line {HEADER}"
SIGNATURES: Final = (
    "each checkpoint satisfies the policy, with its signatures in order, none to spare"
)
ORIGIN: Final = "both checkpoints are of one log"
ORDER: Final = "the smaller tree stands first, of equal ones that with the lower root"
CONFLICT: Final = "the second tree had another root at the size of the first"
CONSISTENCY: Final = "the proof leads from that root to the second checkpoint"
CULPRITS: Final = "the culprits are the witnesses that cosigned both"


@dataclass(frozen=True)
class ProvenFork:
    """Two heads that contradict each other. root: of the second tree at the size of the first."""

    first: Head
    second: Head
    root: bytes

    @property
    def culprits(self) -> list[str]:
        """The witnesses that cosigned both."""
        return [name for name in self.first.names if name in self.second.names]

    @property
    def one_log_key(self) -> Key | None:
        """The log key that signed both, if it is one."""
        return self.first.log if self.first.log == self.second.log else None


def is_evidence(data: bytes) -> bool:
    """Whether a file says it is one."""
    return data.startswith(f"{HEADER}\n".encode())


def verify_fork(data: bytes, policy: Policy) -> ProvenFork:
    """What the evidence shows. Raises Refused."""
    try:
        culprits, root, path, checkpoints = _parse(data)
    except Malformed as error:
        raise Refused(FORMAT, str(error)) from error
    first, second = (_accepted(each, policy) for each in checkpoints)
    if first.origin != second.origin:
        raise Refused(ORIGIN, f"they are of {first.origin} and {second.origin}")
    if (first.size, first.root) > (second.size, second.root):
        raise Refused(ORDER, "it does not")
    if root == first.root:
        raise Refused(CONFLICT, f"at size {first.size} it had the same")
    try:
        check_consistency(first.size, second.size, path, root, second.root)
    except Malformed as error:
        raise Refused(CONSISTENCY, str(error)) from error
    found = ProvenFork(first, second, root)
    for head in (first, second):
        if policy.without_spare(head.names, set(found.culprits)) != head.names:
            raise Refused(SIGNATURES, "there is one that nobody needs")
    named = " ".join(found.culprits) or "none"
    if named != culprits:
        raise Refused(CULPRITS, f"they are {named}")
    return found


def _accepted(checkpoint: Checkpoint, policy: Policy) -> Head:
    try:
        head = verify_lines(checkpoint, policy)
    except Refused as error:
        raise Refused(SIGNATURES, f"{error.step}; {error.reason}") from error
    if not policy.is_met(set(head.names)):
        raise Refused(SIGNATURES, f"{len(head.names)} cosignatures do not meet the quorum")
    return head


def _parse(data: bytes) -> tuple[str, bytes, list[bytes], tuple[Checkpoint, Checkpoint]]:
    parts = data.split(b"\n\n")
    if len(data) > MAX_EVIDENCE or len(parts) != 5 or parts[2][-1:] == b"\n":
        raise Malformed(f"{len(data)} bytes in {len(parts)} parts, not 5")
    lines = parts[0].decode("utf-8", "surrogateescape").split("\n")
    if len(lines) < 3 or lines[0] != HEADER or len(lines) - 3 > MAX_PATH:
        raise Malformed("its first part is not")
    if not lines[1].startswith("culprits ") or not lines[2].startswith("root "):
        raise Malformed("the lines culprits and root are missing")
    hashes = [unbase64(text) for text in (lines[2][5:], *lines[3:])]
    if any(len(each) != 32 for each in hashes):
        raise Malformed("a hash is not 32 bytes long")
    first = parse_checkpoint(parts[1] + b"\n\n" + parts[2] + b"\n")
    second = parse_checkpoint(parts[3] + b"\n\n" + parts[4])
    return lines[1][9:], hashes[0], hashes[1:], (first, second)
