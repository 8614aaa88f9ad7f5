"""What was heard and said in one view: votes, certificates, and proof of misbehaviour.

A `Round` keeps at most one vote of each kind from each member; a second, different one is
evidence. It turns a quorum of equal votes into a certificate, once. What this member itself sent
is kept apart, because rules 3, 4 and 8 of docs/consensus/protocol.md are about exactly that.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from consensus.block import BlockId, Member, View
from consensus.messages import (
    Finalization,
    Finalize,
    Notarization,
    Notarize,
    Nullification,
    Nullify,
    Proposal,
    Signatures,
    Vote,
)

V = TypeVar("V", Notarize, Nullify, Finalize)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two signed votes of one member for one view that no correct member would both sign."""

    first: Vote
    second: Vote

    @property
    def member(self) -> Member:
        """The member that signed both."""
        return Member(self.first.member)


@dataclass(slots=True)
class Round:
    """One view. Mutable, owned by the core."""

    view: View
    proposal: Proposal | None = None
    """First block that this view's leader signed, as far as this member saw."""
    judged: bool | None = None
    """Whether the shell found the proposal valid; None while it has not answered."""
    validating: bool = False
    leader_equivocated: bool = False

    notarizes: dict[Member, Notarize] = field(default_factory=dict)
    nullifies: dict[Member, Nullify] = field(default_factory=dict)
    finalizes: dict[Member, Finalize] = field(default_factory=dict)

    notarization: Notarization | None = None
    nullification: Nullification | None = None
    finalization: Finalization | None = None

    sent_notarize: Notarize | None = None
    sent_nullify: Nullify | None = None
    sent_finalize: Finalize | None = None

    def certified_block(self) -> BlockId | None:
        """The one block of this view that a quorum notarized or finalised, if known.

        Should more than f lie and they differ, what is final is what others stand on.
        """
        certificate = self.finalization or self.notarization
        return None if certificate is None else BlockId(certificate.block)

    def hear(self, vote: Vote) -> Evidence | None:
        """Keep a checked vote. Returns evidence if its signer contradicts itself in this view.

        The first vote stays: replacing it would let an equivocator move a counted vote.
        """
        member = Member(vote.member)
        contradicted: Vote | None
        match vote:
            case Notarize():
                return _keep(self.notarizes, vote)
            case Nullify():
                found = _keep(self.nullifies, vote)
                contradicted = self.finalizes.get(member)
            case Finalize():
                found = _keep(self.finalizes, vote)
                contradicted = self.nullifies.get(member)
        if found is None and contradicted is not None:
            return Evidence(contradicted, vote)
        return found

    def assemble_notarization(self, quorum: int) -> Notarization | None:
        """The notarization that the kept votes newly amount to, if any."""
        if self.notarization is not None or len(self.notarizes) < quorum:
            return None
        tally: dict[tuple[bytes, int], list[Notarize]] = {}
        for vote in self.notarizes.values():
            tally.setdefault((vote.block, vote.parent_view), []).append(vote)
        for votes in tally.values():
            if len(votes) >= quorum:
                one = votes[0]
                return Notarization(
                    one.epoch, one.view, one.parent_view, one.block, _signatures(votes)
                )
        return None

    def assemble_nullification(self, quorum: int) -> Nullification | None:
        """The nullification that the kept votes newly amount to, if any."""
        if self.nullification is not None or len(self.nullifies) < quorum:
            return None
        votes = list(self.nullifies.values())
        return Nullification(votes[0].epoch, votes[0].view, _signatures(votes))

    def assemble_finalization(self, quorum: int) -> Finalization | None:
        """The finalization that the kept votes newly amount to, if any."""
        if self.finalization is not None or len(self.finalizes) < quorum:
            return None
        tally: dict[tuple[bytes, bytes], list[Finalize]] = {}
        for vote in self.finalizes.values():
            tally.setdefault((vote.block, vote.outcome), []).append(vote)
        for votes in tally.values():
            if len(votes) >= quorum:
                one = votes[0]
                return Finalization(one.epoch, one.view, one.block, one.outcome, _signatures(votes))
        return None


def contradict(one: Vote, two: Vote) -> bool:
    """Whether no correct member would sign both: of one member, epoch and view, and either two
    different votes of one kind, or nullify and finalize."""
    if (one.member, one.epoch, one.view) != (two.member, two.epoch, two.view):
        return False
    if type(one) is type(two):
        return _statement(one) != _statement(two)
    return {type(one), type(two)} == {Nullify, Finalize}


def _keep(kept: dict[Member, V], vote: V) -> Evidence | None:
    earlier = kept.setdefault(Member(vote.member), vote)
    if earlier is vote or _statement(earlier) == _statement(vote):
        return None
    return Evidence(earlier, vote)


def _statement(vote: Vote) -> tuple[object, ...]:
    """What the vote says, without its signature: ECDSA may sign one statement in many ways."""
    match vote:
        case Notarize():
            return (vote.view, vote.parent_view, vote.block)
        case Nullify():
            return (vote.view,)
        case Finalize():
            return (vote.view, vote.block, vote.outcome)


def _signatures(votes: list[V]) -> Signatures:
    return tuple(sorted((vote.member, vote.signature) for vote in votes))
