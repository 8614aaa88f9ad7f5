"""Frames in messages and the queue that holds them, without a socket."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.network.frames import COALESCED, FRAME_COST, FramingError, Outbox, frames_of
from ledger_node.network.limits import MAX_FRAME, MAX_MESSAGE

MIB = 1024 * 1024


def drained(outbox: Outbox) -> list[bytes]:
    messages = []
    while (message := outbox.next_message()) is not None:
        messages.append(message)
    return messages


def unpacked(messages: list[bytes]) -> list[bytes]:
    return [frame for message in messages for frame in frames_of(message)]


frame_sizes = st.one_of(
    st.integers(1, 300),
    st.sampled_from([COALESCED - 4, COALESCED - 1, COALESCED, COALESCED + 1, 3 * COALESCED]),
)


@given(sizes=st.lists(frame_sizes, max_size=30))
def test_frames_come_out_whole_and_in_order(sizes: list[int]) -> None:
    outbox = Outbox(64 * MIB)
    frames = [pack(">I", index) * (size // 4 + 1) for index, size in enumerate(sizes)]
    for frame in frames:
        outbox.put(frame, 0.0)
    messages = drained(outbox)
    assert unpacked(messages) == frames
    assert outbox.size == 0


def test_the_greatest_frame_fits_a_message() -> None:
    outbox = Outbox(64 * MIB)
    outbox.put(bytes(MAX_FRAME), 0.0)
    outbox.put(b"next", 0.0)
    assert [len(message) for message in drained(outbox)] == [MAX_MESSAGE, 8]


def test_many_tiny_frames_share_messages_that_stay_small() -> None:
    outbox = Outbox(64 * MIB)
    for _ in range(100_000):
        outbox.put(b"x", 0.0)
    messages = drained(outbox)
    assert len(messages) == 4
    assert max(map(len, messages)) <= COALESCED + 4


def test_a_full_box_drops_its_oldest() -> None:
    outbox = Outbox(10 * (100 + FRAME_COST))
    dropped = sum(outbox.put(b"%0100d" % number, 0.0) for number in range(25))
    assert dropped == 15
    assert unpacked(drained(outbox)) == [b"%0100d" % number for number in range(15, 25)]


def test_one_frame_greater_than_the_box_still_goes() -> None:
    outbox = Outbox(100)
    outbox.put(bytes(10), 0.0)
    assert outbox.put(bytes(1000), 0.0) == 1
    assert unpacked(drained(outbox)) == [bytes(1000)]


def test_stale_frames_are_discarded() -> None:
    outbox = Outbox(MIB)
    for second in range(5):
        outbox.put(b"%d" % second, float(second))
    assert outbox.discard_before(3.0) == 3
    assert unpacked(drained(outbox)) == [b"3", b"4"]


@pytest.mark.parametrize("size", [0, MAX_FRAME + 1])
def test_a_frame_no_peer_would_take_is_not_queued(size: int) -> None:
    with pytest.raises(ValueError, match="a frame has 1 to"):
        Outbox(MIB).put(bytes(size), 0.0)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "message: empty"),
        (bytes(3), "length cut short"),
        (pack(">I", 2) + b"x", "shorter than its length"),
        (pack(">I", 0), "has 0 bytes"),
        (pack(">I", 2**32 - 1) + b"x", "must have 1 to"),
        (pack(">I", MAX_FRAME + 1) + b"x", "must have 1 to"),
    ],
)
def test_a_malformed_message_is_refused_with_the_reason(message: bytes, reason: str) -> None:
    with pytest.raises(FramingError, match=reason):
        list(frames_of(message))


@given(message=st.binary(max_size=300))
def test_hostile_messages_give_frames_or_one_kind_of_error(message: bytes) -> None:
    try:
        frames = list(frames_of(message))
    except FramingError:
        return
    assert b"".join(pack(">I", len(frame)) + frame for frame in frames) == message
