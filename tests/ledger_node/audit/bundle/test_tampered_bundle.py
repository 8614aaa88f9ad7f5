"""Whatever is changed in a bundle is found, and the place is named."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.registry.objects import Role
from ledger_node.audit.bundle.form import MAGIC, CertificateFrame, FrameKind
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.codec import encode
from ledger_node.ledger.entries import RecordEntry, decode_entry
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.policy import Policy
from tests.ledger_node.audit.bundle.audited_union import (
    CREATED_MS,
    AuditedUnion,
    journey,
    registration,
)
from tests.ledger_node.audit.bundle.frames import (
    flip,
    join,
    positions,
    split,
    with_checkpoint,
    with_entry,
    with_payload,
)

UNION = journey()
POLICY = UNION.policy
ALL = UNION.bundle(Everything())
KINDS = [decode_entry(entry) for entry in UNION.entries]
REFUSED_RECORD = next(
    index for index, entry in enumerate(KINDS) if isinstance(entry, RecordEntry) and not entry.keys
)


def refusal(bundle: bytes, *, execute: bool = True) -> BundleRefused:
    contracts = UNION.contracts if execute else None
    with pytest.raises(BundleRefused) as refused:
        verify_bundle(io.BytesIO(bundle), POLICY, contracts)
    return refused.value


@pytest.mark.parametrize("index", range(UNION.size))
def test_a_change_in_any_entry_is_found_at_that_entry(index: int) -> None:
    error = refusal(with_entry(ALL, index, flip), execute=False)
    assert error.step is Step.INCLUSION
    assert error.place.entry == index


def test_an_outcome_turned_round_is_found_at_its_record() -> None:
    def accept(entry: bytes) -> bytes:
        record = decode_entry(entry)
        assert isinstance(record, RecordEntry)
        return encode([2, record.submission, record.index, record.record, [0], []])

    error = refusal(with_entry(ALL, REFUSED_RECORD, accept))
    assert (error.step, error.place.entry) == (Step.INCLUSION, REFUSED_RECORD)
    assert "record 0 of submission" in error.found


@pytest.mark.parametrize("number", range(len(positions(ALL, FrameKind.TILE))))
def test_a_changed_hash_tile_is_found_before_any_entry_under_it(number: int) -> None:
    at = positions(ALL, FrameKind.TILE)[number]
    assert refusal(with_payload(ALL, at, flip)).step is Step.TILES


@pytest.mark.parametrize("number", range(len(positions(ALL, FrameKind.CERTIFICATE))))
def test_a_changed_certificate_is_found_at_its_block(number: int) -> None:
    at = positions(ALL, FrameKind.CERTIFICATE)[number]
    error = refusal(with_payload(ALL, at, flip), execute=False)
    assert error.step is Step.CERTIFICATE
    assert error.place.height == number + 1


@pytest.mark.parametrize("number", range(len(positions(ALL, FrameKind.CERTIFICATE))))
def test_a_certificate_left_out_is_missed_and_named(number: int) -> None:
    frames = split(ALL)
    del frames[positions(ALL, FrameKind.CERTIFICATE)[number]]
    error = refusal(join(frames), execute=False)
    assert error.step is Step.CERTIFICATE
    assert error.place.height == number + 1


def test_certificates_of_two_blocks_swapped_are_found_at_the_first() -> None:
    frames = split(ALL)
    first, second, *_ = positions(ALL, FrameKind.CERTIFICATE)
    frames[first], frames[second] = frames[second], frames[first]
    error = refusal(join(frames))
    assert (error.step, error.place.height) == (Step.CERTIFICATE, 1)


def test_a_certificate_by_fewer_than_a_quorum_is_refused() -> None:
    at = positions(ALL, FrameKind.CERTIFICATE)[0]
    few = encode(CertificateFrame(0, UNION.finalization(1, members=3)))
    error = refusal(with_payload(ALL, at, lambda _: few))
    assert error.step is Step.CERTIFICATE
    assert "quorum" in error.found


def test_entries_left_out_are_named() -> None:
    frames = split(ALL)
    gone = [at for at, frame in enumerate(frames) if frame.kind is FrameKind.ENTRIES][3]
    kept = [frame for at, frame in enumerate(frames) if at not in (gone, gone + 1)]
    assert refusal(join(kept)).step in (Step.BLOCK, Step.COMPLETENESS)


def left_out(selection: Selection, heights: range, *, end: bool = False) -> BundleRefused:
    """The refusal of a bundle that claims `selection` and holds only these blocks besides."""
    shown = UNION.bundle(Blocks(heights[0], heights[-1]))
    claimed = with_payload(shown, 0, lambda _: encode(selection))
    return refusal(claimed)


def test_a_bundle_of_everything_that_ends_early_is_incomplete() -> None:
    error = left_out(Everything(), range(5))
    assert error.step is Step.COMPLETENESS
    assert error.place.entry == UNION.blocks[4].tip.tree_size


def test_a_bundle_of_everything_that_begins_late_is_incomplete() -> None:
    error = left_out(Everything(), range(5, len(UNION.blocks)))
    assert error.step is Step.COMPLETENESS
    assert (error.place.entry, error.place.height) == (2, 1)


@pytest.mark.parametrize("heights", [range(4, 8), range(3, 7), range(3, 9), range(2, 8)])
def test_a_range_that_lacks_an_end_or_has_too_much_is_refused(heights: range) -> None:
    assert left_out(Blocks(3, 7), heights).step is Step.COMPLETENESS


def test_a_period_whose_first_or_last_block_is_left_out_is_refused() -> None:
    begin = CREATED_MS + 5_000
    period = Period(begin, begin + 3_000)
    for heights in (range(6, 9), range(5, 8), range(5, 10)):
        assert left_out(period, heights).step is Step.COMPLETENESS, heights


@pytest.mark.parametrize("cut", [0, 1, 19, 20, 24, 25, 1000, len(ALL) - 13, len(ALL) - 1])
def test_a_truncated_bundle_is_refused(cut: int) -> None:
    error = refusal(ALL[:cut])
    assert error.step is Step.FORM


def test_bytes_after_the_end_are_refused() -> None:
    assert refusal(ALL + b"\x00").step is Step.FORM


def test_frames_of_unknown_kind_or_length_are_refused_before_they_are_read() -> None:
    assert "unknown kind 99" in refusal(MAGIC + b"\x63\x00\x00\x00\x01").found
    assert "at most" in refusal(MAGIC + b"\x04\xff\xff\xff\xff").found


def test_a_checkpoint_by_too_few_witnesses_is_refused() -> None:
    note = UNION.checkpoint(witnesses=("AM", "BY", "KG"))
    assert refusal(with_checkpoint(ALL, note)).step is Step.CHECKPOINT


def test_a_checkpoint_of_another_tree_is_refused() -> None:
    head = Checkpoint("ledger.example.org/audited", UNION.size, UNION.blocks[-2].tip.log_root)
    assert refusal(with_checkpoint(ALL, UNION.sign(head))).step is Step.TILES


def of_one_member() -> tuple[Policy, bytes]:
    """A small bundle without a cosignature to spare."""
    union = AuditedUnion(members=("AM",))
    for name in ("AM/ONE", "AM/TWO", "AM/THREE"):
        union.act("AM", registration(name, "AM", Role.OBSERVER))
    return union.policy, union.bundle(Blocks(3, 3))


def test_every_byte_matters() -> None:
    """With no cosignature to spare, there is no byte that could be changed unnoticed."""
    policy, small = of_one_member()
    verify_bundle(io.BytesIO(small), policy, None)
    for at in range(len(small)):
        with pytest.raises(BundleRefused):
            verify_bundle(io.BytesIO(flip(small, at)), policy, None)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_frames_dropped_doubled_or_moved_are_refused(data: st.DataObject) -> None:
    frames = split(ALL)
    at = data.draw(st.integers(0, len(frames) - 1))
    change: Callable[[], object] = data.draw(
        st.sampled_from(
            [
                lambda: frames.pop(at),
                lambda: frames.insert(at, frames[at]),
                lambda: frames.insert(0, frames.pop(at)) if at else frames.pop(0),
            ]
        )
    )
    change()
    with pytest.raises(BundleRefused):
        verify_bundle(io.BytesIO(join(frames)), POLICY, None)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_being_refused(noise: bytes) -> None:
    for data in (noise, MAGIC + noise, ALL[:4000] + noise):
        with pytest.raises(BundleRefused):
            verify_bundle(io.BytesIO(data), POLICY, None)


@pytest.mark.parametrize(
    "selection", [Blocks(5, 3), Period(9, 9), Concerning("movement", "x" * 129)]
)
def test_a_selection_out_of_bounds_is_refused(selection: Selection) -> None:
    changed = with_payload(ALL, 0, lambda _: encode(selection))
    assert refusal(changed).step is Step.FORM
