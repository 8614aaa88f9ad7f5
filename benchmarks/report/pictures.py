"""Which pictures a report has."""

from typing import Any

from benchmarks.figures.throughput import COMET_LEDGER
from benchmarks.report.svg import Bar, Line, bars, lines, stacked

NAMES = {
    "union": "ours",
    "etcd": "etcd",
    "cometbft": "CometBFT",
    COMET_LEDGER: "CometBFT, our contracts",
}


def pictures(report: dict[str, Any]) -> dict[str, str]:
    """SVG by file name, of what was measured."""
    made: dict[str, str] = {}
    if throughput := report.get("throughput"):
        made["throughput.svg"] = _throughput(throughput)
    if delays := report.get("finality", {}).get("delays"):
        made["finality.svg"] = _finality(delays)
    one = report.get("one_union", {})
    if "single" in one.get("stages", {}):
        made["stages.svg"] = _stages(one["stages"])
    if len(one.get("growth", ())) > 1:
        made["growth.svg"] = _growth(one["growth"])
    if members := report.get("members"):
        made["members.svg"] = _members(members)
    return made


def _throughput(throughput: dict[str, Any]) -> str:
    rows = []
    for point in throughput["points"]:
        rate = point["records_per_s"]
        system = NAMES[point["system"]]
        label = f"{system}, {point['load']}, {point['clients']:,} clients"
        rows.append(Bar(label, rate["median"], rate["min"], rate["max"], system))
    return bars("Records a second (median of rounds, least to most)", rows, "/s")


def _finality(delays: list[dict[str, Any]]) -> str:
    def line(label: str, name: str) -> Line:
        return Line(label, [(d["asked_one_way_ms"], d["latency_ms"][name]) for d in delays])

    bar = Line("3 delays + 15 ms", [(d["asked_one_way_ms"], d["bar_ms"]) for d in delays])
    shown = [line("p50", "p50"), line("p95", "p95"), bar]
    return lines("Time to finality at low load", shown, "one-way delay, ms", "ms")


def _stages(stages: dict[str, Any]) -> str:
    rows = {
        "one record a submission": stages["single"]["us"],
        "256 records a submission": stages["batch"]["us"],
    }
    return stacked("Processor time of a record at one node", rows, "µs")


def _growth(growth: list[dict[str, Any]]) -> str:
    rate = Line("records a second", [(g["records"], g["records_per_s"]) for g in growth])
    return lines("Records a second as history grows", [rate], "records before", "", log_x=True)


def _members(members: list[dict[str, Any]]) -> str:
    batch = Line("256 a submission", [(m["members"], m["batch_records_per_s"]) for m in members])
    single = Line("one a submission", [(m["members"], m["single_records_per_s"]) for m in members])
    return lines("Records a second as members grow", [batch, single], "members", "", log_x=True)
