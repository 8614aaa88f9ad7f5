"""What a union costs that nobody uses: it should be next to nothing, day and night."""

import time
from typing import Any, Final

from benchmarks.figures.setting import Setting
from benchmarks.systems.union import LedgerUnion

QUIET_S: Final = 30.0
SETTLE_S: Final = 3.0
"""For what was under way to end: checkpoints, cosignatures."""
BAR_CORE: Final = 0.01
BAR_BYTES_PER_S: Final = 1024


def measure(setting: Setting, union: LedgerUnion) -> dict[str, Any]:
    """Processor and network of one node of an idle union, on average."""
    time.sleep(SETTLE_S)  # what ends in the background tells nobody that it ended
    before = union.usage()
    time.sleep(QUIET_S)  # the time without work is what is measured
    after = union.usage()
    spent, nodes = after.since(before), len(union.members)
    core = spent.cpu_s / spent.seconds / nodes
    wire = None if spent.wire_bytes is None else spent.wire_bytes / spent.seconds / nodes
    setting.say(f"idle: {core:.2%} of a core, {wire or 0:.0f} bytes/s a node")
    return {
        "seconds": round(spent.seconds, 1),
        "core_share": round(core, 5),
        "bytes_per_s": None if wire is None else round(wire),
        "resident_mb": round(after.resident_bytes / nodes / 1e6, 1),
        "core_within_bar": core < BAR_CORE,
        "bytes_within_bar": None if wire is None else wire < BAR_BYTES_PER_S,
    }
