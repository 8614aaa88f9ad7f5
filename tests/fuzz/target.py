"""What a fuzz target is."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """A decoder, or a chain of them.

    take: is given any bytes; refusals: what it may raise; seeds: makes valid inputs, from which
    fuzzing starts; longest: input worth trying, in bytes.
    """

    name: str
    take: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 4096

    def run(self, data: bytes) -> bool:
        """Whether the input was taken, not refused. Raises what it must not raise."""
        try:
            self.take(data)
        except self.refusals:
            return False
        return True


@cache
def scratch() -> Path:
    """A directory for decoders that read files."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def private_file(name: str, data: bytes) -> Path:
    """A file of the scratch directory with this content, readable by its owner alone."""
    path = scratch() / name
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path
