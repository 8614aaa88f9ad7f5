"""A good file of every kind that `ledger-node verify` checks, with the policy it holds under, and
every way to change one a little."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger_node.codec import encode
from ledger_node.ledger.code_text import encode_code, encode_codes
from ledger_node.ledger.compact_proof import compact
from ledger_node.ledger.entries import DeadlineEntry
from ledger_node.log.policy import Policy
from tests.ledger_node.audit import sample_ledger as sample
from tests.ledger_node.ledger.sample_state import (
    ABSENT_KEY,
    GUARANTEE_KEY,
    RESERVATION_KEY,
    SampleState,
)
from tests.ledger_node.log.sample_union import SampleLog, policy, sign
from tests.ledger_node.log.test_fork import RULES as FORK_RULES
from tests.ledger_node.log.test_fork import fork

DEADLINE = DeadlineEntry("transit.deadline", sample.MRN, (f"movement/{sample.MRN}", "timer-1/7"))


@dataclass(frozen=True)
class ProofFile:
    """kind: for people; text: whether it is lines of text."""

    kind: str
    data: bytes
    policy: Policy
    text: bool = True

    def __str__(self) -> str:
        return self.kind


def _entries() -> Iterator[ProofFile]:
    prover = sample.Prover((*sample.entries(), encode(DEADLINE)), policy())
    names = (
        "genesis",
        "first block",
        "submission",
        "accepted record",
        "refused record",
        "bytes that are no record",
        "block",
        "deadline",
    )
    for index, name in enumerate(names):
        yield ProofFile(name, prover.file(index), prover.policy)


def _states() -> Iterator[ProofFile]:
    keys = {f"seal/NS-{at:03}": b"value" * 9 for at in range(40)}
    state = SampleState(SampleState().entries | keys)
    for name, key in (
        ("guarantee", GUARANTEE_KEY),
        ("reservation", RESERVATION_KEY),
        ("reservation that is absent", ABSENT_KEY),
        ("object of an unknown kind", "seal/NS-007"),
    ):
        proof = state.proof(key)
        yield ProofFile(f"state of a {name}", proof.format(), policy())
        yield ProofFile(f"compact state of a {name}", compact(proof), policy(), text=False)
    older = SampleState(after=3).proof(GUARANTEE_KEY)
    yield ProofFile("state after an older block", older.format(), policy())
    code = encode_code(compact(older)).encode() + b"\n"
    yield ProofFile("text of a code", code, policy(), text=False)
    large = SampleState(SampleState().entries | {"seal/NS-1": b"v" * 2500}).proof("seal/NS-1")
    codes = "\n".join(encode_codes(compact(large))).encode() + b"\n"
    yield ProofFile("text of several codes", codes, policy(), text=False)


def _heads() -> Iterator[ProofFile]:
    head = SampleLog(11).checkpoint()
    exact = sign(head, witnesses=("AM", "BY", "KZ", "RU")).format()
    yield ProofFile("checkpoint", exact, policy())
    yield ProofFile("fork evidence", fork(5, 11).format(), FORK_RULES)
    yield ProofFile("fork evidence of one size", fork(7, 7).format(), FORK_RULES)


FILES = (*_entries(), *_states(), *_heads())


def flipped(data: bytes) -> Iterator[bytes]:
    """One bit of each byte changed, another one from byte to byte."""
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def cut(data: bytes) -> Iterator[bytes]:
    """Every byte left out, and every beginning of the file."""
    for at in range(len(data)):
        yield data[:at]
        yield data[:at] + data[at + 1 :]


def rearranged(data: bytes) -> Iterator[bytes]:
    """Every line dropped, doubled, and swapped with every other."""
    lines = data.splitlines(keepends=True)
    for at in range(len(lines)):
        yield b"".join(lines[:at] + lines[at + 1 :])
        yield b"".join([*lines[:at], lines[at], *lines[at:]])
        for other in range(at):
            swapped = lines.copy()
            swapped[at], swapped[other] = swapped[other], swapped[at]
            if swapped != lines:
                yield b"".join(swapped)
