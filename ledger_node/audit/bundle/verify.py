"""A bundle verified in one pass: every check of refusal.Step, the first failure named.

Trusted are the policy, this program and its contracts; no node, and nothing in the bundle.
Signatures are checked when a submission is whole, the contracts are executed when a block is
whole. A bundle that leaves blocks out cannot be executed: what its records became is then the
word of the quorum that signed the checkpoint, and the result says so.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from ledger_node.audit.bundle.blocks import BlockAssembler, LoggedBlock
from ledger_node.audit.bundle.certificates import check_certificate
from ledger_node.audit.bundle.completeness import Completeness
from ledger_node.audit.bundle.form import Reads, Selection
from ledger_node.audit.bundle.founding import Founding
from ledger_node.audit.bundle.reader import BundleReader, LoggedEntries
from ledger_node.audit.bundle.replay import Replay
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

    executed: whether outcomes and state were found again by executing all contracts from genesis;
    else they are as the checkpoint's signers say. first, last: the blocks at its ends, without
    the genesis block unless there is no other.
    """

    selection: Selection
    checkpoint: VerifiedCheckpoint
    founding: Founding
    blocks: int
    entries: int
    submissions: int
    accepted: int
    refused: int
    deadlines: int
    first: LoggedBlock
    last: LoggedBlock
    executed: bool
    certified: Certified | None

    @property
    def records(self) -> int:
        """Records judged."""
        return self.accepted + self.refused


def verify_bundle(
    file: Reads,
    policy: Policy,
    contracts: ContractShelf | None,
    observe: Callable[[LoggedBlock], None] | None = None,
) -> VerifiedBundle:
    """Check all of a bundle. Raises BundleRefused at the first failure.

    contracts: those that are here; None to leave execution out. observe: told of every block
    once its own checks are passed; what it was told counts only if this function returns.
    """
    with ExitStack() as stack:
        reader = BundleReader(file, policy)
        replay = None if contracts is None else stack.enter_context(Replay(contracts))
        checks = _Checks(reader, replay, observe)
        for logged in reader:
            if isinstance(logged, LoggedEntries):
                for block in checks.assembler.take(logged):
                    checks.block(block)
            else:
                checks.certificate(logged.data)
        return checks.finish(reader)


class _Checks:
    """What is known of the bundle so far."""

    def __init__(
        self,
        reader: BundleReader,
        replay: Replay | None,
        observe: Callable[[LoggedBlock], None] | None,
    ) -> None:
        self.assembler = BlockAssembler(reader.checkpoint.checkpoint.origin)
        self._completeness = Completeness(reader.selection, reader.size)
        self._replay = replay
        self._observe = observe
        self._blocks = self._submissions = self._accepted = self._refused = self._deadlines = 0
        self._first: LoggedBlock | None = None
        self._last: LoggedBlock | None = None
        self._certified: Certified | None = None

    def block(self, block: LoggedBlock) -> None:
        self._completeness.see(block)
        if self._replay is not None and self._completeness.gapless:
            if block.parent is None:
                self._replay.begin(block, self.assembler.founding)
            else:
                self._replay.go_on(block)
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

    def certificate(self, data: bytes) -> None:
        self.assembler.check_end()
        block = self._last
        assert block is not None, "a certificate follows entries, and they end a block"
        signers = check_certificate(data, block, self.assembler.founding.committee)
        before = 0 if self._certified is None else self._certified.number
        self._certified = Certified(block.closing.height, signers, before + 1)

    def finish(self, reader: BundleReader) -> VerifiedBundle:
        self.assembler.check_end()
        self._completeness.check_end()
        assert self._first is not None, "checked by the assembler"
        assert self._last is not None, "checked by the assembler"
        return VerifiedBundle(
            selection=reader.selection,
            checkpoint=reader.checkpoint,
            founding=self.assembler.founding,
            blocks=self._blocks,
            entries=reader.entries,
            submissions=self._submissions,
            accepted=self._accepted,
            refused=self._refused,
            deadlines=self._deadlines,
            first=self._first,
            last=self._last,
            executed=self._replay is not None and self._completeness.gapless,
            certified=self._certified,
        )
