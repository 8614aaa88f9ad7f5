"""What is said between a log and a witness: the add-checkpoint call, as bytes.

A witness outside the union cosigns a checkpoint once it is shown that it continues the one the
witness cosigned before. Carrying the bytes, and deciding whom to ask, is for the caller.

Source: c2sp.org/tlog-witness.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from ledger_node.codec.digests import Digest
from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint, parse_decimal
from ledger_node.log.cosignature import verify_cosignature
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import MAX_PATH
from ledger_node.log.note import NoteError, NoteSignature, VerifierKey, encode_base64, parse_note
from ledger_node.log.policy import Policy, parse_policy

PATH: Final = "add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer: many more cosignatures than any witness has keys."""

_SIZE: Final = re.compile(rb"[0-9]{1,19}\n")


class WitnessRule(StrEnum):
    """What a witness's answer breaks."""

    SIZE = "the size in a conflict is not a plain decimal with a newline"
    NOTE = "the answer is not signature lines"
    ABSENT = "the answer holds no cosignature by the witness's key"
    INVALID = "the cosignature does not hold"


class WitnessAnswerError(LogError):
    """rule: what is broken."""

    def __init__(self, rule: WitnessRule, detail: str = "") -> None:
        super().__init__(f"witness: {rule.value}" + (f" ({detail})" if detail else ""))
        self.rule = rule


def add_checkpoint(old: int, path: Sequence[Digest], signed: SignedCheckpoint) -> bytes:
    """The body of the call. old: size that the witness cosigned last, 0 for none; path: the
    consistency proof from there, none from 0."""
    assert len(path) <= MAX_PATH, "no tree needs a longer proof"
    lines = [f"old {old}", *(encode_base64(each) for each in path)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + signed.format()


def conflicting_size(body: bytes) -> int:
    """The size that a witness says it cosigned last, in a 409. Raises WitnessAnswerError."""
    size = parse_decimal(body[:-1].decode("ascii")) if _SIZE.fullmatch(body) else None
    if size is None:
        raise WitnessAnswerError(WitnessRule.SIZE, repr(body[:40]))
    return size


def cosignature_in(body: bytes, checkpoint: Checkpoint, key: VerifierKey) -> NoteSignature:
    """The witness's line in a successful answer, once it holds; lines of others are ignored.

    Raises WitnessAnswerError.
    """
    try:
        note = parse_note(checkpoint.text().encode() + b"\n" + body)
    except NoteError as error:
        raise WitnessAnswerError(WitnessRule.NOTE, str(error)) from error
    if note.text != checkpoint.text():
        # An answer with an empty line in it would move the end of the text.
        raise WitnessAnswerError(WitnessRule.NOTE, "an empty line")
    line = next((each for each in note.signatures if each.is_by(key)), None)
    if line is None:
        raise WitnessAnswerError(WitnessRule.ABSENT, key.name)
    try:
        verify_cosignature(checkpoint, key, line)
    except NoteError as error:
        raise WitnessAnswerError(WitnessRule.INVALID, str(error)) from error
    return line


def with_witnesses(policy: Policy, keys: Sequence[VerifierKey]) -> Policy:
    """The policy with further witnesses, named as their keys are, that its quorum does not ask
    for: their lines are checked and kept, after those of the policy's own (`log.head`). Raises
    PolicyError, e.g. for a name that is taken."""
    lines = "".join(f"witness {key.name} {key.format()}\n" for key in keys)
    return parse_policy(policy.format() + lines.encode("utf-8", "surrogateescape"))


def requiring_witnesses(policy: Policy, witnesses: Sequence[tuple[str, VerifierKey]]) -> Policy:
    """The policy made stricter: its quorum, and each of these witnesses as well.

    witnesses: (name in the policy, key). Raises PolicyError.
    """
    names = [name for name, _ in witnesses]
    asked = [*([] if policy.quorum is None else [policy.quorum]), *names]
    given = policy.format().decode("utf-8", "surrogateescape").splitlines()
    lines = [
        *given[:-1],
        *(f"witness {name} {key.format()}" for name, key in witnesses),
        f"group witnessed all {' '.join(asked)}",
        "quorum witnessed",
    ]
    return parse_policy("".join(f"{each}\n" for each in lines).encode("utf-8", "surrogateescape"))
