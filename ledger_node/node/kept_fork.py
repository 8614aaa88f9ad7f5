"""Proof that the union's chain forked: kept, so that this node does not vote again by itself.

Two finalizations that no one chain holds both of mean that more than f members lied. What happens
then is for people to decide (docs/operators/fork.md); until somebody removes the file, the
node serves what it has, shows the proof, and says nothing in consensus.
"""

import json
from pathlib import Path

from consensus.events import Forked
from consensus.messages import Finalization, MessageRefused, decode_message, encode_message
from ledger_node.node.proof_file import write_proof
from ledger_node.storage.errors import StorageCorrupt, StorageFailed


def keep_fork(path: Path, fork: Forked) -> None:
    """Write it, durably; the first one stays. Raises StorageFailed."""
    if path.exists():
        return
    ours = None if fork.ours is None else encode_message(fork.ours).hex()
    document = {"ours": ours, "theirs": encode_message(fork.theirs).hex()}
    try:
        write_proof(path, document)
    except OSError as error:
        raise StorageFailed(path, f"proof of a fork cannot be written: {error.strerror}") from error


def kept_fork(path: Path) -> Forked | None:
    """What was kept, if anything. Raises StorageCorrupt: then nobody may vote either."""
    try:
        document = json.loads(path.read_text(encoding="ascii"))
        ours = document["ours"]
        return Forked(
            None if ours is None else _finalization(ours), _finalization(document["theirs"])
        )
    except FileNotFoundError:
        return None
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StorageCorrupt(path, "proof of a fork", str(error)) from error


def _finalization(text: str) -> Finalization:
    message = decode_message(bytes.fromhex(text))
    if not isinstance(message, Finalization):
        raise MessageRefused(f"a {type(message).__name__} finalises nothing")
    return message
