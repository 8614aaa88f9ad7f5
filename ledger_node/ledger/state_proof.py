"""State proof files: what the state held under a key, or that it held nothing, for a third party.

A file is two proofs, one on the other. The first part is an ICS-23 proof that the key has the
value, or is absent, under a state root; the second is a c2sp.org/tlog-proof file whose entry is the
block entry that states this root. With a policy the file is complete: everything below the
signatures is hashed, everything above them is checked against what is hashed.

    customs-trust-ledger/state-proof@v1
    key guarantee/20GB0000010000GX1
    value <base64>                            or, when there was nothing:  absent
    ics23 <base64 of a CommitmentProof>
                                              (an empty line)
    c2sp.org/tlog-proof@v1 …                  a whole proof file, of the block entry

As with `log.proof`, each file has one spelling: canonical base64, canonical protobuf, a proof of
absence in its compressed form. Key and value stand in the file twice, in clear and in the proof,
and must agree; so no byte can be changed without the file being refused, the key of a proof of
absence included. Format: docs/formats.md, "State proof".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger_node.codec import DecodeError, Digest
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.log.note import NoteError, decode_base64, encode_base64
from ledger_node.log.policy import Policy
from ledger_node.log.proof import MAX_PROOF, ProofRefused, VerifiedProof, verify_proof
from ledger_node.state import (
    MAX_PROOF_BYTES,
    CommitmentProof,
    ExistenceProof,
    InvalidProof,
    MalformedProof,
    decode_proof,
    encode_compressed,
    encode_proof,
    verify_membership,
    verify_non_membership,
)

HEADER: Final = "customs-trust-ledger/state-proof@v1"
MAX_KEY: Final = 256
"""Characters of a key; the longest kind of object key has about 60."""

MAX_STATE_PROOF: Final = MAX_PROOF + 4 * MAX_PROOF_BYTES
"""Bytes of a file: both proofs at their largest, base64 and the value in clear included."""

_KEY: Final = re.compile(f"[!-~]{{1,{MAX_KEY}}}", re.ASCII)


class StateProofStep(StrEnum):
    """The checks of a file that are not those of its tlog-proof, in their order."""

    SIZE = "the file is no longer than a state proof can be"
    FORMAT = f"the file is four lines, the first {HEADER}, and a tlog-proof after an empty line"
    KEY = "the second line names a key of visible ASCII characters"
    VALUE = "the third line holds the value in base64, or says that there is none"
    ICS23 = "the fourth line holds a canonical ICS-23 proof in base64"
    BLOCK = "the proven entry closes a block, and so states a root of the state"
    STATE = "the ICS-23 proof leads from key and value to the state root of the block entry"


class StateProofRefused(ValueError):
    """A file that proves nothing under the policy. step: the failing check, which may be one of
    the tlog-proof inside; reason: text."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"state proof refused at: {step}; {reason}")
        self.step = step
        self.reason = reason


@dataclass(frozen=True, slots=True)
class VerifiedStateProof:
    """That `key` had `value` (None: was absent) in the state after `block`; made here alone.

    proof: of the block entry; the state is that of its checkpoint when the entry is the last.
    """

    key: str
    value: bytes | None
    state: CommitmentProof
    block: BlockEntry
    proof: VerifiedProof

    @property
    def newest(self) -> bool:
        """Whether nothing came after the block, up to the checkpoint."""
        return self.proof.index == self.proof.checkpoint.checkpoint.size - 1

    def format(self) -> bytes:
        """The file's bytes."""
        value = "absent" if self.value is None else f"value {encode_base64(self.value)}"
        lines = (HEADER, f"key {self.key}", value, f"ics23 {encode_base64(_encoded(self.state))}")
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.proof.format()


def is_state_proof(data: bytes) -> bool:
    """Whether a file says it is one, so that it is judged as one."""
    return data.startswith(f"{HEADER}\n".encode())


@dataclass(frozen=True, slots=True)
class StateProof:
    """The parts of a file, none of them verified. block: the tlog-proof file of a block entry."""

    key: str
    value: bytes | None
    state: CommitmentProof
    block: bytes


def verify_state_proof(data: bytes, policy: Policy) -> VerifiedStateProof:
    """What the file proves under `policy`. Raises StateProofRefused, and nothing else."""
    parts = parse_state_proof(data)
    try:
        proof = verify_proof(parts.block, policy)
    except ProofRefused as error:
        raise StateProofRefused(error.step.value, error.reason) from error
    return build_state_proof(parts.key, parts.value, parts.state, proof)


def parse_state_proof(data: bytes) -> StateProof:
    """The parts of a file of the format. Raises StateProofRefused."""
    if len(data) > MAX_STATE_PROOF:
        raise StateProofRefused(StateProofStep.SIZE, f"{len(data)} bytes")
    head, blank, rest = data.partition(b"\n\n")
    lines = head.split(b"\n")
    if not blank or len(lines) != 4 or lines[0] != HEADER.encode():
        raise StateProofRefused(StateProofStep.FORMAT, "it is not")
    return StateProof(_parse_key(lines[1]), _parse_value(lines[2]), _parse_state(lines[3]), rest)


def build_state_proof(
    key: str, value: bytes | None, state: CommitmentProof, proof: VerifiedProof
) -> VerifiedStateProof:
    """A state proof of its parts; `format()` gives the file.

    state: of `key` under the root in the block entry that `proof` proves. Raises
    StateProofRefused when the parts prove nothing.
    """
    if not _KEY.fullmatch(key):
        raise StateProofRefused(StateProofStep.KEY, "it does not")
    try:
        entry = decode_entry(proof.entry)
    except DecodeError as error:
        raise StateProofRefused(StateProofStep.BLOCK, error.reason) from error
    if not isinstance(entry, BlockEntry):
        raise StateProofRefused(StateProofStep.BLOCK, "it is an entry of another kind")
    root, name = Digest(entry.state_root), key.encode()
    try:
        if value is None:
            verify_non_membership(root, name, state)
            # ICS-23 lets a proof of absence name its key by hash; then nothing holds the key here.
            if state.key != name:
                raise StateProofRefused(StateProofStep.STATE, "the proof names the key by its hash")
        else:
            verify_membership(root, name, value, state)
    except InvalidProof as error:
        raise StateProofRefused(StateProofStep.STATE, str(error)) from error
    return VerifiedStateProof(key, value, state, entry, proof)


def _encoded(state: CommitmentProof) -> bytes:
    return encode_proof(state) if isinstance(state, ExistenceProof) else encode_compressed(state)


def _parse_key(line: bytes) -> str:
    text = line.decode("ascii", "replace")
    if text[:4] != "key " or not _KEY.fullmatch(text[4:]):
        raise StateProofRefused(StateProofStep.KEY, "it does not")
    return text[4:]


def _parse_value(line: bytes) -> bytes | None:
    if line == b"absent":
        return None
    value = _parse_base64("value", line, StateProofStep.VALUE)
    if not value:
        raise StateProofRefused(StateProofStep.VALUE, "the value is empty")
    return value


def _parse_state(line: bytes) -> CommitmentProof:
    data = _parse_base64("ics23", line, StateProofStep.ICS23)
    try:
        state = decode_proof(data)
    except MalformedProof as error:
        raise StateProofRefused(StateProofStep.ICS23, str(error)) from error
    if _encoded(state) != data:
        raise StateProofRefused(StateProofStep.ICS23, "a proof of absence is given compressed")
    return state


def _parse_base64(word: str, line: bytes, step: StateProofStep) -> bytes:
    text = line.decode("ascii", "replace")
    if not text.startswith(f"{word} "):
        raise StateProofRefused(step, f"there is no line {word}")
    try:
        return decode_base64(text[len(word) + 1 :], word)
    except NoteError as error:
        raise StateProofRefused(step, str(error)) from error
