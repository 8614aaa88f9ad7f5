"""Who formed the union in each epoch, as far as a bundle shows it, and where each epoch ended.

The first roster is the genesis. A later one is learnt in two ways, of which either is enough: from
the step at the head of the bundle, by which the committee of the epoch before proves how it ended,
and from the state, where blocks are executed. What both say must be the same, and a step must name
the very block, log and state that stand in the bundle.
Source: genesis/epochs.py, genesis/lineage.py; docs/decisions/0008.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from consensus.block import BlockHeader, BlockId, block_id
from consensus.committee import Committee
from ledger_node.audit.bundle.founding import Founding
from ledger_node.genesis.epochs import (
    FOUNDING_EPOCH,
    ReadObject,
    committee_of,
    following_roster,
    last_height,
)
from ledger_node.genesis.lineage import StepRefused, decode_step, follow_step
from ledger_node.genesis.policy import policy_of
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.ledger.entries import BlockEntry
from ledger_node.ledger.payload import PayloadLimits
from ledger_node.log.merkle import Frontier
from ledger_node.log.policy import Policy

MAX_STEPS: Final = 10_000
"""Epochs of a union that changes its members daily for 27 years."""


class EpochRefused(ValueError):
    """Something that does not fit what is known of the union's epochs. reason: text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EpochUnknown(EpochRefused):
    """Nothing here tells who formed the union in an epoch."""


@dataclass(frozen=True, slots=True)
class EpochEnd:
    """The last block of an epoch, and log and state after it, as a step proves them."""

    height: int
    block: BlockId
    tree_size: int
    log_root: bytes
    state_root: bytes


@dataclass(frozen=True)
class Epoch:
    """One epoch. begins_at: size of the log on which it stands, None where no step says it."""

    roster: Roster
    union: bytes
    begins_at: int | None

    @cached_property
    def committee(self) -> Committee:
        """Who votes."""
        return committee_of(self.roster, self.union)

    @property
    def limits(self) -> PayloadLimits:
        """What a block may hold."""
        given = self.roster.parameters
        return PayloadLimits(given.max_block_submissions, given.max_block_bytes)


class Succession:
    """Filled from the founding epoch on, one after the other."""

    def __init__(self, founding: Founding) -> None:
        self._founding = founding
        first = founding_roster(founding.genesis, FOUNDING_EPOCH)
        self._epochs = [Epoch(first, founding.union, 0)]
        self._ends: dict[int, EpochEnd] = {}
        self._steps: list[bytes] = []
        self._last_heights: dict[int, int] = {}
        """By epoch, where a step or the state told."""

    @property
    def newest(self) -> Epoch:
        """The last epoch that is known."""
        return self._epochs[-1]

    def epoch(self, number: int) -> Epoch | None:
        """An epoch, if it is known."""
        known = FOUNDING_EPOCH <= number < FOUNDING_EPOCH + len(self._epochs)
        return self._epochs[number - FOUNDING_EPOCH] if known else None

    # ------------------------------------------------------------ from steps

    def follow(self, data: bytes) -> None:
        """Learn the epoch after the newest one. Raises EpochRefused."""
        before = self.newest.roster
        if len(self._ends) >= MAX_STEPS:
            raise EpochRefused(f"more than {MAX_STEPS} epochs")
        try:
            after = follow_step(data, before, self._founding.union)
            step = decode_step(data)
        except StepRefused as error:
            raise EpochRefused(f"the step after epoch {before.epoch}: {error.reason}") from error
        height = step.block.header.height
        self._ends[before.epoch] = EpochEnd(
            height,
            block_id(step.block.header),
            step.tree_size,
            step.log_root,
            step.state_root,
        )
        self._last_heights[before.epoch] = height
        self._steps.append(data)
        self._epochs.append(Epoch(after, self._founding.union, step.tree_size))

    def steps_to(self, epoch: int) -> tuple[bytes, ...] | None:
        """How the epochs before `epoch` ended, if steps tell of all of them."""
        count = epoch - FOUNDING_EPOCH
        return tuple(self._steps[:count]) if 0 <= count <= len(self._steps) else None

    def policies(self, tree_size: int) -> Iterator[tuple[int, Policy]]:
        """The epochs whose members may have signed a log of that size, newest first, and their
        policies. The head on which an epoch stands may be signed by both."""
        for epoch in reversed(self._epochs):
            end = self._ends.get(epoch.roster.epoch)
            begun = epoch.begins_at is not None and epoch.begins_at <= tree_size
            if begun and (end is None or tree_size <= end.tree_size):
                yield epoch.roster.epoch, policy_of(self._founding.genesis, epoch.roster)

    # ------------------------------------------------------------ along the blocks

    def of_block(self, entry: BlockEntry, parent: BlockEntry) -> Epoch:
        """The epoch that a block upon `parent` belongs to. Raises EpochRefused, EpochUnknown."""
        last = self._last_heights.get(parent.epoch)
        if entry.epoch == parent.epoch:
            if last is not None and entry.height > last:
                found = f"epoch {entry.epoch} ended with block {last}"
                raise EpochRefused(f"a block of epoch {entry.epoch}: {found}")
        elif entry.epoch != parent.epoch + 1:
            raise EpochRefused(f"epoch {entry.epoch} after epoch {parent.epoch}")
        epoch = self.epoch(entry.epoch)
        if epoch is None:
            found = "neither a step in the bundle nor a state executed here tells who its members"
            raise EpochUnknown(f"epoch {entry.epoch}: {found} are")
        if entry.epoch != parent.epoch and epoch.roster.from_height != parent.height:
            found = f"epoch {entry.epoch} stands on block {epoch.roster.from_height}"
            raise EpochRefused(f"{found}, not on {parent.height}")
        return epoch

    def between(self, first: BlockEntry, last: BlockEntry) -> tuple[Roster, ...]:
        """The rosters of the epochs of these blocks and of those between."""
        known = (self.epoch(n) for n in range(max(first.epoch, FOUNDING_EPOCH), last.epoch + 1))
        return tuple(epoch.roster for epoch in known if epoch is not None)

    def passed(self, entry: BlockEntry, frontier: Frontier) -> None:
        """A block stands in the bundle: if its epoch ended with it, as the step says. Raises
        EpochRefused."""
        end = self._ends.get(entry.epoch)
        if end is None or entry.height != end.height:
            return
        found = (entry.block, frontier.size, frontier.root(), entry.state_root)
        if found != (end.block, end.tree_size, end.log_root, end.state_root):
            raise EpochRefused(
                f"the step by which epoch {entry.epoch} ended names another block, log or state "
                f"of height {entry.height} than the bundle has"
            )

    def executed(self, block: BlockHeader, read: ReadObject) -> None:
        """A block was executed. read: the state after it. Raises EpochRefused."""
        epoch = self.epoch(max(block.epoch, FOUNDING_EPOCH))
        if epoch is None:
            raise EpochRefused(f"epoch {block.epoch}: no step in the bundle tells who formed it")
        number = epoch.roster.epoch
        last = last_height(read, epoch.roster)
        if last is None:
            return
        known = self._last_heights.setdefault(number, last)
        if known != last:
            raise EpochRefused(f"by the state epoch {number} ends with {last}, by its step {known}")
        if block.height != last:
            return
        after, _ = following_roster(read, epoch.roster, last)
        following = self.epoch(number + 1)
        if following is None:
            self._epochs.append(Epoch(after, self._founding.union, None))
        elif following.roster != after:
            found = f"by the state epoch {number + 1} has another roster"
            raise EpochRefused(f"{found} than by the step before it")
