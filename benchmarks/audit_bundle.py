"""Records a second and peak memory of `audit verify`, over transit movements from end to end.

Each movement is lodged, registered, released, carried, completed and discharged in nine records;
`batch` records make a submission. The bundle is of everything, so the contracts are executed
again. Verification runs in a process of its own, on one core, so that its memory is its own.
Run: python -m benchmarks.audit_bundle [records] [batch]
"""

import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from contracts import Record
from contracts.guarantee import records as g
from contracts.references import make_mrn
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.selection import Everything
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.ledger.chain import ExecutedBlock, SpeculativeChain
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import execute
from ledger_node.log.policy import parse_policy
from ledger_node.log.tiles import EntryBundle, HashTile
from ledger_node.storage.database import Database
from tests.contracts.sample_union import CONTENT, GRN, RELEASE, UNDERTAKING
from tests.ledger_node.audit.bundle.audited_union import AuditedUnion, populated

BLOCK_RECORDS = 512
LIFE = 9


class StoredUnion(AuditedUnion):
    """The union of the tests, its ledger in a database: blocks need not be kept in memory."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.database = Database.create(path, self.blocks[0])
        self._chain = SpeculativeChain(self.database.latest)

    def close(self, *, step_ms: int = 1_000) -> ExecutedBlock:
        """A block of what waits, on disk."""
        bodies, self.waiting = self.waiting, []
        ledger = self._chain.view(self.database.latest.tip.block_id)
        executed = execute(self.header_on(bodies, step_ms), bodies, ledger, self.contracts)
        self._chain.add(executed)
        self.database.commit([executed], b"none")
        self._chain.settle(self.database.latest)
        self.blocks = [executed]
        return executed

    # LogSource

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        return self.database.latest.tile(tile.level, tile.index)[: 32 * tile.width]

    def entries_of(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        first = bundle.index * 256
        return tuple(self.database.latest.log_entries(first, first + bundle.width))


class Stored:
    """A LogSource over a stored union."""

    def __init__(self, union: StoredUnion) -> None:
        self.checkpoint = union.checkpoint
        self.hashes = union.hashes
        self.entries = union.entries_of

    def certificate(self, height: int) -> bytes | None:  # noqa: ARG002 - there are none here
        """See LogSource."""
        return None

    def steps(self) -> tuple[bytes, ...]:
        """See LogSource."""
        return ()

    def contract_set(self, digest: bytes) -> None:
        """See LogSource."""


def life(number: int) -> Iterator[tuple[str, Record]]:
    """Who signs what, for one movement."""
    mrn, lrn = make_mrn(2026, "BY", f"{number:012}"), f"LRN{number:07}"
    use = replace(CONTENT.guarantees[0], amount=1)
    content = replace(CONTENT, guarantees=(use,), limit_date_ms=None)
    yield "TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content)
    yield "BY/DEP", t.Register("TRADER", lrn, mrn, None)
    yield "BY/DEP", t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, "")
    yield "BY/DEP", replace(RELEASE, mrn=mrn)
    yield "RU/TRN", t.NoteCrossing(mrn, True, "")
    yield "HAULIER", t.NotifyArrival(mrn, "KZ/DST")
    yield "KZ/DST", t.RecordArrival(mrn, True, False)
    yield "KZ/DST", t.Complete(mrn, "")
    yield "BY/DEP", t.Discharge(mrn)


def fill(union: StoredUnion, records: int, batch: int) -> None:
    """Movements by the cohort: each step of all of them in one or more blocks."""
    populated(union)
    union.act("BANK", replace(UNDERTAKING, reference_amount=10**12))
    union.act("BY/GUA", g.AcceptUndertaking(GRN))
    movements = iter(range(1, records // LIFE + 1))
    while cohort := list(islice(movements, BLOCK_RECORDS)):
        for step in zip(*(life(number) for number in cohort), strict=True):
            acts = iter(step)
            while some := list(islice(acts, batch)):
                union.send(some[0][0], *(record for _, record in some))
            union.close()


def measure(path: str, policy: bytes) -> dict[str, object]:
    """Verify the bundle, in a process of its own."""
    contracts = installed_contracts()
    began = time.perf_counter()
    with Path(path).open("rb") as file:
        found = verify_bundle(file, parse_policy(policy), contracts)
    seconds = time.perf_counter() - began
    return {
        "records": found.records,
        "refused": found.refused,
        "submissions": found.submissions,
        "entries": found.entries,
        "executed": found.executed,
        "seconds": round(seconds, 2),
        "records_per_s": round(found.records / seconds),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(records: int = 20_000, batch: int = 1) -> None:
    """Print the measurement as JSON."""
    with TemporaryDirectory() as directory:
        union = StoredUnion(Path(directory) / "ledger")
        fill(union, records, batch)
        path = Path(directory) / "everything.bundle"
        began = time.perf_counter()
        with path.open("wb") as out:
            export_bundle(Stored(union), Everything(), out)
        exported = time.perf_counter() - began
        union.database.close()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            found = pool.submit(measure, str(path), union.policy.format()).result()
        found |= {
            "batch": batch,
            "bundle_mb": round(path.stat().st_size / 1e6, 1),
            "export_s": round(exported, 2),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
