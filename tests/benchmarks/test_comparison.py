"""Ratios between systems, and where samples of a profile belong."""

from typing import Any

import pytest

from benchmarks.figures.stages import ELSE, stage_of
from benchmarks.figures.throughput import ETCD_BATCHED, ratios


def run(rate: float) -> dict[str, Any]:
    return {"records_per_s": rate}


RUNS = {
    ("union", "single", 40): [run(100), run(300)],
    ("union", "single", 1000): [run(200), run(200)],
    ("union", "batch", 8): [run(1000), run(1200)],
    ("etcd", "put", 40): [run(100), run(100)],
    ("etcd", "put", 2560): [run(400), run(200)],
    ("etcd", "put at the leader", 1000): [run(100), run(200)],
    ("etcd", ETCD_BATCHED, 32): [run(9999), run(9999)],
}


def test_single_records_are_compared_at_the_same_number_of_clients() -> None:
    at_40 = next(r for r in ratios(RUNS) if r["load"] == "single" and r["at"] == "40 clients")
    assert at_40 == {
        "load": "single",
        "peer": "etcd",
        "at": "40 clients",
        "ratio": {"median": 2.0, "min": 1.0, "max": 3.0},
    }


def test_the_best_of_each_round_is_compared_whatever_the_number_of_clients() -> None:
    best = {r["load"]: r["ratio"] for r in ratios(RUNS) if r["at"] == "best of each"}
    assert best["single"] == {"median": 1.0, "min": 0.5, "max": 1.5}
    assert best["batch"] == {"median": 4.25, "min": 2.5, "max": 6.0}


def test_a_peer_that_is_absent_has_no_ratio() -> None:
    assert not [r for r in ratios(RUNS) if r["peer"] == "cometbft"]


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        ("run (ledger_node/node/node.py:1);_check (ledger_node/node/verifying.py:9)", "verify"),
        (
            "execute (ledger_node/ledger/execution.py:1);apply (contracts/kernel/apply.py:3)",
            "execute",
        ),
        (
            "_commit_now (ledger_node/node/block_work.py:1);put (ledger_node/storage/db.py:2)",
            "store",
        ),
        ("update (ledger_node/state/tree.py:1);page (ledger_node/state/page.py:2)", "hash"),
        ("run_forever (asyncio/base_events.py:607);_run_once (asyncio/base_events.py:1922)", ELSE),
    ],
)
def test_the_innermost_frame_that_says_anything_decides(stack: str, stage: str) -> None:
    assert stage_of(stack) == stage
