"""The load generator: built from generator/ with Go, run once a measurement, its answer read.

The relay that makes wires longer is built with it.

One program drives every system with the same loop, so that no system is measured through a
costlier client than another; what it uses of the processor is in its answer.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SOURCE: Final = Path(__file__).parents[1] / "generator"
PATIENCE_S: Final = 180.0
"""On top of the measurement: requests under way at its end are waited for."""


class GeneratorFailed(RuntimeError):
    """The generator could not be built, or gave up. Says why in its own words."""


def has_go() -> bool:
    """Whether it can be built here."""
    return shutil.which("go") is not None


@dataclass(frozen=True, slots=True)
class Programs:
    """Built from generator/."""

    load: Path
    relay: Path


def build(directory: Path) -> Programs:
    """Both programs, in `directory`; Go builds only what has changed. Raises GeneratorFailed."""
    directory.mkdir(parents=True, exist_ok=True)
    where = directory.resolve()
    command = ["go", "build", "-o", f"{where}/", "./load", "./relay"]
    made = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True)
    if made.returncode:
        raise GeneratorFailed(f"go build in {SOURCE}:\n{made.stderr}")
    return Programs(where / "load", where / "relay")


def drive(
    program: Path,
    target: str,
    *,
    clients: int,
    warm_s: float,
    window_s: float,
    endpoints: Sequence[str] = (),
    size: int = 0,
    batch: int = 1,
    work: Path | None = None,
    streams: int = 0,
) -> dict[str, Any]:
    """One measurement; the fields are those of `result` in generator/run.go."""
    command = [str(program), "-target", target, "-clients", str(clients)]
    command += ["-warm", f"{warm_s}s", "-window", f"{window_s}s"]
    if endpoints:
        command += ["-endpoints", ",".join(endpoints), "-size", str(size)]
        command += ["-batch", str(batch)]
    if work is not None:
        command += ["-work", str(work), "-streams", str(streams)]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=warm_s + window_s + PATIENCE_S
    )
    if ran.returncode:
        raise GeneratorFailed(ran.stderr.strip())
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer
