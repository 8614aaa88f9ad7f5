"""Time to finality at low load, with a known delay between the members.

One client, one record at a time, at its own state's node: what it waits for is messages between
members, disks and code. How much longer it waits for each millisecond of delay is the protocol's
part, in one-way delays; what it waits without any is the rest.
"""

from typing import Any, Final

from benchmarks.figures.setting import Setting
from benchmarks.figures.throughput import MEMBERS
from benchmarks.systems import generator
from benchmarks.systems.union import LedgerUnion
from benchmarks.systems.wires import DelayedWires
from ledger_node.demo.founding import HOST
from ledger_node.demo.ports import HeldPorts

DELAYS_MS: Final = (0, 20, 80)
WINDOW_S: Final = 10.0
BAR_MS: Final = 15.0
BAR_DELAYS: Final = 3


def measure(setting: Setting) -> dict[str, Any]:
    """p50 and more at each delay, and whether p50 is within three one-way delays and 15 ms."""
    place = setting.root / "delayed"
    with LedgerUnion.found(place, MEMBERS) as union, HeldPorts(HOST, len(MEMBERS)) as behind:
        ports = dict(zip(union.peer_ports, behind.ports, strict=True))
        for home in union.homes.values():
            with home.data.settings.open("a") as settings:
                settings.write(f'peer_listen = "{HOST}:{ports[home.peer_port]}"\n')
        with DelayedWires(setting.programs.relay, ports) as wires:
            union.start()
            return {"delays": _at_each_delay(setting, wires, union)}


def _at_each_delay(
    setting: Setting, wires: DelayedWires, union: LedgerUnion
) -> list[dict[str, Any]]:
    workload = union.settle()
    found = []
    for delay in DELAYS_MS:
        wires.set_delay(delay)
        work = setting.root / "work"
        workload.write(work, 1, 1, 1000)
        run = generator.drive(
            setting.programs.load,
            "ledger",
            clients=1,
            warm_s=setting.warm_s,
            window_s=WINDOW_S,
            work=work,
            streams=1,
        )
        one_way = wires.set_delay(delay)
        latency = run["latency_ms"]
        bar = BAR_DELAYS * delay + BAR_MS
        found.append(
            {
                "asked_one_way_ms": delay,
                "measured_one_way_ms": round(one_way, 2),
                "submissions": run["operations"],
                "latency_ms": latency,
                "bar_ms": bar,
                "within_bar": latency["p50"] <= bar,
                "failures": run["failures"],
            }
        )
        setting.say(
            f"one-way delay {delay} ms: p50 {latency['p50']:.0f} ms, p95 {latency['p95']:.0f} ms"
        )
    floor = found[0]["latency_ms"]["p50"]
    for each in found[1:]:
        hops = (each["latency_ms"]["p50"] - floor) / each["measured_one_way_ms"]
        each["one_way_delays"] = round(hops, 2)
    return found
