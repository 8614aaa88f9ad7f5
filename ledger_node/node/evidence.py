"""Evidence of equivocation: kept on disk, told to peers, shown to people.

Two votes of one member that contradict each other, each with its signature: whoever has the
member's consensus key of that epoch can check them, today or in years. A node keeps what its core
found and what peers sent, once a member and view; it shows nothing that is not on its disk, and
forgets nothing that it showed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from consensus.authentication import claims
from consensus.committee import Committee
from consensus.messages import (
    Finalize,
    MessageRefused,
    Notarize,
    Nullify,
    Vote,
    decode_message,
    encode_message,
)
from consensus.votes import contradict
from ledger_node.node.proof_file import write_proof
from ledger_node.storage.errors import StorageFailed


@dataclass(frozen=True, slots=True)
class Equivocation:
    """A member, and two canonical votes of one view that it signed. member: its code."""

    member: str
    epoch: int
    view: int
    first: bytes
    second: bytes

    @property
    def name(self) -> str:
        """Of the file, and of the object on the ledger."""
        return f"{self.member}-{self.epoch}-{self.view}"


def equivocation(
    first: bytes, second: bytes, committee: Committee, verify: Callable[[Vote], bool]
) -> Equivocation | None:
    """What two votes prove; None when they are of another epoch, whose keys would have to be known.

    Raises MessageRefused when they prove nothing to this committee.
    """
    one, two = _vote(first), _vote(second)
    if one.epoch == two.epoch != committee.epoch:
        return None
    for vote in (one, two):
        claims(vote, committee)
        if not verify(vote):
            raise MessageRefused("evidence: a signature does not verify")
    if not contradict(one, two):
        raise MessageRefused("evidence: the two votes do not contradict each other")
    return Equivocation(committee.names[one.member], one.epoch, one.view, first, second)


def encoded(one: Vote, two: Vote) -> tuple[bytes, bytes]:
    """Two votes in the order of their bytes, so that everyone writes one proof alike."""
    first, second = sorted((encode_message(one), encode_message(two)))
    return first, second


def _vote(data: bytes) -> Vote:
    message = decode_message(data)
    if not isinstance(message, Notarize | Nullify | Finalize):
        raise MessageRefused(f"evidence: a {type(message).__name__} is no vote")
    return message


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kept proof, as JSON; the votes in hex."""

    member: str
    epoch: int
    view: int
    first: str
    second: str


def _document(found: Equivocation) -> _Document:
    first, second = found.first.hex(), found.second.hex()
    return _Document(found.member, found.epoch, found.view, first, second)


class EvidenceStore:
    """A directory of JSON files, one a member, epoch and view. Written whole or not at all, and
    shown once they are durable. One thread writes, others may read."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._kept = {path.stem for path in directory.glob("*.json")}

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def names(self) -> frozenset[str]:
        """Of everything kept."""
        return frozenset(self._kept)

    def add(self, found: Equivocation) -> None:
        """Keep it, durably. Waits for the disk. Raises StorageFailed."""
        try:
            write_proof(self._path(found.name), _document(found))
        except OSError as error:
            reason = f"evidence cannot be written: {error.strerror}"
            raise StorageFailed(self._directory, reason) from error
        self._kept.add(found.name)

    def all(self) -> list[Equivocation]:
        """Everything kept, by member, epoch and view. A damaged file is skipped by nobody: raises
        ValueError naming it."""
        return sorted(
            (self._read(self._path(name)) for name in self.names),
            key=lambda each: (each.member, each.epoch, each.view),
        )

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.json"

    def _read(self, path: Path) -> Equivocation:
        try:
            document = msgspec.json.decode(path.read_bytes(), type=_Document)
            return Equivocation(
                document.member,
                document.epoch,
                document.view,
                bytes.fromhex(document.first),
                bytes.fromhex(document.second),
            )
        except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
            raise ValueError(f"{path}: is not evidence: {error}") from error
