"""Timers: when which deadline falls due, kept so that finding what is due scans nothing.

Time is cut into slots of five minutes; a timer falls due at the end of its slot. The timers of a
slot are in its bucket, which holds the latest and pushes full pages out. A tree of 64-way nodes
over the slot numbers, one bit a child, finds the earliest bucket in five reads, however many timers
there are and however long nothing happened. Nothing is written unless a timer is set or taken.
"""

from contracts.kernel.deadline import Deadline
from contracts.kernel.record import Part
from contracts.kernel.state import Ledger, ObjectType, StateObject

SLOT_MS = 5 * 60 * 1000
PAGE_SIZE = 16
"""Timers in a page: few enough that writing it again costs about as much as any object."""
MAX_DUE_ACTS = 2_048
"""Timers taken in one block at most; the rest waits for the next, in the order of their slots.

A fraction of a second's work, and above what blocks of full load arm on average."""

_DIGIT_BITS = 6
_LEVELS = 5
"""64^5 slots reach beyond the year 9999."""


class Timer(Part, frozen=True):
    """A deadline armed for the object it is about."""

    deadline: str
    reference: str


class TimerBucket(StateObject, frozen=True):
    """The timers of a slot: those of pages `first` to `end` (excluded), then `timers`."""

    slot: int
    first: int
    end: int
    timers: tuple[Timer, ...]


class TimerPage(StateObject, frozen=True):
    """Timers of a slot that filled up before those of its bucket."""

    slot: int
    number: int
    timers: tuple[Timer, ...]


class TimerNode(StateObject, frozen=True):
    """Which of 64 children are there: bit i for child i. Level 0 is over buckets."""

    level: int
    number: int
    children: int


TIMER_BUCKET = ObjectType(
    "timer-bucket", TimerBucket, lambda item: str(item.slot), "timer-bucket/<slot>"
)
TIMER_PAGE = ObjectType(
    "timer-page", TimerPage, lambda item: f"{item.slot}/{item.number}", "timer-page/<slot>/<number>"
)
TIMER_NODE = ObjectType(
    "timer-node",
    TimerNode,
    lambda item: f"{item.level}/{item.number}",
    "timer-node/<level>/<number>",
)


def arm(deadline: Deadline, reference: str, due_ms: int, ledger: Ledger) -> None:
    """Have `deadline` act on the object named `reference` once block time reaches `due_ms`.

    It acts up to five minutes late, never early.
    """
    slot = -(-due_ms // SLOT_MS)
    timer = Timer(deadline.kind, reference)
    bucket = ledger.find(TIMER_BUCKET, str(slot))
    if bucket is None:
        _enter(slot, ledger)
        bucket = TimerBucket(slot, 0, 0, ())
    if len(bucket.timers) == PAGE_SIZE:
        ledger.put(TIMER_PAGE, TimerPage(slot, bucket.end, bucket.timers))
        bucket = TimerBucket(slot, bucket.first, bucket.end + 1, ())
    ledger.put(TIMER_BUCKET, TimerBucket(slot, bucket.first, bucket.end, (*bucket.timers, timer)))


def take_due(now_ms: int, ledger: Ledger) -> Timer | None:
    """Take out the earliest timer if it is due, else None."""
    slot = _earliest(ledger)
    if slot is None or slot * SLOT_MS > now_ms:
        return None
    bucket = ledger.find(TIMER_BUCKET, str(slot))
    assert bucket is not None, "the tree names slots that have a bucket"
    if bucket.first < bucket.end:
        return _take_from_page(bucket, ledger)
    timer, *rest = bucket.timers
    if rest:
        ledger.put(TIMER_BUCKET, TimerBucket(slot, bucket.first, bucket.end, tuple(rest)))
    else:
        ledger.remove(TIMER_BUCKET, bucket)
        _leave(slot, ledger)
    return timer


def _take_from_page(bucket: TimerBucket, ledger: Ledger) -> Timer:
    page = ledger.find(TIMER_PAGE, f"{bucket.slot}/{bucket.first}")
    assert page is not None, "a bucket counts its pages"
    timer, *rest = page.timers
    if rest:
        ledger.put(TIMER_PAGE, TimerPage(page.slot, page.number, tuple(rest)))
        return timer
    ledger.remove(TIMER_PAGE, page)
    ledger.put(TIMER_BUCKET, TimerBucket(bucket.slot, bucket.first + 1, bucket.end, bucket.timers))
    return timer


def _earliest(ledger: Ledger) -> int | None:
    number = 0
    for level in reversed(range(_LEVELS)):
        node = ledger.find(TIMER_NODE, f"{level}/{number}")
        if node is None:
            assert level == _LEVELS - 1, "a node's children are there"
            return None
        lowest = (node.children & -node.children).bit_length() - 1
        number = (number << _DIGIT_BITS) | lowest
    return number


def _enter(slot: int, ledger: Ledger) -> None:
    """Make the tree name a slot, from the bottom to the first node that is there already."""
    for level, number, child in _path(slot):
        node = ledger.find(TIMER_NODE, f"{level}/{number}")
        children = (0 if node is None else node.children) | 1 << child
        ledger.put(TIMER_NODE, TimerNode(level, number, children))
        if node is not None:
            return


def _leave(slot: int, ledger: Ledger) -> None:
    """Undo `_enter`."""
    for level, number, child in _path(slot):
        node = ledger.find(TIMER_NODE, f"{level}/{number}")
        assert node is not None, "the slot was entered"
        children = node.children & ~(1 << child)
        if children:
            ledger.put(TIMER_NODE, TimerNode(level, number, children))
            return
        ledger.remove(TIMER_NODE, node)


def _path(slot: int) -> tuple[tuple[int, int, int], ...]:
    """(level, number, child) of the nodes above a slot, from the bottom."""
    mask = (1 << _DIGIT_BITS) - 1
    return tuple(
        (level, slot >> _DIGIT_BITS * (level + 1), slot >> _DIGIT_BITS * level & mask)
        for level in range(_LEVELS)
    )
