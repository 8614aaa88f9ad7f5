"""State proof files. Source: docs/formats.md, "State proof"."""

import re
from dataclasses import dataclass
from typing import Final

from ctl_verify import ics23
from ctl_verify.entries import Block, read_entry
from ctl_verify.note import unbase64
from ctl_verify.policy import Policy
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.tlog_proof import MAX_PROOF, ProvenEntry, verify_proof

HEADER: Final = "customs-trust-ledger/state-proof@v1"
MAX_STATE_PROOF: Final = MAX_PROOF + 4 * ics23.MAX_PROOF

SIZE: Final = "the file is no longer than a state proof can be"
FORMAT: Final = f"the file is four lines, the first {HEADER}, and a tlog-proof after an empty line"
KEY: Final = "the second line names a key of visible ASCII characters"
VALUE: Final = "the third line holds the value in base64, or says that there is none"
ICS23: Final = "the fourth line holds a canonical ICS-23 proof in base64"
BLOCK: Final = "the proven entry closes a block, and so states a root of the state"
STATE: Final = "the ICS-23 proof leads from key and value to the state root of the block entry"

_KEY: Final = re.compile(rb"[!-~]{1,256}")


@dataclass(frozen=True)
class ProvenState:
    """That `key` had `value`, None for nothing, in the state after `block`."""

    key: str
    value: bytes | None
    block: Block
    entry: ProvenEntry


def is_state_proof(data: bytes) -> bool:
    """Whether a file says it is one."""
    return data.startswith(f"{HEADER}\n".encode())


def verify_state_proof(data: bytes, policy: Policy) -> ProvenState:
    """What a state proof proves. Raises Refused."""
    if len(data) > MAX_STATE_PROOF:
        raise Refused(SIZE, f"{len(data)} bytes")
    opening, blank, rest = data.partition(b"\n\n")
    lines = opening.split(b"\n")
    if not blank or len(lines) != 4 or lines[0] != HEADER.encode():
        raise Refused(FORMAT, "it is not")
    if lines[1][:4] != b"key " or not _KEY.fullmatch(lines[1][4:]):
        raise Refused(KEY, "it does not")
    key, value = lines[1][4:], _value(lines[2])
    proof = _proof(lines[3])
    entry = verify_proof(rest, policy)
    block = closing_block(entry)
    try:
        ics23.check(block.state_root, key, value, proof)
    except Malformed as error:
        raise Refused(STATE, str(error)) from error
    return ProvenState(key.decode("ascii"), value, block, entry)


def closing_block(entry: ProvenEntry) -> Block:
    """The block that a proven entry closes. Raises Refused."""
    try:
        block = read_entry(entry.entry, entry.index)
    except Refused as error:
        raise Refused(BLOCK, error.reason) from error
    if not isinstance(block, Block):
        raise Refused(BLOCK, "it is an entry of another kind")
    return block


def _value(line: bytes) -> bytes | None:
    if line == b"absent":
        return None
    value = _base64(line, b"value ", VALUE)
    if not value:
        raise Refused(VALUE, "the value is empty")
    return value


def _proof(line: bytes) -> ics23.Presence | ics23.Absence:
    data = _base64(line, b"ics23 ", ICS23)
    if data[:1] == b"\x12":
        raise Refused(ICS23, "a proof of absence is given compressed")
    try:
        return ics23.parse_proof(data)
    except Malformed as error:
        raise Refused(ICS23, str(error)) from error


def _base64(line: bytes, word: bytes, step: str) -> bytes:
    if not line.startswith(word):
        raise Refused(step, f"there is no line {word.decode().strip()}")
    try:
        return unbase64(line.removeprefix(word).decode("ascii", "replace"))
    except Malformed as error:
        raise Refused(step, str(error)) from error
