"""Around the rules: stragglers are helped, what is missing is asked for, memory is bounded."""

import time

from consensus.answers import MOST_PIECES, MOST_RUNS, Answers
from consensus.block import Block, Member, View, block_id
from consensus.events import Commit, LinkUp, Persist, Send, ServeRun
from consensus.messages import FETCH_LIMIT, Fetch, FinalisedRun, Finalization, Nullification
from tests.consensus.builders import (
    DELTA,
    OUTCOME,
    Bench,
    asked_to_execute,
    finalised,
    notarized,
    of,
    said,
    submission,
)


def test_a_straggler_is_shown_the_last_finalization() -> None:
    bench = Bench()
    finalised(bench)
    bench.now += 2 * DELTA
    effects = bench.hear(bench.nullify(bench.others[0], 1), sender=bench.others[0])
    assert any(isinstance(m, Finalization) for m in said(effects))
    again = bench.hear(bench.nullify(bench.others[0], 1), sender=bench.others[0])
    assert not said(again)


def test_who_asks_for_final_blocks_is_served_and_who_asks_for_gone_views_is_helped() -> None:
    bench = Bench()
    finalised(bench)
    to = bench.others[0]
    assert of(ServeRun, bench.hear(Fetch(0, (), ()), sender=to)) == [ServeRun(Member(to), 0)]
    assert not of(ServeRun, bench.hear(Fetch(1, (), ()), sender=to))
    answers = said(bench.hear(Fetch(-1, (), (1,)), sender=to))
    assert [type(m) for m in answers] == [Finalization]


def test_a_new_link_is_told_where_we_are() -> None:
    bench = Bench()
    block = finalised(bench)
    bench.hear(bench.nullification(2))
    told = [e for e in bench.feed(LinkUp(Member(bench.others[0]))) if isinstance(e, Send)]
    assert {e.to for e in told} == {bench.others[0]}
    assert bench.finalization(block) in [e.message for e in told]
    assert any(isinstance(e.message, Nullification) for e in told)


def test_catching_up_takes_runs_one_after_the_other() -> None:
    bench = Bench()
    chain = [bench.block(1, payload=[submission(1)])]
    for view in range(2, 7):
        chain.append(bench.block(view, chain[-1], [submission(view)]))
    effects = bench.hear(bench.finalization(chain[5]))
    assert [m.after_height for m in said(effects) if isinstance(m, Fetch)] == [0]
    first = FinalisedRun(tuple(chain[:3]), bench.finalization(chain[2]))
    effects = bench.hear(first)
    assert asked_to_execute(effects) == chain[:3]
    assert not [m for m in said(effects) if isinstance(m, Fetch)]
    effects = [e for block in chain[:3] for e in bench.executed(block)]
    assert of(Commit, effects)[-1].blocks == tuple(chain[:3])
    assert [m.after_height for m in said(effects) if isinstance(m, Fetch)] == [3]
    second = FinalisedRun(tuple(chain[3:]), bench.finalization(chain[5]))
    bench.hear(second)
    for block in chain[3:]:
        bench.executed(block)
    assert bench.core.chain.head.height == 6


def test_a_member_that_misses_more_than_a_fetch_names_still_asks_for_the_run() -> None:
    bench = Bench()
    chain = [bench.block(1, payload=[submission(1)])]
    for view in range(2, FETCH_LIMIT + 10):
        chain.append(bench.block(view, chain[-1], [submission(view)]))
    for block in chain:
        bench.hear(bench.notarization(block))
    effects = bench.hear(bench.finalization(chain[-1]))
    assert [m.after_height for m in said(effects) if isinstance(m, Fetch)] == [0]
    effects = bench.wait(20 * DELTA)
    again = [m for m in said(effects) if isinstance(m, Fetch)]
    assert [(m.after_height, m.blocks) for m in again] == [(0, ())]


def test_many_views_without_finality_do_not_make_a_member_slow() -> None:
    bench = Bench()
    chain = [bench.block(1)]
    for view in range(2, 801):
        chain.append(bench.block(view, chain[-1]))
    for block in chain:
        bench.core.chain.executed(bench.core.chain.add(block), OUTCOME, None)
        bench.core._round(View(block.header.view)).notarization = bench.notarization(block)
    before = time.process_time()
    for view in range(801, 811):
        bench.hear(bench.nullify(bench.others[0], view))
    assert len(of(Persist, bench.effects)) == len(chain)
    assert time.process_time() - before < 3


def test_a_fetch_that_a_dead_peer_swallows_goes_to_another() -> None:
    bench = Bench()
    block = bench.block(1)
    effects = bench.hear(bench.finalization(block))
    effects += bench.wait(2 * DELTA)
    targets = [e.to for e in of(Send, effects) if isinstance(e.message, Fetch)]
    assert len(targets) == 2
    assert targets[0] != targets[1]


def test_votes_beyond_the_window_are_dropped() -> None:
    bench = Bench()
    far = bench.nullify(bench.others[0], 1_000)
    assert not bench.core.interested(far)
    bench.hear(far)
    assert 1_000 not in bench.core.rounds


# ---------------------------------------------------------------- what a peer may take


def test_a_peer_is_answered_the_same_thing_once_in_two_deltas() -> None:
    bench = Bench()
    first = finalised(bench, 1)
    second = notarized(bench, 2, first)
    to = bench.others[0]
    asked = Fetch(0, (block_id(second.header),), (2,))
    given = bench.hear(asked, sender=to)
    assert len(of(Send, given)) == 2
    assert len(of(ServeRun, given)) == 1
    again = bench.hear(asked, sender=to)
    assert (of(Send, again), of(ServeRun, again)) == ([], [])
    assert len(of(Send, bench.hear(asked, sender=bench.others[1]))) == 2
    bench.now += 2 * DELTA
    assert len(of(Send, bench.hear(asked, sender=to))) >= 2


def test_a_peer_is_sent_a_bounded_number_of_runs_in_two_deltas() -> None:
    bench = Bench()
    block: Block | None = None
    for view in range(1, MOST_RUNS + 5):
        block = finalised(bench, view, block)
    to = bench.others[0]
    served = [
        run
        for height in range(MOST_RUNS + 3)
        for run in of(ServeRun, bench.hear(Fetch(height, (), ()), sender=to))
    ]
    assert [run.after_height for run in served] == list(range(MOST_RUNS))


def test_a_peer_is_sent_a_bounded_number_of_certificates_in_two_deltas() -> None:
    answers = Answers(period=100)
    given = [answers.may_give(Member(1), view, 0) for view in range(MOST_PIECES + 1)]
    assert given == [True] * MOST_PIECES + [False]
    assert answers.may_give(Member(2), 0, 0)
    assert answers.may_give(Member(1), 0, 100)


def test_a_peer_whose_link_came_back_is_answered_again() -> None:
    bench = Bench()
    finalised(bench, 1)
    to = Member(bench.others[0])
    assert of(ServeRun, bench.hear(Fetch(0, (), ()), sender=to))
    assert not of(ServeRun, bench.hear(Fetch(0, (), ()), sender=to))
    bench.feed(LinkUp(to))
    assert of(ServeRun, bench.hear(Fetch(0, (), ()), sender=to))
