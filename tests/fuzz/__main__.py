"""`python -m tests.fuzz TARGET --seconds N`: coverage-guided fuzzing of one target, or of all.

Needs atheris (`pip install atheris`; a development tool, no dependency of anything else). Starts
from the corpus and the seeds; mutations are atheris's own and ours, which keep structure. An input
that raises what it must not is printed, written to `corpus/<target>/`, and ends the run with code
1: mend the decoder, keep the file. `--minimise` adds to the corpus what reaches new code, few and
small files. Without atheris, `--blind` runs mutations without the guidance.
"""

import argparse
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable
from pathlib import Path

from tests.fuzz.corpus import inputs_of, keep
from tests.fuzz.mutations import mutate
from tests.fuzz.target import Target
from tests.fuzz.targets import ALL

MOST_KEPT = 24
"""Files a target that `--minimise` leaves in the corpus."""
LARGEST_KEPT = 2048


def start(target: Target) -> list[bytes]:
    """Corpus and seeds."""
    return [*inputs_of(target.name), *target.seeds()]


def report(target: Target, data: bytes, error: BaseException) -> None:
    """Tell of an input that broke the rule, and keep it."""
    traceback.print_exception(error)
    print(f"\n{target.name}: kept as {keep(target.name, data)}: {data[:200]!r}", flush=True)


def blind(target: Target, seconds: float, seed: int) -> int:
    """Mutations of known inputs. Returns the exit code."""
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
            return 1
        runs, slowest = runs + 1, max(slowest, time.monotonic() - before)
    print(f"target={target.name} runs={runs} findings=0 slowest_ms={slowest * 1000:.0f}")
    return 0


def guided(target: Target, seconds: int, found: Path) -> int:
    """Atheris in this process, which it ends. Inputs that reach something new go to `found`."""
    import atheris

    for index, data in enumerate(start(target)):
        (found / f"start-{index}").write_bytes(data)

    def one(data: bytes) -> None:
        try:
            target.run(data)
        except Exception as error:
            report(target, data, error)
            raise

    def mutated(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % 3:
            return mutate(data, seed, max_size)
        return bytes(atheris.Mutate(data, max_size))

    arguments = [sys.argv[0], str(found), f"-max_total_time={seconds}", "-timeout=20"]
    arguments += [f"-max_len={target.longest}", "-rss_limit_mb=2048", "-print_final_stats=1"]
    atheris.instrument_all()
    atheris.Setup(arguments, one, custom_mutator=mutated)
    atheris.Fuzz()
    return 0


def minimise(target: Target, found: Iterable[bytes]) -> int:
    """Keep what reaches lines of ours that nothing kept before it reached. Returns how many."""
    reached: set[tuple[str, int]] = set()
    kept = 0
    for data in [*inputs_of(target.name)]:
        reached |= lines_of(target, data)
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

    def line(frame: object, event: str, _: object) -> object:
        code = frame.f_code  # type: ignore[attr-defined]  # a frame; sys.settrace has no public type
        name = code.co_filename
        if not any(f"/{part}/" in name for part in ("ledger_node", "contracts", "consensus")):
            return None
        if "/tests/" in name:
            return None
        if event == "line":
            lines.add((name, frame.f_lineno))  # type: ignore[attr-defined]  # as above
        return line

    sys.settrace(line)  # type: ignore[arg-type]  # as above
    try:
        target.run(data)
    finally:
        sys.settrace(None)
    return lines


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", choices=["all", *ALL], metavar="TARGET", help=", ".join(ALL))
    parser.add_argument("--seconds", type=int, default=60, help="a target (default 60)")
    parser.add_argument("--blind", action="store_true", help="without coverage guidance")
    parser.add_argument("--minimise", action="store_true", help="grow the corpus by what is new")
    parser.add_argument("--seed", type=int, default=0, help="of a blind run")
    parser.add_argument("--found", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.target != "all":
        target = ALL[options.target]
        if options.found is not None:
            return guided(target, options.seconds, options.found)
        if options.blind:
            return blind(target, options.seconds, options.seed)
    if not options.blind and importlib.util.find_spec("atheris") is None:
        print("coverage guidance needs atheris: pip install atheris, or add --blind")
        return 2
    names = list(ALL) if options.target == "all" else [options.target]
    return max(one_process(name, options) for name in names)


def one_process(name: str, options: argparse.Namespace) -> int:
    """A target in a process of its own, which atheris ends by itself."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as directory:
        command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(options.seconds)]
        command += ["--blind", "--seed", str(options.seed)] if options.blind else []
        command += [] if options.blind else ["--found", directory]
        ran = subprocess.run(command, capture_output=not options.blind, check=False)
        if options.blind:
            return ran.returncode
        told = ran.stderr.decode(errors="replace").splitlines()
        runs = next((t.split()[-1] for t in told if "number_of_executed_units" in t), "?")
        print(f"target={name} runs={runs} findings={int(ran.returncode != 0)}", flush=True)
        if ran.returncode:
            print(ran.stdout.decode(errors="replace"), "\n".join(told[-40:]), sep="\n")
        elif options.minimise:
            found = [path.read_bytes() for path in sorted(Path(directory).iterdir())]
            print(f"  corpus: {minimise(ALL[name], found)} new of {len(found)}", flush=True)
        return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
