"""Whether a manifest is what a quorum made final.

`VerifiedSnapshot` is made here alone: its certificate was checked under the committee of its
epoch, which follows from the genesis step by step, and all it says was held against the outcome
that the certificate names. What is taken afterwards is checked against its roots.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consensus.block import Block, BlockId, block_id
from consensus.committee import Committee
from consensus.messages import MessageRefused
from ledger_node.codec import DecodeError
from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.genesis.epochs import committee_of
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.chain import outcome_digest
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.ledger.finality import CheckClaims, check_final
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import Frontier, leaf_hash, tree_root
from ledger_node.log.tiles import (
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileHashes,
    TileKey,
    tile_root,
    tile_width,
)
from ledger_node.node.snapshot.forms import MAX_MANIFEST_BYTES, Manifest, SnapshotRefused, decoded


@dataclass(frozen=True, slots=True)
class VerifiedSnapshot:
    """A manifest that a quorum of its epoch's committee vouches for."""

    manifest: Manifest
    block_id: BlockId
    frontier: Frontier
    roster: Roster

    @property
    def height(self) -> int:
        """Of the block."""
        return self.manifest.block.header.height

    @property
    def tiles(self) -> dict[TileKey, bytes]:
        """The last tile of each level."""
        return {TileKey(level, index): hashes for level, index, hashes in self.manifest.tiles}


def epoch_of(data: bytes) -> int:
    """The epoch of a manifest that is not verified yet. Raises SnapshotRefused."""
    return decoded(Manifest, data, "manifest", MAX_MANIFEST_BYTES).block.header.epoch


def verify_manifest(
    data: bytes, roster: Roster, union: bytes, check: Callable[[Committee], CheckClaims]
) -> VerifiedSnapshot:
    """The snapshot that `data` announces. roster: of its epoch. Raises SnapshotRefused."""
    manifest = decoded(Manifest, data, "manifest", MAX_MANIFEST_BYTES)
    committee = committee_of(roster, union)
    outcome = outcome_of(manifest.block, manifest.certificate, committee, check(committee))
    try:
        frontier = Frontier.decode(manifest.frontier)
    except DecodeError as error:
        raise SnapshotRefused("frontier", error.reason) from error
    if len(manifest.state_root) != DIGEST_SIZE:
        raise SnapshotRefused("state root", "is not 32 bytes")
    if outcome_digest(frontier.size, frontier.root(), manifest.state_root) != outcome:
        raise SnapshotRefused("roots", "are not those the certificate names")
    _check_tiles(manifest, frontier)
    _check_entry(manifest, frontier)
    return VerifiedSnapshot(manifest, block_id(manifest.block.header), frontier, roster)


def outcome_of(block: Block, certificate: bytes, committee: Committee, check: CheckClaims) -> bytes:
    """The outcome that a quorum finalised with `block`. Raises SnapshotRefused."""
    try:
        return check_final(block, certificate, committee, check).finalization.outcome
    except MessageRefused as error:
        raise SnapshotRefused("certificate", str(error)) from error


def last_tiles(size: int) -> list[tuple[TileKey, int]]:
    """The last tile of each level of a log, from the lowest, with its number of hashes."""
    found: list[tuple[TileKey, int]] = []
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        index = (hashes - 1) // TILE_WIDTH
        found.append((TileKey(level, index), tile_width(level, index, size)))
        level += 1
    return found


@dataclass(frozen=True, slots=True)
class _Tiles:
    """A log.tiles.TileReader over the tiles of a manifest."""

    tiles: dict[TileKey, bytes]

    def tile(self, level: int, index: int) -> bytes:
        return self.tiles.get(TileKey(level, index), b"")


def _check_tiles(manifest: Manifest, frontier: Frontier) -> None:
    """Partial ones hold the frontier; a full one is the last hash of the next level."""
    expected = last_tiles(frontier.size)
    if [(TileKey(level, index)) for level, index, _ in manifest.tiles] != [k for k, _ in expected]:
        raise SnapshotRefused("tiles", "are not the last of each level")
    above: bytes | None = None
    for (key, width), (_, _, hashes) in reversed(list(zip(expected, manifest.tiles, strict=True))):
        if len(hashes) != width * DIGEST_SIZE:
            raise SnapshotRefused("tiles", f"{key.level}/{key.index} has {len(hashes)} bytes")
        if len(hashes) == TILE_BYTES and above is not None and tile_root(hashes) != above:
            raise SnapshotRefused("tiles", f"{key.level}/{key.index} is not the one above it names")
        above = hashes[-DIGEST_SIZE:]
    tiles = {TileKey(level, index): hashes for level, index, hashes in manifest.tiles}
    try:
        root = tree_root(frontier.size, TileHashes(_Tiles(tiles), frontier.size))
    except LogError as error:
        raise SnapshotRefused("tiles", str(error)) from error
    if root != frontier.root():
        raise SnapshotRefused("tiles", "do not have the root of the log")


def _check_entry(manifest: Manifest, frontier: Frontier) -> None:
    """The last leaf closes this very block: so the roots are its own, not a later one's."""
    _, _, lowest = manifest.tiles[0]
    if leaf_hash(manifest.entry) != lowest[-DIGEST_SIZE:]:
        raise SnapshotRefused("entry", f"is not the one at index {frontier.size - 1}")
    try:
        entry = decode_entry(manifest.entry)
    except DecodeError as error:
        raise SnapshotRefused("entry", error.reason) from error
    if not isinstance(entry, BlockEntry) or entry.block != block_id(manifest.block.header):
        raise SnapshotRefused("entry", "does not close the block")
    if entry.state_root != manifest.state_root:
        raise SnapshotRefused("entry", "has another state root")
