"""Running a target over many inputs: where to start, what to tell, what to keep."""

import random
import sys
import time
import traceback
from collections.abc import Iterable
from types import FrameType
from typing import Any

from tests.fuzz.corpus import inputs_of, keep
from tests.fuzz.mutations import mutate
from tests.fuzz.target import Target

MOST_KEPT = 24
"""Files that one `minimise` adds at most."""
LARGEST_KEPT = 2048
_OURS = ("/ledger_node/", "/contracts/", "/consensus/", "/ctl_verify/")


def start(target: Target) -> list[bytes]:
    """Corpus and seeds."""
    return [*inputs_of(target.name), *target.seeds()]


def report(target: Target, data: bytes, error: BaseException) -> None:
    """Tell of an input that broke the rule, and keep it."""
    traceback.print_exception(error)
    print(f"\n{target.name}: kept as {keep(target.name, data)}: {data[:200]!r}", flush=True)


def blind(target: Target, seconds: float, seed: int) -> bool:
    """Mutations of known inputs, without guidance. Returns whether none broke the rule."""
    chance = random.Random(seed)
    known = start(target)
    began, runs, slowest = time.monotonic(), 0, 0.0
    while time.monotonic() - began < seconds:
        data = mutate(chance.choice(known), chance.getrandbits(60), target.longest)
        before = time.monotonic()
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001 - any exception is what is looked for
            report(target, data, error)
            return False
        runs, slowest = runs + 1, max(slowest, time.monotonic() - before)
    print(f"target={target.name} runs={runs} findings=0 slowest_ms={slowest * 1000:.0f}")
    return True


def minimise(target: Target, found: Iterable[bytes]) -> int:
    """Keep what reaches lines that neither seeds nor anything kept reaches. Returns how many."""
    reached: set[tuple[str, int]] = set()
    for data in start(target):
        reached |= lines_of(target, data)
    kept = 0
    for data in sorted((d for d in found if len(d) <= LARGEST_KEPT), key=len):
        lines = lines_of(target, data)
        if not lines <= reached and kept < MOST_KEPT:
            reached |= lines
            keep(target.name, data)
            kept += 1
    return kept


def lines_of(target: Target, data: bytes) -> set[tuple[str, int]]:
    """Lines of the product that an input runs through."""
    lines: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "/tests/" in name or not any(part in name for part in _OURS):
            return None
        if event == "line":
            lines.add((name, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        target.run(data)
    finally:
        sys.settrace(None)
    return lines
