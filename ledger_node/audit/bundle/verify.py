"""A bundle verified in one pass: every check of refusal.Step, the first failure named.

Trusted are the policy or the genesis, this program and the contracts; no node, and nothing in the
bundle. Signatures are checked when a submission is whole, the contracts are executed when a block
is whole, from the genesis or from the state that a range begins with. Where blocks are left out and
no state is given, what the records became is the word of the quorum that signed the checkpoint, and
the result says so.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from consensus.block import Block
from ledger_node.audit.bundle.anchor import AcceptedHead, Anchor
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.carried import CarriedSets, Judge
from ledger_node.audit.bundle.certificates import FinalBlock
from ledger_node.audit.bundle.completeness import Completeness
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.founding import Founding
from ledger_node.audit.bundle.reader import BundleReader
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.replay import JudgeMissing, Replay
from ledger_node.audit.bundle.selection import Blocks, Everything, Selection
from ledger_node.audit.bundle.state_before import OrderedBefore, StateItems
from ledger_node.audit.bundle.succession import EpochRefused, Succession
from ledger_node.audit.bundle.walk import Contracts, Resumed, Unchanged, Walk
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.execution import ContractShelf
from ledger_node.ledger.outcome import RecordRejected
from ledger_node.log.policy import Policy
from ledger_node.log.verified import VerifiedCheckpoint


@dataclass(frozen=True, slots=True)
class Certified:
    """The highest block with a consensus certificate. signers: codes; number: of certificates."""

    height: int
    signers: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """What a bundle was found to hold; every part of it passed every check.

    executed_from: height of the block from whose state on outcomes and state were found again by
    executing all contracts, 0 for the genesis; None where they are as the checkpoint's signers
    say. first, last: the blocks at its ends, without the genesis block unless there is no other.
    traced: of a bundle about a subject, whether it shows that nothing that is left out, up to the
    end of the log, changed its object for good.
    epochs: who formed the union from the first to the last of them; judges: contract sets by which
    blocks were judged.
    """

    selection: Selection
    head: AcceptedHead
    founding: Founding
    blocks: int
    entries: int
    submissions: int
    accepted: int
    refused: int
    deadlines: int
    first: LoggedBlock
    last: LoggedBlock
    executed_from: int | None
    traced: bool
    certified: Certified | None
    epochs: tuple[Roster, ...]
    judges: tuple[Judge, ...]

    @property
    def checkpoint(self) -> VerifiedCheckpoint:
        """The head of the log that the bundle is of."""
        return self.head.checkpoint

    @property
    def policy(self) -> Policy:
        """The policy that accepted it."""
        return self.head.policy

    @property
    def executed(self) -> bool:
        """Whether outcomes and state were found again."""
        return self.executed_from is not None

    @property
    def records(self) -> int:
        """Records judged."""
        return self.accepted + self.refused


def verify_bundle(
    file: Reads,
    anchor: Anchor,
    contracts: ContractShelf | None,
    observe: Callable[[LoggedBlock], None] | None = None,
    *,
    use_carried: bool = True,
) -> VerifiedBundle:
    """Check all of a bundle. Raises BundleRefused at the first failure.

    anchor: what is trusted; contracts: those that are here, None to leave execution out; observe:
    told of every block once its own checks are passed; what it was told counts only if this
    function returns. use_carried: whether contract sets in the bundle may be executed, see carried.
    """
    reader = BundleReader(file, anchor)
    with ExitStack() as stack:
        directory = replay = None
        if contracts is not None:
            temporary = TemporaryDirectory(prefix="ledger-audit-")
            directory = Path(stack.enter_context(temporary))
        sets = CarriedSets(contracts, directory, usable=use_carried)
        if directory is not None:
            replay = stack.enter_context(Replay(sets, reader.founding, directory))
        checks = _Checks(reader, replay, sets, observe)
        for found in Walk(reader):
            match found:
                case LoggedBlock():
                    checks.block(found)
                case FinalBlock():
                    checks.final(found)
                case StateItems() | OrderedBefore():
                    checks.state(found)
                case Resumed():
                    checks.resume(found)
                case Unchanged():
                    checks.unchanged()
                case Contracts():
                    sets.take(found.frame)
        return checks.finish()


class _Execution:
    """How far blocks are executed again. Without a replay, not at all."""

    def __init__(self, replay: Replay | None, succession: Succession, selection: Selection) -> None:
        self._replay = replay
        self._succession = succession
        self._from_genesis = _from_genesis(selection)
        self._given = False
        """Whether a state is being given in place of the one that was executed."""
        self._end = 0
        """Log index after the last entry that was executed, or that a state is given for."""
        self.since: int | None = None if replay is None else 0

    def block(self, block: LoggedBlock) -> None:
        """Execute a block, if all before it was executed or its state given."""
        if self._replay is None or self.since is None:
            return
        try:
            if block.parent is None:
                self._replay.begin(block)
            elif block.first == self._end:
                self._replay.go_on(block)
            else:
                self.since = None
                return
        except JudgeMissing:
            if self._from_genesis or self._given:
                raise
            # It could be executed for a few blocks at most: what it shows is told without that.
            self.since = None
            return
        self._end = block.end
        self._learn(block.block, block.place())

    def state(self, given: StateItems | OrderedBefore) -> None:
        """A part of the state before a range."""
        if self._replay is None:
            return
        if not self._given:
            self._replay.forget()
            self._given = True
        self._replay.give(given)

    def resume(self, found: Resumed) -> None:
        """The state is whole."""
        if self._replay is None:
            return
        upon = found.upon
        self._replay.resume(upon)
        self._end, self.since = upon.entry + 1, upon.block.header.height
        self._learn(upon.block, upon.place)

    def _learn(self, block: Block, place: Place) -> None:
        assert self._replay is not None, "something was executed"
        try:
            self._succession.executed(block.header, self._replay.object)
        except EpochRefused as error:
            raise BundleRefused(Step.EPOCHS, place, error.reason) from error


def _from_genesis(selection: Selection) -> bool:
    """Whether a bundle of this is executed from the genesis on, without a state in it."""
    return isinstance(selection, Everything) or (
        isinstance(selection, Blocks) and selection.first <= 1
    )


class _Checks:
    """What is known of the bundle so far."""

    def __init__(
        self,
        reader: BundleReader,
        replay: Replay | None,
        sets: CarriedSets,
        observe: Callable[[LoggedBlock], None] | None,
    ) -> None:
        self._reader = reader
        self._execution = _Execution(replay, reader.succession, reader.selection)
        self._sets = sets
        self._observe = observe
        self._completeness = Completeness(reader.selection, reader.size)
        self._blocks = self._submissions = self._accepted = self._refused = self._deadlines = 0
        self._first: LoggedBlock | None = None
        self._last: LoggedBlock | None = None
        self._certified: Certified | None = None
        self._traced = False

    def block(self, block: LoggedBlock) -> None:
        self._completeness.see(block)
        self._sets.judged(block.closing)
        self._execution.block(block)
        self._blocks += 1
        self._submissions += len(block.submissions)
        self._deadlines += len(block.deadlines)
        for submission in block.submissions:
            refused = sum(isinstance(each.outcome, RecordRejected) for each in submission.records)
            self._refused += refused
            self._accepted += len(submission.records) - refused
        if self._first is None or self._first.parent is None:
            self._first = block
        self._last = block
        if self._observe is not None:
            self._observe(block)

    def final(self, found: FinalBlock) -> None:
        number = 1 if self._certified is None else self._certified.number + 1
        self._certified = Certified(found.block.header.height, found.signers, number)

    def state(self, given: StateItems | OrderedBefore) -> None:
        self._execution.state(given)

    def resume(self, found: Resumed) -> None:
        self._execution.resume(found)

    def unchanged(self) -> None:
        self._traced = True

    def finish(self) -> VerifiedBundle:
        self._completeness.check_end()
        self._sets.check_needed()
        assert self._first is not None, "checked by the assembler"
        assert self._last is not None, "checked by the assembler"
        self._check_head_is_of_its_epoch(self._last.closing.epoch)
        return VerifiedBundle(
            selection=self._reader.selection,
            head=self._reader.head,
            founding=self._reader.founding,
            blocks=self._blocks,
            entries=self._reader.entries,
            submissions=self._submissions,
            accepted=self._accepted,
            refused=self._refused,
            deadlines=self._deadlines,
            first=self._first,
            last=self._last,
            executed_from=self._execution.since,
            traced=self._traced,
            certified=self._certified,
            epochs=self._reader.succession.between(self._first.closing, self._last.closing),
            judges=self._sets.judges,
        )

    def _check_head_is_of_its_epoch(self, reached: int) -> None:
        """Steps say which epoch a head of this size is of; without, the blocks themselves do."""
        epoch = self._reader.head.epoch
        if epoch is not None and reached > epoch:
            found = (
                f"the log goes on into epoch {reached}, and nothing but the policy of epoch "
                f"{epoch} is proven: the bundle lacks the steps between them"
            )
            raise BundleRefused(Step.CHECKPOINT, Place(), found)
