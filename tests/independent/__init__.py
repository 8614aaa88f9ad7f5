"""A proof verifier that shares no code with the ledger: `verify.go`, from the C2SP specs alone.

    go_verifier() POLICY FILE...

prints one line a file ("ok   FILE: …" or "FAIL FILE: reason") and exits 0 when every file is
proven, 1 when one is not, 2 when the policy cannot be used.
"""

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

SOURCE = Path(__file__).parent / "verify.go"

WHY_ABSENT = "Go is not installed: proof files are NOT checked by an independent verifier"

_built: list[TemporaryDirectory[str]] = []
"""Keeps the directory of the program until the interpreter ends, which removes it."""


@lru_cache(maxsize=1)
def go_verifier() -> Path | None:
    """The program, built once a process; None without Go. A failing build is an error."""
    go = shutil.which("go")
    if go is None:
        return None
    _built.append(TemporaryDirectory(prefix="independent-verifier-"))
    program = Path(_built[-1].name) / "verify"
    # The standard library is all it needs: nothing may be fetched for it.
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GOPROXY": "off"}
    subprocess.run(
        [go, "build", "-o", str(program), SOURCE.name],
        cwd=SOURCE.parent,
        env=environment,
        check=True,
        timeout=300,
    )
    return program
