"""Records a second and peak memory of `audit verify`, over transit movements from end to end.

Each movement is lodged, registered, released, carried, completed and discharged in nine records;
`batch` records make a submission. The bundle is of everything, with a certificate of each block and
the contracts, so all is checked and executed again, from the genesis. `range` measures instead the
last tenth of the blocks, from the state before them. Verification runs in a process of its own, on
one core, so that its memory is its own; CPU seconds are those that nothing else on the machine can
take away from it.
Run: python -m benchmarks.audit_bundle [records] [batch] [range]
"""

import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
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
from ledger_node.audit.bundle.selection import Blocks, Everything
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.ledger.chain import ExecutedBlock, SpeculativeChain
from ledger_node.ledger.contract_set import installed_contracts, installed_sources
from ledger_node.ledger.execution import execute
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
        """A block of what waits, on disk, with its certificate."""
        bodies, self.waiting = self.waiting, []
        ledger = self._chain.view(self.database.latest.tip.block_id)
        executed = execute(self.header_on(bodies, step_ms), bodies, ledger, self.contracts)
        self._chain.add(executed)
        self.blocks = [executed]
        self.database.commit([executed], self.finalization(-1))
        self._chain.settle(self.database.latest)
        return executed


class Stored:
    """A LogSource over a stored union."""

    def __init__(self, union: StoredUnion) -> None:
        self.checkpoint = union.checkpoint
        self._ledger = union.database.latest
        self.height = self._ledger.tip.header.height

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        return self._ledger.tile(tile.level, tile.index)[: 32 * tile.width]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        first = bundle.index * 256
        return tuple(self._ledger.log_entries(first, first + bundle.width))

    def certificate(self, height: int) -> bytes | None:
        """See LogSource."""
        found = self._ledger.certificate_from(height)
        return None if found is None or found[0] != height else found[1]

    def steps(self) -> Sequence[bytes]:
        """See LogSource: the union is in its first epoch."""
        return ()

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        """See LogSource."""
        return installed_sources() if digest == installed_contracts().digest else None


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


def measure(path: str, founding: VerifiedGenesis) -> dict[str, object]:
    """Verify the bundle, in a process of its own."""
    began, cpu = time.perf_counter(), time.process_time()
    with Path(path).open("rb") as file:
        found = verify_bundle(file, founding, ContractSets())
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    assert found.certified is not None
    return {
        "records": found.records,
        "refused": found.refused,
        "submissions": found.submissions,
        "entries": found.entries,
        "certificates": found.certified.number,
        "executed_from": found.executed_from,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "records_per_s": round(found.records / seconds),
        "records_per_cpu_s": round(found.records / cpu_seconds),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(records: int = 20_000, batch: int = 1, *, last_tenth: bool = False) -> None:
    """Print the measurement as JSON."""
    with TemporaryDirectory() as directory:
        union = StoredUnion(Path(directory) / "ledger")
        fill(union, records, batch)
        log = Stored(union)
        path = Path(directory) / "measured.bundle"
        began = time.perf_counter()
        with path.open("wb") as out:
            if last_tenth:
                part = Blocks(log.height * 9 // 10, log.height)
                export_bundle(log, part, out, state_by=installed_contracts())
            else:
                export_bundle(log, Everything(), out)
        exported = time.perf_counter() - began
        founding = union.founding
        union.database.close()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            found = pool.submit(measure, str(path), founding).result()
        found |= {
            "batch": batch,
            "bundle_mb": round(path.stat().st_size / 1e6, 1),
            "export_s": round(exported, 2),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument != "range"]
    main(*numbers, last_tenth="range" in sys.argv)
