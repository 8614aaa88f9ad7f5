"""Proposing, voting, and counting.

Votes count if their member is entitled when they are counted, so that a member suspended since has
no part in the result. A change is checked when it is proposed and again when it passes, because
others may have passed in between; a vote that would pass a change no longer possible is refused.
"""

from msgspec.structs import replace

from contracts.governance import rules
from contracts.governance.changes import Change, ReinstatementChange, SuspensionChange
from contracts.governance.enactment import enact, require_possible
from contracts.governance.life import FAILS, GOES_ON, LAPSE, PASSES, PROPOSAL_LIFE
from contracts.governance.objects import (
    CHARTER,
    PROPOSAL,
    UNION,
    Charter,
    Proposal,
    ProposalState,
    Vote,
)
from contracts.governance.records import CastVote, Proposing, WithdrawProposal
from contracts.kernel.deadline import DueCase
from contracts.kernel.rule import require
from contracts.kernel.timers import arm
from contracts.references.time import DAY, HOUR
from contracts.registry.competence import Case

SHORTEST_VOTE = HOUR
LONGEST_VOTE = 90 * DAY


def propose(record: Proposing, case: Case) -> None:
    charter = charter_of(case)
    _require_entitled(record.change, charter, case)
    require(
        SHORTEST_VOTE <= record.closes_ms - case.now <= LONGEST_VOTE,
        rules.VOTING_TIME,
        closes_ms=record.closes_ms,
        now_ms=case.now,
    )
    require_possible(record.change, charter, case)
    proposal = Proposal(
        number=charter.proposals + 1,
        member=case.author.member,
        change=record.change,
        grounds=record.grounds,
        opened_ms=case.now,
        closes_ms=record.closes_ms,
        state=ProposalState.OPEN,
        votes=(Vote(case.author.member, True, case.now),),
        decided_height=None,
    )
    charter = replace(charter, proposals=proposal.number)
    case.ledger.put(CHARTER, charter)
    arm(LAPSE, str(proposal.number), proposal.closes_ms, case.ledger)
    _settle(proposal, _result(proposal, charter), charter, case)


def vote(record: CastVote, case: Case) -> None:
    charter = charter_of(case)
    proposal = _proposal(record.proposal, case)
    _require_entitled(proposal.change, charter, case)
    member = case.author.member
    voted = tuple(cast.member for cast in proposal.votes)
    require(member not in voted, rules.ONE_VOTE, member=member, proposal=proposal.number)
    require(
        case.now < proposal.closes_ms,
        rules.VOTING_OPEN,
        closes_ms=proposal.closes_ms,
        now_ms=case.now,
    )
    votes = (*proposal.votes, Vote(member, record.yes, case.now))
    proposal = replace(proposal, votes=votes)
    result = _result(proposal, charter)
    PROPOSAL_LIFE.advance(proposal.state, record, result)
    _settle(proposal, result, charter, case)


def withdraw(record: WithdrawProposal, case: Case) -> None:
    proposal = _proposal(record.proposal, case)
    require(
        case.author.member == proposal.member,
        rules.OWN_PROPOSAL,
        author=case.author.id,
        member=proposal.member,
    )
    state = PROPOSAL_LIFE.advance(proposal.state, record)
    decided = replace(proposal, state=state, decided_height=case.context.height)
    case.ledger.put(PROPOSAL, decided)


def lapse(due: DueCase) -> None:
    """A deadline: the voting ended."""
    proposal = due.ledger.find(PROPOSAL, due.reference)
    assert proposal is not None, "proposals are never removed"
    state = PROPOSAL_LIFE.due(proposal.state, LAPSE)
    if state is not None:
        due.ledger.put(PROPOSAL, replace(proposal, state=state))


def charter_of(case: Case) -> Charter:
    charter = case.ledger.find(CHARTER, UNION)
    assert charter is not None, "a union begins with its charter"
    return charter


def _proposal(number: int, case: Case) -> Proposal:
    return case.ledger.demand(PROPOSAL, str(number), rules.PROPOSAL_KNOWN)


def _entitled(change: Change, charter: Charter) -> tuple[str, ...]:
    """Members with a vote on this change."""
    if isinstance(change, SuspensionChange | ReinstatementChange):
        return tuple(member for member in charter.committee if member != change.member)
    return charter.committee


def _require_entitled(change: Change, charter: Charter, case: Case) -> None:
    entitled = _entitled(change, charter)
    require(
        case.author.member in entitled,
        rules.ENTITLED,
        member=case.author.member,
        entitled=entitled,
    )


def _result(proposal: Proposal, charter: Charter) -> str:
    """Whether the votes so far decide: more than two thirds of those entitled, or out of reach."""
    entitled = _entitled(proposal.change, charter)
    counted = tuple(cast.yes for cast in proposal.votes if cast.member in entitled)
    yes = sum(1 for said in counted if said)
    no = len(counted) - yes
    if 3 * yes > 2 * len(entitled):
        return PASSES
    return FAILS if 3 * (len(entitled) - no) <= 2 * len(entitled) else GOES_ON


_RESULTS = {
    PASSES: ProposalState.PASSED,
    FAILS: ProposalState.REJECTED,
    GOES_ON: ProposalState.OPEN,
}


def _settle(proposal: Proposal, result: str, charter: Charter, case: Case) -> None:
    """Write the proposal down with its result, and enact it if it passes."""
    if result == PASSES:
        require_possible(proposal.change, charter, case)
        enact(proposal, charter, case)
    height = None if result == GOES_ON else case.context.height
    case.ledger.put(PROPOSAL, replace(proposal, state=_RESULTS[result], decided_height=height))
