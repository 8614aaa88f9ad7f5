"""Networks on loopback: what passes between members, in what order, and what a restart costs."""

import asyncio
import logging
import time

import pytest

from ledger_node.network import Limits
from ledger_node.network.frames import COALESCED
from ledger_node.network.limits import MAX_FRAME
from tests.ledger_node.network.peer_union import Node, addresses, running
from tests.patience import PATIENCE_S, until

MIB = 1024 * 1024


def all_up(*nodes: Node) -> bool:
    return all(all(node.network.connected.values()) for node in nodes)


async def test_members_speak_to_each_other_both_ways() -> None:
    members = addresses("AM", "BY", "KZ")
    am, by, kz = (Node(member, members) for member in members)
    async with running(am, by, kz):
        await until(lambda: all_up(am, by, kz))
        assert am.network.send("BY", b"from AM", urgent=True)
        by.network.broadcast(b"from BY", urgent=False)
        await until(lambda: by.received and am.received and kz.received)
        assert by.received == [("AM", b"from AM")]
        assert am.received == kz.received == [("BY", b"from BY")]
        assert am.network.heard == {"BY", "KZ"}
        assert ("BY", True) in am.links
    assert ("BY", False) in am.links


async def test_frames_of_every_size_arrive_whole_and_in_order() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    frames = [
        bytes([size % 251]) * size for size in (1, 100, COALESCED, COALESCED + 1, MAX_FRAME, 7)
    ]
    async with running(am, by):
        for frame in frames:
            am.network.send("BY", frame, urgent=False)
        await until(lambda: len(by.received) == len(frames))
        assert [frame for _, frame in by.received] == frames


async def test_small_frames_sent_together_share_a_message() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        for number in range(500):
            am.network.send("BY", b"%d" % number, urgent=True)
        await until(lambda: len(by.received) == 500)
        assert am.network.counters["BY"].messages_sent == 1
        assert by.network.counters["AM"].frames_received == 500


async def test_frames_queued_while_a_peer_is_away_reach_it() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am):
        am.network.send("BY", b"early", urgent=True)
        assert am.network.connected == {"BY": False}
        async with running(by):
            await until(lambda: by.received == [("AM", b"early")])


async def test_frames_that_waited_too_long_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    members = addresses("AM", "BY")
    limits = Limits(first_retry_s=0.02, last_retry_s=0.05, stale_s=PATIENCE_S, close_s=0.3)
    am, by = Node("AM", members, limits=limits), Node("BY", members)
    async with running(am):
        am.network.send("BY", b"stale", urgent=True)
        loop = asyncio.get_running_loop()
        time_before = loop.time
        monkeypatch.setattr(loop, "time", lambda: time_before() + 2 * PATIENCE_S)
        am.network.send("BY", b"fresh", urgent=True)
        async with running(by):
            await until(lambda: by.received)
    assert by.received == [("AM", b"fresh")]
    assert am.network.counters["BY"].dropped_urgent == 1


async def test_a_restarted_peer_is_found_again() -> None:
    members = addresses("AM", "BY")
    am = Node("AM", members)
    async with running(am):
        for generation in range(3):
            by = Node("BY", members)
            async with running(by):
                await until(lambda by=by: all_up(am, by))
                am.network.send("BY", b"hello %d" % generation, urgent=True)
                await until(lambda by=by: by.received)
                assert by.received == [("AM", b"hello %d" % generation)]
            await until(lambda: not am.network.connected["BY"])
        assert am.links == [("BY", True), ("BY", False)] * 3


async def test_a_peer_that_comes_back_is_dialled_at_once_and_not_after_the_back_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    members = addresses("AM", "BY")
    slow = Limits(first_retry_s=10 * PATIENCE_S, last_retry_s=10 * PATIENCE_S, close_s=0.3)
    am, by = Node("AM", members, limits=slow), Node("BY", members)
    with caplog.at_level(logging.WARNING):
        async with running(am):
            # Both of AM's dials have failed, one a class; its next are many minutes away.
            await until(lambda: caplog.text.count("link down") == 2)
            async with running(by):
                await until(lambda: am.network.connected["BY"])


async def test_an_overflowing_queue_drops_bulk_and_keeps_urgent() -> None:
    members = addresses("AM", "BY")
    limits = Limits(queued_bulk=4 * MIB, first_retry_s=0.02, last_retry_s=0.2, close_s=0.3)
    am, by = Node("AM", members, limits=limits), Node("BY", members)
    votes = [b"vote %d" % number for number in range(50)]
    async with running(am):
        full = [am.network.send("BY", bytes([i]) * MIB, urgent=False) for i in range(10)]
        kept = [am.network.send("BY", vote, urgent=True) for vote in votes]
        assert all(kept)
        assert full.count(False) == am.network.counters["BY"].dropped_bulk == 7
        async with running(by):
            await until(lambda: len(by.received) == 53)
    frames = [frame for _, frame in by.received]
    assert [frame for frame in frames if frame.startswith(b"vote")] == votes
    assert [frame[0] for frame in frames if len(frame) == MIB] == [7, 8, 9]


async def test_urgent_frames_do_not_wait_behind_bulk() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        for _ in range(6):
            am.network.send("BY", bytes(4 * MIB), urgent=False)
        await asyncio.sleep(0)
        am.network.send("BY", b"vote", urgent=True)
        await until(lambda: len(by.received) == 7)
        assert by.received.index(("AM", b"vote")) < 6


async def test_votes_are_read_while_nothing_takes_the_bulk() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        by.gate.clear()
        for _ in range(30):
            am.network.send("BY", bytes(MIB), urgent=False)
        for number in range(3):
            am.network.send("BY", b"vote %d" % number, urgent=True)
            await until(lambda number=number: len(by.received) == number + 1)
        by.gate.set()


async def test_a_slow_reader_holds_the_sender_back_and_loses_nothing() -> None:
    members = addresses("AM", "BY")
    limits = Limits(silence_s=2.0, alive_s=0.1, first_retry_s=0.02, close_s=0.3)
    am, by = (Node(member, members, limits=limits) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        by.gate.clear()
        for number in range(100):
            am.network.send("BY", b"%06d" % number * 40_000, urgent=False)
        await asyncio.sleep(2.5)  # longer than silence: reading nothing is not being dead
        assert by.received == []
        assert am.network.counters["BY"].bytes_sent < 16 * MIB
        by.gate.set()
        await until(lambda: len(by.received) == 100)
        assert am.network.counters["BY"].links_up == 2  # one a class, both the first ones
    assert [frame[:6] for _, frame in by.received] == [b"%06d" % n for n in range(100)]


async def test_a_peer_over_its_budget_is_read_slower_and_loses_nothing() -> None:
    members = addresses("AM", "BY")
    slow = Limits(bytes_per_s=4.0 * MIB, first_retry_s=0.02, close_s=0.3)
    am, by = Node("AM", members), Node("BY", members, limits=slow)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        begun = time.monotonic()
        for _ in range(6):
            am.network.send("BY", bytes(MIB), urgent=False)
        await until(lambda: len(by.received) == 6)
        assert time.monotonic() - begun > 0.4  # 6 MiB, of which 4 MiB are burst, at 4 MiB/s
        assert by.network.counters["AM"].throttled_s > 0.3


async def test_what_no_peer_would_take_is_refused_to_the_caller() -> None:
    members = addresses("AM", "BY")
    am = Node("AM", members)
    async with running(am):
        with pytest.raises(ValueError, match="a frame has 1 to"):
            am.network.send("BY", b"", urgent=True)
        with pytest.raises(ValueError, match="a frame has 1 to"):
            am.network.send("BY", bytes(MAX_FRAME + 1), urgent=False)
        with pytest.raises(KeyError):
            am.network.send("AM", b"to myself", urgent=True)
        with pytest.raises(KeyError):
            am.network.send("US", b"to a stranger", urgent=True)


async def test_a_port_in_use_is_reported_at_start() -> None:
    members = addresses("AM", "BY")
    first, second = Node("AM", members), Node("AM", members)
    async with running(first):
        with pytest.raises(OSError, match="in use"):
            await second.network.start()
        await second.network.close()


async def test_closing_waits_out_no_other_timeout_and_frees_the_port() -> None:
    members = addresses("AM", "BY")
    ages = 10 * PATIENCE_S
    limits = Limits(first_retry_s=0.02, handshake_s=ages, silence_s=ages, close_s=0.3)
    async with running(Node("BY", members, limits=limits)):
        for _ in range(2):
            am = Node("AM", members, limits=limits)
            async with running(am):
                await until(lambda am=am: am.network.connected["BY"])
                async with asyncio.timeout(PATIENCE_S):
                    await am.network.close()


async def test_a_union_of_one_has_nobody_to_dial() -> None:
    node = Node("AM", addresses("AM"))
    async with running(node):
        node.network.broadcast(b"anyone?", urgent=True)
        assert node.network.connected == {}
