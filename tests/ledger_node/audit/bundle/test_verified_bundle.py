"""What honest bundles show."""

import io

import pytest

from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.statement import as_json, rows
from ledger_node.audit.bundle.verify import VerifiedBundle, verify_bundle
from ledger_node.codec import Digest
from ledger_node.ledger.execution import ContractSet
from tests.contracts.sample_union import GRN, MRN
from tests.ledger_node.audit.bundle.audited_union import CREATED_MS, MEMBERS, journey

UNION = journey()
LAST = len(UNION.blocks) - 1


def verified(selection: Selection, *, certified: bool = True) -> VerifiedBundle:
    data = UNION.bundle(selection, certified=certified)
    return verify_bundle(io.BytesIO(data), UNION.policy, UNION.contracts)


def test_a_bundle_of_everything_is_executed_from_genesis_to_the_last_state_root() -> None:
    found = verified(Everything())
    assert found.executed
    assert (found.blocks, found.entries) == (LAST + 1, UNION.size)
    assert found.last.closing.state_root == UNION.blocks[-1].tip.state_root
    assert found.refused == 2, "the withdrawal by a stranger, and the bytes that are no record"
    assert found.certified is not None
    assert found.certified.height == LAST
    assert found.certified.signers == MEMBERS[:4]


def test_a_bundle_from_genesis_to_a_block_is_executed_too() -> None:
    found = verified(Blocks(0, 4))
    assert found.executed
    assert found.last.closing.state_root == UNION.blocks[4].tip.state_root


def test_a_range_of_blocks_is_complete_but_not_executed_and_says_so() -> None:
    found = verified(Blocks(3, 5))
    assert not found.executed
    assert (found.first.closing.height, found.last.closing.height) == (3, 5)
    said = dict(rows(found))
    assert said["outcomes"].startswith("NOT executed again")
    assert said["complete"].startswith("yes")
    assert as_json(found)["executed"] is False


def test_certificates_in_a_range_are_checked_against_the_log_root_of_their_block() -> None:
    found = verified(Blocks(6, 8))
    assert found.certified is not None
    assert (found.certified.height, found.certified.number) == (8, 3)


def test_a_period_holds_its_blocks_and_the_one_that_shows_that_it_is_over() -> None:
    begin = CREATED_MS + 5_000
    found = verified(Period(begin, begin + 3_000))
    times = (found.first.closing.time_ms, found.last.closing.time_ms)
    assert times == (begin, begin + 3_000)
    assert found.blocks == 1 + 4, "genesis, three in the period, one after it"


def test_a_period_to_the_end_of_the_log_needs_no_block_after_it() -> None:
    begin = UNION.blocks[-2].tip.header.time_ms
    found = verified(Period(begin, begin + 1_000_000_000))
    assert found.last.end == UNION.size


@pytest.mark.parametrize(
    ("subject", "reference", "blocks"),
    [("movement", MRN, 11), ("guarantee", GRN, 6), ("participant", "RU/ELSE", 2)],
)
def test_a_bundle_on_a_subject_holds_whole_blocks_and_admits_what_it_cannot_show(
    subject: str, reference: str, blocks: int
) -> None:
    found = verified(Concerning(subject, reference))
    assert found.blocks >= 2
    assert found.blocks <= blocks or subject == "guarantee"
    assert as_json(found)["complete"] is False
    assert "not shown" in dict(rows(found))["complete"]


def test_a_bundle_without_consensus_certificates_stands_on_the_checkpoint() -> None:
    found = verified(Everything(), certified=False)
    assert found.certified is None
    assert {each.witness.name for each in found.checkpoint.cosignatures} == set(MEMBERS)


def test_execution_can_be_left_out() -> None:
    data = UNION.bundle(Everything())
    found = verify_bundle(io.BytesIO(data), UNION.policy, None)
    assert not found.executed


def test_other_contracts_than_the_log_was_written_under_are_not_pretended_to_fit() -> None:
    other = ContractSet(Digest(bytes(32)), UNION.contracts.apply)
    with pytest.raises(BundleRefused) as refused:
        verify_bundle(io.BytesIO(UNION.bundle(Everything())), UNION.policy, other)
    assert refused.value.step is Step.CONTRACTS


def test_an_observer_sees_every_block_in_order() -> None:
    seen: list[LoggedBlock] = []
    data = UNION.bundle(Everything())
    verify_bundle(io.BytesIO(data), UNION.policy, UNION.contracts, seen.append)
    assert [block.closing.height for block in seen] == list(range(LAST + 1))
    assert [entry for block in seen for entry in block.entries] == UNION.entries
