"""Verifiers that others wrote, or that share no code with the ledger, judging what it makes.

    go_libraries()       transparency-dev/formats and merkle, x/mod/sumdb/note, cosmos/ics23
    npm_ics23()          @confio/ics23
    node_program(name)   JavaScript with nothing but Node's own crypto
    litewitness()        a witness: filippo.io/torchwood/cmd/litewitness

Versions are pinned (go.mod and go.sum, package-lock.json, LITEWITNESS). Where a toolchain is
missing, or its modules cannot be had, the functions say why as a `Missing`, and the tests say it
aloud and skip.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
GO, JS = HERE / "go", HERE / "js"

LITEWITNESS = "filippo.io/torchwood/cmd/litewitness@v0.9.0"
BUILT_WITHIN_S = 150
"""The first build compiles SQLite: a minute of one core. Go keeps what it compiled."""

_built: list[TemporaryDirectory[str]] = []
"""Keeps the directories of Go programs until the interpreter ends, which removes them."""


@dataclass(frozen=True)
class Missing:
    """Why a verifier is not to be had here."""

    reason: str


@dataclass(frozen=True)
class Judge:
    """A program that takes cases as JSON and answers each with "" or the reason of refusal."""

    command: tuple[str, ...]

    def answers(self, cases: Sequence[Mapping[str, Any]]) -> list[str]:
        done = subprocess.run(
            self.command,
            input=json.dumps(list(cases)),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        found: list[str] = json.loads(done.stdout)
        assert len(found) == len(cases)
        return found


@cache
def go_libraries() -> Judge | Missing:
    go = shutil.which("go")
    if go is None:
        return Missing("Go is not installed: its libraries for these formats judge NOTHING here")
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    fetched = subprocess.run(
        [go, "mod", "download"],
        cwd=GO,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if fetched.returncode != 0:
        return Missing(f"Go's libraries cannot be had, they judge NOTHING here: {fetched.stderr}")
    _built.append(TemporaryDirectory(prefix="interop-"))
    program = Path(_built[-1].name) / "interop"
    build = [go, "build", "-o", str(program), "."]
    subprocess.run(build, cwd=GO, env=environment, check=True, timeout=600)
    return Judge((str(program),))


@cache
def litewitness() -> Path | Missing:
    """The program: as it is installed, else built from what its author publishes."""
    installed, go = shutil.which("litewitness"), shutil.which("go")
    if installed is not None:
        return Path(installed)
    if go is None:
        return Missing("neither litewitness nor Go is installed: no witness of others cosigns here")
    directory = TemporaryDirectory(prefix="interop-")
    _built.append(directory)
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOBIN": directory.name}
    try:
        done = subprocess.run(
            [go, "install", LITEWITNESS],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILT_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        return Missing(f"litewitness was not built within {BUILT_WITHIN_S} s: it cosigns NOTHING")
    if done.returncode != 0:
        return Missing(f"litewitness cannot be built, it cosigns NOTHING here: {done.stderr}")
    return Path(directory.name) / "litewitness"


@cache
def npm_ics23() -> Judge | Missing:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return Missing("Node and npm are not installed: @confio/ics23 judges NOTHING here")
    installed, locked = JS / "node_modules" / ".package-lock.json", JS / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
        fetched = subprocess.run(
            [npm, "ci", *quiet], cwd=JS, capture_output=True, text=True, check=False, timeout=300
        )
        if fetched.returncode != 0:
            return Missing(f"@confio/ics23 cannot be had, it judges NOTHING here: {fetched.stderr}")
    return Judge((node, str(JS / "state_proof.mjs")))


def node_program(name: str) -> tuple[str, ...] | Missing:
    """How to run a program of the directory js."""
    node = shutil.which("node")
    if node is None:
        return Missing(f"Node is not installed: {name} judges NOTHING here")
    return (node, str(JS / name))
