"""Bundles of a union whose members, keys and rules changed: each epoch proven by the one before."""

import io
from collections.abc import Sequence

import pytest

from contracts.registry.objects import Role
from ledger_node.audit.bundle.anchor import Anchor
from ledger_node.audit.bundle.form import CertificateFrame, Frame, FrameKind
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Blocks, Everything
from ledger_node.audit.bundle.statement import as_json, rows
from ledger_node.audit.bundle.verify import VerifiedBundle, verify_bundle
from ledger_node.codec import encode
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.epochs import last_height
from ledger_node.genesis.policy import policy_of
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.ledger.execution import ContractShelf
from ledger_node.log.checkpoint import Checkpoint
from tests.ledger_node.audit.bundle.audited_union import registration
from tests.ledger_node.audit.bundle.frames import (
    flip,
    join,
    positions,
    split,
    with_checkpoint,
    with_payload,
)
from tests.ledger_node.audit.bundle.governed_union import GovernedUnion, governed
from tests.union.changed_rules import RULE, changed_rules, shell

UNION = governed()
ALL = UNION.bundle(Everything())
STATIC = UNION.bundle(Everything(), certified=False)
"""As it is made of static tiles: without steps and certificates."""
LAST = len(UNION.blocks) - 1


def verified(
    bundle: bytes, anchor: Anchor | None = None, sets: ContractShelf | None = UNION.sets
) -> VerifiedBundle:
    return verify_bundle(io.BytesIO(bundle), anchor or UNION.policy, sets)


def refusal(
    bundle: bytes, anchor: Anchor | None = None, sets: ContractShelf | None = UNION.sets
) -> BundleRefused:
    with pytest.raises(BundleRefused) as refused:
        verified(bundle, anchor, sets)
    return refused.value


def with_steps(steps: Sequence[bytes], bundle: bytes = ALL) -> bytes:
    frames = [frame for frame in split(bundle) if frame.kind is not FrameKind.STEP]
    made = [Frame(FrameKind.STEP, step, 0) for step in steps]
    return join([*frames[:2], *made, *frames[2:]])


# ------------------------------------------------------------ what holds


@pytest.mark.parametrize("anchor", [UNION.policy, UNION.founding])
def test_a_history_of_four_epochs_and_two_contract_sets_is_executed_whole(anchor: Anchor) -> None:
    found = verified(ALL, anchor)
    assert found.executed_from == 0
    assert found.last.closing.state_root == UNION.blocks[-1].tip.state_root
    assert found.epochs == tuple(UNION.rosters)
    assert [roster.voting for roster in found.epochs] == [
        ("AM", "BY", "KG", "KZ"),
        ("AM", "BY", "KG", "KZ", "UZ"),
        ("AM", "BY", "KG", "KZ", "UZ"),
        ("AM", "BY", "KG", "UZ"),
    ]
    judges = [(judge.digest, judge.carried) for judge in found.judges]
    assert judges == [(UNION.genesis.contract_set, False), (changed_rules().digest, False)]
    assert found.refused == 1, "the shell company, under the new rule"
    assert found.certified is not None
    assert (found.certified.height, found.certified.number) == (LAST, LAST)


def test_the_words_and_the_json_name_epochs_members_and_rules() -> None:
    found = verified(ALL, UNION.founding)
    said = list(rows(found))
    assert ("trusted", "the genesis that was given; the policy of epoch 4 follows from it") in said
    assert any("AM, BY, KG, KZ, UZ" in text for _, text in said)
    plain = as_json(found)
    assert [each["epoch"] for each in plain["epochs"]] == [1, 2, 3, 4]
    assert plain["policy_epoch"] == 4
    assert plain["contract_sets"][1]["contract_set"] == changed_rules().digest.hex()


def test_the_record_refused_under_the_new_rule_was_accepted_under_the_old() -> None:
    found: list[str] = []
    verify_bundle(
        io.BytesIO(ALL),
        UNION.policy,
        UNION.sets,
        lambda block: found.extend(
            str(record.outcome) for each in block.submissions for record in each.records
        ),
    )
    assert sum(RULE in outcome for outcome in found) == 1


def test_without_execution_the_steps_alone_prove_every_epoch() -> None:
    found = verified(ALL, UNION.founding, None)
    assert not found.executed
    assert len(found.epochs) == 4
    assert found.certified is not None
    assert found.certified.number == LAST


def test_without_steps_execution_alone_finds_every_epoch() -> None:
    found = verified(STATIC)
    assert found.executed
    assert found.epochs == tuple(UNION.rosters)


def test_a_range_in_a_later_epoch_needs_the_steps_and_has_them() -> None:
    found = verified(UNION.bundle(Blocks(LAST - 3, LAST)), UNION.founding)
    assert not found.executed
    assert [roster.epoch for roster in found.epochs] == [3, 4]


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_head_of_an_earlier_epoch_is_accepted_under_the_policy_of_its_time(epoch: int) -> None:
    union = governed_until(epoch)
    found = verified(union.bundle(Everything()), UNION.founding)
    assert found.head.epoch == epoch


def governed_until(epoch: int) -> GovernedUnion:
    """The beginning of the same history."""
    union = GovernedUnion()
    if epoch > 1:
        union.change_members(joining=("UZ",))
    if epoch > 2:
        union.change_members(renewing=("AM", "BY"))
    union.accepted("KG", registration("KG/ONE", "KG", Role.OBSERVER))
    return union


# ------------------------------------------------------------ what does not


def test_epochs_that_nothing_tells_of_are_refused_where_they_begin() -> None:
    error = refusal(STATIC, sets=None)
    assert error.step is Step.EPOCHS
    assert error.place.height == UNION.rosters[1].from_height + 1
    assert "neither a step in the bundle nor a state executed here" in error.found


def test_from_the_genesis_alone_a_later_epochs_checkpoint_is_not_accepted_without_steps() -> None:
    error = refusal(STATIC, UNION.founding)
    assert error.step is Step.CHECKPOINT
    assert "by the policy of epoch 1" in error.found


def test_without_steps_the_policy_of_an_epoch_that_ended_speaks_for_no_later_one() -> None:
    """Three of four founders have the keys they had: their cosignatures alone do not tell."""
    union = GovernedUnion()
    union.change_members(renewing=("KZ",))
    union.accepted("KG", registration("KG/ONE", "KG", Role.OBSERVER))
    assert verified(union.bundle(Everything()), union.founding).head.epoch == 2
    error = refusal(union.bundle(Everything(), certified=False), union.founding)
    assert error.step is Step.CHECKPOINT
    assert "nothing but the policy of epoch 1 is proven" in error.found


def test_another_genesis_than_the_unions_is_refused() -> None:
    other = GovernedUnion(("AM", "BY", "KG", "RU"))
    assert refusal(ALL, other.founding).step is Step.FOUNDING


def test_keys_that_were_replaced_sign_no_later_head() -> None:
    """Who steals a member's old keys cannot speak for a log that grew after they were replaced."""
    first, last = policy_of(UNION.genesis), UNION.policy
    assert {log.key for log in first.logs} != {log.key for log in last.logs}
    stale = GovernedUnion()
    tip = UNION.blocks[-1].tip
    note = stale.sign(Checkpoint(UNION.genesis.origin, tip.tree_size, tip.log_root))
    assert verified(with_checkpoint(ALL, note), first).executed, "as the old policy would have it"
    error = refusal(with_checkpoint(ALL, note), UNION.founding)
    assert error.step is Step.CHECKPOINT


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_step_left_out_is_missed(gone: int) -> None:
    steps = [step for at, step in enumerate(UNION.steps) if at != gone]
    error = refusal(with_steps(steps), UNION.founding, None)
    assert error.step is (Step.CHECKPOINT if gone == 2 else Step.EPOCHS)


def test_steps_in_another_order_twice_or_changed_are_refused() -> None:
    one, two, three = UNION.steps
    for steps in ([two, one, three], [one, one, two, three], [flip(one), two, three]):
        assert refusal(with_steps(steps)).step is Step.EPOCHS


def test_a_step_of_another_history_is_found_where_the_epoch_ends() -> None:
    """A quorum of the founders signed the end of epoch 1 twice: with UZ joining, and without."""
    other = GovernedUnion()
    other.accepted("AM", shell("EARLY"))
    other.change_members(renewing=("KG",))
    error = refusal(with_steps(other.steps), sets=None)
    assert (error.step, error.place.height) == (Step.EPOCHS, UNION.rosters[1].from_height)
    assert "another block, log or state" in error.found


def test_a_certificate_under_keys_of_another_epoch_is_refused_at_its_block() -> None:
    third = UNION.rosters[2]
    height = third.from_height + 1
    stale = GovernedUnion()
    stale.roster, stale.blocks = third, UNION.blocks
    forged = encode(CertificateFrame(height - 1, stale.certificate(height)))
    at = positions(ALL, FrameKind.CERTIFICATE)[height - 1]
    error = refusal(with_payload(ALL, at, lambda _: forged))
    assert (error.step, error.place.height) == (Step.CERTIFICATE, height)
    assert "signature does not verify" in error.found


class Stubborn(GovernedUnion):
    """Members who go on in an epoch that has ended."""

    def _next_epoch(self, height: int) -> None:
        pass


def test_a_block_of_an_epoch_that_has_ended_is_refused() -> None:
    union = Stubborn()
    union.announce(joining=("UZ",))
    while last_height(union.state.object, union.roster) != union.blocks[-1].block.header.height:
        union.close()
    ended = union.blocks[-1].block.header.height
    union.close()
    error = refusal(union.bundle(Everything()), union.policy, union.sets)
    assert (error.step, error.place.height) == (Step.EPOCHS, ended + 1)
    assert f"ended with block {ended}" in error.found


def test_an_unknown_set_of_contracts_is_demanded_by_its_digest() -> None:
    error = refusal(ALL, sets=ContractSets())
    assert error.step is Step.CONTRACTS
    assert changed_rules().digest.hex() in error.found
    judged = next(b for b in UNION.blocks if b.tip.header.height == error.place.height)
    closing = decode_entry(judged.entries[-1])
    assert isinstance(closing, BlockEntry)
    assert closing.contract_set == changed_rules().digest
