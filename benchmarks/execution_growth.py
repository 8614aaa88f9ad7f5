"""What a record costs as the state grows: 10 thousand, 100 thousand, 1 million objects.

The state is filled with registered participants. At each size whole transit movements are run (nine
records each, from lodging to discharge, with their guarantee, deadlines and history), 512 side by
side, each block executed by the engine and committed to LevelDB with a disk sync. CPU time is
counted, without signing: the machine may have other work. It is told in parts, microseconds a
record: `rules`, all of executing but the state tree; `tree`, hashing the state, more the deeper its
tree is; `commit`, writing; `merging`, LevelDB's own thread. Flat means: finding what a record needs
costs no scan, so `rules` stays, and the tree grows by its depth only. What else a machine does
disturbs processor time too, so there is a union of each size, they take turns, and ratios are made
within a round. Medians of rounds. The garbage collector is set as a node sets it.
Run: python -m benchmarks.execution_growth [largest size, default 1000000]
"""

import argparse
import gc
import json
import os
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from msgspec.structs import replace

from benchmarks.audit_bundle import BLOCK_RECORDS, LIFE, StoredUnion, life
from contracts.guarantee import records as g
from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.cli.run import COLLECT_AFTER
from ledger_node.state.tree import update
from tests.contracts.sample_union import GRN, UNDERTAKING
from tests.ledger_node.audit.bundle.audited_union import populated

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 256
COHORTS = 2
ROUNDS = 7
KEY = b"\x01" + bytes(32)
PARTS = ("rules", "tree", "commit", "merging", "all")
P = ParamSpec("P")
T = TypeVar("T")


class Spent(Counter[str]):
    """CPU nanoseconds by part."""

    def counted(self, part: str, function: Callable[P, T]) -> Callable[P, T]:
        """The function; what it takes in this thread is a part."""

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            began = time.thread_time_ns()
            try:
                return function(*args, **kwargs)
            finally:
                self[part] += time.thread_time_ns() - began

        return call


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


def until_merged() -> None:
    """Until LevelDB, which tells nobody, has merged what was written: this process is idle."""
    before = -1.0
    while (now := time.process_time()) - before > 0.02:
        before = now
        time.sleep(0.5)  # LevelDB has no event for the end of a merge: idle time shows it


def measure(union: StoredUnion, first: int) -> dict[str, float]:
    """CPU time a record by part, over some cohorts of movements from `first` on."""
    spent, count = Spent(), 0
    movements = iter(range(first, first + COHORTS * BLOCK_RECORDS))
    close, database = spent.counted("thread", union.close), union.database
    with (
        patch("ledger_node.ledger.execution.update", spent.counted("tree", update)),
        patch.object(database, "commit", spent.counted("commit", database.commit)),
    ):
        while cohort := list(islice(movements, BLOCK_RECORDS)):
            for step in zip(*(life(number) for number in cohort), strict=True):
                acts = iter(step)
                while some := list(islice(acts, 16)):
                    union.send(some[0][0], *(record for _, record in some))
                began = time.process_time_ns()
                close()
                spent["process"] += time.process_time_ns() - began
                count += len(step)
    assert count == COHORTS * BLOCK_RECORDS * LIFE
    parts = {
        "rules": spent["thread"] - spent["tree"] - spent["commit"],
        "tree": spent["tree"],
        "commit": spent["commit"],
        "merging": spent["process"] - spent["thread"],
        "all": spent["process"],
    }
    return {part: nanoseconds / 1000 / count for part, nanoseconds in parts.items()}


def filled(path: Path, objects: int) -> StoredUnion:
    """A union with that many objects, and a guarantee without end."""
    union = StoredUnion(path)
    populated(union)
    union.act("BANK", replace(UNDERTAKING, reference_amount=10**12))
    union.act("BY/GUA", g.AcceptUndertaking(GRN))
    grow(union, 0, objects)
    return union


def main(largest: int) -> None:
    """Print the measurement as JSON."""
    gc.set_threshold(*COLLECT_AFTER)
    rounds: list[dict[int, dict[str, float]]] = []
    with TemporaryDirectory() as directory:
        unions = {
            size: filled(Path(directory) / str(size), size) for size in SIZES if size <= largest
        }
        for number in range(ROUNDS):
            measured = {}
            for size, union in unions.items():
                until_merged()
                measured[size] = measure(union, 1 + number * COHORTS * BLOCK_RECORDS)
            rounds.append(measured)
        for union in unions.values():
            union.database.close()
    first, last = min(unions), max(unions)
    report = {
        "benchmark": "CPU microseconds a record in a growing state, by part",
        "command": f"python -m benchmarks.execution_growth {largest}",
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "records_a_round": COHORTS * BLOCK_RECORDS * LIFE,
        "rounds": ROUNDS,
        "objects": {
            str(size): {
                part: round(statistics.median(each[size][part] for each in rounds), 1)
                for part in PARTS
            }
            for size in unions
        },
        "largest_to_smallest": {
            part: round(
                statistics.median(each[last][part] / each[first][part] for each in rounds), 2
            )
            for part in ("rules", "tree", "commit", "all")
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.execution_growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "largest", type=int, nargs="?", default=SIZES[-1], help="objects; default: %(default)s"
    )
    largest = parser.parse_args().largest
    if largest < SIZES[0]:
        parser.error(f"argument largest: {largest} is below the smallest size, {SIZES[0]}")
    main(largest)
