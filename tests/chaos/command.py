"""What the commands of this package share: their options, where they work, what they print last."""

import argparse
import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.findings import Findings


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """With the options that every command has."""
    made = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    made.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    made.add_argument("--members", type=int, default=4, help="4 to 10 (default 4)")
    made.add_argument("--keep", type=Path, default=None, help="keep data and logs here")
    return made


@contextmanager
def room(keep: Path | None) -> Iterator[Path]:
    """A directory to work in, which goes when all is done unless it is to be kept."""
    with tempfile.TemporaryDirectory(prefix="union-chaos-") as directory:
        root = Path(directory) if keep is None else keep
        root.mkdir(parents=True, exist_ok=True)
        yield root


def conclude(findings: Findings, values: Mapping[str, object]) -> int:
    """Print every finding, then one line for machines. The exit code: 1 if there is a finding."""
    for line in findings.all():
        print(line)
    print(line_of(values))
    return 0 if findings.clean else 1


def line_of(values: Mapping[str, object]) -> str:
    """name=value pairs."""
    return " ".join(f"{name}={value}" for name, value in values.items())
