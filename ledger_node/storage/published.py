"""The files of the published log, read from a snapshot.

Only what a checkpoint covers is given out, so that whoever reads tiles can verify them.
Source: c2sp.org/tlog-tiles.
"""

from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.log.tiles import (
    TILE_WIDTH,
    HashTile,
    TileError,
    encode_entry_bundle,
    parse_tile_path,
    tile_width,
)
from ledger_node.storage.snapshot import Snapshot


def published_file(ledger: Snapshot, path: str, size: int) -> bytes | None:
    """A tile or entry bundle by its path; None when it is none of a log of `size` entries.

    size: of a checkpoint, at most the snapshot's.
    """
    try:
        wanted = parse_tile_path(path)
    except TileError:
        return None
    level = wanted.level if isinstance(wanted, HashTile) else 0
    if wanted.width > tile_width(level, wanted.index, size):
        return None
    if isinstance(wanted, HashTile):
        return ledger.tile(wanted.level, wanted.index)[: wanted.width * DIGEST_SIZE]
    first = wanted.index * TILE_WIDTH
    return encode_entry_bundle(ledger.log_entries(first, first + wanted.width))
