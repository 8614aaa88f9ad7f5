"""Executing a block: order of leaves, outcomes, and changes seen by later records only."""

from dataclasses import replace
from hashlib import sha256

import pytest
from msgspec import structs

from contracts import Accepted, BlockContext, Context, DueAct, Rejected, StateView
from ledger_node.codec import Digest
from ledger_node.ledger.chain import ExecutedBlock, outcome_digest
from ledger_node.ledger.entries import (
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    RecordEntry,
    SubmissionEntry,
    decode_entry,
)
from ledger_node.ledger.execution import ContractCrashed, ContractSet, execute, execute_genesis
from ledger_node.ledger.outcome import ACCEPTED, RecordRejected
from ledger_node.ledger.refusal import BlockInvalid
from ledger_node.log.merkle import leaf_hash, root_of
from ledger_node.state import NO_TREE, NoRows, update
from tests.ledger_node.ledger.builders import (
    CONTRACTS,
    FIRST_OBJECTS,
    START_MS,
    UNION,
    block_on,
    executed_on,
    genesis,
    in_memory,
    put,
    record,
    submission,
)


def entries(executed: ExecutedBlock) -> list[object]:
    return [decode_entry(entry) for entry in executed.entries]


def outcomes(executed: ExecutedBlock) -> list[object]:
    return [entry.outcome for entry in entries(executed) if isinstance(entry, RecordEntry)]


def state_root(objects: dict[str, bytes]) -> Digest:
    """The root over these objects, built in one go."""
    changes: dict[bytes, bytes | None] = {key.encode(): value for key, value in objects.items()}
    return update(NoRows(), NO_TREE, changes).root


def test_the_genesis_block_holds_the_document_and_the_first_objects() -> None:
    first = genesis()
    assert entries(first) == [
        GenesisEntry(b"founding document"),
        BlockEntry(
            epoch=0,
            height=0,
            view=0,
            block=first.tip.block_id,
            parent=bytes(32),
            time_ms=START_MS,
            proposer=0,
            contract_set=CONTRACTS.digest,
            state_root=state_root(dict(FIRST_OBJECTS)),
        ),
    ]
    assert dict(first.changes) == dict(FIRST_OBJECTS)
    assert first.history == (("member/AM", 0), ("member/KZ", 0))


def test_a_genesis_that_does_not_fit_a_log_entry_is_refused() -> None:
    with pytest.raises(BlockInvalid, match="genesis"):
        execute_genesis(UNION, START_MS, bytes(65_536), (), CONTRACTS)


def test_leaves_come_in_order_submission_records_block() -> None:
    one = submission(put("a", "1"), put("b", "2"))
    two = submission(put("c", "3"), nonce=1)
    executed = executed_on(in_memory(genesis()), one, two)
    assert entries(executed)[:-1] == [
        SubmissionEntry(one.header_bytes, one.signature),
        RecordEntry(one.id, 0, one.records[0], ACCEPTED, ("a",)),
        RecordEntry(one.id, 1, one.records[1], ACCEPTED, ("b",)),
        SubmissionEntry(two.header_bytes, two.signature),
        RecordEntry(two.id, 0, two.records[0], ACCEPTED, ("c",)),
    ]
    last = entries(executed)[-1]
    assert isinstance(last, BlockEntry)
    assert last.state_root == executed.tip.state_root
    assert dict(executed.locations) == {one.id: 2, two.id: 5}
    assert executed.history == (("a", 3), ("b", 4), ("c", 6))


def test_roots_and_outcome_digest_are_those_of_all_leaves_and_objects() -> None:
    first = genesis()
    executed = executed_on(in_memory(first), submission(put("a", "1")))
    leaves = [leaf_hash(entry) for entry in first.entries + executed.entries]
    objects = dict(FIRST_OBJECTS) | {"a": b"1"}
    tip = executed.tip
    assert (tip.tree_size, tip.log_root) == (5, root_of(leaves))
    assert tip.state_root == state_root(objects)
    assert executed.outcome_digest == outcome_digest(5, root_of(leaves), state_root(objects))


def test_a_block_without_submissions_adds_its_block_entry_and_keeps_the_state() -> None:
    first = genesis()
    executed = executed_on(in_memory(first))
    assert len(executed.entries) == 1
    assert executed.tip.state_root == first.tip.state_root


def test_a_record_sees_what_earlier_records_of_its_submission_and_block_changed() -> None:
    executed = executed_on(
        in_memory(genesis()),
        submission(put("a", "1"), record("append", "a", "2")),
        submission(record("append", "a", "3"), nonce=1),
    )
    assert executed.changes["a"] == b"123"


def test_a_record_sees_blocks_below_and_deletions() -> None:
    first = genesis()
    second = executed_on(in_memory(first), submission(put("a", "1"), record("delete", "member/AM")))
    third = executed_on(
        in_memory(first, second),
        submission(
            record("append", "a", "2"),
            record("append", "member/AM", "!"),
            record("append", "member/KZ", "!"),
            nonce=1,
        ),
    )
    assert dict(third.changes) == {"a": b"12", "member/KZ": b"Kazakhstan!"}
    assert third.tip.state_root == state_root({"a": b"12", "member/KZ": b"Kazakhstan!"})


def test_a_rejected_record_changes_nothing_and_does_not_stop_the_rest() -> None:
    executed = executed_on(
        in_memory(genesis()),
        submission(put("a", "1"), record("refuse", "of course"), record("append", "a", "2")),
    )
    assert outcomes(executed) == [
        ACCEPTED,
        RecordRejected("T-002", (("reason", "of course"),)),
        ACCEPTED,
    ]
    assert dict(executed.changes) == {"a": b"12"}
    assert executed.history == (("a", 3), ("a", 5))


def test_a_contract_is_told_block_time_position_author_and_key() -> None:
    told: list[Context] = []

    def listen(_: bytes, context: Context, view: StateView) -> Accepted | Rejected:
        told.append(context)
        return Accepted(())

    sent = submission(b"r0", b"r1", author="KZ-7")
    parent = in_memory(genesis())
    execute(block_on(parent.tip, [sent]), [sent], parent, ContractSet(CONTRACTS.digest, listen))
    key = sent.header.public_key
    assert told == [
        Context(START_MS + 1000, 1, sent.id, index, "KZ-7", key, 0) for index in range(2)
    ]


def test_a_crash_in_a_contract_stops_execution_and_names_the_record() -> None:
    sent = submission(put("a", "1"), record("crash"))
    with pytest.raises(ContractCrashed) as caught:
        executed_on(in_memory(genesis()), sent)
    assert caught.value.what == f"record 1 of submission {sent.id.hex()}"
    assert caught.value.height == 1
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def overdue(context: BlockContext, view: StateView) -> tuple[DueAct, ...]:
    """A contract whose object "due" turns into "done" at a time, and says when it looked."""
    if view.get("due") is None:
        return ()
    when = f"{context.time_ms}/{context.height}".encode()
    return (
        DueAct("test.act", "due", (("done", when), ("due", None))),
        DueAct("test.act", "other", (("other", view.get("due")),)),
    )


WITH_DEADLINES = ContractSet(CONTRACTS.digest, CONTRACTS.apply, overdue)


def test_deadlines_act_before_the_submissions_and_stand_in_the_log() -> None:
    first, sent = genesis(), submission(put("due", "1"))
    second = executed_on(in_memory(first), sent)
    later = submission(record("append", "done", "!"), record("append", "due", "?"), nonce=1)
    parent = in_memory(first, second)
    third = execute(block_on(parent.tip, [later]), [later], parent, WITH_DEADLINES)
    assert entries(third)[:-1] == [
        DeadlineEntry("test.act", "due", ("done", "due")),
        DeadlineEntry("test.act", "other", ("other",)),
        SubmissionEntry(later.header_bytes, later.signature),
        RecordEntry(later.id, 0, later.records[0], ACCEPTED, ("done",)),
        RecordEntry(
            later.id,
            1,
            later.records[1],
            RecordRejected("T-001", (("key", "due"), ("author", "AM-1"))),
            (),
        ),
    ]
    assert dict(third.changes) == {
        "done": f"{START_MS + 2000}/2!".encode(),
        "due": None,
        "other": b"1",
    }
    assert third.history[:3] == (("done", 5), ("due", 5), ("other", 6))
    assert dict(third.locations) == {later.id: 7}


def test_a_block_in_which_nothing_falls_due_is_what_it_would_be_without_deadlines() -> None:
    parent = in_memory(genesis())
    block = block_on(parent.tip, [])
    assert execute(block, [], parent, WITH_DEADLINES) == execute(block, [], parent, CONTRACTS)


def test_a_crash_in_a_deadline_stops_execution_too() -> None:
    def crash(context: BlockContext, view: StateView) -> tuple[DueAct, ...]:
        raise KeyError(context.height)

    parent = in_memory(genesis())
    broken = ContractSet(CONTRACTS.digest, CONTRACTS.apply, crash)
    with pytest.raises(ContractCrashed, match="what falls due, at height 1"):
        execute(block_on(parent.tip, []), [], parent, broken)


def test_a_record_whose_changes_do_not_fit_its_entry_is_rejected_not_fatal() -> None:
    executed = executed_on(in_memory(genesis()), submission(record("fill", 6000), put("a", "1")))
    rejected, accepted = outcomes(executed)
    assert isinstance(rejected, RecordRejected)
    assert rejected.rule == "LOG-001"
    assert accepted == ACCEPTED
    assert dict(executed.changes) == {"a": b"1"}


def test_the_largest_record_fits_its_entry() -> None:
    filler = "x" * (60 * 1024 - len(put("a", "")) - 2)
    sent = submission(put("a", filler))
    assert len(sent.records[0]) == 60 * 1024
    assert outcomes(executed_on(in_memory(genesis()), sent)) == [ACCEPTED]


def test_the_outcome_depends_on_the_contract_set() -> None:
    parent = in_memory(genesis())
    block = block_on(parent.tip, [])
    other = ContractSet(Digest(sha256(b"other").digest()), CONTRACTS.apply)
    digests = {execute(block, [], parent, c).outcome_digest for c in (CONTRACTS, other)}
    assert len(digests) == 2


def test_a_submission_twice_on_one_chain_makes_the_block_invalid() -> None:
    first = genesis()
    sent = submission(put("a", "1"))
    with pytest.raises(BlockInvalid, match="ordered twice"):
        executed_on(in_memory(first), sent, sent)
    second = executed_on(in_memory(first), sent)
    with pytest.raises(BlockInvalid, match="ordered twice"):
        executed_on(in_memory(first, second), sent)


def test_a_block_on_another_parent_or_with_other_bodies_is_invalid() -> None:
    first = genesis()
    second = executed_on(in_memory(first))
    sent, other = submission(put("a", "1")), submission(put("a", "2"))
    with pytest.raises(BlockInvalid, match="parent"):
        execute(block_on(first.tip, [sent]), [sent], in_memory(first, second), CONTRACTS)
    for bodies in ([other], [], [sent, other]):
        with pytest.raises(BlockInvalid, match="bodies"):
            execute(block_on(first.tip, [sent]), bodies, in_memory(first), CONTRACTS)
    block = block_on(first.tip, [sent])
    skipped = structs.replace(block, header=structs.replace(block.header, height=2))
    with pytest.raises(BlockInvalid, match="height"):
        execute(skipped, [sent], in_memory(first), CONTRACTS)


def test_execution_is_a_function_of_parent_and_block() -> None:
    sent = submission(put("b", "2"), put("a", "1"), record("refuse", "no"))
    parent = in_memory(genesis())
    one, two = executed_on(parent, sent), executed_on(parent, sent)
    assert one == two
    assert replace(one, changes={}) != two
