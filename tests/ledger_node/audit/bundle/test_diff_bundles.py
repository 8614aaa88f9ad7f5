"""Two bundles: one log at two times, or a fork whose signers are named."""

import io

import pytest

from contracts.registry.objects import Role
from ledger_node.audit.bundle.diff import Comparison, Relation, compare
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Blocks, Everything, Selection
from ledger_node.audit.conflict import verify_conflict
from ledger_node.audit.fork_words import comparison_json, comparison_rows
from ledger_node.log.cosignature import verify_cosignature
from tests.ledger_node.audit.bundle.audited_union import (
    MEMBERS,
    AuditedUnion,
    journey,
    lenient,
    populated,
    registration,
    with_a_journey,
)
from tests.ledger_node.audit.bundle.frames import flip, with_checkpoint, with_entry


def union_with(*names: str) -> AuditedUnion:
    union = populated(AuditedUnion())
    for name in names:
        union.act("RU", registration(f"RU/{name}", "RU", Role.OBSERVER))
    return union


SHORT, LONG = union_with("ONE"), union_with("ONE", "TWO", "THREE")
FORK = union_with("ONE", "OTHER")
"""Says the same up to block 2 and something else in block 3."""

FORKED_AT = SHORT.size


def bundle(union: AuditedUnion, *witnesses: str, selection: Selection | None = None) -> bytes:
    data = union.bundle(selection or Everything())
    note = union.checkpoint(log=witnesses[0], witnesses=witnesses) if witnesses else None
    return data if note is None else with_checkpoint(data, note)


def compared(first: bytes, second: bytes) -> Comparison:
    return compare(io.BytesIO(first), io.BytesIO(second), LONG.policy)


def test_a_bundle_is_of_the_same_log_as_itself() -> None:
    found = compared(bundle(LONG), bundle(LONG))
    assert found.relation is Relation.SAME
    assert found.common == LONG.size
    assert found.culprits == ()


@pytest.mark.parametrize("turned", [False, True])
def test_a_longer_bundle_of_the_log_begins_with_the_shorter(turned: bool) -> None:
    pair = (bundle(LONG), bundle(SHORT)) if turned else (bundle(SHORT), bundle(LONG))
    found = compared(*pair)
    assert found.relation is Relation.PREFIX
    assert found.common == SHORT.size
    assert found.divergence is None


def test_a_fork_is_found_at_its_first_entry_and_those_who_signed_both_sides_are_named() -> None:
    one = bundle(LONG, "AM", "BY", "KG", "KZ")
    other = bundle(FORK, "AM", "BY", "KG", "RU")
    found = compared(one, other)
    assert found.relation is Relation.FORKED
    assert found.divergence is not None
    assert found.divergence.index == FORKED_AT
    assert "submission entry" in found.divergence.found
    assert [culprit.name for culprit in found.culprits] == ["AM", "BY", "KG"]


def test_the_two_signatures_of_a_culprit_hold_over_the_two_heads() -> None:
    found = compared(bundle(LONG), bundle(FORK))
    witnesses = {each.name: each for each in LONG.policy.witnesses}
    assert len(found.culprits) == 5
    for culprit in found.culprits:
        for head, line in zip(found.heads, culprit.lines, strict=True):
            verify_cosignature(head.checkpoint, witnesses[culprit.name].key, line)


def test_a_fork_of_equal_length_shows_in_the_heads_alone() -> None:
    third = union_with("ONE", "ANOTHER")
    assert third.size == FORK.size
    one = bundle(FORK, selection=Blocks(0, 1))
    other = bundle(third, selection=Blocks(0, 1))
    found = compared(one, other)
    assert found.relation is Relation.FORKED
    assert found.divergence is None, "the entries that both bundles hold are the same"
    assert found.culprits


def test_a_longer_log_that_does_not_begin_with_the_shorter_is_a_fork() -> None:
    found = compared(bundle(FORK, selection=Blocks(0, 1)), bundle(LONG))
    assert found.relation is Relation.FORKED


def test_bundles_that_hold_too_little_prove_neither() -> None:
    found = compared(bundle(SHORT), bundle(LONG, selection=Blocks(0, 1)))
    assert found.relation in (Relation.UNKNOWN, Relation.PREFIX)
    if found.relation is Relation.UNKNOWN:
        assert found.culprits == ()


def test_a_damaged_bundle_proves_nothing_about_the_other() -> None:
    with pytest.raises(BundleRefused) as refused:
        compared(bundle(LONG), with_entry(bundle(SHORT), 5, flip))
    assert refused.value.step is Step.INCLUSION


def test_one_block_made_final_with_two_outcomes_convicts_whoever_signed_both() -> None:
    honest, lying = journey(), with_a_journey(AuditedUnion(lenient()))
    found = compared(honest.bundle(Everything()), lying.bundle(Everything()))
    assert found.divergence is not None
    assert "the second has accepted" in found.divergence.found
    conflict = found.conflict
    assert conflict is not None
    assert conflict.height == found.divergence.height
    assert conflict.branches[0].headers == conflict.branches[1].headers
    assert tuple(each.member for each in conflict.culprits) == MEMBERS[:4]
    assert verify_conflict(conflict.format(), honest.union) == conflict


def test_the_words_and_the_json_of_a_fork_carry_the_evidence() -> None:
    found = compared(bundle(LONG), bundle(FORK))
    said = dict(comparison_rows(found))
    assert said["diverge at"] == f"entry {FORKED_AT}, in block 3"
    plain = comparison_json(found)
    assert plain["relation"] == "forked"
    assert plain["signed_both"][0]["witness"] == "AM"
    assert all(line.startswith("— ") for line in plain["signed_both"][0]["lines"])
