"""The rules of docs/consensus/protocol.md, a few scenes each, played to one core."""

import msgspec

from consensus.block import Block, View, block_id
from consensus.events import (
    Accuse,
    Append,
    Broadcast,
    Build,
    Commit,
    Dissent,
    Execute,
    Halt,
    Persist,
    Send,
    Validate,
    Validated,
    Work,
)
from consensus.messages import (
    Fetch,
    Finalization,
    Finalize,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
    Vote,
)
from tests.consensus.builders import (
    DELTA,
    HEARTBEAT,
    OUTCOME,
    Bench,
    asked_to_execute,
    asked_to_validate,
    notarized,
    of,
    said,
    submission,
)


def votes(bench: Bench, kind: type[Vote]) -> list[Vote]:
    return [m for m in said(bench.effects) if isinstance(m, kind) and m.member == bench.me]


# ---------------------------------------------------------------- rule 1


def test_rule_1_no_clock_runs_without_a_reason() -> None:
    bench = Bench()
    assert bench.wait(HEARTBEAT - 1) == [] or not said(bench.effects)
    assert not said(bench.effects)


def test_rule_1_a_silent_leader_is_given_up_after_two_deltas_of_pending_work() -> None:
    bench = Bench()
    bench.feed(Work(pending=True))
    bench.wait(2 * DELTA - 1)
    assert not votes(bench, Nullify)
    bench.wait(1)
    assert [v.view for v in votes(bench, Nullify)] == [1]


def test_rule_1_a_clock_stops_when_its_reason_goes_away() -> None:
    bench = Bench()
    bench.feed(Work(pending=True))
    bench.wait(DELTA)
    bench.feed(Work(pending=False))
    bench.wait(5 * DELTA)
    assert not said(bench.effects)


def test_rule_1_f_plus_1_members_that_give_up_start_the_clock() -> None:
    bench = Bench()
    bench.hear(bench.nullify(bench.others[1], 1))
    bench.wait(5 * DELTA)
    assert not votes(bench, Nullify)
    bench.hear(bench.nullify(bench.others[2], 1))
    bench.wait(2 * DELTA)
    assert votes(bench, Nullify)


def test_rule_1_a_leader_that_was_silent_is_not_waited_for_again() -> None:
    bench = Bench()
    for view in range(1, 5):
        bench.hear(bench.nullification(view))
    assert bench.committee.leader(View(5)) == bench.committee.leader(View(1)) != bench.me
    bench.feed(Work(pending=True))
    assert [v.view for v in votes(bench, Nullify)] == [5]


# ---------------------------------------------------------------- rule 2


def test_rule_2_an_idle_leader_waits_and_a_submission_wakes_it() -> None:
    bench = Bench(leads=1)
    assert not of(Build, bench.effects)
    (build,) = of(Build, bench.feed(Work(pending=True)))
    effects = bench.built(build, submission(1))
    (proposal,) = [m for m in said(effects) if isinstance(m, Proposal)]
    assert proposal.block.header.parent == block_id(bench.genesis.header)
    assert proposal.block.payload == (submission(1),)
    assert proposal.notarize.member == bench.me


def test_rule_2_an_idle_leader_proposes_an_empty_block_when_the_heartbeat_is_due() -> None:
    bench = Bench(leads=1)
    (build,) = of(Build, bench.wait(HEARTBEAT))
    assert any(isinstance(m, Proposal) for m in said(bench.built(build)))


def test_rule_2_a_leader_that_finds_nothing_does_not_ask_again_until_told() -> None:
    bench = Bench(leads=1)
    (build,) = of(Build, bench.feed(Work(pending=True)))
    effects = bench.built(build)
    effects += bench.wait(DELTA)
    assert not of(Build, effects)
    assert not said(effects)
    assert of(Build, bench.feed(Work(pending=True)))


def test_rule_2_the_next_leader_proposes_on_the_notarization() -> None:
    bench = Bench(leads=2)
    bench.feed(Work(pending=True))
    block = notarized(bench)
    (build,) = of(Build, bench.effects)
    assert (build.view, build.parent) == (2, block_id(block.header))


def test_rule_2_a_leader_that_lacks_its_parent_asks_for_it_and_waits() -> None:
    bench = Bench(leads=2)
    bench.feed(Work(pending=True))
    block = bench.block(1)
    effects = bench.hear(bench.notarization(block))
    assert not of(Build, effects)
    asked = [m for m in said(effects) if isinstance(m, Fetch)]
    assert asked[0].blocks == (block_id(block.header),)


# ---------------------------------------------------------------- rule 3


def test_rule_3_votes_for_a_valid_proposal_after_persisting_the_vote() -> None:
    bench = Bench()
    block = bench.block(1, payload=[submission(1)])
    assert asked_to_validate(bench.hear(bench.proposal(block))) == [block]
    effects = bench.accept(block)
    kinds = [type(e) for e in effects if isinstance(e, Append | Persist | Broadcast)]
    assert kinds[:3] == [Append, Persist, Broadcast]
    assert effects[0] == Append(bench.proposal(block))
    assert effects[1] == Persist(bench.notarize(bench.me, block))


def test_rule_3_votes_for_the_first_proposal_only() -> None:
    bench = Bench()
    one, other = bench.block(1, payload=[submission(1)]), bench.block(1, payload=[submission(2)])
    bench.hear(bench.proposal(one))
    bench.accept(one)
    effects = bench.hear(bench.proposal(other))
    assert not of(Validate, effects)
    (accusation,) = of(Accuse, effects)
    assert accusation.evidence.member == bench.committee.leader(View(1))
    assert len(votes(bench, Notarize)) == 1


def test_rule_3_an_invalid_proposal_is_nullified_at_once() -> None:
    bench = Bench()
    block = bench.block(1)
    bench.hear(bench.proposal(block))
    bench.feed(Validated(block_id(block.header), ok=False, reason="spoilt"))
    assert votes(bench, Nullify)
    assert not votes(bench, Notarize)


def refuses(bench: Bench, block: Block) -> None:
    bench.hear(bench.proposal(block))
    assert not of(Validate, bench.effects)
    assert votes(bench, Nullify)


def changed(block: Block, **changes: object) -> Block:
    return Block(msgspec.structs.replace(block.header, **changes), block.payload)


def test_rule_3_a_malformed_header_is_refused() -> None:
    plain = Bench().block(1)
    for block in (
        changed(plain, parent=bytes(32)),
        changed(plain, height=2),
        changed(plain, time_ms=1_000),
        Bench().block(1, payload=[submission(1)] * 2),
        Bench().block(1, payload=[submission(n) for n in range(5)]),
    ):
        refuses(Bench(), block)


def test_rule_3_the_gap_to_the_parent_must_be_nullified() -> None:
    bench = Bench()
    bench.hear(bench.notarization(bench.block(1)))
    forking = bench.block(2)
    effects = bench.hear(bench.proposal(forking))
    assert not of(Validate, effects)
    assert [m.views for m in said(effects) if isinstance(m, Fetch)] == [(1,)]
    assert asked_to_validate(bench.hear(bench.nullification(1))) == [forking]


def test_rule_3_the_parent_must_be_notarized() -> None:
    bench = Bench()
    bench.hear(bench.nullification(1))
    parent = bench.block(1)
    child = bench.block(2, parent)
    effects = bench.hear(bench.proposal(child))
    assert not of(Validate, effects)
    effects = bench.hear(bench.notarization(parent))
    assert not of(Validate, effects)
    assert asked_to_validate(bench.hear(bench.proposal(parent))) == [child]


def test_rule_3_ancestors_are_executed_before_a_child_is_validated() -> None:
    bench = Bench()
    block = notarized(bench)
    child = bench.block(2, block)
    bench.hear(bench.proposal(child))
    order = [e for e in bench.effects if isinstance(e, Execute | Validate)]
    assert [type(e) for e in order] == [Validate, Execute, Validate]


def test_rule_3_nobody_votes_on_top_of_too_many_unexecuted_blocks() -> None:
    bench = Bench()
    one = notarized(bench, 1)
    two = notarized(bench, 2, one)
    three = bench.block(3, two)
    assert not of(Validate, bench.hear(bench.proposal(three)))
    assert asked_to_validate(bench.executed(one)) == [three]


# ---------------------------------------------------------------- rules 4, 6, 7


def test_rule_4_votes_of_others_make_a_notarization_that_is_told_and_executed() -> None:
    bench = Bench()
    block = bench.block(1, payload=[submission(1)])
    bench.hear(bench.proposal(block))
    bench.accept(block)
    other = next(m for m in bench.others if m != bench.committee.leader(View(1)))
    effects = bench.hear(bench.notarize(other, block))
    assert any(isinstance(m, Notarization) for m in said(effects))
    assert asked_to_execute(effects) == [block]
    assert bench.core.view == 2


def test_rule_4_finalizes_once_executed() -> None:
    bench = Bench()
    block = notarized(bench)
    assert not votes(bench, Finalize)
    effects = bench.executed(block)
    assert votes(bench, Finalize) == [bench.finalize(bench.me, block, OUTCOME)]
    assert of(Persist, effects)


def test_rule_4_does_not_finalize_the_block_of_a_leader_seen_to_equivocate() -> None:
    bench = Bench()
    block = bench.block(1, payload=[submission(1)])
    bench.hear(bench.proposal(block))
    bench.accept(block)
    bench.hear(bench.proposal(bench.block(1, payload=[submission(2)])))
    bench.hear(bench.notarization(block))
    bench.executed(block)
    assert not votes(bench, Finalize)


def test_rule_4_a_certificate_shows_that_its_leader_signed_another_block_for_us() -> None:
    bench = Bench()
    bench.hear(bench.proposal(bench.block(1, payload=[submission(2)])))
    leader = bench.committee.leader(View(1))
    others = [m for m in range(4) if m not in (bench.me, leader)]
    other = bench.block(1, payload=[submission(1)])
    voters = sorted([leader, *others])
    signatures = tuple((m, bench.notarize(m, other).signature) for m in voters)
    certificate = msgspec.structs.replace(bench.notarization(other), signatures=signatures)
    (accusation,) = of(Accuse, bench.hear(certificate))
    assert accusation.evidence.member == leader


def test_rule_4_a_certificate_is_told_once() -> None:
    bench = Bench()
    block = notarized(bench)
    assert not said(bench.hear(bench.notarization(block)))


def test_rule_4_who_voted_shows_a_notarization_to_those_whose_vote_is_not_in_it() -> None:
    bench = Bench(members=7)
    block = bench.block(1)
    bench.hear(bench.proposal(block))
    bench.accept(block)
    *voters, late = [member for member in bench.others if member != block.header.proposer]
    assert bench.core.rounds[View(1)].sent_notarize
    effects = bench.hear(*(bench.notarize(member, block) for member in voters[:3]))
    assert bench.core.view == 2
    told = [e.to for e in of(Send, effects) if isinstance(e.message, Notarization)]
    assert sorted(told) == sorted([voters[3], late])
    assert not any(isinstance(e.message, Notarization) for e in of(Broadcast, effects))


def test_rule_4_who_did_not_vote_shows_a_notarization_to_all() -> None:
    bench = Bench()
    effects = bench.hear(bench.notarization(bench.block(1)))
    assert [type(e.message) for e in of(Broadcast, effects)] == [Notarization]


def test_rule_4_who_voted_for_another_block_shows_a_notarization_to_all() -> None:
    bench = Bench()
    block, other = bench.block(1), bench.block(1, payload=[submission(1)])
    bench.hear(bench.proposal(block))
    bench.accept(block)
    signatures = tuple((m, bench.notarize(m, other).signature) for m in bench.others)
    certificate = msgspec.structs.replace(bench.notarization(other), signatures=signatures)
    assert certificate in [e.message for e in of(Broadcast, bench.hear(certificate))]


def test_rule_6_a_nullification_is_told_and_lets_us_into_the_next_view() -> None:
    bench = Bench()
    effects = bench.hear(*(bench.nullify(m, 1) for m in bench.others))
    assert any(isinstance(m, Nullification) for m in said(effects))
    assert bench.core.view == 2


def test_rule_7_a_finalization_makes_the_block_and_its_ancestors_final() -> None:
    bench = Bench()
    one = notarized(bench, 1)
    two = notarized(bench, 2, one)
    bench.executed(one)
    bench.executed(two)
    effects = bench.hear(bench.finalization(two))
    (commit,) = of(Commit, effects)
    assert commit.blocks == (one, two)
    assert any(isinstance(m, Finalization) for m in said(effects))


def test_rule_7_a_finalization_is_believed_in_any_view_and_waits_for_execution() -> None:
    bench = Bench()
    bench.hear(*(bench.nullification(v) for v in (2, 3)))
    block = bench.block(1, payload=[submission(1)])
    bench.hear(bench.proposal(block), bench.finalization(block))
    assert not of(Commit, bench.effects)
    assert of(Commit, bench.executed(block))


def test_rule_7_another_outcome_than_the_certified_one_halts_the_member() -> None:
    bench = Bench()
    block = notarized(bench)
    bench.hear(bench.finalization(block))
    (halt,) = of(Halt, bench.executed(block, bytes(32)))
    assert (halt.ours, halt.certified) == (bytes(32), OUTCOME)
    assert not of(Commit, bench.effects)
    assert bench.feed(Work(pending=True)) == []


def test_rule_7_who_signed_another_outcome_of_what_is_final_is_told_of() -> None:
    bench = Bench()
    block = notarized(bench)
    bench.executed(block)
    honest = bench.finalize(bench.others[0], block)
    other = bench.finalize(bench.others[1], block, bytes(32))
    assert not of(Dissent, bench.hear(other, honest))
    effects = bench.hear(bench.finalize(bench.others[2], block))
    assert of(Commit, effects)
    assert of(Dissent, effects) == [Dissent(other, OUTCOME)]


# ---------------------------------------------------------------- rule 5


def test_rule_5_a_proposal_without_certificate_is_given_up_after_three_deltas() -> None:
    bench = Bench()
    block = bench.block(1)
    bench.hear(bench.proposal(block))
    bench.accept(block)
    bench.wait(3 * DELTA - 1)
    assert not votes(bench, Nullify)
    bench.wait(1)
    assert votes(bench, Nullify)


def test_rule_5_what_was_said_is_repeated_with_the_certificate_that_let_us_in() -> None:
    bench = Bench()
    bench.hear(bench.nullification(1))
    bench.feed(Work(pending=True))
    patience = 2 * DELTA * 2  # a lost view doubles it
    bench.wait(patience)
    repeated = said(bench.wait(patience))
    assert bench.nullify(bench.me, 2) in repeated
    assert any(isinstance(m, Nullification) for m in repeated)


def test_rule_5_votes_far_ahead_do_not_keep_us_from_repeating() -> None:
    """A flooder votes in views that nobody entered."""
    bench = Bench()
    bench.hear(*(bench.nullify(bench.others[0], view) for view in range(20, 40)))
    bench.feed(Work(pending=True))
    bench.wait(2 * DELTA)
    repeated = said(bench.wait(2 * DELTA))
    assert repeated == [bench.nullify(bench.me, 1)]


def test_rule_5_a_stalled_proposal_is_shown_to_those_who_missed_it_or_got_another() -> None:
    bench = Bench()
    block = bench.block(1)
    bench.hear(bench.proposal(block))
    bench.accept(block)
    repeated = said(bench.wait(2 * DELTA))
    assert repeated == [bench.proposal(block), bench.notarize(bench.me, block)]


def test_rule_5_the_leaders_own_nullify_counts_as_a_fired_timer() -> None:
    bench = Bench()
    bench.hear(bench.nullify(bench.committee.leader(View(1)), 1))
    assert votes(bench, Nullify)


# ---------------------------------------------------------------- rule 8


def test_rule_8_no_finalize_after_nullify() -> None:
    bench = Bench()
    bench.feed(Work(pending=True))
    bench.wait(2 * DELTA)
    block = notarized(bench)
    bench.executed(block)
    assert votes(bench, Nullify)
    assert not votes(bench, Finalize)


def test_rule_8_no_nullify_after_finalize() -> None:
    bench = Bench()
    block = notarized(bench)
    bench.executed(block)
    assert votes(bench, Finalize)
    bench.hear(*(bench.nullify(m, 1) for m in bench.others[:2]))
    bench.wait(100 * DELTA)
    assert 1 not in [v.view for v in votes(bench, Nullify)]
