"""Many runs from the command line, and the one command that replays a failing one."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.faults import KINDS
from tests.simulation.simulation import NotLive, Result, drawn

TRACE_LINES = 400
"""How much of a failing run's end is printed."""


@dataclass(slots=True)
class Tally:
    """What many runs amount to."""

    seeds: int = 0
    safety_violations: int = 0
    liveness_failures: int = 0
    events: int = 0
    views: int = 0
    worst_recovery_ms: int = 0

    def add(self, result: Result) -> None:
        """Count a run that went well."""
        self.events += result.events
        self.views += result.views
        self.worst_recovery_ms = max(self.worst_recovery_ms, result.recovery_ms)

    def line(self) -> str:
        """The last line of output."""
        return (
            f"seeds={self.seeds} safety_violations={self.safety_violations} "
            f"liveness_failures={self.liveness_failures} events={self.events} views={self.views} "
            f"worst_recovery_ms={self.worst_recovery_ms}"
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that went wrong."""

    seed: int
    members: int
    kinds: tuple[str, ...]
    what: str

    def command(self) -> str:
        """What replays it with a trace."""
        return (
            f"python -m tests.simulation --seeds {self.seed}:{self.seed + 1} "
            f"--members {self.members} --faults {','.join(self.kinds) or 'none'} --trace"
        )


def run_seeds(
    seeds: Sequence[int], members: Sequence[int], kinds: tuple[str, ...], tally: Tally
) -> Iterator[Failure]:
    """Run each seed with the committee size it falls on; yields the failures."""
    for seed in seeds:
        n = members[seed % len(members)]
        tally.seeds += 1
        try:
            tally.add(drawn(seed, n, kinds).run())
        except NotLive as failure:
            tally.liveness_failures += 1
            yield Failure(seed, n, kinds, f"not live: {failure}")
        except Exception as failure:  # noqa: BLE001  # whatever breaks the core is a finding
            tally.safety_violations += 1
            yield Failure(seed, n, kinds, f"{type(failure).__name__}: {failure}")


def replay(failure: Failure) -> list[str]:
    """The trace of a failing run."""
    simulation = drawn(failure.seed, failure.members, failure.kinds, trace=True)
    try:
        simulation.run()
    except Exception as error:  # noqa: BLE001  # the trace ends with whatever broke
        simulation.trace.note(None, f"{type(error).__name__}: {error}")
    return simulation.trace.lines


def main(arguments: Sequence[str]) -> int:
    """Exit status 0 if no run failed."""
    options = _parse(arguments)
    tally = Tally()
    started = time.monotonic()
    shown = False
    for failure in run_seeds(options.seeds, options.members, options.faults, tally):
        print(f"seed {failure.seed}, {failure.members} members: {failure.what}")
        print(f"  {failure.command()}")
        if options.trace or not shown:
            print("\n".join(replay(failure)[-TRACE_LINES:]))
        shown = True
    if options.trace and not shown:
        for seed in options.seeds:
            n = options.members[seed % len(options.members)]
            print("\n".join(replay(Failure(seed, n, options.faults, ""))))
    seconds = time.monotonic() - started
    print(f"{seconds:.1f} s, {tally.events / max(seconds, 0.001):.0f} events a second")
    print(tally.line())
    return 1 if tally.safety_violations or tally.liveness_failures else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(200), metavar="A:B")
    parser.add_argument("--members", type=_members, default=(4,), metavar="N[,N…]")
    parser.add_argument("--faults", type=_kinds, default=KINDS, metavar="LIST|all|none")
    parser.add_argument("--trace", action="store_true", help="print everything that happens")
    return parser.parse_args(arguments)


def _range(text: str) -> range:
    first, _, end = text.partition(":")
    return range(int(first), int(end) if end else int(first) + 1)


def _members(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _kinds(text: str) -> tuple[str, ...]:
    if text in ("all", "none"):
        return KINDS if text == "all" else ()
    kinds = tuple(text.split(","))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown {unknown}; known are {', '.join(KINDS)}")
    return kinds
