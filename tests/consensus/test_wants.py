"""Asking for what is missing: at once, then of the next member, then forgotten."""

import itertools

from consensus.block import BlockId, Member, View
from consensus.messages import FETCH_LIMIT
from consensus.wants import LONGEST_PAUSE, RUN, Wants

PEERS = (Member(1), Member(2), Member(3))


def wants() -> Wants:
    return Wants(PEERS, 100)


def ask(asking: Wants, now: int) -> list[Member]:
    asking.want(View(5), now)
    return [to for to, _ in asking.flush(now, 0)]


def test_an_unanswered_want_is_asked_of_every_other_member_in_turn() -> None:
    asking = wants()
    asked = ask(asking, 0)
    for _ in range(3):
        due = asking.next_due()
        assert due is not None
        assert ask(asking, due - 1) == []
        asked += ask(asking, due)
    assert asked == [1, 2, 3, 1]


def test_two_wants_asked_in_turns_both_reach_everyone() -> None:
    asking = Wants((Member(1), Member(2)), 100)
    reached: dict[int, set[Member]] = {5: set(), 6: set()}
    for now in range(0, 3000, 50):
        asking.want(View(5) if now % 100 == 0 else View(6), now)
        if now % 100 == 0:
            asking.want(View(6), now)
        for to, fetch in asking.flush(now, 0):
            for view in fetch.views:
                reached[view].add(to)
    assert reached == {5: {1, 2}, 6: {1, 2}}


def test_the_hint_is_trusted_once() -> None:
    asking = wants()
    asking.want(View(5), 0, Member(3))
    assert [to for to, _ in asking.flush(0, 0)] == [3]
    asking.want(View(5), 100, Member(3))
    assert [to for to, _ in asking.flush(100, 0)] == [2]


def test_a_want_that_nobody_repeats_is_forgotten() -> None:
    asking = wants()
    asking.want(View(5), 0)
    asking.flush(0, 0)
    asking.want(View(6), 60)
    asking.flush(100, 0)
    assert not asking.wanted(View(5))
    assert asking.next_due() == 160


def test_pauses_grow_only_when_everyone_was_asked_in_vain() -> None:
    asking = wants()
    times = [0]
    for _ in range(9):
        ask(asking, times[-1])
        due = asking.next_due()
        assert due is not None
        times.append(due)
    assert [b - a for a, b in itertools.pairwise(times)] == [100] * 3 + [200] * 3 + [400] * 3


def test_what_was_asked_of_a_link_that_came_back_is_asked_of_it_again_at_once() -> None:
    asking = wants()
    assert ask(asking, 0) == [1]
    asking.link_up(Member(2), 10)
    assert ask(asking, 10) == []
    asking.link_up(Member(1), 20)
    assert ask(asking, 20) == [1]
    assert ask(asking, 120) == [2]


def test_a_link_that_comes_back_ends_the_long_pauses() -> None:
    """A member that was cut off asked in vain, and last of one that is dead."""
    asking = wants()
    now = 0
    for _ in range(30):
        ask(asking, now)
        now = asking.next_due() or 0
    paused = now - 1000
    last = (ask(asking, now), asking.next_due())
    assert last == ([1], now + (100 << LONGEST_PAUSE))
    asking.link_up(Member(2), paused)
    assert asking.next_due() == paused + 100
    assert ask(asking, paused + 100) == [2]
    assert asking.next_due() == paused + 200


def test_one_fetch_a_member_carries_everything() -> None:
    asking = wants()
    asking.want(View(5), 0)
    asking.want(BlockId(bytes(32)), 0)
    asking.want(RUN, 0)
    ((to, fetch),) = asking.flush(0, 7)
    assert (to, fetch.after_height, fetch.blocks, fetch.views) == (1, 7, (bytes(32),), (5,))


def test_the_number_of_wants_is_bounded() -> None:
    asking = wants()
    for view in range(FETCH_LIMIT + 10):
        asking.want(View(view), 0)
    ((_, fetch),) = asking.flush(0, 0)
    assert len(fetch.views) == FETCH_LIMIT


def test_who_answered_last_is_asked_first() -> None:
    asking = wants()
    assert ask(asking, 0) == [1]
    assert ask(asking, 100) == [2]
    assert asking.satisfied(View(5))
    assert ask(asking, 110) == [2]
