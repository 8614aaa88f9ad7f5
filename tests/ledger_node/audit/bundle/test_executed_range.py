"""Ranges that begin in the middle, executed from the state before them."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from contracts.registry.objects import Role
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.form import Frame, FrameKind, read_items
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import (
    Blocks,
    Concerning,
    Everything,
    Period,
    Selection,
)
from ledger_node.audit.bundle.statement import as_json, rows
from ledger_node.audit.bundle.verify import VerifiedBundle, verify_bundle
from ledger_node.codec import encode
from ledger_node.ledger.execution import execute
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit.bundle.audited_union import (
    CREATED_MS,
    HOUR_MS,
    AuditedUnion,
    journey,
    lenient,
    populated,
    registration,
    with_a_journey,
)
from tests.ledger_node.audit.bundle.frames import flip, join, positions, split, with_payload
from tests.ledger_node.audit.bundle.governed_union import GovernedUnion, governed

UNION = journey()
CHANGED = governed()


def ranged(union: AuditedUnion, selection: Selection) -> bytes:
    out = io.BytesIO()
    sets = union.sets if isinstance(union, GovernedUnion) else union.contracts
    export_bundle(union.source(), selection, out, state_by=sets)
    return out.getvalue()


def verified(bundle: bytes, union: AuditedUnion = UNION) -> VerifiedBundle:
    sets = union.sets if isinstance(union, GovernedUnion) else union.contracts
    return verify_bundle(io.BytesIO(bundle), union.policy, sets)


def refusal(bundle: bytes, union: AuditedUnion = UNION) -> BundleRefused:
    with pytest.raises(BundleRefused) as refused:
        verified(bundle, union)
    return refused.value


RANGE = ranged(UNION, Blocks(9, 13))


# ------------------------------------------------------------ what holds


def test_a_range_is_executed_from_the_state_before_it_to_its_last_state_root() -> None:
    found = verified(RANGE)
    assert found.executed_from == 8
    assert found.last.closing.state_root == UNION.blocks[13].tip.state_root
    assert as_json(found)["executed_from"] == 8
    assert "executed again from the state after block 8" in dict(rows(found))["outcomes"]
    assert found.certified is not None
    assert found.certified.number == 6, "of the five blocks, and of the one with the state"


@pytest.mark.parametrize("first", range(2, len(UNION.blocks)))
def test_wherever_a_range_begins(first: int) -> None:
    assert verified(ranged(UNION, Blocks(first, len(UNION.blocks) - 1))).executed_from == first - 1


@pytest.mark.parametrize("first", range(2, len(CHANGED.blocks), 3))
def test_wherever_a_range_begins_in_a_history_of_epochs_and_contract_sets(first: int) -> None:
    found = verified(ranged(CHANGED, Blocks(first, len(CHANGED.blocks) - 1)), CHANGED)
    assert found.executed_from == first - 1
    assert found.last.closing.state_root == CHANGED.blocks[-1].tip.state_root


def test_a_period_is_executed_with_the_block_that_shows_that_it_is_over() -> None:
    begin = CREATED_MS + 5_000
    found = verified(ranged(UNION, Period(begin, begin + 3_000)))
    assert found.executed_from == found.first.closing.height - 1
    assert found.last.closing.time_ms == begin + 3_000


@pytest.mark.parametrize("selection", [Everything(), Blocks(0, 5), Concerning("movement", MRN)])
def test_a_state_is_given_only_where_a_range_needs_one(selection: Selection) -> None:
    assert not positions(ranged(UNION, selection), FrameKind.STATE)


def test_without_execution_the_state_is_checked_all_the_same() -> None:
    assert not verify_bundle(io.BytesIO(RANGE), UNION.policy, None).executed
    at = positions(RANGE, FrameKind.STATE)[0]
    with pytest.raises(BundleRefused):
        verify_bundle(io.BytesIO(with_payload(RANGE, at, flip)), UNION.policy, None)


# ------------------------------------------------------------ what does not


def test_a_wrong_outcome_in_a_range_is_found_as_it_is_from_genesis() -> None:
    """The state before it is what the lie left; the lie in the range itself is found."""
    union = with_a_journey(AuditedUnion(lenient()))
    lie = next(
        height
        for height, (told, true) in enumerate(zip(union.blocks, UNION.blocks, strict=True))
        if told.entries[:-1] != true.entries[:-1]
    )
    out = io.BytesIO()
    export_bundle(union.source(), Blocks(lie, lie), out, state_by=union.contracts)
    with pytest.raises(BundleRefused) as refused:
        verify_bundle(io.BytesIO(out.getvalue()), union.policy, UNION.contracts)
    assert (refused.value.step, refused.value.place.height) == (Step.OUTCOME, lie)


def test_a_log_that_does_not_execute_gives_no_state() -> None:
    union = with_a_journey(AuditedUnion(lenient()))
    with pytest.raises(BundleRefused) as refused:
        export_bundle(
            union.source(),
            Blocks(len(union.blocks) - 1, len(union.blocks) - 1),
            io.BytesIO(),
            state_by=UNION.contracts,
        )
    assert refused.value.step is Step.OUTCOME


@pytest.mark.parametrize("kind", [FrameKind.STATE, FrameKind.ORDERED])
def test_an_item_changed_left_out_doubled_or_moved_is_found(kind: FrameKind) -> None:
    frames = split(RANGE)
    (at,) = positions(RANGE, kind)
    items = list(read_items(frames[at]))
    changes: list[Callable[[], list[bytes]]] = [
        lambda: [flip(items[0]), *items[1:]],
        lambda: [*items[:-1], flip(items[-1])],
        lambda: items[1:],
        lambda: items[:-1],
        lambda: [items[0], *items],
        lambda: [*items, items[-1]],
        lambda: [items[1], items[0], *items[2:]],
    ]
    for change in changes:
        frames[at] = replace(frames[at], payload=encode(tuple(change())))
        assert refusal(join(frames)).step is Step.STATE_BEFORE


@pytest.mark.parametrize("kind", [FrameKind.STATE, FrameKind.ORDERED])
def test_a_frame_of_the_state_left_out_or_out_of_place_is_found(kind: FrameKind) -> None:
    frames = split(RANGE)
    (at,) = positions(RANGE, kind)
    gone = [*frames[:at], *frames[at + 1 :]]
    assert refusal(join(gone)).step in (Step.STATE_BEFORE, Step.FORM)
    for to in (5, len(frames) - 2):
        moved = [*gone[:to], frames[at], *gone[to:]]
        assert refusal(join(moved)).step in (Step.STATE_BEFORE, Step.FORM)


def test_a_state_of_another_block_is_found() -> None:
    other = split(ranged(UNION, Blocks(8, 13)))
    frames = split(RANGE)
    (at,) = positions(RANGE, FrameKind.STATE)
    frames[at] = next(frame for frame in other if frame.kind is FrameKind.STATE)
    assert refusal(join(frames)).step is Step.STATE_BEFORE


def test_a_state_where_nothing_was_left_out_does_not_belong() -> None:
    state = next(frame for frame in split(RANGE) if frame.kind is FrameKind.STATE)
    whole = split(UNION.bundle(Everything()))
    for at in range(5, len(whole)):
        changed = [*whole[:at], state, *whole[at:]]
        assert refusal(join(changed)).step is Step.FORM


def test_empty_frames_and_other_forms_are_refused() -> None:
    (at,) = positions(RANGE, FrameKind.STATE)
    for payload in (b"", encode(()), encode((1, 2)), b"\xc0"):
        frames = split(RANGE)
        frames[at] = replace(frames[at], payload=payload)
        assert refusal(join(frames)).step is Step.FORM


def test_a_submission_ordered_before_the_range_and_in_it_is_found() -> None:
    union = populated(AuditedUnion())
    body = union.send("RU", registration("RU/ELSE", "RU", Role.OBSERVER))
    union.close()
    union.close()
    block = union.header_on([body])
    view = union.view_without(body.id, union.blocks)
    union.blocks.append(execute(block, [body], view, union.contracts))
    error = refusal(ranged(union, Blocks(4, 4)), union)
    assert (error.step, error.place.height) == (Step.PAYLOAD, 4)
    assert "ordered before" in error.found


def test_what_was_ordered_more_than_a_day_before_the_range_has_expired_and_is_left_out() -> None:
    union = populated(AuditedUnion())
    for _ in range(5):
        union.close(step_ms=9 * HOUR_MS)
    bundle = ranged(union, Blocks(6, 6))
    (at,) = positions(bundle, FrameKind.ORDERED)
    frames = split(bundle)
    assert len(read_items(frames[at])) == 4, "of 0, 9, 18 and 27 hours before"
    assert verified(bundle, union).executed_from == 5


def test_bytes_all_over_a_range_of_a_changed_union_matter() -> None:
    bundle = ranged(CHANGED, Blocks(len(CHANGED.blocks) - 3, len(CHANGED.blocks) - 2))
    needed = CHANGED.checkpoint(witnesses=CHANGED.roster.voting[:3])
    (at,) = positions(bundle, FrameKind.CHECKPOINT)
    bundle = with_payload(bundle, at, lambda _: needed)
    verify_bundle(io.BytesIO(bundle), CHANGED.policy, None)
    for place in range(3, len(bundle), 211):
        with pytest.raises(BundleRefused):
            verify_bundle(io.BytesIO(flip(bundle, place)), CHANGED.policy, None)


def test_frames_of_unknown_order_are_no_bundle() -> None:
    frames = split(RANGE)
    step = Frame(FrameKind.STEP, CHANGED.steps[0], 0)
    assert refusal(join([*frames[:4], step, *frames[4:]])).step is Step.FORM
