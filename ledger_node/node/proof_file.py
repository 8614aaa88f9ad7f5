"""A proof that someone broke the protocol, as a JSON file: whole or not at all, and durable."""

import os
from pathlib import Path

import msgspec


def write_proof(path: Path, document: msgspec.Struct) -> None:
    """Write it and sync file and directory. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial")
    with partial.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(document)))
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
