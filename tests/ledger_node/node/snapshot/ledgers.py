"""Small ledgers with a past, and their transfer without any network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.log.tiles import TileKey
from ledger_node.node.snapshot.forms import ChunkKind
from ledger_node.node.snapshot.serving import items_of
from ledger_node.node.snapshot.verify import last_tiles
from ledger_node.node.snapshot.walks import IdWalk, Taken, TreeWalk
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from ledger_node.storage.staging import LedgerHead, Staging
from tests.ledger_node.ledger.builders import UNION, executed_on, genesis, put, submission


@contextmanager
def ledger(path: Path, blocks: int = 6, objects: int = 40) -> Iterator[Database]:
    """A ledger of some blocks, each of which puts some objects and changes an old one."""
    with Database.create(path, genesis()) as database:
        grow(database, blocks, objects)
        yield database


def grow(database: Database, blocks: int, objects: int) -> list[ExecutedBlock]:
    made = []
    for _ in range(blocks):
        height = database.latest.tip.header.height + 1
        puts = [put(f"thing/{height}-{number}", "there") for number in range(objects)]
        batches = [submission(*puts[at : at + 100], nonce=at) for at in range(0, objects, 100)]
        changed = submission(put("member/AM", f"as of {height}"), nonce=height * 1000 + 999)
        made.append(executed_on(database.latest, *batches, changed))
        database.commit([made[-1]], b"certificate of %d" % height)
    return made


def head_of(view: Snapshot) -> LedgerHead:
    tip = view.tip
    block, certified = view.block(tip.header.height), view.certificate_from(tip.header.height)
    entry = view.log_entry(tip.tree_size - 1)
    assert block is not None
    assert certified is not None
    assert entry is not None
    return LedgerHead(
        block=block.block,
        certificate=certified[1],
        frontier=tip.frontier,
        state_root=tip.state_root,
        entry=entry,
        tiles={
            TileKey(key.level, key.index): view.tile(key.level, key.index)
            for key, _ in last_tiles(tip.tree_size)
        },
        roster=None,
        steps={},
    )


def take_state(view: Snapshot, staging: Staging, taken: Taken | None = None) -> None:
    """All of the state, from one honest giver."""
    tree = TreeWalk.of(staging, view.tip.state_root, taken or Taken())
    while not tree.done:
        pages = tree.wanted_pages()
        tree.take_pages(pages, items_of(view, ChunkKind.PAGES, [page.key for page in pages]))
        leaves = tree.wanted_leaves(1)
        tree.take_objects(leaves, items_of(view, ChunkKind.OBJECTS, [leaf.path for leaf in leaves]))


def take_ids(view: Snapshot, staging: Staging) -> IdWalk:
    """The ids of the last day."""
    block = view.block(view.tip.header.height)
    assert block is not None
    ids = IdWalk.of(staging, block.block, Taken())
    while not ids.done:
        ids.take(items_of(view, ChunkKind.BLOCKS, [ids.next]))
    return ids


def transferred(view: Snapshot, path: Path) -> Database:
    """A ledger at the view's block, whose past is missing."""
    staging = Staging.open(path, UNION, view.tip.state_root)
    take_ids(view, staging)
    take_state(view, staging)
    staging.complete(head_of(view), genesis())
    return Database.open(path, UNION)


def rows(view: Snapshot, *tables: bytes) -> dict[bytes, bytes]:
    return {key: value for table in tables for key, value in view.rows(table)}
