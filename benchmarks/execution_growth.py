"""What a record costs as the state grows: 10 thousand, 100 thousand, 1 million objects.

The state is filled with registered participants. At each size whole transit movements are run (nine
records each, from lodging to discharge, with their guarantee, deadlines and history), 512 side by
side, each block executed by the engine and committed to LevelDB with a disk sync. CPU time of this
process is counted, without signing: the machine may have other work. Flat means: finding what a
record needs costs no scan, and the state tree grows by its depth only.
Run: python -m benchmarks.execution_growth [largest size, default 1000000]
"""

import json
import os
import platform
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from benchmarks.audit_bundle import BLOCK_RECORDS, LIFE, StoredUnion, life
from contracts.guarantee import records as g
from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from tests.contracts.sample_union import GRN, UNDERTAKING
from tests.ledger_node.audit.bundle.audited_union import populated

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 256
COHORTS = 4
KEY = b"\x01" + bytes(32)


def grow(union: StoredUnion, have: int, want: int) -> None:
    """Register participants until there are `want`."""
    while have < want:
        for _ in range(8):
            numbers = range(have, min(have + BATCH, want))
            if not numbers:
                break
            have = numbers.stop
            union.send(
                "AM",
                *(
                    RegisterParticipant(f"AM-{n:08}", "AM", "Trader", (Role.DECLARANT,), (), (KEY,))
                    for n in numbers
                ),
            )
        union.close(step_ms=10)


def measure(union: StoredUnion, first: int) -> dict[str, Any]:
    """CPU time a record, over some cohorts of movements from `first` on."""
    spent = 0.0
    count = 0
    movements = iter(range(first, first + COHORTS * BLOCK_RECORDS))
    while cohort := list(islice(movements, BLOCK_RECORDS)):
        for step in zip(*(life(number) for number in cohort), strict=True):
            acts = iter(step)
            while some := list(islice(acts, 16)):
                union.send(some[0][0], *(record for _, record in some))
            began = time.process_time()
            union.close()
            spent += time.process_time() - began
            count += len(step)
    assert count == COHORTS * BLOCK_RECORDS * LIFE
    return {"records": count, "us_per_record": round(spent / count * 1e6, 1)}


def main(largest: int = SIZES[-1]) -> None:
    """Print the measurement as JSON."""
    sizes: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as directory:
        union = StoredUnion(Path(directory) / "ledger")
        populated(union)
        union.act("BANK", replace(UNDERTAKING, reference_amount=10**12))
        union.act("BY/GUA", g.AcceptUndertaking(GRN))
        have, number = 0, 1
        for size in SIZES:
            if size > largest:
                break
            grow(union, have, size)
            have = size
            sizes[str(size)] = measure(union, number)
            number += COHORTS * BLOCK_RECORDS
        union.database.close()
    costs = [each["us_per_record"] for each in sizes.values()]
    report = {
        "benchmark": "cost of a record in a growing state, one core",
        "command": " ".join(["python -m benchmarks.execution_growth", *sys.argv[1:]]),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "objects": sizes,
        "largest_to_smallest": round(costs[-1] / costs[0], 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
