"""A proof that someone broke the protocol, as a JSON file: whole or not at all, and durable."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def write_proof(path: Path, document: Mapping[str, object]) -> None:
    """Write it and sync file and directory. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial")
    with partial.open("w", encoding="ascii") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
