"""Where an exporter reads a log: static tiles by path, be it over HTTP or from a directory.

Nothing read here is believed: the bundle made of it is what gets verified. Source:
c2sp.org/tlog-tiles; where a partial tile is gone, the full one that replaced it is cut.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from ledger_node.codec.digests import DIGEST_SIZE
from ledger_node.log.note import MAX_NOTE
from ledger_node.log.tiles import (
    MAX_BUNDLE,
    TILE_BYTES,
    TILE_WIDTH,
    EntryBundle,
    HashTile,
    TileError,
    decode_entry_bundle,
)

TIMEOUT_S: Final = 30


class SourceFailed(Exception):
    """A log that cannot be read. reason: text for people."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class LogSource(Protocol):
    """A log to export from."""

    def checkpoint(self) -> bytes:
        """The signed note. Raises SourceFailed."""
        ...

    def hashes(self, tile: HashTile) -> bytes:
        """The hashes of a tile. Raises SourceFailed."""
        ...

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """The entries of a bundle. Raises SourceFailed."""
        ...

    def certificate(self, height: int) -> bytes | None:
        """What made a block final, if that was kept, as ledger.finality writes it.

        Asked with heights that only grow, each perhaps more than once. Raises SourceFailed.
        """
        ...

    def steps(self) -> Sequence[bytes]:
        """How each epoch ended that ended, from the founding one, as far as that is known here.

        See genesis.lineage. Raises SourceFailed.
        """
        ...

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        """The sources of a contract set, by path, if they are here. Raises SourceFailed."""
        ...


Fetch = Callable[[str, int], bytes | None]
"""(path, greatest length) -> the file's bytes; None when there is none."""


@dataclass(frozen=True, slots=True)
class StaticLog:
    """A log as static files, and what was given beside them.

    Consensus certificates are no part of a log. given_steps: see LogSource.steps; given_sets:
    sources of contract sets by digest.
    """

    fetch: Fetch
    given_steps: Sequence[bytes] = ()
    given_sets: Mapping[bytes, Mapping[str, bytes]] = field(default_factory=dict)

    def checkpoint(self) -> bytes:
        """See LogSource."""
        return self._required("checkpoint", MAX_NOTE)

    def hashes(self, tile: HashTile) -> bytes:
        """See LogSource."""
        found = self.fetch(tile.path, TILE_BYTES)
        if found is None and tile.width < TILE_WIDTH:
            found = self.fetch(HashTile(tile.level, tile.index).path, TILE_BYTES)
        length = tile.width * DIGEST_SIZE
        if found is None or len(found) < length:
            raise SourceFailed(tile.path, "missing or too short")
        return found[:length]

    def entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """See LogSource."""
        found, width = self.fetch(bundle.path, MAX_BUNDLE), bundle.width
        if found is None:
            width = TILE_WIDTH
            found = self._required(EntryBundle(bundle.index).path, MAX_BUNDLE)
        try:
            return decode_entry_bundle(found, width)[: bundle.width]
        except TileError as error:
            raise SourceFailed(bundle.path, str(error)) from error

    def certificate(self, height: int) -> bytes | None:  # noqa: ARG002 - the protocol's parameter
        """See LogSource."""
        return None

    def steps(self) -> Sequence[bytes]:
        """See LogSource."""
        return self.given_steps

    def contract_set(self, digest: bytes) -> Mapping[str, bytes] | None:
        """See LogSource."""
        return self.given_sets.get(digest)

    def _required(self, path: str, limit: int) -> bytes:
        found = self.fetch(path, limit)
        if found is None:
            raise SourceFailed(path, "missing")
        return found


def from_directory(root: Path) -> Fetch:
    """Files of a directory, e.g. one that `ledger-node export-tiles` wrote."""

    def fetch(path: str, limit: int) -> bytes | None:
        try:
            with (root / path).open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceFailed(str(root / path), error.strerror or "unreadable") from error
        if len(data) > limit:
            raise SourceFailed(str(root / path), f"more than {limit} bytes")
        return data

    return fetch


def from_url(prefix: str) -> Fetch:
    """Files below a URL, e.g. a node's API or a mirror of its tiles. Raises SourceFailed."""
    if urlsplit(prefix).scheme not in ("http", "https"):
        raise SourceFailed(prefix, "neither http:// nor https://")

    def fetch(path: str, limit: int) -> bytes | None:
        url = f"{prefix.rstrip('/')}/{path}"
        request = Request(url, headers={"User-Agent": "ledger-node audit export"})  # noqa: S310 - scheme checked above
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - scheme checked above
                data: bytes = answer.read(limit + 1)
        except HTTPError as error:
            if error.code in (404, 410):
                return None
            raise SourceFailed(url, f"HTTP {error.code}") from error
        except (URLError, OSError) as error:
            raise SourceFailed(url, str(error)) from error
        if len(data) > limit:
            raise SourceFailed(url, f"more than {limit} bytes")
        return data

    return fetch
