"""Many runs from the command line, and the one command that replays a failing one.

With `--jobs` the seeds are split into chunks that as many processes work off. What is printed is
the same, whatever their number.
"""

import argparse
import gc
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.faults import KINDS
from tests.simulation.simulation import LEDGERS, NotLive, Result, drawn

TRACE_LINES = 400
"""How much of a failing run's end is printed."""
REPORT_EVERY = 2000
COLLECT_EVERY = 10
CHUNK = 50
"""Seeds that a process takes at a time."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is run with each seed."""

    members: tuple[int, ...] = (4,)
    kinds: tuple[str, ...] = KINDS
    ledger: str = "toy"

    def members_of(self, seed: int) -> int:
        """The committee size a seed falls on."""
        return self.members[seed % len(self.members)]

    def run(self, seed: int) -> Result:
        """One run. Raises whatever breaks."""
        return drawn(seed, self.members_of(seed), self.kinds, ledger=self.ledger).run()

    def replay(self, seed: int) -> list[str]:
        """The trace of a run; it ends with what broke, if anything does."""
        n = self.members_of(seed)
        simulation = drawn(seed, n, self.kinds, ledger=self.ledger, trace=True)
        try:
            simulation.run()
        except Exception as error:  # noqa: BLE001  # the trace ends with whatever broke
            simulation.trace.note(None, f"{type(error).__name__}: {error}")
        return simulation.trace.lines

    def command(self, seed: int) -> str:
        """What replays a seed with a trace."""
        return (
            f"python -m tests.simulation --seeds {seed}:{seed + 1} "
            f"--members {self.members_of(seed)} --faults {','.join(self.kinds) or 'none'} "
            f"--ledger {self.ledger} --trace"
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that went wrong."""

    seed: int
    what: str


@dataclass(slots=True)
class Tally:
    """What many runs amount to."""

    seeds: int = 0
    safety_violations: int = 0
    liveness_failures: int = 0
    events: int = 0
    views: int = 0
    epochs: int = 0
    worst_recovery_ms: int = 0
    failures: list[Failure] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count a run that went well."""
        self.seeds += 1
        self.events += result.events
        self.views += result.views
        self.epochs += result.epochs
        self.worst_recovery_ms = max(self.worst_recovery_ms, result.recovery_ms)

    def failed(self, seed: int, error: Exception) -> None:
        """Count a run that did not."""
        self.seeds += 1
        if isinstance(error, NotLive):
            self.liveness_failures += 1
        else:
            self.safety_violations += 1
        self.failures.append(Failure(seed, f"{type(error).__name__}: {error}"))

    def merge(self, other: "Tally") -> None:
        """Count other runs too."""
        self.seeds += other.seeds
        self.safety_violations += other.safety_violations
        self.liveness_failures += other.liveness_failures
        self.events += other.events
        self.views += other.views
        self.epochs += other.epochs
        self.worst_recovery_ms = max(self.worst_recovery_ms, other.worst_recovery_ms)
        self.failures += other.failures

    def line(self) -> str:
        """The last line of output."""
        return (
            f"seeds={self.seeds} safety_violations={self.safety_violations} "
            f"liveness_failures={self.liveness_failures} events={self.events} views={self.views} "
            f"epochs={self.epochs} worst_recovery_ms={self.worst_recovery_ms}"
        )


def run_seeds(campaign: Campaign, seeds: Sequence[int]) -> Tally:
    """Run each seed, in this process."""
    tally = Tally()
    # A run is full of cycles and then dropped whole: collecting now and then is cheaper.
    gc.freeze()
    gc.disable()
    try:
        for seed in seeds:
            try:
                tally.add(campaign.run(seed))
            except Exception as error:  # noqa: BLE001  # whatever breaks the core is a finding
                tally.failed(seed, error)
            if tally.seeds % COLLECT_EVERY == 0:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return tally


def first_failure(campaign: Campaign, seeds: Sequence[int]) -> Failure | None:
    """The first seed that breaks, if any."""
    for seed in seeds:
        if failures := run_seeds(campaign, (seed,)).failures:
            return failures[0]
    return None


def run_all(campaign: Campaign, seeds: range, jobs: int) -> Iterator[Tally]:
    """Run all seeds in `jobs` processes; yields what each chunk amounts to, in order."""
    chunks = [seeds[i : i + CHUNK] for i in range(0, len(seeds), CHUNK)]
    if jobs == 1:
        yield from map(partial(run_seeds, campaign), chunks)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap(partial(run_seeds, campaign), chunks)


def main(arguments: Sequence[str]) -> int:
    """Exit status 0 if no run failed."""
    options = _parse(arguments)
    campaign = Campaign(options.members, options.faults, options.ledger)
    if options.trace:
        for seed in options.seeds:
            print("\n".join(campaign.replay(seed)))
    started = time.monotonic()
    total = Tally()
    shown = options.trace
    for tally in run_all(campaign, options.seeds, options.jobs):
        total.merge(tally)
        for failure in tally.failures:
            n = campaign.members_of(failure.seed)
            print(f"seed {failure.seed}, {n} members: {failure.what}", flush=True)
            print(f"  {campaign.command(failure.seed)}", flush=True)
            if not shown:
                print("\n".join(campaign.replay(failure.seed)[-TRACE_LINES:]), flush=True)
            shown = True
        if total.seeds % REPORT_EVERY == 0 and total.seeds < len(options.seeds):
            print(f"so far {total.line()}", flush=True)
    seconds = time.monotonic() - started
    times = os.times()
    processor = times.user + times.system + times.children_user + times.children_system
    rate = total.seeds / max(seconds, 0.001)
    print(f"{seconds:.1f} s, {processor:.1f} s of processor time, {rate:.1f} seeds a second")
    print(total.line())
    return 1 if total.failures else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=range(200), metavar="A:B")
    parser.add_argument("--members", type=_members, default=(4,), metavar="N[,N…]")
    parser.add_argument("--faults", type=_kinds, default=KINDS, metavar="LIST|all|none")
    parser.add_argument("--ledger", choices=sorted(LEDGERS), default="toy")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes to use")
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
