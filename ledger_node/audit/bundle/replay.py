"""The contracts executed again, from genesis or a given state, by the engine that nodes run.

State, rows of its tree and ordered submissions live in a temporary LevelDB, so that memory does not
grow with the log. Each block is judged by the contract set that was in force at its height,
as the state before it says. What execution gives must be the log's entries byte by byte; the first
that differs is named, with what differs in it.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from consensus.block import SubmissionId, block_id
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.certificates import BlockInLog
from ledger_node.audit.bundle.difference import difference
from ledger_node.audit.bundle.founding import Founding
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.state_before import OrderedBefore, StateItems
from ledger_node.ledger.chain import ExecutedBlock, Tip
from ledger_node.ledger.contracts_in_force import ContractsInForce
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.ledger.execution import (
    ContractCrashed,
    ContractSetMissing,
    ContractShelf,
    execute,
    execute_genesis,
)
from ledger_node.ledger.refusal import BlockInvalid
from ledger_node.leveldb import plyvel
from ledger_node.state.stored import NoRows
from ledger_node.state.tree import NO_TREE, Leaf, Tree, planted

_OBJECT: Final = b"O"
_LEAF: Final = b"P"
_BRANCH: Final = b"N"
_ORDERED: Final = b"S"
_PLANTED_AT_ONCE: Final = 16_384
_CACHE_BYTES: Final = 16 * 1024 * 1024
_WRITE_BUFFER_BYTES: Final = 4 * 1024 * 1024
_OPEN_TABLES: Final = 16
"""LevelDB maps each open table of 2 MiB into memory: without a bound, all of them."""
_BRANCHES: Final = 30_000
"""Of the state tree, kept in memory: some 75 MB at the most."""


class JudgeMissing(BundleRefused):
    """The contract set by which a block is to be judged is not here, or must not be executed."""


class Replay:
    """The ledger as far as it was executed again. A ledger.chain.LedgerReader."""

    def __init__(self, shelf: ContractShelf, founding: Founding, directory: Path) -> None:
        """shelf: the contract sets that the auditor has; directory: empty, for the database."""
        self._founding = founding
        self._contracts = ContractsInForce(shelf, founding.genesis.contract_set)
        self._db = plyvel.DB(
            str(directory / "state"),
            create_if_missing=True,
            lru_cache_size=_CACHE_BYTES,
            write_buffer_size=_WRITE_BUFFER_BYTES,
            max_open_files=_OPEN_TABLES,
            bloom_filter_bits=10,
        )
        self._tip: Tip | None = None
        self._tree = NO_TREE

    # ------------------------------------------------------------ the ledger so far

    @property
    def tip(self) -> Tip:
        """See LedgerReader."""
        assert self._tip is not None, "genesis comes first"
        return self._tip

    def object(self, key: str) -> bytes | None:
        """See LedgerReader."""
        return self._db.get(_OBJECT + key.encode())

    @property
    def tree(self) -> Tree:
        """See LedgerReader."""
        return self._tree

    @property
    def tree_rows(self) -> Self:
        """See LedgerReader."""
        return self

    def leaves(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See state.stored.TreeRows."""
        for path, key in self._range(_LEAF, first, last):
            yield path, self._value_hash(key)

    def branches(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See state.stored.TreeRows."""
        return self._range(_BRANCH, first, last)

    def key_at(self, path: bytes) -> bytes | None:
        """The key whose SHA-256 is `path`, if there is an object."""
        return self._db.get(_LEAF + path)

    def _value_hash(self, key: bytes) -> bytes:
        value = self._db.get(_OBJECT + key)
        assert value is not None, "an object and its leaf are written together"
        return sha256(value).digest()

    def _range(self, table: bytes, first: bytes, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        rows = self._db.iterator(start=table + first, stop=table + last, include_stop=True)
        for key, value in rows:
            yield key[1:], value

    def ordered(self, submission: SubmissionId) -> bool:
        """See LedgerReader."""
        return self._db.get(_ORDERED + submission) is not None

    # ------------------------------------------------------------ going on

    def begin(self, block: LoggedBlock) -> None:
        """Execute the genesis block again. Raises BundleRefused."""
        founding = self._founding
        try:
            judge = self._contracts.founding()
        except ContractSetMissing as error:
            raise _missing(block, error) from error
        executed = execute_genesis(
            founding.union,
            founding.genesis.created_ms,
            founding.document,
            founding.first_state(judge),
            judge,
        )
        self._accept(block, executed)

    def go_on(self, block: LoggedBlock) -> None:
        """Execute the next block again. Raises BundleRefused."""
        bodies = [each.submission for each in block.submissions]
        for each in block.submissions:
            if self.ordered(each.submission.id):
                found = f"submission {each.submission.id.hex()} was ordered before"
                raise BundleRefused(Step.PAYLOAD, block.place(each.index), found)
        named, agreed = (
            block.closing.contract_set,
            self._contracts.digest_at(self.object, block.closing.height),
        )
        if named != agreed:
            found = f"contract set {named.hex()}, the union agreed on {agreed.hex()}"
            raise BundleRefused(Step.BLOCK, block.place(), found)
        try:
            executed = execute(block.block, bodies, self, self._contracts)
        except ContractSetMissing as error:
            raise _missing(block, error) from error
        except BlockInvalid as error:
            raise BundleRefused(Step.PAYLOAD, block.place(), str(error)) from error
        except ContractCrashed as error:
            found = f"contract set {agreed.hex()} fails: {error}"
            raise BundleRefused(Step.CONTRACTS, block.place(), found) from error
        self._accept(block, executed)

    def forget(self) -> None:
        """Forget the state: another is given."""
        with self._db.write_batch() as batch:
            for key, _ in self._db.iterator():
                batch.delete(key)
        self._tip, self._tree = None, NO_TREE

    def give(self, given: StateItems | OrderedBefore) -> None:
        """A part of the state, or of what was ordered before, checked by state_before."""
        with self._db.write_batch() as batch:
            match given:
                case StateItems():
                    for leaf, key, value in given.objects:
                        batch.put(_LEAF + leaf.path, key.encode())
                        batch.put(_OBJECT + key.encode(), value)
                case OrderedBefore():
                    for block in given.blocks:
                        for submission in block.payload:
                            batch.put(_ORDERED + submission, b"")

    def resume(self, upon: BlockInLog) -> None:
        """All of the state was given: go on upon this block."""
        header = upon.block.header
        self._plant()
        assert self._tree.root == upon.state_root, "every leaf was found under this root"
        self._tip = Tip(header, block_id(header), upon.frontier, upon.state_root)

    def _plant(self) -> None:
        """Make the tree of its leaves, and write the branches above them."""
        rows = self._db.iterator(prefix=_LEAF)
        leaves = (Leaf(row[1:], self._value_hash(key), key) for row, key in rows)
        while some := list(islice(leaves, _PLANTED_AT_ONCE)):
            state = planted(NoRows(), self._tree, some)
            with self._db.write_batch() as batch:
                for place, digest in state.branches.items():
                    _put_or_delete(batch, _BRANCH + place, digest)
            # Leaves come in order: what the next ones touch was touched by the last.
            self._tree = state.tree.spared(_BRANCHES)

    def _accept(self, block: LoggedBlock, executed: ExecutedBlock) -> None:
        if executed.entries != block.entries:
            raise _first_difference(block, executed)
        with self._db.write_batch() as batch:
            for key, value in executed.changes.items():
                _put_or_delete(batch, _OBJECT + key.encode(), value)
            for path, row in executed.state.leaves.items():
                _put_or_delete(batch, _LEAF + path, row)
            for place, digest in executed.state.branches.items():
                _put_or_delete(batch, _BRANCH + place, digest)
            for submission in executed.locations:
                batch.put(_ORDERED + submission, b"")
        self._tip = executed.tip
        self._tree = executed.state.tree.spared(_BRANCHES)

    # ------------------------------------------------------------ life

    def close(self) -> None:
        """Close the database; whoever gave the directory throws it away."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


def _put_or_delete(batch: "plyvel.WriteBatch", key: bytes, value: bytes | None) -> None:
    if value is None:
        batch.delete(key)
    else:
        batch.put(key, value)


def _missing(block: LoggedBlock, error: ContractSetMissing) -> JudgeMissing:
    cause = f"cannot be used: {error.reason}" if error.reason else "is not here"
    found = (
        f"contract set {error.digest.hex()}, by which the log was written, {cause}; a member of "
        "the union has it packed: give it as --contracts FILE.zip"
    )
    return JudgeMissing(Step.CONTRACTS, block.place(), found)


def _first_difference(block: LoggedBlock, executed: ExecutedBlock) -> BundleRefused:
    pairs = zip(block.entries, executed.entries, strict=False)
    for index, (logged, ours) in enumerate(pairs, block.first):
        if logged != ours:
            closing = isinstance(decode_entry(logged), BlockEntry)
            step = Step.STATE_ROOT if closing else Step.OUTCOME
            found = difference(logged, ours, "the log", "execution")
            return BundleRefused(step, block.place(index), found)
    place = Place(height=block.closing.height)
    found = f"execution gives {len(executed.entries)} entries, the log has {len(block.entries)}"
    return BundleRefused(Step.OUTCOME, place, found)
