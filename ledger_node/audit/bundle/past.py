"""The state of a log as it was after some block, found by executing the log up to there.

Nodes keep the newest state alone. Whoever exports a range with the state before it therefore
executes what came before, as a verifier does, in a temporary database; the state that comes out is
the one whose root the log states, or the export fails at the block where it is not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from consensus.block import Block
from ledger_node.audit.bundle.blocks import BlockAssembler, LoggedBlock
from ledger_node.audit.bundle.founding import Founding, read_founding
from ledger_node.audit.bundle.reader import LoggedEntries
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.replay import Replay
from ledger_node.audit.bundle.source_log import SourceLog
from ledger_node.audit.bundle.succession import EpochRefused, Succession
from ledger_node.codec import decode, encode
from ledger_node.ledger.execution import ContractShelf
from ledger_node.ledger.refusal import MAX_LIFETIME_MS
from ledger_node.log.tiles import TILE_WIDTH
from ledger_node.state import encode_proof, prove
from ledger_node.state.stored import stored_page
from ledger_node.state.walk import PageRef, walk

_BLOCK: Final = b"B"


class Past(Replay):
    """A replay that can be asked for all of its state, and for its blocks."""

    def remember(self, block: LoggedBlock) -> None:
        """Keep a block that was executed, without its bodies."""
        self._db.put(_BLOCK + block.closing.height.to_bytes(8, "big"), encode(block.block))

    def proof(self, key: str) -> bytes:
        """An ICS-23 proof of what the state holds under a key now, or that it holds nothing."""
        return encode_proof(prove(self, self.tip.state_root, key.encode(), self._entry))

    def items(self) -> Iterator[bytes]:
        """Pages and objects in the order of a walk. See writing.StateGiven."""
        for ref, stored in walk(self, self.tip.state_root):
            if isinstance(ref, PageRef):
                yield stored
                continue
            found = self._entry(ref.path)
            assert found is not None, "the tree and its objects were written together"
            yield encode(found)

    def blocks(self) -> Iterator[bytes]:
        """Blocks of 24 hours, the newest first. See writing.StateGiven."""
        tip = self.tip.header
        until_ms = tip.time_ms - MAX_LIFETIME_MS
        for height in range(tip.height, 0, -1):
            stored = self._db.get(_BLOCK + height.to_bytes(8, "big"))
            assert stored is not None, "every block was remembered"
            yield stored
            if decode(Block, stored).header.time_ms <= until_ms:
                return

    def get(self, key: bytes, /) -> bytes | None:
        """A page of the state tree. See state.page.NodeReader."""
        return stored_page(self, key)

    def _entry(self, path: bytes) -> tuple[bytes, bytes] | None:
        """See state.EntryLookup."""
        key = self.key_at(path)
        value = None if key is None else self.object(key.decode())
        return None if key is None or value is None else (key, value)


@contextmanager
def executed_until(
    log: SourceLog,
    end: int,
    shelf: ContractShelf,
    tell: Callable[[int, int], None],
    passed: Callable[[int, Past], None] = lambda _index, _past: None,
) -> Iterator[Past]:
    """The ledger after the block whose entry is the last before `end`.

    tell: how far it is, in entries of the log; passed: told of each block by the index of its
    entry, with the ledger after it. Raises SourceFailed, BundleRefused.
    """
    founding = read_founding(log.founding_document())
    with (
        TemporaryDirectory(prefix="ledger-audit-") as directory,
        Past(shelf, founding, Path(directory)) as past,
    ):
        for block, succession in _blocks(log, end, founding):
            if block.parent is None:
                past.begin(block)
            else:
                past.go_on(block)
            past.remember(block)
            try:
                succession.executed(block.block.header, past.object)
            except EpochRefused as error:
                raise BundleRefused(Step.EPOCHS, block.place(), error.reason) from error
            passed(block.end - 1, past)
            tell(block.end, log.size)
        yield past


def _blocks(
    log: SourceLog, end: int, founding: Founding
) -> Iterator[tuple[LoggedBlock, Succession]]:
    succession = Succession(founding)
    assembler = BlockAssembler(founding, succession)
    for first in range(0, end, TILE_WIDTH):
        entries = log.bundle(first // TILE_WIDTH)[: end - first]
        leaves = tuple(sha256(b"\x00" + entry).digest() for entry in entries)
        for block in assembler.take(LoggedEntries(first, entries, leaves, None)):
            yield block, succession
    assembler.check_end()
