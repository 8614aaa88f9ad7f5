"""Proof that the union's chain forked: kept, so that this node does not vote again by itself.

Two finalizations that no one chain holds both of mean that more than f members lied. What happens
then is for people to decide (docs/operators/fork.md); until somebody removes the file, the
node serves what it has, shows the proof, and says nothing in consensus.
"""

from pathlib import Path

import msgspec

from consensus.events import Forked
from consensus.messages import Finalization, MessageRefused, decode_message, encode_message
from ledger_node.node.proof_file import write_proof
from ledger_node.storage.errors import StorageCorrupt, StorageFailed


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, as JSON. Both: canonical finalizations in hex (docs/formats.md)."""

    ours: str | None
    theirs: str


def keep_fork(path: Path, fork: Forked) -> None:
    """Write it, durably; the first one stays. Raises StorageFailed."""
    if path.exists():
        return
    ours = None if fork.ours is None else encode_message(fork.ours).hex()
    document = _Document(ours, encode_message(fork.theirs).hex())
    try:
        write_proof(path, document)
    except OSError as error:
        raise StorageFailed(path, f"proof of a fork cannot be written: {error.strerror}") from error


def kept_fork(path: Path) -> Forked | None:
    """What was kept, if anything. Raises StorageCorrupt: then nobody may vote either."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
        ours = None if document.ours is None else _finalization(document.ours)
        return Forked(ours, _finalization(document.theirs))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
        raise StorageCorrupt(path, "proof of a fork", str(error)) from error


def _finalization(text: str) -> Finalization:
    message = decode_message(bytes.fromhex(text))
    if not isinstance(message, Finalization):
        raise MessageRefused(f"a {type(message).__name__} finalises nothing")
    return message
