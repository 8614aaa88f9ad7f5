"""The engine: what a block does to the ledger, as a pure function of the ledger before it.

Nothing is written here and no clock is read, so every member that starts from the same ledger
gets the same entries, the same roots and the same outcome digest; one that does not cannot
finalize. A record sees the changes of all before it, in its own submission too. A rejected record
changes nothing and does not stop the rest. Before the first, the deadlines that fall due by the
block's time act. An exception out of a contract is a defect of the contract, not a fact about the
record: execution stops with `ContractCrashed`.

Which contract set judges a block is asked of `Contracts`, which read it in the state at the
block's parent: an upgrade by vote is data like any other (contracts_in_force.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from consensus.block import Block, SubmissionId, block_id, genesis_block
from contracts import (
    RULES,
    Accepted,
    BlockContext,
    Context,
    DueAct,
    GenesisMember,
    Rejected,
    Rule,
    StateView,
    author_problem,
    genesis_state,
)
from ledger_node.codec import Digest, encode
from ledger_node.ledger.chain import ExecutedBlock, LedgerReader, Tip
from ledger_node.ledger.entries import (
    MAX_ENTRY_BYTES,
    BlockEntry,
    DeadlineEntry,
    GenesisEntry,
    RecordEntry,
    SubmissionEntry,
)
from ledger_node.ledger.outcome import ACCEPTED, Outcome, RecordRejected
from ledger_node.ledger.refusal import BlockInvalid
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.log.merkle import Frontier, leaf_hash
from ledger_node.state.stored import NoRows, TreeRows
from ledger_node.state.tree import EMPTY_ROOT, NO_TREE, Tree, update

ENTRY_TOO_LARGE: Final = Rule(
    "LOG-001",
    "A record, its outcome and the keys of the objects it changes fit one log entry.",
    "c2sp.org/tlog-tiles: an entry has at most 65,535 bytes",
    "Запись, её результат и ключи изменённых ею объектов помещаются в одну запись журнала.",
)


_UNREAD: Any = object()


def no_deadlines(context: BlockContext, view: StateView) -> tuple[DueAct, ...]:  # noqa: ARG001 - the signature of ContractSet.due_acts
    """Of contracts in which nothing happens by itself."""
    return ()


ReadObject = Callable[[str], bytes | None]
"""An object of one state, by key."""


class ContractSetMissing(Exception):
    """Code that is needed and not here. digest: its; from_height: of the first block it judges;
    reason: why it cannot be had.
    """

    def __init__(self, digest: bytes, from_height: int, reason: str = "") -> None:
        cause = f"cannot be used here ({reason})" if reason else "is not installed here"
        super().__init__(
            f"contract set {digest.hex()} {cause}, needed from height {from_height}: get it packed "
            "from another member and run `ledger-node contracts install FILE.zip --data DIR`"
        )
        self.digest = digest
        self.from_height = from_height
        self.reason = reason


class ContractShelf(Protocol):
    """Contract sets that are here."""

    def get(self, digest: bytes, from_height: int) -> "ContractSet":
        """The set with that digest, needed from a height on. Raises ContractSetMissing."""
        ...


class Contracts(Protocol):
    """What says which contract set judges a block."""

    def judging(self, read: ReadObject, height: int) -> "ContractSet":
        """The set that judges the block at `height`. read: the state at its parent.

        Raises ContractSetMissing.
        """
        ...


@dataclass(frozen=True, slots=True)
class ContractSet:
    """One version of the rules. digest: names the exact code (see contract_set.py).

    first_state: the objects a union begins with, from its members. author_problem: why every
    record by an author and key would be rejected; rules: what refusals cite, by id. A set is also
    a shelf of one, and by itself the contracts of a union that never changes them.
    """

    digest: Digest
    apply: Callable[[bytes, Context, StateView], Accepted | Rejected]
    due_acts: Callable[[BlockContext, StateView], tuple[DueAct, ...]] = no_deadlines
    first_state: Callable[[Sequence[GenesisMember]], tuple[tuple[str, bytes], ...]] = genesis_state
    author_problem: Callable[[str, bytes, StateView], Rejected | None] = author_problem
    rules: Mapping[str, Rule] = field(default_factory=lambda: RULES)

    def get(self, digest: bytes, from_height: int) -> "ContractSet":
        """See ContractShelf."""
        if digest != self.digest:
            raise ContractSetMissing(digest, from_height)
        return self

    def judging(self, read: ReadObject, height: int) -> "ContractSet":  # noqa: ARG002 - the protocol's parameters
        """See Contracts."""
        return self


class ContractCrashed(RuntimeError):
    """A contract raised instead of answering. what: it was executing, with the height.

    The union cannot pass this block until the contract is mended: every correct member stops here
    alike, with what it takes to reproduce it.
    """

    def __init__(self, what: str, height: int, error: Exception) -> None:
        super().__init__(f"{what}, at height {height}: {error!r}")
        self.what = what
        self.height = height


def execute(
    block: Block,
    submissions: Sequence[VerifiedSubmission],
    parent: LedgerReader,
    contracts: Contracts,
) -> ExecutedBlock:
    """The result of `block` on the ledger at its parent.

    submissions: the bodies of its payload, in order. Raises BlockInvalid when block, bodies and
    parent do not belong together, ContractSetMissing, ContractCrashed, and what the state tree
    raises for damage.
    """
    _check_belongs(block, submissions, parent)
    judge = contracts.judging(parent.object, block.header.height)
    run = _Run(parent.tip.tree_size, parent.object)
    run.deadlines(block, judge)
    for submission in submissions:
        run.submission(submission, block, judge)
    return run.close(block, parent.tip, judge.digest, parent.tree_rows, parent.tree)


def execute_genesis(
    union: bytes,
    time_ms: int,
    document: bytes,
    objects: Iterable[tuple[str, bytes]],
    contracts: ContractSet,
) -> ExecutedBlock:
    """The result of the genesis block: the founding document and the first objects.

    union: 32-byte identity; document: the canonical bytes it was hashed from, without signatures,
    of which members may hold different ones; objects: the state the contracts derive from it, each
    key once. Raises BlockInvalid for a document that does not fit a log entry.
    """
    entry = encode(GenesisEntry(document))
    if len(entry) > MAX_ENTRY_BYTES:
        raise BlockInvalid("genesis", f"{len(entry)} bytes, an entry has at most 65,535")
    block = genesis_block(union, time_ms)
    before = Tip(block.header, block_id(block.header), Frontier.empty(), EMPTY_ROOT)
    run = _Run(0, lambda _: None)
    run.append(entry)
    for key, value in objects:
        run.change(key, value)
    return run.close(block, before, contracts.digest, NoRows(), NO_TREE)


class _Run:
    """A block half executed: the state so far over its parent's, and the entries so far.

    It is the `StateView` that contracts read, and keeps what they read from the parent.
    """

    def __init__(self, first_index: int, read: Callable[[str], bytes | None]) -> None:
        self._first_index = first_index
        self._read = read
        self._values: dict[str, bytes | None] = {}
        self._changes: dict[str, bytes | None] = {}
        self._entries: list[bytes] = []
        self._history: list[tuple[str, int]] = []
        self._locations: dict[SubmissionId, int] = {}
        self._outcomes: dict[SubmissionId, tuple[Outcome, ...]] = {}

    @property
    def next_index(self) -> int:
        """Log index of the next entry."""
        return self._first_index + len(self._entries)

    def get(self, key: str) -> bytes | None:
        """See contracts.StateView."""
        value: bytes | None = self._values.get(key, _UNREAD)
        if value is _UNREAD:
            value = self._values[key] = self._read(key)
        return value

    def append(self, entry: bytes) -> None:
        assert len(entry) <= MAX_ENTRY_BYTES, "limits on what goes in keep entries within bounds"
        self._entries.append(entry)

    def change(self, key: str, value: bytes | None) -> None:
        """An object changed by the entry appended last."""
        self._values[key] = self._changes[key] = value
        self._history.append((key, self.next_index - 1))

    def deadlines(self, block: Block, contracts: ContractSet) -> None:
        """Append what falls due by the block's time."""
        context = BlockContext(block.header.time_ms, block.header.height)
        try:
            acts = contracts.due_acts(context, self)
        except Exception as error:  # named with what shows the defect, and raised
            raise ContractCrashed("what falls due", context.height, error) from error
        for act in acts:
            keys = tuple(key for key, _ in act.changes)
            self.append(encode(DeadlineEntry(act.act, act.reference, keys)))
            for key, value in act.changes:
                self.change(key, value)

    def submission(
        self, submission: VerifiedSubmission, block: Block, contracts: ContractSet
    ) -> None:
        """Append a submission and judge its records, in order."""
        header = submission.header
        self._locations[submission.id] = self.next_index
        self.append(encode(SubmissionEntry(submission.header_bytes, submission.signature)))
        outcomes: list[Outcome] = []
        for index, record in enumerate(submission.records):
            context = Context(
                time_ms=block.header.time_ms,
                height=block.header.height,
                submission=submission.id,
                index=index,
                author=header.author,
                signer=header.public_key,
                epoch=block.header.epoch,
            )
            try:
                answer = contracts.apply(record, context, self)
            except Exception as error:  # named with the record that shows the defect, and raised
                what = f"record {index} of submission {submission.id.hex()}"
                raise ContractCrashed(what, context.height, error) from error
            outcomes.append(self._record(submission.id, index, record, answer))
        self._outcomes[submission.id] = tuple(outcomes)

    def _record(
        self, submission: SubmissionId, index: int, record: bytes, answer: Accepted | Rejected
    ) -> Outcome:
        """Append a record and make the changes that came of it. Returns what became of it."""
        changes: tuple[tuple[str, bytes | None], ...] = ()
        outcome: Outcome = ACCEPTED
        if isinstance(answer, Accepted):
            changes = answer.changes
        else:
            outcome = RecordRejected(answer.rule, answer.values)
        keys = tuple(key for key, _ in changes)
        entry = encode(RecordEntry(submission, index, record, outcome, keys))
        if len(entry) > MAX_ENTRY_BYTES:
            # Must not stop the union: whoever writes records could bring it about.
            outcome = RecordRejected(ENTRY_TOO_LARGE.id, (("bytes", str(len(entry))),))
            changes = ()
            entry = encode(RecordEntry(submission, index, record, outcome, ()))
        self.append(entry)
        for key, value in changes:
            self.change(key, value)
        return outcome

    def close(
        self,
        block: Block,
        before: Tip,
        contract_set: Digest,
        rows: TreeRows,
        tree: Tree,
    ) -> ExecutedBlock:
        """The whole: state root, block entry, log root."""
        state_changes = {key.encode(): value for key, value in self._changes.items()}
        state = update(rows, tree, state_changes)
        header = block.header
        name = block_id(header)
        self.append(
            encode(
                BlockEntry(
                    epoch=header.epoch,
                    height=header.height,
                    view=header.view,
                    block=name,
                    parent=header.parent,
                    time_ms=header.time_ms,
                    proposer=header.proposer,
                    contract_set=contract_set,
                    state_root=state.root,
                )
            )
        )
        leaf_hashes = tuple(leaf_hash(entry) for entry in self._entries)
        return ExecutedBlock(
            block=block,
            tip=Tip(header, name, before.frontier.extend(leaf_hashes), state.root),
            first_index=self._first_index,
            entries=tuple(self._entries),
            leaf_hashes=leaf_hashes,
            changes=self._changes,
            state=state,
            history=tuple(self._history),
            locations=self._locations,
            outcomes=self._outcomes,
        )


def _check_belongs(
    block: Block, submissions: Sequence[VerifiedSubmission], parent: LedgerReader
) -> None:
    header = block.header
    if header.parent != parent.tip.block_id:
        raise BlockInvalid("parent", f"{header.parent.hex()} is not {parent.tip.block_id.hex()}")
    if header.height != parent.tip.header.height + 1:
        raise BlockInvalid("height", f"{header.height} on {parent.tip.header.height}")
    if block.payload != tuple(submission.id for submission in submissions):
        raise BlockInvalid("payload", "the bodies at hand are not those it names")
    seen: set[bytes] = set()
    for position, submission in enumerate(block.payload):
        if submission in seen or parent.ordered(SubmissionId(submission)):
            raise BlockInvalid(f"payload[{position}]", f"{submission.hex()} is ordered twice")
        seen.add(submission)
