"""A restart from the write-ahead log: whatever a crash left, no vote contradicts an earlier one."""

from collections.abc import Iterator

import pytest

from consensus.block import Member, block_id
from consensus.events import Append, Build, Effect, JournalRecord, LinkUp, Persist, Validated, Work
from consensus.messages import Finalize, Message, Notarize, Nullify, Proposal, Vote
from tests.consensus.builders import (
    DELTA,
    Bench,
    asked_to_execute,
    asked_to_validate,
    finalised,
    of,
    said,
    submission,
)


def own_votes(messages: list[Message], me: Member) -> list[Vote]:
    """Votes of `me` among messages, also the one inside its proposal."""
    votes = [m.notarize if isinstance(m, Proposal) else m for m in messages]
    return [v for v in votes if isinstance(v, Notarize | Nullify | Finalize) and v.member == me]


def contradictions(votes: list[Vote]) -> Iterator[tuple[Vote, Vote]]:
    """Pairs that no correct member says both of."""
    for one in votes:
        for other in votes:
            if one.view != other.view or one == other:
                continue
            if type(one) is type(other) or {type(one), type(other)} == {Nullify, Finalize}:
                yield one, other


def durable(effects: list[Effect], crash_at: int, *, lucky: bool) -> list[JournalRecord]:
    """Records on disk after a crash before effect `crash_at`; lucky: unsynced ones survive."""
    done = effects[:crash_at]
    synced = max((i for i, e in enumerate(done) if isinstance(e, Persist)), default=-1)
    kept = done if lucky else done[: synced + 1]
    return [e.record for e in kept if isinstance(e, Append | Persist)]


def first_life(bench: Bench) -> list[Effect]:
    """Two views: one finalised vote, one nullified view."""
    block = bench.block(1, payload=[submission(1)])
    bench.hear(bench.proposal(block))
    bench.accept(block)
    bench.hear(bench.notarization(block))
    bench.executed(block)
    bench.feed(Work(pending=True))
    bench.wait(2 * DELTA)
    bench.hear(bench.nullification(2))
    return bench.effects


def second_life(bench: Bench) -> list[Effect]:
    """Tempted by everything that could make a forgetful member contradict itself."""
    other = bench.block(1, payload=[submission(9)])
    bench.hear(bench.proposal(other))
    bench.feed(Validated(block_id(other.header), ok=True))
    bench.feed(Work(pending=True))
    for _ in range(8):
        bench.wait(DELTA)
    block = bench.block(1, payload=[submission(1)])
    bench.hear(bench.notarization(block), bench.proposal(block))
    bench.accept(block)
    bench.executed(block)
    second = bench.block(2, block)
    bench.hear(bench.proposal(second))
    bench.accept(second)
    bench.hear(bench.notarization(second))
    bench.executed(second)
    for _ in range(8):
        bench.wait(DELTA)
    return bench.effects


CRASHES = range(len(first_life(Bench())) + 1)


@pytest.mark.parametrize("lucky", [True, False])
@pytest.mark.parametrize("crash_at", CRASHES)
def test_a_crash_between_any_two_effects_makes_nobody_contradict_itself(
    crash_at: int, lucky: bool
) -> None:
    before = Bench()
    effects = first_life(before)
    after = Bench(records=durable(effects, crash_at, lucky=lucky), now=before.now)
    votes = own_votes(said(effects[:crash_at]) + said(second_life(after)), before.me)
    assert list(contradictions(votes)) == []


def test_a_member_without_its_log_would_contradict_itself() -> None:
    """The test above can fail."""
    before = Bench()
    votes = own_votes(said(first_life(before)) + said(second_life(Bench())), before.me)
    assert list(contradictions(votes))


def test_a_leader_that_crashed_before_it_could_propose_says_the_same_again() -> None:
    before = Bench(leads=1)
    (build,) = of(Build, before.feed(Work(pending=True)))
    effects = before.built(build, submission(1))
    (vote,) = of(Persist, effects)
    after = Bench(leads=1, records=durable(before.effects, len(before.effects), lucky=False))
    told = said(after.feed(LinkUp(Member(after.others[0]))))
    (proposal,) = [m for m in told if isinstance(m, Proposal)]
    assert proposal.notarize == vote.record


def test_a_proposal_that_outlived_its_vote_is_checked_and_voted_for_again() -> None:
    before = Bench()
    block = before.block(1, payload=[submission(1)])
    before.hear(before.proposal(block))
    append = of(Append, before.accept(block))[0]
    after = Bench(records=[append.record])
    assert asked_to_validate(after.effects) == [block]
    assert own_votes(said(after.accept(block)), after.me) == [before.notarize(before.me, block)]


def test_a_restart_takes_up_its_view_and_its_chain() -> None:
    before = Bench()
    effects = first_life(before)
    after = Bench(records=durable(effects, len(effects), lucky=True), now=before.now)
    assert after.core.view == before.core.view
    assert after.core.chain.blocks == before.core.chain.blocks
    assert asked_to_execute(after.effects) == list(before.core.chain.blocks.values())


def test_records_of_final_views_are_ignored() -> None:
    bench = Bench()
    records: list[JournalRecord] = [bench.nullify(bench.me, 1), bench.nullification(1)]
    block = bench.block(1)
    bench.hear(bench.proposal(block), bench.finalization(block))
    bench.executed(block)
    bench.core.recover(records)
    assert bench.core.view == 2
    assert 1 not in bench.core.rounds


def test_an_own_proposal_that_outlived_its_vote_counts_for_nothing_until_cast_again() -> None:
    before = Bench(members=1, me=0)
    (build,) = of(Build, before.feed(Work(pending=True)))
    (append,) = [
        e.record
        for e in of(Append, before.built(build, submission(1)))
        if isinstance(e.record, Proposal)
    ]
    after = Bench(members=1, me=0, records=[append])
    assert said(after.effects) == []
    (block,) = asked_to_validate(after.effects)
    effects = after.accept(block)
    assert isinstance(effects[0], Append)
    assert isinstance(effects[1], Persist)
    assert own_votes(said(effects), after.me)


def test_a_member_whose_ledger_lost_its_tail_votes_on_nothing_at_or_below_what_was_final() -> None:
    before = Bench()
    finalised(before, 1)
    # The ledger forgets the block; the log, on another file, does not forget that it was final.
    after = Bench(records=durable(before.effects, len(before.effects), lucky=True), now=before.now)
    assert after.core.chain.head.height == 0
    assert after.core.view == 2
    other = after.block(1, payload=[submission(9)])
    after.hear(after.proposal(other))
    after.feed(Work(pending=True))
    for _ in range(8):
        after.wait(DELTA)
    votes = own_votes(said(after.effects), after.me)
    assert not [vote for vote in votes if isinstance(vote, Nullify) and vote.view == 1]
    assert not [v for v in votes if isinstance(v, Notarize) and v.block == block_id(other.header)]
    assert list(contradictions(votes + own_votes(said(before.effects), before.me))) == []
