"""Where `audit export` reads a log: a running node's API, or the directory of a stopped one.

Either has more than static files: consensus certificates, how epochs ended, contract sets. What a
node answers is believed as little as files are; whoever verifies the bundle checks it.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from ledger_node.api.forms import CertificateView
from ledger_node.audit.bundle.form import LARGEST_KEPT
from ledger_node.audit.bundle.source import SourceFailed
from ledger_node.cli.connection import PATIENCE, Connection
from ledger_node.client import AnswerUnreadable, ApiProblem, LedgerClient, NodeUnreachable
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.contract_sets.packing import PackedSetRefused, unpack
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.policy_history import HistoryRefused, parse_history
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.tiles import (
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileError,
    decode_entry_bundle,
)
from ledger_node.node.lineage import kept_steps
from ledger_node.storage import schema
from ledger_node.storage.snapshot import Snapshot

T = TypeVar("T")


@contextmanager
def node_log(node: Connection) -> Iterator["NodeLog"]:
    """The log of a running node."""
    with asyncio.Runner() as runner:
        client = LedgerClient(node.url, node.token, retries=PATIENCE)
        runner.run(client.__aenter__())
        try:
            yield NodeLog(client, runner, public_only=not node.token)
        finally:
            runner.run(client.close())


class NodeLog:
    """A LogSource over a node's API."""

    def __init__(self, client: LedgerClient, runner: asyncio.Runner, *, public_only: bool) -> None:
        """public_only: without a token, only the log is shown."""
        self._client = client
        self._runner = runner
        self._public_only = public_only
        self._certificates: dict[int, bytes] = {}
        self._asked_up_to = 0

    def checkpoint(self) -> bytes:
        """See LogSource."""
        return self._ask("checkpoint", self._client.checkpoint())

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        found = self._file(tile.path, HashTile(tile.level, tile.index).path)
        length = tile.width * DIGEST_SIZE
        if len(found) < length:
            raise SourceFailed(tile.path, "too short")
        return found[:length]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        found, width = self._file_or_none(bundle.path), bundle.width
        if found is None:
            found, width = self._file(EntryBundle(bundle.index).path), TILE_WIDTH
        try:
            return decode_entry_bundle(found, width)[: bundle.width]
        except TileError as error:
            raise SourceFailed(bundle.path, str(error)) from error

    def certificate(self, height: int) -> bytes | None:
        """See LogSource. Asks for a page at a time."""
        if self._public_only:
            return None
        while height > self._asked_up_to:
            after = max(self._asked_up_to, height - 1)
            page = self._ask("certificates", self._client.certificates(after))
            self._certificates = {}
            for each in page.certificates:
                self._certificates[each.height] = _bytes(each)
            # Below the last of a page all are known; the last page goes as far as the ledger.
            end = page.height if page.next is None else page.next
            self._asked_up_to = max(end, height)
        return self._certificates.get(height)

    def steps(self) -> Sequence[bytes]:
        """See LogSource."""
        if self._public_only:
            return ()
        history = self._ask("policy history", self._client.policy_history())
        try:
            return parse_history(history)
        except HistoryRefused as error:
            raise SourceFailed("policy history", str(error)) from error

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        """See LogSource."""
        if self._public_only:
            return None
        try:
            return unpack(self._ask("contract set", self._client.contract_set(digest)))
        except _Absent:
            return None
        except PackedSetRefused as error:
            raise SourceFailed(f"contract set {digest.hex()}", str(error)) from error

    # ------------------------------------------------------------ asking

    def _file(self, path: str, otherwise: str = "") -> bytes:
        found = self._file_or_none(path)
        if found is None and otherwise and otherwise != path:
            found = self._file_or_none(otherwise)
        if found is None:
            raise SourceFailed(path, "missing")
        return found

    def _file_or_none(self, path: str) -> bytes | None:
        try:
            return self._ask(path, self._client.tile(path))
        except _Absent:
            return None

    def _ask(self, what: str, answer: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(answer)
        except ApiProblem as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                raise _Absent(what, problem.detail) from problem
            raise SourceFailed(what, problem.detail) from problem
        except (NodeUnreachable, AnswerUnreadable) as error:
            raise SourceFailed(what, str(error)) from error


def _bytes(each: CertificateView) -> bytes:
    what = f"certificate of block {each.height}"
    try:
        found = bytes.fromhex(each.certificate)
    except ValueError as error:
        raise SourceFailed(what, str(error)) from error
    if len(found) > LARGEST_KEPT:
        raise SourceFailed(what, f"more than {LARGEST_KEPT} bytes")
    return found


class _Absent(SourceFailed):
    """The node says that it has no such thing."""


@dataclass(frozen=True, slots=True)
class DatabaseLog:
    """A LogSource over a node's own database. note: a checkpoint of this log, no longer than it;
    sets: contract sets of the node."""

    snapshot: Snapshot
    note: bytes
    sets: ContractSets

    def checkpoint(self) -> bytes:
        """See LogSource."""
        try:
            head = parse_signed_checkpoint(self.note).checkpoint
        except LogError as error:
            raise SourceFailed("checkpoint", str(error)) from error
        if head.size > self.snapshot.tip.tree_size:
            found = f"of {head.size} entries, this node has {self.snapshot.tip.tree_size}"
            raise SourceFailed("checkpoint", found)
        return self.note

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        return self.snapshot.tile(tile.level, tile.index)[: tile.width * DIGEST_SIZE]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        first = bundle.index * TILE_WIDTH
        return tuple(self.snapshot.log_entries(first, first + bundle.width))

    def certificate(self, height: int) -> bytes | None:
        """See LogSource."""
        return self.snapshot.raw(schema.certificate_key(height))

    def steps(self) -> Sequence[bytes]:
        """See LogSource."""
        return kept_steps(self.snapshot, self.snapshot.tip.header.epoch + 1)

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        """See LogSource."""
        try:
            return self.sets.sources(digest)
        except (OSError, PackedSetRefused) as error:
            raise SourceFailed(f"contract set {digest.hex()}", str(error)) from error
