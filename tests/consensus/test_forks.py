"""Two histories that are final both: whoever sees it shows it, stops, and names who lied."""

import pytest

from consensus.authentication import Authenticated
from consensus.block import Block, Member, View
from consensus.chain import Head
from consensus.core import Simplex
from consensus.events import (
    Accuse,
    Commit,
    Effect,
    Forked,
    LinkUp,
    Persist,
    Received,
    ServeRun,
    Work,
)
from consensus.finality import FINAL_WINDOW, FinalViews
from consensus.messages import Fetch, FinalisedRun
from tests.consensus.builders import (
    DELTA,
    OUTCOME,
    PARAMETERS,
    Bench,
    finalised,
    notarized,
    of,
    said,
    submission,
)
from tests.simulation.signing import signer

OTHER = b"\x0f" * 32


def another(bench: Bench, view: int, parent: Block | None = None) -> Block:
    """A block that the core's chain does not hold."""
    return bench.block(view, parent, [submission(99)])


def fork_in(effects: list[Effect]) -> Forked:
    """The one fork that is reported, after everyone was shown both certificates."""
    (fork,) = of(Forked, effects)
    assert effects[-1] == fork
    shown = said(effects)
    assert fork.theirs in shown
    assert fork.ours is None or fork.ours in shown
    return fork


def test_a_finalization_of_another_block_in_the_heads_view_halts() -> None:
    bench = Bench()
    ours = finalised(bench, 1)
    denial = bench.finalization(another(bench, 1))
    assert fork_in(bench.hear(denial)) == Forked(bench.finalization(ours), denial)
    assert bench.core.halted


def test_a_finalization_of_a_view_below_the_head_halts() -> None:
    bench = Bench()
    first = finalised(bench, 1)
    second = finalised(bench, 2, first)
    denial = bench.finalization(another(bench, 1))
    assert fork_in(bench.hear(denial)) == Forked(bench.finalization(second), denial)


def test_a_finalization_of_a_view_that_our_chain_skipped_halts() -> None:
    bench = Bench()
    first = finalised(bench, 1)
    bench.hear(bench.nullification(2))
    finalised(bench, 3, first)
    assert fork_in(bench.hear(bench.finalization(another(bench, 2, first))))


def test_a_finalization_of_another_outcome_of_a_final_block_halts() -> None:
    bench = Bench()
    block = finalised(bench, 1)
    denial = bench.finalization(block, OTHER)
    assert fork_in(bench.hear(denial)).theirs == denial


def test_two_finalizations_of_one_open_view_halt() -> None:
    bench = Bench()
    block = notarized(bench)
    ours, theirs = bench.finalization(block), bench.finalization(another(bench, 1))
    bench.hear(ours)
    assert fork_in(bench.hear(theirs)) == Forked(ours, theirs)


def test_a_block_does_not_become_final_over_a_finalization_that_is_not_of_its_ancestors() -> None:
    bench = Bench()
    first = bench.block(1, payload=[submission(1)])
    bench.hear(bench.finalization(another(bench, 2, first)))
    bench.hear(bench.proposal(first))
    bench.hear(bench.notarization(first), bench.nullification(2))
    third = bench.block(3, first, [submission(3)])
    bench.hear(bench.proposal(third))
    bench.hear(bench.finalization(third))
    bench.executed(first)
    fork = fork_in(bench.executed(third))
    assert (fork.ours, fork.theirs.view) == (bench.finalization(third), 2)
    assert not of(Commit, bench.effects)


def test_a_run_that_does_not_pass_through_the_head_halts() -> None:
    bench = Bench()
    finalised(bench, 1)
    elsewhere = another(bench, 1)
    above = bench.block(2, elsewhere)
    denial = bench.finalization(above)
    assert not of(Forked, bench.hear(denial)), "without its blocks nothing is known of it"
    for run in (FinalisedRun((above,), denial), FinalisedRun((elsewhere, above), denial)):
        again = Bench()
        finalised(again, 1)
        assert fork_in(again.hear(run)).theirs == denial


def test_a_run_from_a_later_view_that_ends_below_the_head_halts() -> None:
    bench = Bench()
    finalised(bench, 2, finalised(bench, 1))
    bench.hear(bench.nullification(3))
    low = bench.block(4)
    assert fork_in(bench.hear(FinalisedRun((low,), bench.finalization(low))))


def test_a_block_executed_on_a_branch_that_lost_halts_when_it_is_said_to_be_final() -> None:
    bench = Bench()
    lost = notarized(bench)
    bench.executed(lost)
    bench.hear(bench.nullification(2))
    above = notarized(bench, 3, lost)
    bench.executed(above)
    head = another(bench, 2)
    ours = bench.finalization(head)
    bench.hear(FinalisedRun((head,), ours))
    assert of(Commit, bench.executed(head))
    denial = bench.finalization(above)
    assert fork_in(bench.hear(denial)) == Forked(ours, denial)


def test_what_is_final_counts_where_another_block_of_its_view_was_notarized() -> None:
    """More than f notarized both. Nothing else is final, so this is no fork yet."""
    bench = Bench()
    notarized(bench)
    final = another(bench, 1)
    certificate = bench.finalization(final)
    effects = bench.hear(certificate)
    assert [m.after_height for m in said(effects) if isinstance(m, Fetch)] == [0]
    bench.hear(FinalisedRun((final,), certificate))
    (commit,) = of(Commit, bench.executed(final))
    assert commit.blocks == (final,)
    assert not bench.core.halted


def test_two_notarizations_of_a_view_name_whoever_signed_both() -> None:
    bench = Bench()
    block = notarized(bench)
    rival = bench.notarization(another(bench, 1))
    assert not bench.core.interested(bench.notarization(block))
    assert bench.core.interested(rival)
    effects = bench.hear(rival)
    assert {each.evidence.member for each in of(Accuse, effects)} == {0, 1, 2}
    assert rival not in said(effects)
    assert not bench.core.interested(rival), "it names nobody else"


def test_what_is_final_here_too_is_no_fork() -> None:
    bench = Bench()
    first = finalised(bench, 1)
    second = finalised(bench, 2, first)
    for block in (first, second):
        certificate = bench.finalization(block)
        assert not bench.core.interested(certificate)
        bench.hear(certificate, FinalisedRun((block,), certificate))
    bench.hear(FinalisedRun((first, second), bench.finalization(second)))
    assert not of(Forked, bench.effects)
    assert not bench.core.halted


def test_a_denial_is_worth_checking_and_agreement_is_not() -> None:
    bench = Bench()
    block = finalised(bench, 1)
    assert bench.core.interested(bench.finalization(another(bench, 1)))
    assert not bench.core.interested(bench.finalization(block))


def test_who_signed_both_is_accused() -> None:
    bench = Bench()
    finalised(bench, 1)
    effects = bench.hear(bench.finalization(another(bench, 1)))
    assert {each.evidence.member for each in of(Accuse, effects)} == {0, 1, 2}


def test_who_skipped_a_view_and_finalized_it_is_accused_when_the_other_side_shows_why() -> None:
    """The denial alone names nobody: the votes that we skipped its view by were kept for that."""
    bench = Bench()
    first = finalised(bench, 1)
    bench.hear(bench.nullification(2))
    finalised(bench, 3, first)
    effects = bench.hear(bench.finalization(another(bench, 2, first)))
    assert {each.evidence.member for each in of(Accuse, effects)} == {0, 1, 2}


def test_a_halted_member_votes_no_more_and_goes_on_naming_liars() -> None:
    bench = Bench()
    finalised(bench, 1)
    bench.hear(bench.finalization(another(bench, 1)))
    liar = bench.others[-1]
    one, two = bench.block(2), another(bench, 2)
    bench.feed(Work(pending=True))
    effects = bench.hear(bench.notarize(liar, one), bench.notarize(liar, two), sender=liar)
    effects += bench.wait(10 * DELTA)
    assert [each.evidence.member for each in of(Accuse, effects)] == [liar]
    assert len(effects) == 1


def test_a_halted_member_keeps_votes_of_a_bounded_number_of_views() -> None:
    bench = Bench()
    finalised(bench, 1)
    bench.hear(bench.finalization(another(bench, 1)))
    before = len(bench.core.rounds)
    bench.hear(bench.nullify(bench.others[0], 10**6))
    assert len(bench.core.rounds) == before


def test_a_link_that_comes_up_after_a_fork_is_shown_it() -> None:
    bench = Bench()
    finalised(bench, 1)
    denial = bench.finalization(another(bench, 1))
    bench.hear(denial)
    other = Member(bench.others[0])
    effects = bench.feed(LinkUp(other))
    assert denial in said(effects)
    assert of(ServeRun, effects) == [ServeRun(other, 0)]
    assert not of(Persist, effects)


def test_a_member_told_at_its_start_that_the_chain_forked_stays_halted() -> None:
    before = Bench()
    finalised(before, 1)
    fork = fork_in(before.hear(before.finalization(another(before, 1))))
    core = Simplex(
        before.committee,
        before.me,
        PARAMETERS,
        Head.of(before.genesis),
        None,
        signer(before.committee, before.me),
    )
    core.stay_halted(fork)
    assert core.start(0) == []
    assert core.step(1, Work(pending=True)) == []
    assert fork.theirs in said(core.step(2, LinkUp(Member(before.others[0]))))


# ---------------------------------------------------------------- what is remembered


def chain(bench: Bench, length: int, step: int = 1) -> list[Block]:
    """Blocks in every `step`-th view."""
    blocks: list[Block] = []
    for number in range(length):
        blocks.append(bench.block(1 + number * step, blocks[-1] if blocks else None))
    return blocks


def test_a_restarted_member_knows_the_final_blocks_it_is_given() -> None:
    bench = Bench()
    blocks = chain(bench, 5, step=2)
    known = FinalViews.at(Head.of(blocks[-1]), blocks[2:], bench.finalization(blocks[-1]))
    assert not any(known.deny(bench.finalization(block)) for block in blocks)
    assert known.deny(bench.finalization(another(bench, 5)))
    assert known.deny(bench.finalization(another(bench, 8)))
    assert known.deny(bench.finalization(blocks[-1], OTHER))
    assert not known.deny(bench.finalization(blocks[-2], OTHER)), "its outcome is not known"
    assert not known.deny(bench.finalization(another(bench, 3))), "it is below what is known"


def test_a_restarted_member_knows_its_head_at_least() -> None:
    bench = Bench()
    (block,) = chain(bench, 1)
    known = FinalViews.at(Head.of(block), (), None)
    assert known.deny(bench.finalization(another(bench, 1)))
    assert not known.deny(bench.finalization(block))


def test_blocks_that_do_not_lead_to_the_head_are_refused() -> None:
    bench = Bench()
    one, two = chain(bench, 2)
    with pytest.raises(AssertionError, match="lead up to the head"):
        FinalViews.at(Head.of(two), [one], None)


def test_a_bounded_number_of_final_views_is_remembered() -> None:
    bench = Bench()
    blocks = chain(bench, FINAL_WINDOW + 10)
    known = FinalViews.at(Head.of(bench.genesis), (), None)
    known.add(blocks, {Head.of(block).block: OUTCOME for block in blocks})
    assert len(known.blocks) == len(known.outcomes) == FINAL_WINDOW
    assert known.known_above == View(10)
    assert not known.deny(bench.finalization(another(bench, 10)))
    assert known.deny(bench.finalization(another(bench, 11)))


def test_observers_see_a_fork_too() -> None:
    bench = Bench()
    block = finalised(bench, 1)
    observer = Simplex(
        bench.committee,
        None,
        PARAMETERS,
        Head.of(block),
        bench.finalization(block),
        lambda _: b"",
    )
    observer.start(0)
    denial = bench.finalization(another(bench, 1))
    assert observer.interested(denial)
    effects = observer.step(1, Received(Authenticated(Member(0), denial)))
    assert fork_in(effects).theirs == denial
