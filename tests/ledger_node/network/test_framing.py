"""Frames, their classes and the queue that holds them, without a socket."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.network.frames import Assembler, FrameClass, FramingError
from ledger_node.network.limits import MAX_FRAME, MAX_MESSAGE, PART
from ledger_node.network.outbox import FRAME_COST, Outbox

URGENT, BULK = FrameClass.URGENT, FrameClass.BULK
MIB = 1024 * 1024


def drained(outbox: Outbox) -> list[bytes]:
    messages = []
    while (message := outbox.next_message()) is not None:
        messages.append(message)
    return messages


def assembled(messages: list[bytes]) -> list[bytes]:
    assembler = Assembler()
    return [frame for message in messages for frame in assembler.feed(message)]


frame_sizes = st.one_of(
    st.integers(1, 300), st.sampled_from([PART - 5, PART - 4, PART - 3, PART, PART + 1, 3 * PART])
)


@given(sizes=st.lists(st.tuples(frame_sizes, st.sampled_from(FrameClass)), max_size=30))
def test_frames_of_a_class_come_out_whole_and_in_order(
    sizes: list[tuple[int, FrameClass]],
) -> None:
    outbox = Outbox(64 * MIB, 64 * MIB)
    frames = [(kind, pack(">I", i) * (size // 4 + 1)) for i, (size, kind) in enumerate(sizes)]
    for kind, frame in frames:
        outbox.put(kind, frame, 0.0)
    messages = drained(outbox)
    assert all(len(message) <= MAX_MESSAGE for message in messages)
    out = assembled(messages)
    for wanted in FrameClass:
        expected = [frame for kind, frame in frames if kind is wanted]
        assert [frame for frame in out if frame in expected] == expected
    assert len(out) == len(frames)


def test_many_tiny_frames_share_messages_that_stay_small() -> None:
    outbox = Outbox(64 * MIB, 64 * MIB)
    for _ in range(100_000):
        outbox.put(URGENT, b"x", 0.0)
    messages = drained(outbox)
    assert len(messages) == 4
    assert max(map(len, messages)) <= PART + 1


def test_an_urgent_frame_passes_between_the_parts_of_a_bulk_one() -> None:
    outbox = Outbox(MIB, 8 * MIB)
    outbox.put(BULK, b"b" * MIB, 0.0)
    first = outbox.next_message()
    outbox.put(URGENT, b"vote", 0.0)
    messages = [first or b"", *drained(outbox)]
    assert assembled(messages) == [b"vote", b"b" * MIB]
    assert messages[1].endswith(b"vote")


def test_a_full_class_drops_its_oldest_and_leaves_the_other_alone() -> None:
    room = 10 * (100 + FRAME_COST)
    outbox = Outbox(room, room)
    for i in range(10):
        assert outbox.put(URGENT, b"u%099d" % i, 0.0) == 0
    dropped = sum(outbox.put(BULK, b"b%099d" % i, 0.0) for i in range(25))
    assert dropped == 15
    out = assembled(drained(outbox))
    assert out == [b"u%099d" % i for i in range(10)] + [b"b%099d" % i for i in range(15, 25)]


def test_a_frame_begun_is_finished_even_when_the_class_overflows() -> None:
    outbox = Outbox(MIB, 2 * MIB)
    outbox.put(BULK, b"a" * MIB, 0.0)
    first = outbox.next_message()
    assert outbox.put(BULK, b"b" * MIB, 0.0) == 0
    assert outbox.put(BULK, b"c" * MIB, 0.0) == 1
    assert assembled([first or b"", *drained(outbox)]) == [b"a" * MIB, b"c" * MIB]


def test_after_a_lost_link_a_frame_begun_starts_again_and_stale_ones_go() -> None:
    outbox = Outbox(MIB, 8 * MIB)
    outbox.put(BULK, b"old", 1.0)
    outbox.put(BULK, b"n" * MIB, 5.0)
    outbox.next_message()
    outbox.next_message()
    assert outbox.discard_before(2.0) == {URGENT: 0, BULK: 0}
    outbox.put(URGENT, b"vote", 1.5)
    assert outbox.discard_before(2.0) == {URGENT: 1, BULK: 0}
    assert assembled(drained(outbox)) == [b"n" * MIB]


@pytest.mark.parametrize("size", [0, MAX_FRAME + 1])
def test_a_frame_no_peer_would_take_is_not_queued(size: int) -> None:
    with pytest.raises(ValueError, match="a frame has 1 to"):
        Outbox(MIB, MIB).put(BULK, bytes(size), 0.0)


def test_nothing_is_left_when_all_is_sent() -> None:
    outbox = Outbox(MIB, MIB)
    outbox.put(BULK, b"x" * 1000, 0.0)
    drained(outbox)
    assert outbox.waiting(BULK) == 0
    assert outbox.next_message() is None


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "unknown frame class"),
        (b"\x02" + pack(">I", 1) + b"x", "unknown frame class"),
        (b"\x00\x00\x00", "head cut short"),
        (b"\x00" + pack(">I", 2) + b"x", "shorter than its head"),
        (b"\x00" + pack(">I", 0), "empty"),
        (b"\x00" + pack(">I", 1 << 31), "empty"),
        (b"\x01" + pack(">I", 0x7FFFFFFF) + b"x", "shorter than its head"),
    ],
)
def test_a_malformed_message_is_refused_with_the_reason(message: bytes, reason: str) -> None:
    with pytest.raises(FramingError, match=reason):
        list(Assembler().feed(message))


def test_a_frame_that_grows_past_the_limit_is_refused_before_it_is_held() -> None:
    part = b"\x01" + pack(">I", PART | 1 << 31) + bytes(PART)
    assembler = Assembler()
    for _ in range(MAX_FRAME // PART):
        assert list(assembler.feed(part)) == []
    with pytest.raises(FramingError, match="frame: more than"):
        list(assembler.feed(part))


@given(message=st.binary(max_size=300))
def test_hostile_messages_give_frames_or_one_kind_of_error(message: bytes) -> None:
    try:
        frames = list(Assembler().feed(message))
    except FramingError:
        return
    assert sum(map(len, frames)) <= len(message)
