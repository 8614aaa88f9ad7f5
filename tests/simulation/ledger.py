"""What blocks do, behind one face: a toy here, the real execution in `real_ledger`.

The base keeps which block orders what, and asserts the core's side of the contract: parents are
executed before children, blocks are validated and built only on executed or executing ancestors,
commits are consecutive. It is rebuilt from final blocks after a crash, so a member that restarts
replays its chain; whoever commits again then shows that the replay gave the same state.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Protocol

from consensus.block import Block, BlockId, block_id, genesis_block
from consensus.committee import Committee
from consensus.events import Executed
from tests.simulation.clocks import EPOCH_TIME_MS
from tests.simulation.parameters import PARAMETERS, SUBMISSIONS


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the state at a block says of its epoch. decided: height of the block that ends it."""

    number: int = 1
    decided: int | None = None

    @property
    def last_height(self) -> int | None:
        """Height of the epoch's last block, once that is decided."""
        return None if self.decided is None else self.decided + PARAMETERS.max_unexecuted


class Ledger(ABC):
    """Final state and speculative results above it."""

    def __init__(self, final: Sequence[Block]) -> None:
        self.ordered: dict[bytes, int] = {}
        """Final submissions and the height that ordered each."""
        self._head = block_id(final[0].header)
        self._settled = {self._head}
        """Blocks that are final, or that a final one overtook."""
        self._outcomes: dict[BlockId, bytes] = {self._head: self.genesis_outcome()}
        self._epochs: dict[BlockId, Epoch] = {self._head: Epoch()}
        self._blocks: dict[BlockId, Block] = {}
        self._height = 0
        for block in final[1:]:
            self.announce(block)
            self.execute(block)
            self.commit(block)

    @property
    def outcome(self) -> bytes:
        """Of the last final block, 32 bytes."""
        return self._outcomes[self._head]

    def announce(self, block: Block) -> None:
        """The core asked to execute `block`; its parent must have been announced before."""
        parent = BlockId(block.header.parent)
        assert parent == self._head or parent in self._blocks, "executed before its parent"
        name = block_id(block.header)
        assert name not in self._blocks, "executed twice"
        self._blocks[name] = block

    def outcomes(self) -> list[tuple[BlockId, bytes]]:
        """Blocks from the head on that were executed, and what each gave."""
        return list(self._outcomes.items())

    def can_execute(self, block: Block) -> bool:
        """Whether the parent's result is here."""
        return block.header.parent in self._outcomes

    @property
    def epoch(self) -> Epoch:
        """The epoch that the next block belongs to."""
        epoch = self._epochs[self._head]
        return Epoch(epoch.number + 1) if self._height == epoch.last_height else epoch

    def begin_epoch(self) -> None:
        """Forget what was executed above the last block of the epoch before."""
        self._settled.update(self._blocks)
        self._blocks = {}
        self._outcomes = {self._head: self.outcome}

    def execute(self, block: Block) -> Executed:
        """The outcome of a block; above an epoch's last block nothing happens any more."""
        name, parent = block_id(block.header), BlockId(block.header.parent)
        before, epoch, height = self._outcomes[parent], self._epochs[parent], block.header.height
        last = epoch.last_height
        if last is not None and height > last and block.header.epoch == epoch.number:
            assert not block.payload, "a block beyond the epoch's last orders something"
            outcome = before
        else:
            outcome = self.result(block, before)
            if height - 1 == last:
                epoch = Epoch(epoch.number + 1)
            assert block.header.epoch == epoch.number, "a block of another epoch"
            if epoch.decided is None and self.ends_epoch(block):
                epoch = replace(epoch, decided=height)
        self._outcomes[name], self._epochs[name] = outcome, epoch
        return Executed(name, outcome, epoch.last_height)

    def knows(self, parent: BlockId) -> bool:
        """Whether `parent` is the head or above it; otherwise the question came too late."""
        known = parent == self._head or parent in self._blocks
        assert known or parent in self._settled, "on ancestors that were never executed"
        return known

    def is_ordered(self, submission: bytes, parent: BlockId) -> bool:
        """Whether `parent` or an ancestor of it orders the submission."""
        at = parent
        while at != self._head:
            block = self._blocks[at]
            if submission in block.payload:
                return True
            at = BlockId(block.header.parent)
        return submission in self.ordered

    def problem(self, block: Block) -> str:
        """Why nobody should vote for `block`, whose bodies are here; empty if nothing is wrong."""
        parent = BlockId(block.header.parent)
        twice = [each for each in block.payload if self.is_ordered(each, parent)]
        return f"orders {twice[0].hex()[:6]} again" if twice else ""

    def commit(self, block: Block) -> bytes:
        """Make an executed child of the head final. Returns its outcome."""
        name = block_id(block.header)
        assert block.header.parent == self._head, "committed out of order"
        for submission in block.payload:
            assert submission not in self.ordered, "a submission is ordered twice"
            self.ordered[submission] = block.header.height
        self._head, self._height = name, block.header.height
        outcome = self._outcomes[name]
        for each in [n for n, b in self._blocks.items() if b.header.height <= block.header.height]:
            del self._blocks[each]
            self._settled.add(each)
        self._outcomes = {n: o for n, o in self._outcomes.items() if n in self._blocks or n == name}
        self._epochs = {n: e for n, e in self._epochs.items() if n in self._outcomes}
        self.settle(name)
        return outcome

    def ends_epoch(self, block: Block) -> bool:
        """Whether a record of `block` decides that the epoch ends."""
        return False

    @abstractmethod
    def genesis_outcome(self) -> bytes:
        """Set up the state at genesis; its outcome."""

    @abstractmethod
    def result(self, block: Block, before: bytes) -> bytes:
        """Execute `block` on its parent, whose outcome is `before`."""

    @abstractmethod
    def settle(self, name: BlockId) -> None:
        """An executed block on the old head is final."""


class ToyLedger(Ledger):
    """The outcome of a block is a hash over its parent's outcome and its own id."""

    def __init__(self, final: Sequence[Block], *, epochs_end: bool) -> None:
        self._epochs_end = epochs_end
        super().__init__(final)

    def ends_epoch(self, block: Block) -> bool:
        """Every fifth submission does that, so branches end their epochs at different heights."""
        return self._epochs_end and any(each[-1] % 5 == 0 for each in block.payload)

    def genesis_outcome(self) -> bytes:
        """Zeros."""
        return bytes(32)

    def result(self, block: Block, before: bytes) -> bytes:
        """See Ledger."""
        return sha256(before + block_id(block.header) + b"".join(block.payload)).digest()

    def settle(self, name: BlockId) -> None:
        """Nothing is kept but outcomes."""


class LedgerKind(Protocol):
    """What a run needs of a kind of ledger."""

    def submissions(self, committee: Committee, random: Random) -> Sequence[bytes]:
        """Ids of the submissions that clients hold."""
        ...

    def genesis(self, committee: Committee) -> Block:
        """The block that every chain starts from."""
        ...

    def open(self, final: Sequence[Block]) -> Ledger:
        """The ledger after final blocks, the first being genesis."""
        ...


class Toy:
    """A LedgerKind: submissions are nothing but their ids."""

    def __init__(self, *, epochs_end: bool = False) -> None:
        self._epochs_end = epochs_end

    def submissions(self, committee: Committee, random: Random) -> Sequence[bytes]:
        """See LedgerKind."""
        return [number.to_bytes(32, "big") for number in range(SUBMISSIONS)]

    def genesis(self, committee: Committee) -> Block:
        """See LedgerKind."""
        return genesis_block(committee.union, EPOCH_TIME_MS)

    def open(self, final: Sequence[Block]) -> Ledger:
        """See LedgerKind."""
        return ToyLedger(final, epochs_end=self._epochs_end)
