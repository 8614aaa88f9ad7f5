"""`python -m tests.fuzz TARGET --seconds N`: coverage-guided fuzzing of one target, or of all.

Needs atheris (`pip install atheris`; a development tool, no dependency of anything else). Starts
from the corpus and the seeds; mutations are atheris's own and ours, which keep structure. An input
that raises what it must not is printed, written to `corpus/<target>/`, and makes the exit code 1:
mend the decoder, keep the file. `--minimise` adds to the corpus what reaches new code, few and
small files. Without atheris, `--blind` runs the mutations without the guidance.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.runs import blind, minimise
from tests.fuzz.target import Target
from tests.fuzz.targets import ALL


def guided(target: Target, seconds: int, *, grow: bool) -> bool:
    """Atheris in a process of its own. Returns whether nothing broke the rule."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{target.name}-") as directory:
        command = [sys.executable, "-m", "tests.fuzz.guided", target.name, str(seconds), directory]
        ran = subprocess.run(command, capture_output=True, check=False)
        told = ran.stderr.decode(errors="replace").splitlines()
        runs = next((t.split()[-1] for t in told if "number_of_executed_units" in t), "?")
        print(f"target={target.name} runs={runs} findings={int(ran.returncode != 0)}", flush=True)
        if ran.returncode:
            print(ran.stdout.decode(errors="replace"), *told[-40:], sep="\n", flush=True)
        elif grow:
            found = [path.read_bytes() for path in sorted(Path(directory).iterdir())]
            print(f"  {minimise(target, found)} of {len(found)} go to the corpus", flush=True)
        return ran.returncode == 0


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
    options = parser.parse_args()
    if not options.blind and importlib.util.find_spec("atheris") is None:
        print("coverage guidance needs atheris: pip install atheris, or add --blind")
        return 2
    sound = True
    for target in ALL.values() if options.target == "all" else [ALL[options.target]]:
        if options.blind:
            sound &= blind(target, options.seconds, options.seed)
        else:
            sound &= guided(target, options.seconds, grow=options.minimise)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
