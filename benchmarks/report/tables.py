"""A report as Markdown: what was measured, on what, beside the bars it is held against."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.report.pictures import NAMES


def markdown(report: dict[str, Any], pictures: Sequence[str], folder: str = "") -> str:
    """The report. pictures: names of those there are, in `folder`."""
    parts = [_machine(report["machine"])]
    parts += [f"**{line}**" for line in report["absent"]]
    if throughput := report.get("throughput"):
        parts += _throughput(throughput, _taken(report, "throughput"))
    if finality := report.get("finality"):
        parts += _finality(finality["delays"], _taken(report, "finality"))
    if one := report.get("one_union"):
        parts += _one_union(one, _taken(report, "one_union"))
    if members := report.get("members"):
        parts += _members(members, _taken(report, "members"))
    text = "\n\n".join(parts)
    for name in pictures:
        text = text.replace(f"({name})", f"({folder}{name})")
    return text + "\n"


def _machine(machine: dict[str, Any]) -> str:
    verify_us = 1e6 / machine["ed25519_verifies_per_s"]
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, "
        f"{machine['system']}, {machine['file_system']}; a disk sync takes "
        f"{machine['disk_sync_ms']} ms, an Ed25519 verify {verify_us:.0f} µs."
    )


def _taken(report: dict[str, Any], part: str) -> str:
    taken = report["taken"][part]
    before, after = (taken[f"load_average_{when}"][0] for when in ("before", "after"))
    versions = ", ".join(f"{name} {which}" for name, which in taken["versions"].items())
    return (
        f"`{taken['command']}`, {taken['began']}; load of the machine {before:.1f} before, "
        f"{after:.1f} after; {versions}."
    )


def _throughput(throughput: dict[str, Any], taken: str) -> list[str]:
    def rows() -> Iterator[list[str]]:
        for point in throughput["points"]:
            latency = point["latency_ms"]
            yield [
                NAMES[point["system"]],
                point["load"],
                f"{point['clients']:,}",
                _spread(point["records_per_s"], 0),
                f"{latency['p50']:,.0f} / {latency['p99']:,.0f}",
                f"{point['node_cpu_us']['median']:,.0f}",
                f"{point['client_cpu_us']['median']:,.0f}",
                _bytes(point["wire_bytes"]),
                _bytes(point["disk_bytes"]),
                str(point["failures"] or ""),
            ]

    def ratios() -> Iterator[list[str]]:
        for each in throughput["ratios"]:
            yield [each["load"], NAMES[each["peer"]], each["at"], _spread(each["ratio"], 2)]

    heads = ["system", "load", "clients", "records a second", "p50 / p99, ms"]
    heads += ["CPU of all nodes, µs a record", "of the client", "bytes on the wire a record"]
    heads += ["written to disk", "failures"]
    return [
        "### Records a second",
        taken,
        f"{throughput['rounds']} rounds, records of {throughput['record_bytes']} bytes; "
        "median (least to most). Bytes are of all nodes together: TCP payload "
        "between them, and what the kernel wrote to disk for them.",
        "![Records a second](throughput.svg)",
        _table(heads, rows()),
        _table(["ours, load", "beside", "at", "ratio"], ratios()),
    ]


def _finality(delays: list[dict[str, Any]], taken: str) -> list[str]:
    def rows() -> Iterator[list[str]]:
        for each in delays:
            latency = each["latency_ms"]
            yield [
                f"{each['asked_one_way_ms']} ({each['measured_one_way_ms']})",
                f"{latency['p10']:.0f} / {latency['p50']:.0f} / {latency['p95']:.0f}",
                f"{each.get('one_way_delays', '')}",
                f"{each['bar_ms']:.0f}",
                "yes" if each["within_bar"] else "no",
            ]

    heads = [
        "one-way delay asked (measured), ms",
        "p10 / p50 / p95, ms",
        "p50 in delays, above none",
    ]
    heads += ["bar, ms", "p50 within"]
    return [
        "### Time to finality at low load",
        taken,
        "![Time to finality](finality.svg)",
        _table(heads, rows()),
    ]


def _one_union(one: dict[str, Any], taken: str) -> list[str]:
    idle = one["idle"]
    parts = [
        "### An idle union",
        taken,
        f"{idle['core_share']:.2%} of a core, {idle['bytes_per_s']} bytes a second and "
        f"{idle['resident_mb']} MB a node, over {idle['seconds']:.0f} s.",
    ]
    stages = one["stages"]
    if "single" in stages:
        names = list(stages["single"]["us"])
        rows = [
            [name, *(f"{stages[load]['us'][name]:.0f}" for load in ("single", "batch"))]
            for name in names
        ]
        rows.append(
            ["all", *(f"{stages[load]['us_of_one_node']:.0f}" for load in ("single", "batch"))]
        )
        parts += [
            "### Processor time by stage, one node, µs a record",
            "![Processor time by stage](stages.svg)",
            _table(["stage", "one record a submission", "256 records"], rows),
        ]
    else:
        parts.append(f"**NOT MEASURED: processor time by stage: {stages['not_measured']}**")
    return parts + _growth(one["growth"])


def _growth(growth: list[dict[str, Any]]) -> list[str]:
    def rows() -> Iterator[list[str]]:
        for each in growth:
            catch_up = each["catch_up"]
            yield [
                f"{each['records']:,}",
                f"{each['records_per_s']:,.0f}",
                f"{each['node_cpu_us']:,.0f}",
                f"{each['resident_mb']:.0f}",
                f"{each['disk_bytes_per_record']:,}",
                f"{each['restart_s']:.1f}",
                f"{catch_up['records_per_s']:,} ({catch_up['times_live']} × live)",
            ]

    def questions() -> Iterator[list[str]]:
        for kind in growth[0]["questions_ms"]:
            found = (each["questions_ms"][kind] for each in growth)
            yield [kind, *(f"{at['p50']} / {at['p95']}" for at in found)]

    heads = [
        "records behind it",
        "records a second",
        "CPU of all nodes, µs a record",
        "memory a node, MB",
    ]
    heads += ["bytes on disk a record", "restart, s", "catch-up, records a second"]
    sizes = [f"{each['records']:,} records" for each in growth]
    return [
        "### As history grows (256 records a submission, 16 clients)",
        "![As history grows](growth.svg)" if len(growth) > 1 else "",
        _table(heads, rows()),
        "Questions to one node, one after another, p50 / p95 in ms:",
        _table(["question", *sizes], questions()),
    ]


def _members(members: list[dict[str, Any]], taken: str) -> list[str]:
    def rows() -> Iterator[list[str]]:
        for each in members:
            yield [
                str(each["members"]),
                f"{each['batch_records_per_s']:,.0f}",
                f"{each['batch_node_us']:,.0f}",
                f"{each['batch_wire_bytes'] or 0:,}",
                f"{each['single_records_per_s']:,.0f}",
                f"{each['single_node_us']:,.0f}",
                f"{each['single_wire_bytes'] or 0:,}",
                f"{each['resident_mb']:.0f}",
            ]

    heads = [
        "members",
        "256 a submission: records a second",
        "µs a record a node",
        "wire bytes a record",
    ]
    heads += ["one a submission: records a second", "µs a record a node", "wire bytes a record"]
    heads += ["memory a node, MB"]
    return [
        "### As members grow (all on this machine)",
        taken,
        "![As members grow](members.svg)",
        _table(heads, rows()),
    ]


def _bytes(count: int | None) -> str:
    return "not measured" if count is None else f"{count:,}"


def _spread(found: dict[str, float], digits: int) -> str:
    median, least, most = (f"{found[name]:,.{digits}f}" for name in ("median", "min", "max"))
    return median if least == most else f"{median} ({least} to {most})"


def _table(heads: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
