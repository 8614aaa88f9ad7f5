"""Timers: what is due is found without scanning, in order, and leaves nothing behind."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.kernel.deadline import Deadline
from contracts.kernel.state import Ledger
from contracts.kernel.timers import MAX_DUE_ACTS, PAGE_SIZE, SLOT_MS, arm, take_due
from contracts.references.fields import MAX_TIME_MS

DEADLINE = Deadline("test.act", "Something happens.", "Ledger rule")


class Memory:
    """A state in memory that counts what is read."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.reads = 0

    def get(self, key: str) -> bytes | None:
        self.reads += 1
        return self.values.get(key)

    def take_over(self, ledger: Ledger) -> int:
        """Write what a ledger changed; gives how many objects that was."""
        changes = ledger.changes()
        for key, value in changes:
            if value is None:
                del self.values[key]
            else:
                self.values[key] = value
        return len(changes)

    def arm(self, reference: str, due_ms: int) -> int:
        ledger = Ledger(self)
        arm(DEADLINE, reference, due_ms, ledger)
        return self.take_over(ledger)

    def take(self, now_ms: int) -> str | None:
        ledger = Ledger(self)
        timer = take_due(now_ms, ledger)
        self.take_over(ledger)
        return None if timer is None else timer.reference


def test_a_timer_falls_due_within_five_minutes_and_never_early() -> None:
    memory = Memory()
    memory.arm("exact", 2 * SLOT_MS)
    memory.arm("inside", 2 * SLOT_MS + 1)
    assert memory.take(2 * SLOT_MS - 1) is None
    assert memory.take(2 * SLOT_MS) == "exact"
    assert memory.take(3 * SLOT_MS - 1) is None
    assert memory.take(3 * SLOT_MS) == "inside"
    assert memory.take(MAX_TIME_MS) is None


def test_nothing_due_writes_nothing_and_reads_five_nodes() -> None:
    memory = Memory()
    memory.arm("later", MAX_TIME_MS)
    before = dict(memory.values)
    memory.reads = 0
    assert memory.take(MAX_TIME_MS - SLOT_MS) is None
    assert memory.reads == 5
    assert memory.values == before


def test_a_slot_with_many_timers_keeps_their_order_in_pages() -> None:
    memory = Memory()
    names = [f"t{number}" for number in range(5 * PAGE_SIZE + 3)]
    writes = [memory.arm(name, 1) for name in names]
    assert max(writes[1:]) == 2, "a bucket, and now and then a page"
    assert sum(key.startswith("timer-page/") for key in memory.values) == 5
    assert [memory.take(SLOT_MS) for _ in names] == names
    assert memory.values == {}


def test_timers_armed_while_others_are_taken_come_after_them() -> None:
    memory = Memory()
    for number in range(PAGE_SIZE + 1):
        memory.arm(f"old{number}", 1)
    assert memory.take(SLOT_MS) == "old0"
    memory.arm("new", 1)
    taken = [memory.take(SLOT_MS) for _ in range(PAGE_SIZE + 1)]
    assert taken == [*(f"old{number}" for number in range(1, PAGE_SIZE + 1)), "new"]


@given(st.lists(st.integers(0, MAX_TIME_MS), max_size=60), st.integers(0, MAX_TIME_MS))
def test_what_is_due_comes_in_order_of_slots_and_the_rest_stays(due: list[int], now: int) -> None:
    memory = Memory()
    for number, time_ms in enumerate(due):
        memory.arm(str(number), time_ms)
    taken: list[int] = []
    while (reference := memory.take(now)) is not None:
        taken.append(int(reference))
    slots = [-(-time_ms // SLOT_MS) for time_ms in due]
    expected = [n for n in range(len(due)) if slots[n] * SLOT_MS <= now]
    assert taken == sorted(expected, key=lambda number: slots[number])
    if len(taken) == len(due):
        assert memory.values == {}, "an empty tree is no objects"


def test_the_bound_of_a_block_is_a_constant() -> None:
    assert MAX_DUE_ACTS == 2_048
