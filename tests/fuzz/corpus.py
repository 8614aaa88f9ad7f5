"""The corpus: files below `corpus/<target>/`, named by the first 16 digits of their SHA-256."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent / "corpus"


def inputs_of(target: str) -> Iterator[bytes]:
    """The corpus of a target, in order of name."""
    directory = ROOT / target
    if directory.is_dir():
        for path in sorted(directory.iterdir()):
            yield path.read_bytes()


def keep(target: str, data: bytes) -> Path:
    """Add an input."""
    directory = ROOT / target
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path
