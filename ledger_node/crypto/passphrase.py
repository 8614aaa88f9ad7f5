"""Where the passphrase of key files comes from: a file, the environment, or a person.

Tried in that order. A passphrase file follows the rule of key files: only its owner may read it.
"""

import getpass
import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = "LEDGER_NODE_PASSPHRASE"
MAX_PASSPHRASE: Final = 1024
"""Bytes of UTF-8. More is a wrong file, not a passphrase."""


class PassphraseError(ValueError):
    """No usable passphrase. source: where it was looked for; reason: text for people."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"passphrase from {source}: {reason}")
        self.source = source
        self.reason = reason


def obtain(
    file: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    prompt: Callable[[str], str] | None = None,
    confirm: bool = False,
) -> bytes:
    """The passphrase, from `file`, else LEDGER_NODE_PASSPHRASE, else by asking at the terminal.

    prompt: asks a person without echo; the terminal when None. confirm: ask twice, for a new key.
    Raises PassphraseError: unreadable, readable by others, empty, too long, or nobody to ask.
    """
    if file is not None:
        return _from_file(file)
    if ENVIRONMENT in environment:
        return _checked(ENVIRONMENT, environment[ENVIRONMENT].encode())
    if prompt is None and not sys.stdin.isatty():
        reason = f"none to ask at; give a passphrase file or set {ENVIRONMENT}"
        raise PassphraseError("the terminal", reason)
    ask = prompt or getpass.getpass
    answer = ask("Passphrase: ")
    if confirm and ask("The same again: ") != answer:
        raise PassphraseError("the terminal", "the two answers differ")
    return _checked("the terminal", answer.encode())


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            if stat.S_IMODE(os.fstat(handle.fileno()).st_mode) & 0o077:
                raise PassphraseError(str(path), "others may read it; chmod 600 it")
            content = handle.read(MAX_PASSPHRASE + 3)
    except OSError as error:
        raise PassphraseError(str(path), error.strerror or "cannot be read") from error
    return _checked(str(path), content.removesuffix(b"\n").removesuffix(b"\r"))


def _checked(source: str, passphrase: bytes) -> bytes:
    if not passphrase:
        raise PassphraseError(source, "empty")
    if len(passphrase) > MAX_PASSPHRASE:
        raise PassphraseError(source, f"longer than {MAX_PASSPHRASE} bytes")
    if b"\n" in passphrase or b"\x00" in passphrase:
        raise PassphraseError(source, "holds a line break or a zero byte")
    return passphrase
