"""The modelled rules: what a correct member may say next, and which certificates exist.

Each method cites the rule of docs/consensus/protocol.md and what of `consensus` it abstracts.
Conditions about others are always "such a certificate exists": a member may have seen any part
of what was said, so what exists it has seen, or it has not, and then it does not act. `Rule`
names the conditions that can be left out, to see what each is there for.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from consensus.quorum import quorum
from tests.model.ballots import NULLIFY, Alphabet, bits, said_by_at_least
from tests.model.blocks import Tree


class Rule(Enum):
    """A condition that a mutated model does without."""

    NOTARIZE_ONCE = "notarize-once"
    PARENT = "parent"
    GAP = "gap"
    FINALIZE_NOTARIZED = "finalize-notarized"
    GIVE_UP = "give-up"
    NULLIFY_AFTER_FINALIZE = "nullify-after-finalize"
    FINALIZE_AFTER_NULLIFY = "finalize-after-nullify"
    WRITE_AHEAD = "write-ahead"
    QUORUM = "quorum"
    EPOCH = "epoch"
    VERIFY = "verify"


class Votes(NamedTuple):
    """What one correct member voted in one view, as ballots.

    kept: what it knows to be its own vote; said: what it sent. With the write-ahead log `kept` is
    what the log holds and `said` is part of it; without, a crash can empty `kept`.
    """

    kept: int
    said: int


NO_VOTES = Votes(0, 0)

Certificates: TypeAlias = tuple[int, ...]
"""The certificates that exist, one ballot a view; view 0 comes first and has none."""


class Act(Enum):
    """What can happen to a correct member, in words. To cast is to write to the log and send."""

    CAST = "casts {vote}"
    CRASH_UNSENT = "writes {vote} to its log and crashes before sending it"
    REPEAT = "sends what its log holds of view {view}"
    CAST_UNWRITTEN = "sends {vote}, which is not in its log yet"
    FORGET = "crashes, and has forgotten what it sent in view {view}"


class Step(NamedTuple):
    """One transition of one member in one view. `vote` is one bit, or 0 where the act has none."""

    act: Act
    vote: int
    after: Votes


class Model:
    """The rules for `members`, `byzantine` of which lie, in views 1 to `views`, less `dropped`.

    `variants`: how many blocks a leader may make on one parent. `crashes`: whether members crash.
    """

    def __init__(
        self,
        views: int = 3,
        *,
        members: int = 4,
        byzantine: int = 1,
        variants: int = 2,
        crashes: bool = True,
        dropped: Rule | None = None,
    ) -> None:
        self.views = views
        self.members = members
        self.byzantine = byzantine
        self.correct = members - byzantine
        self.crashes = crashes
        self.dropped = dropped
        self.quorum = quorum(members) - (dropped is Rule.QUORUM)
        self.tree = Tree(views, variants)
        self.alphabets = [Alphabet(self.tree, view) for view in range(views + 1)]
        self._votable: dict[tuple[Certificates, int], int] = {}
        self._tallies: dict[tuple[int, tuple[int, ...]], int] = {}

    # What exists.

    def certificates(self, view: int, said: tuple[int, ...]) -> int:
        """Rules 4, 6, 7: a quorum of equal votes of this epoch is a certificate, and checked.

        `Rules._certify`, `Round.assemble_notarization` and its like, `authenticate`. A Byzantine
        member has said everything, to whom it pleases, so q - b correct ones make a quorum.
        """
        if self.dropped is Rule.VERIFY:
            return self.alphabets[view].everything
        found = self._tallies.get((view, said))
        if found is None:
            votes = [self._counted(ballot) for ballot in said]
            found = self._tally(view, votes, self.quorum - self.byzantine)
            self._tallies[view, said] = found
        return found

    def certificates_of_correct(self, view: int, said: Sequence[int]) -> int:
        """What the correct members' votes amount to if no Byzantine member says anything."""
        return self._tally(view, said, self.quorum)

    def _tally(self, view: int, ballots: Sequence[int], count: int) -> int:
        return said_by_at_least(count, ballots, self.alphabets[view].everything)

    def _counted(self, said: int) -> int:
        """Votes of the epoch before do not count: `authenticate`.

        In that epoch every view of these numbers was given up by everyone; of all votes only a
        nullify could be taken for one of this epoch, for it names no block.
        """
        return said | NULLIFY if self.dropped is Rule.EPOCH else said

    # What a correct member may say.

    def may_enter(self, certificates: Certificates, view: int) -> bool:
        """Rules 1, 4, 6: any certificate of the view before lets a member in.

        `Rules._enter_view`. That it also leaves is not modelled: a crash can bring it back.
        """
        return view == 1 or certificates[view - 1] != 0

    def may_cast(self, certificates: Certificates, view: int, kept: int) -> int:
        """Ballot of the votes that a member with `kept` may cast in a view that it entered."""
        return (
            self.may_notarize(certificates, view, kept)
            | self.may_nullify(kept, view)
            | self.may_finalize(certificates[view], view, kept)
        ) & ~kept

    def may_notarize(self, certificates: Certificates, view: int, kept: int) -> int:
        """Rule 3: one block, whose parent is notarized and whose gap is nullified.

        `Rules._vote_notarize`, `Rules._fits`. Who leads is not modelled: any block
        may have been proposed to anyone, so rule 2 holds back nobody.
        """
        votes = self.alphabets[view]
        if kept & votes.all_notarize and self.dropped is not Rule.NOTARIZE_ONCE:
            return 0
        below = certificates[:view]
        found = self._votable.get((below, view))
        if found is None:
            found = 0
            for block in votes.blocks:
                parent = self.tree.parent[block]
                if self.parent_is_certified(below, parent) and self.gap_is_nullified(
                    below, self.tree.view[parent]
                ):
                    found |= votes.notarize(block)
            self._votable[below, view] = found
        return found

    def parent_is_certified(self, below: Certificates, parent: int) -> bool:
        """Rule 3: notarized, or finalised. `Round.certified_block`; genesis is final."""
        if self.dropped is Rule.PARENT:
            return True
        view = self.tree.view[parent]
        votes = self.alphabets[view]
        return view == 0 or bool(below[view] & (votes.notarize(parent) | votes.finalize(parent)))

    def gap_is_nullified(self, below: Certificates, parent_view: int) -> bool:
        """Rule 3: a quorum gave up each view between. `Rules._gap_is_nullified`."""
        if self.dropped is Rule.GAP:
            return True
        return all(certified & NULLIFY for certified in below[parent_view + 1 :])

    def may_nullify(self, kept: int, view: int) -> int:
        """Rules 5 and 8: at any time, for timers may fire at any, but not after finalize.

        `Rules._give_up`, `MemberState._nullify`.
        """
        if self.dropped is Rule.GIVE_UP:
            return 0
        finalized = kept & self.alphabets[view].all_finalize
        return 0 if finalized and self.dropped is not Rule.NULLIFY_AFTER_FINALIZE else NULLIFY

    def may_finalize(self, certified: int, view: int, kept: int) -> int:
        """Rules 4 and 8: a notarized block, once in a view, and not after nullify.

        `Rules._vote_finalize`. Executing takes some time and gives everyone the same outcome.
        """
        votes = self.alphabets[view]
        if kept & votes.all_finalize:
            return 0
        if kept & NULLIFY and self.dropped is not Rule.FINALIZE_AFTER_NULLIFY:
            return 0
        if self.dropped is Rule.FINALIZE_NOTARIZED:
            return votes.all_finalize
        return (certified & votes.all_notarize) << len(votes.blocks)

    def steps(self, castable: int, votes: Votes) -> Iterator[Step]:
        """Rule 8: how a vote gets out, and what a crash at each moment leaves.

        `MemberState._cast`: persist, then broadcast. `Simplex.recover` takes back what the log
        holds, and it is said again. Nothing else of a member is in the model for a crash to take.
        """
        kept, said = votes
        for vote in bits(castable):
            if self.dropped is Rule.WRITE_AHEAD:
                yield Step(Act.CAST_UNWRITTEN, vote, Votes(kept | vote, said | vote))
            else:
                yield Step(Act.CAST, vote, Votes(kept | vote, said | vote))
                if self.crashes:
                    yield Step(Act.CRASH_UNSENT, vote, Votes(kept | vote, said))
        if kept & ~said:
            yield Step(Act.REPEAT, 0, Votes(kept, said | kept))
        if kept and self.crashes and self.dropped is Rule.WRITE_AHEAD:
            yield Step(Act.FORGET, 0, Votes(0, said))
