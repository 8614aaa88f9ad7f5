"""Breadth-first search of every reachable state, so that the first violation is a shortest one.

Three reductions, each argued in docs/consensus/model.md; the second can be switched off:

- Correct members are alike: one state stands for all that differ in who is who.
- Views in order: votes of a view depend on lower certificates only, and those never go away. So
  every run can be sorted by view, and a view left behind keeps only its certificates.
- Variants are alike: of two siblings nobody voted for, only the first is tried.

A state is one int: each view's part is numbered once, and the numbers are laid side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from tests.model.invariants import (
    Invariant,
    broken_by_certificates,
    broken_by_votes,
    broken_progress,
)
from tests.model.rules import NO_VOTES, Certificates, Model, Step, Votes

ViewState: TypeAlias = int | tuple[Votes, ...]
"""Certificates of a view left behind, or each correct member's votes in an open one."""

State: TypeAlias = tuple[ViewState, ...]
"""One part a view; view 0 comes first and is always behind."""

PART_BITS = 32


class Move(NamedTuple):
    """A step of `member` in `view`."""

    view: int
    member: int
    step: Step


class Run(NamedTuple):
    """Moves from the initial state, and the state they end in, no view of it forgotten."""

    moves: tuple[Move, ...]
    end: State


@dataclass(slots=True)
class Exploration:
    """What a search found."""

    states: int = 0
    moves: int = 0
    complete: bool = True
    """False if the search stopped because agreement was broken."""
    broken: dict[Invariant, Run] = field(default_factory=dict)
    """A shortest run for each broken invariant."""
    certificates: set[Certificates] = field(default_factory=set)
    """Every combination of certificates that was reached."""


class Explorer:
    """A search of one model. Use once."""

    def __init__(self, model: Model, *, any_order: bool = False) -> None:
        self.model = model
        self.any_order = any_order
        self._parts: list[ViewState] = []
        self._numbers: dict[ViewState, int] = {}
        self._judged: dict[Certificates, tuple[Invariant, ...]] = {}

    def explore(self) -> Exploration:
        """Every reachable state, or all up to the first that breaks agreement."""
        found = Exploration()
        start = self._pack(self._initial())
        came_from = {start: start}
        level = [start]
        self._judge(found, came_from, start, self._initial())
        while level and Invariant.AGREEMENT not in found.broken:
            following: list[int] = []
            for packed in level:
                for move, after in self._moves(self._unpack(packed)):
                    found.moves += 1
                    state = self._normal(after, move.view)
                    reached = self._pack(state)
                    if reached not in came_from:
                        came_from[reached] = packed
                        following.append(reached)
                        self._judge(found, came_from, reached, state)
            level = following
        found.states = len(came_from)
        found.complete = not level
        return found

    def certificates(self, state: State) -> Certificates:
        """The certificates that exist in a state."""
        return tuple(
            part
            if isinstance(part, int)
            else self.model.certificates(view, tuple(said for _, said in part))
            for view, part in enumerate(state)
        )

    def _initial(self) -> State:
        nobody = (NO_VOTES,) * self.model.correct
        return (0, *(nobody for _ in range(self.model.views)))

    def _moves(self, state: State) -> Iterator[tuple[Move, State]]:
        """Every step that a correct member can take in an open view that it can enter."""
        model = self.model
        certificates = self.certificates(state)
        columns = list(zip(*(part for part in state if not isinstance(part, int)), strict=True))
        for view, part in enumerate(state):
            if isinstance(part, int) or not model.may_enter(certificates, view):
                continue
            untried = self._later_variants(view, part)
            for member, votes in enumerate(part):
                if columns[member] in columns[:member]:
                    continue
                castable = model.may_cast(certificates, view, votes.kept) & ~untried
                for step in model.steps(castable, votes):
                    changed = (*part[:member], step.after, *part[member + 1 :])
                    after = (*state[:view], changed, *state[view + 1 :])
                    yield Move(view, member, step), after

    def _later_variants(self, view: int, part: tuple[Votes, ...]) -> int:
        """Notarize votes for a block whose elder sibling nobody voted for yet."""
        alphabet, tree = self.model.alphabets[view], self.model.tree
        voted = 0
        for kept, said in part:
            voted |= kept | said
        later = 0
        for block in alphabet.blocks:
            if tree.variant(block) and not voted & alphabet.notarize(block - 1):
                later |= alphabet.notarize(block)
        return later

    def _normal(self, state: State, view: int) -> State:
        """The one that stands for `state`, in which somebody just moved in `view`."""
        behind: list[ViewState] = []
        if not self.any_order:
            behind = list(self.certificates(state[:view]))
        opened = [part for part in state[len(behind) :] if not isinstance(part, int)]
        if self.any_order:
            behind = [0]
        members = sorted(zip(*opened, strict=True))
        return (*behind, *zip(*members, strict=True))

    def _judge(
        self, found: Exploration, came_from: dict[int, int], packed: int, state: State
    ) -> None:
        certificates = self.certificates(state)
        found.certificates.add(certificates)
        broken = self._judged.get(certificates)
        if broken is None:
            broken = tuple(broken_by_certificates(self.model, certificates))
            self._judged[certificates] = broken
        for invariant in (*broken, *self._broken_by_members(certificates, state)):
            if invariant not in found.broken:
                found.broken[invariant] = self._run_to(came_from, packed)

    def _broken_by_members(self, certificates: Certificates, state: State) -> Iterator[Invariant]:
        highest: int | None = None
        for view, part in enumerate(state):
            if isinstance(part, int):
                continue
            if any(broken_by_votes(self.model, view, said) for _, said in part):
                yield Invariant.VOTES
            if highest is None or any(kept | said for kept, said in part):
                highest = view
        assert highest is not None, "the last view is never left behind"
        votes = state[highest]
        assert not isinstance(votes, int)
        if broken_progress(self.model, certificates, highest, votes):
            yield Invariant.PROGRESS

    def _run_to(self, came_from: dict[int, int], packed: int) -> Run:
        """How to get there, with nobody renamed and nothing forgotten on the way."""
        path = [packed]
        while came_from[path[-1]] != path[-1]:
            path.append(came_from[path[-1]])
        moves: list[Move] = []
        state = self._initial()
        for target in reversed(path[:-1]):
            move, state = next(
                (move, after)
                for move, after in self._moves(state)
                if self._pack(self._normal(after, move.view)) == target
            )
            moves.append(move)
        return Run(tuple(moves), state)

    def _pack(self, state: State) -> int:
        packed = 0
        for part in reversed(state):
            number = self._numbers.get(part)
            if number is None:
                number = self._numbers[part] = len(self._parts)
                self._parts.append(part)
            packed = packed << PART_BITS | number
        return packed

    def _unpack(self, packed: int) -> State:
        mask = (1 << PART_BITS) - 1
        return tuple(
            self._parts[packed >> PART_BITS * view & mask] for view in range(self.model.views + 1)
        )
