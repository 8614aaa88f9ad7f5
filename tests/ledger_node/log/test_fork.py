"""Evidence of a fork: made when there is one, never when there is none, and proof to every byte."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.codec.digests import Digest
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.fork import (
    ForkRefused,
    ForkStep,
    ProvenFork,
    is_fork_evidence,
    prove_fork,
    verify_fork,
)
from ledger_node.log.merkle import InMemoryHashes, consistency_path, leaf_hash, tree_root
from ledger_node.log.policy import parse_policy
from ledger_node.log.verified import VerifiedCheckpoint, verify_checkpoint
from tests.ledger_node.log.sample_union import ORIGIN, log_key, policy, sign

FOUR = ("AM", "BY", "KZ", "KG")
RULES = policy(3, FOUR)
"""A union of four: f = 1, so f + 1 = 2 members can make a fork, with one honest one each side."""


def history(size: int, fork_at: int | None = None) -> InMemoryHashes:
    names = ["entry" if fork_at is None or at < fork_at else "other" for at in range(size)]
    return InMemoryHashes(leaf_hash(f"{name} {at}".encode()) for at, name in enumerate(names))


def head(
    hashes: InMemoryHashes, size: int, log: str = "AM", witnesses: tuple[str, ...] = FOUR
) -> VerifiedCheckpoint:
    return verify_checkpoint(
        sign(Checkpoint(ORIGIN, size, tree_root(size, hashes)), log, witnesses), RULES
    )


def fork(old: int, new: int, fork_at: int = 3) -> ProvenFork:
    """AM and BY showed one history to KZ and another to KG."""
    truth, lie = history(old), history(new, fork_at)
    first = head(truth, old, "AM", ("AM", "BY", "KZ"))
    second = head(lie, new, "BY", ("AM", "BY", "KG"))
    root, path = tree_root(old, lie), consistency_path(old, new, lie)
    return prove_fork(first, second, root, path, RULES)


FORK = fork(5, 11)
FILE = FORK.format()
EVEN = fork(7, 7).format()
BOTH = pytest.mark.parametrize("data", [FILE, EVEN], ids=["5 and 11", "7 and 7"])


def refusal_of(data: bytes) -> ForkRefused:
    with pytest.raises(ForkRefused) as refusal:
        verify_fork(data, RULES)
    return refusal.value


def test_the_culprits_are_those_who_cosigned_both_heads() -> None:
    found = verify_fork(FILE, RULES)
    assert found == FORK
    assert [each.name for each in found.culprits] == ["AM", "BY"]
    assert not found.one_log_key
    assert is_fork_evidence(FILE)
    for member in found.culprits:
        for each in (found.first, found.second):
            assert any(line.witness == member for line in each.cosignatures)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (4, 5), (4, 8), (5, 6), (7, 7), (8, 100)])
def test_forks_at_every_kind_of_size_are_shown(old: int, new: int) -> None:
    evidence = fork(old, new, fork_at=0)
    assert verify_fork(evidence.format(), RULES) == evidence


def test_heads_of_one_size_stand_in_one_order_whoever_finds_them() -> None:
    one, other = head(history(7), 7), head(history(7, 3), 7)
    files = {
        prove_fork(*pair, pair[1].checkpoint.root, (), RULES).format()
        for pair in ((one, other), (other, one))
    }
    assert len(files) == 1


def test_a_log_key_that_signed_both_is_a_culprit_without_any_witness() -> None:
    rules = parse_policy(f"log {log_key('AM').format()}\nquorum none\n".encode())
    heads = [
        verify_checkpoint(sign(Checkpoint(ORIGIN, 7, tree_root(7, each))), rules)
        for each in (history(7), history(7, 3))
    ]
    evidence = prove_fork(heads[0], heads[1], heads[1].checkpoint.root, (), rules)
    assert evidence.one_log_key
    assert evidence.culprits == ()
    assert b"\nculprits none\n" in evidence.format()
    assert verify_fork(evidence.format(), rules) == evidence


def test_histories_that_agree_are_no_fork() -> None:
    truth = history(11)
    for old, new in ((5, 11), (4, 8), (7, 7)):
        root, path = tree_root(old, truth), consistency_path(old, new, truth)
        with pytest.raises(ForkRefused) as refused:
            prove_fork(head(truth, old), head(truth, new), root, path, RULES)
        assert refused.value.step is ForkStep.CONFLICT


def test_a_made_up_root_is_not_believed() -> None:
    truth = history(11)
    for old in (4, 5):
        path = consistency_path(old, 11, truth)
        with pytest.raises(ForkRefused) as refused:
            prove_fork(head(truth, old), head(truth, 11), Digest(bytes(32)), path, RULES)
        assert refused.value.step is ForkStep.CONSISTENCY


def test_cosignatures_that_name_no_culprit_are_kept_only_for_the_quorum() -> None:
    first = head(history(7), 7, "AM", FOUR)
    second = head(history(7, 3), 7, "BY", ("AM", "BY", "KG"))
    evidence = prove_fork(first, second, second.checkpoint.root, (), RULES)
    names = {
        each.checkpoint.root: [line.witness.name for line in each.cosignatures]
        for each in (evidence.first, evidence.second)
    }
    assert names[first.checkpoint.root] == ["AM", "BY", "KG"]
    assert names[second.checkpoint.root] == ["AM", "BY", "KG"]


@BOTH
def test_every_flip_of_a_bit_is_refused(data: bytes) -> None:
    for at in range(len(data)):
        refusal_of(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])


@BOTH
def test_every_cut_insertion_and_removal_of_a_byte_is_refused(data: bytes) -> None:
    for at in range(len(data)):
        for changed in (
            data[:at],
            data[:at] + data[at + 1 :],
            data[:at] + b"\n" + data[at:],
            data[:at] + data[at : at + 1] + data[at:],
        ):
            refusal_of(changed)
    for end in (b"\n", b" ", b"\x00", b"="):
        refusal_of(data + end)


def line_changes(data: bytes) -> Iterator[bytes]:
    lines = data.splitlines(keepends=True)
    for at in range(len(lines)):
        yield b"".join(lines[:at] + lines[at + 1 :])
        yield b"".join([*lines[:at], lines[at], *lines[at:]])
        for other in range(at):
            swapped = lines.copy()
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield b"".join(swapped)


@BOTH
def test_every_line_dropped_doubled_or_swapped_is_refused(data: bytes) -> None:
    changes = [changed for changed in line_changes(data) if changed != data]
    assert len(changes) > 100
    for changed in changes:
        refusal_of(changed)


def test_the_failing_step_is_named() -> None:
    def step(**changes: object) -> ForkStep:
        return refusal_of(replace(FORK, **changes).format()).step  # type: ignore[arg-type] # any part

    assert refusal_of(b"").step is ForkStep.FORMAT
    assert refusal_of(FILE.replace(b"culprits AM BY", b"culprits AM")).step is ForkStep.CULPRITS
    assert refusal_of(FILE.replace(b"root ", b"root A")).step is ForkStep.FORMAT
    assert step(root=Digest(bytes(32))) is ForkStep.CONSISTENCY
    assert step(root=FORK.first.checkpoint.root) is ForkStep.CONFLICT
    assert step(path=FORK.path[1:]) is ForkStep.CONSISTENCY
    assert step(first=FORK.second, second=FORK.first) is ForkStep.ORDER
    few = replace(FORK.first, cosignatures=FORK.first.cosignatures[:2])
    assert step(first=few) is ForkStep.SIGNATURES
    mixed = replace(FORK.first, cosignatures=FORK.first.cosignatures[::-1])
    assert step(first=mixed) is ForkStep.SIGNATURES
    spare = head(history(5), 5)
    assert step(first=spare) is ForkStep.SIGNATURES


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_make_it_raise_anything_else(noise: bytes, headed: bool) -> None:
    refusal_of((FILE[: FILE.index(b"\n") + 1] if headed else b"") + noise)
