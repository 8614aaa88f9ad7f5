"""What peers give of a snapshot, and backup files."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from uuid import uuid4

from consensus.block import Block, BlockHeader, View, block_id, payload_root
from consensus.messages import Finalization
from ledger_node.genesis.epochs import committee_of
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.ledger.chain import LedgerView
from ledger_node.ledger.execution import execute, execute_genesis
from ledger_node.ledger.finality import certificate_bytes
from ledger_node.node.snapshot.backup import MAGIC, BackupReader, Part, backup_frames
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.serving import manifest_of
from ledger_node.node.snapshot.verify import verify_manifest
from ledger_node.storage.database import Database
from ledger_node.storage.snapshot import Snapshot
from tests.fuzz.target import Target, scratch
from tests.ledger_node.genesis.founders import drafted
from tests.ledger_node.ledger.builders import CONTRACTS, UNION


@cache
def _roster() -> Roster:
    return founding_roster(drafted("AM", "BY", "KG", "KZ").genesis, 1)


@contextmanager
def _ledger() -> Iterator[Snapshot]:
    """A ledger of one block, whose certificate has the right form."""
    first = execute_genesis(UNION, 1_000, b"document", [("member/AM", b"Armenia")], CONTRACTS)
    committee = committee_of(_roster(), UNION)
    with Database.create(scratch() / uuid4().hex, first) as database:
        header = BlockHeader(
            union=UNION,
            epoch=1,
            height=1,
            view=1,
            parent_view=0,
            parent=first.tip.block_id,
            time_ms=2_000,
            proposer=committee.leader(View(1)),
            payload_root=payload_root(()),
        )
        executed = execute(Block(header, ()), [], LedgerView(database.latest), CONTRACTS)
        signatures = tuple((member, bytes(64)) for member in range(committee.quorum))
        final = Finalization(1, 1, block_id(header), executed.outcome_digest, signatures)
        database.commit([executed], certificate_bytes(final, ()))
        yield database.latest


def _manifests() -> Iterable[bytes]:
    with _ledger() as view:
        manifest = manifest_of(view)
        assert manifest is not None
        yield manifest


def _manifest(data: bytes) -> None:
    """Signatures are taken for good: the structure is what is asked about."""
    verify_manifest(data, _roster(), UNION, lambda _: lambda _: True)


def _backups() -> Iterable[bytes]:
    with _ledger() as view:
        yield MAGIC + b"".join(backup_frames(view))


def _backup(data: bytes) -> None:
    reader = BackupReader(BytesIO(data))
    while reader.frame()[0] is not Part.END:
        pass


TARGETS = (
    Target("snapshot-manifest", _manifest, (SnapshotRefused,), _manifests),
    Target("backup-frames", _backup, (SnapshotRefused,), _backups),
)
