"""Monitors: what one look tells, what is remembered, and what two of them find together."""

import pytest

from ledger_node.audit.explain import headline, rows
from ledger_node.audit.monitor import (
    Behind,
    Event,
    Followed,
    Forked,
    Memory,
    Stalled,
    Touched,
    Unfit,
    Watch,
    look,
)
from ledger_node.audit.monitor_state import (
    Agree,
    MonitorStateError,
    Unclear,
    accepted,
    compare,
    decode_memory,
    encode_memory,
)
from ledger_node.audit.verify import examine
from ledger_node.codec import encode
from ledger_node.ledger.entries import DeadlineEntry, RecordEntry
from ledger_node.ledger.outcome import ACCEPTED
from ledger_node.log.fork import ProvenFork
from ledger_node.log.published import LogUnreachable
from tests.ledger_node.audit.published_logs import MemoryLog, memory_log
from tests.ledger_node.log.sample_union import policy

FOUR = ("AM", "BY", "KZ", "KG")
RULES = policy(3, FOUR)
NOW = 1_790_000_000
NOTHING = Watch()


def honest(size: int, total: int = 700) -> MemoryLog:
    """What AM and BY show to KZ."""
    log = memory_log(size, total)
    log.witnesses = ("AM", "BY", "KZ")
    return log


def forked(size: int, fork_at: int = 250, total: int = 700) -> MemoryLog:
    """What AM and BY show to KG."""
    log = memory_log(size, total, fork_at=fork_at)
    log.log, log.witnesses = "BY", ("AM", "BY", "KG")
    return log


async def seen(
    log: MemoryLog, memory: Memory, watch: Watch = NOTHING, at: int = NOW
) -> list[Event]:
    return await look(log, RULES, memory, watch, at)


async def test_a_log_is_followed_and_remembered() -> None:
    log, memory = honest(3), Memory()
    assert await seen(log, memory) == [Followed(3, log.root(), 3)]
    assert await seen(log, memory) == []
    for size in (4, 256, 300, 512, 700):
        before, log.size = log.size, size
        assert await seen(log, memory) == [Followed(size, log.root(), size - before)]
        assert memory.frontier.root() == log.root()
    assert [head.checkpoint.size for head in memory.heads] == [3, 4, 256, 300, 512, 700]


async def test_following_takes_a_few_tiles_and_no_entries() -> None:
    log, memory = honest(600), Memory()
    await seen(log, memory)
    log.size = 700
    log.asked.clear()
    await seen(log, memory)
    assert not any("entries" in path for path in log.asked)
    assert len(log.asked) <= 6


@pytest.mark.parametrize("size", [300, 301, 512, 700])
async def test_a_fork_is_found_and_its_culprits_are_named(size: int) -> None:
    memory = Memory()
    await seen(honest(300), memory)
    (event,) = await seen(forked(size), memory)
    assert isinstance(event, Forked)
    assert [each.name for each in event.fork.culprits] == ["AM", "BY"]
    assert [head.checkpoint.size for head in memory.heads] == [300]
    proven = examine(event.fork.format(), RULES)
    assert isinstance(proven, ProvenFork)
    assert headline(proven) == "PROVEN: two histories of one log"
    told = "\n".join(" ".join(row) for row in rows(proven, RULES, {}))
    assert "AM, BY cosigned both" in told
    assert told.count("culprit") == 2


async def test_a_head_rewritten_at_a_size_seen_long_ago_is_found() -> None:
    log, memory = honest(300), Memory()
    await seen(log, memory)
    log.size = 600
    await seen(log, memory)
    (event,) = await seen(forked(300), memory)
    assert isinstance(event, Forked)


async def test_an_older_head_is_told_but_is_no_alarm() -> None:
    log, memory = honest(300), Memory()
    await seen(log, memory)
    log.size = 200
    assert await seen(log, memory) == [Behind(200, 300)]


async def test_what_the_policy_or_the_tiles_do_not_bear_out_proves_nothing() -> None:
    log, memory = honest(300), Memory()
    log.witnesses = ("AM", "BY")
    (event,) = await seen(log, memory)
    assert isinstance(event, Unfit)
    assert "quorum" in event.reason
    log.witnesses = ("AM", "BY", "KZ")
    for path, data in (
        ("tile/0/001.p/44", bytes(44 * 32)),
        ("tile/0/001.p/44", b"short"),
        ("checkpoint", b"nonsense"),
    ):
        log.replaced = {path: data}
        (event,) = await seen(log, memory)
        assert isinstance(event, Unfit)
    assert memory == Memory()


async def test_false_tiles_are_no_evidence_of_a_fork() -> None:
    log, memory = honest(300), Memory()
    await seen(log, memory)
    false = forked(600, fork_at=3)
    log.size = 600
    for path in ("tile/0/001", "tile/1/000.p/2"):
        log.replaced = {path: await false.file(path)}
        (event,) = await seen(log, memory)
        assert isinstance(event, Unfit)


async def test_tiles_of_the_old_history_do_not_hide_a_new_one() -> None:
    memory = await memory_of(honest(300))
    log, truth = forked(600, fork_at=280), honest(600)
    log.replaced["tile/0/001"] = await truth.file("tile/0/001")
    (event,) = await seen(log, memory)
    assert isinstance(event, Unfit)
    other = await memory_of(forked(600, fork_at=280))
    assert await compared(memory, other, log) == Unclear(300, 600)
    log.replaced.clear()
    assert isinstance(await compared(memory, other, log), ProvenFork)
    (event,) = await seen(log, memory)
    assert isinstance(event, Forked)


async def test_a_stall_is_told_until_the_log_grows() -> None:
    log, memory, watch = honest(3), Memory(), Watch(stall_s=60)
    await seen(log, memory, watch)
    assert await seen(log, memory, watch, NOW + 60) == []
    assert await seen(log, memory, watch, NOW + 61) == [Stalled(3, 61)]
    assert await seen(log, memory, NOTHING, NOW + 600) == []
    log.size = 4
    assert await seen(log, memory, watch, NOW + 90) == [Followed(4, log.root(), 1)]
    assert await seen(log, memory, watch, NOW + 150) == []


async def test_a_log_that_gives_no_answer_is_left_to_the_caller() -> None:
    class Dead(MemoryLog):
        async def file(self, path: str) -> bytes:
            raise LogUnreachable("x", path, "no")

    with pytest.raises(LogUnreachable):
        await seen(Dead([b"x"], 1), Memory())


def records(count: int) -> list[bytes]:
    """Entry 10 changes a guarantee and a movement, entry 300 a movement, by itself."""
    entries = [f"entry {at}".encode() for at in range(count)]
    keys = ("guarantee/G1", "movement/M1")
    entries[10] = encode(RecordEntry(bytes(32), 0, b"r", ACCEPTED, keys))
    entries[300] = encode(DeadlineEntry("transit.overdue", "M1", ("movement/M1", "timer/1")))
    return entries


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("guarantee/G1",), [(10, "record", ("guarantee/G1",))]),
        (("guarantee/G",), []),
        (
            ("movement/*",),
            [(10, "record", ("movement/M1",)), (300, "transit.overdue", ("movement/M1",))],
        ),
        (
            ("guarantee/G1", "movement/M1"),
            [
                (10, "record", ("guarantee/G1", "movement/M1")),
                (300, "transit.overdue", ("movement/M1",)),
            ],
        ),
    ],
)
async def test_watched_objects_are_told_of(
    keys: tuple[str, ...], expected: list[tuple[int, str, tuple[str, ...]]]
) -> None:
    watch, memory = Watch(keys), Memory()
    log = MemoryLog(records(600), 5, witnesses=FOUR)
    assert await seen(log, memory, watch) == [Followed(5, log.root(), 5)]
    found: list[Event] = []
    for size in (9, 11, 12, 299, 300, 301, 600):
        log.size = size
        found += await seen(log, memory, watch)
    assert [each for each in found if isinstance(each, Touched)] == [
        Touched(*each) for each in expected
    ]


async def test_entries_there_before_the_first_look_are_watched_when_asked() -> None:
    log = MemoryLog(records(400), 400, witnesses=FOUR)
    assert len(await seen(log, Memory(), Watch(("movement/M1",)))) == 1
    assert len(await seen(log, Memory(), Watch(("movement/M1",), from_start=True))) == 3


async def test_false_entries_raise_an_alarm_of_their_own_and_tell_nothing() -> None:
    watch, memory = Watch(("guarantee/G1",)), Memory()
    log = MemoryLog(records(400), 5, witnesses=FOUR)
    await seen(log, memory, watch)
    log.size = 30
    false = records(400)
    false[12] = false[10]
    log.replaced["tile/entries/000.p/30"] = await MemoryLog(false, 30).file("tile/entries/000.p/30")
    (event,) = await seen(log, memory, watch)
    assert isinstance(event, Unfit)
    log.replaced.clear()
    assert len(await seen(log, memory, watch)) == 2


# ------------------------------------------------------------ memories


async def memory_of(*logs: MemoryLog) -> Memory:
    memory = Memory()
    for log in logs:
        await seen(log, memory)
    return memory


async def test_a_memory_is_written_and_read_back() -> None:
    memory = await memory_of(honest(3), honest(300))
    assert decode_memory(encode_memory(memory)) == memory
    assert decode_memory(encode_memory(Memory())) == Memory()


async def test_a_file_that_is_no_memory_is_refused() -> None:
    data = encode_memory(await memory_of(honest(300)))
    for wrong in (
        b"",
        b"{}",
        b"[" * 100_000,
        data[:-20],
        data.replace(b"monitor-state@v1", b"monitor-state@v2"),
        data.replace(b'"frontier": "9', b'"frontier": "8'),
        data.replace(b"\\n300\\n", b"\\n301\\n"),
    ):
        assert wrong != data
        with pytest.raises(MonitorStateError):
            decode_memory(wrong)
    with pytest.raises(MonitorStateError, match="no head"):
        accepted(Memory(), RULES)
    with pytest.raises(MonitorStateError, match="quorum"):
        accepted(await memory_of(honest(300)), policy(4))


async def compared(one: Memory, other: Memory, *logs: MemoryLog) -> "Agree | Unclear | ProvenFork":
    return await compare(accepted(one, RULES), accepted(other, RULES), list(logs), RULES)


async def test_two_monitors_of_one_history_agree() -> None:
    one, other = await memory_of(honest(300)), await memory_of(honest(300), honest(400))
    assert await compared(one, other) == Agree(400)
    assert await compared(one, await memory_of(honest(400)), honest(400)) == Agree(400)
    assert await compared(await memory_of(honest(600)), other, honest(700)) == Agree(600)


async def test_two_monitors_that_were_shown_two_histories_find_out() -> None:
    one = await memory_of(honest(300), honest(400))
    for other, logs in (
        (await memory_of(forked(300), forked(350)), ()),
        (await memory_of(forked(350)), (honest(400),)),
        (await memory_of(forked(600)), (honest(700), forked(600))),
        (await memory_of(forked(400)), ()),
    ):
        found = await compared(one, other, *logs)
        assert isinstance(found, ProvenFork)
        assert [each.name for each in found.culprits] == ["AM", "BY"]
        assert examine(found.format(), RULES) == found


async def test_without_the_tiles_nothing_is_claimed() -> None:
    one = await memory_of(honest(300))
    other = await memory_of(forked(400))
    assert await compared(one, other) == Unclear(300, 400)
    assert await compared(one, other, honest(500)) == Unclear(300, 400)
    assert await compared(one, other, honest(350)) == Unclear(300, 400)
