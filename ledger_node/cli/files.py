"""Files named on the command line: read no further than they may be long, written whole."""

import os
from pathlib import Path

from ledger_node.cli.outcome import usage
from ledger_node.contract_sets.packing import PackedSetRefused
from ledger_node.contract_sets.shelf import PackedSet, read_packed


def read_bounded(path: Path, limit: int) -> bytes:
    """A file named on the command line, or one byte more than `limit` of it: enough to be refused
    for its length."""
    try:
        return read_up_to(path, limit)
    except OSError as error:
        raise usage(f"{path}: {error.strerror}") from error


def read_up_to(path: Path, limit: int) -> bytes:
    """The same of any file. Raises OSError."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def read_set(option: str, path: Path) -> PackedSet:
    """The packed contract set in a file; else the command ends."""
    try:
        return read_packed(path)
    except OSError as error:
        raise usage(f"{option} {path}: {error.strerror}") from error
    except PackedSetRefused as error:
        raise usage(f"{option} {path}: no packed contract set: {error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """The file gets all of `content` or stays as it was: a crash must not cost what it held."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        # Of the file that was asked for, not of the name it is written under.
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
