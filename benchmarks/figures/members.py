"""The same load on unions of different sizes: what one more member costs everybody."""

from typing import Any

from benchmarks.figures.setting import Setting, batches, singles
from benchmarks.figures.throughput import fresh_union
from benchmarks.systems.union import COUNTRIES


def measure(setting: Setting, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """All members on this machine: the processor is shared by more, too."""
    return [_of(setting, size) for size in sizes]


def _of(setting: Setting, size: int) -> dict[str, Any]:
    with fresh_union(setting, COUNTRIES[:size]) as union:
        workload = union.settle()
        single = setting.drive(union, workload, singles(256))
        batch = setting.drive(union, workload, batches(16))
        resident = union.usage().resident_bytes / size
    found = {
        "members": size,
        "single_records_per_s": round(single["records_per_s"], 1),
        "batch_records_per_s": round(batch["records_per_s"], 1),
        "single_node_us": round(single["node_cpu_us"] / size, 1),
        "batch_node_us": round(batch["node_cpu_us"] / size, 1),
        "single_wire_bytes": single["wire_bytes"],
        "batch_wire_bytes": batch["wire_bytes"],
        "resident_mb": round(resident / 1e6, 1),
        "failures": single["failures"] + batch["failures"],
    }
    setting.say(
        f"{size} members: single {found['single_records_per_s']}/s, "
        f"batch {found['batch_records_per_s']}/s"
    )
    return found
