"""Cosignatures: a witness's statement that it saw a checkpoint, and when.

By a v1 cosignature a witness says that, at the time given, the checkpoint's tree head was the
largest consistent one it had observed for that origin. The message does not name the witness,
so a key pair serves one witness and nothing else.

Source: c2sp.org/tlog-cosignature, Ed25519 (signature type 0x04).
"""

from typing import Final

from ledger_node.crypto.signatures import verify_ed25519
from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.note import (
    ED25519_SIGNATURE,
    NoteError,
    NoteRule,
    NoteSignature,
    NoteSigner,
    SignatureType,
    VerifierKey,
)

MAX_TIMESTAMP: Final = 2**63 - 1
_TIMESTAMP_SIZE: Final = 8


def cosigned_message(checkpoint: Checkpoint, timestamp: int) -> bytes:
    """The bytes a witness signs. timestamp: seconds since the epoch."""
    return f"cosignature/v1\ntime {timestamp}\n{checkpoint.text()}".encode()


def cosign(
    checkpoint: Checkpoint, key: VerifierKey, signer: NoteSigner, timestamp: int
) -> NoteSignature:
    """The line by which witness `key` cosigns at `timestamp`, in seconds since the epoch.

    Raises NoteError also when `signer` does not hold the private half of `key`. Whether the
    checkpoint may be cosigned at all (final, consistent with all before it) is for the caller.
    """
    if not 0 <= timestamp <= MAX_TIMESTAMP:
        raise NoteError(NoteRule.TIMESTAMP, f"cosignature of {key.name}")
    raw = signer.sign(cosigned_message(checkpoint, timestamp))
    signature = NoteSignature(key.name, key.key_id, timestamp.to_bytes(_TIMESTAMP_SIZE) + raw)
    verify_cosignature(checkpoint, key, signature)
    return signature


def verify_cosignature(checkpoint: Checkpoint, key: VerifierKey, signature: NoteSignature) -> int:
    """Check a line by a `key` of type COSIGNATURE_V1; the time it states. Raises NoteError."""
    where = f"cosignature of {key.name}"
    if key.type is not SignatureType.COSIGNATURE_V1:
        raise NoteError(NoteRule.KEY_TYPE, where)
    if not signature.is_by(key):
        raise NoteError(NoteRule.OTHER_KEY, where)
    if len(signature.signature) != _TIMESTAMP_SIZE + ED25519_SIGNATURE:
        raise NoteError(NoteRule.SIGNATURE_LENGTH, where)
    timestamp = int.from_bytes(signature.signature[:_TIMESTAMP_SIZE])
    if timestamp > MAX_TIMESTAMP:
        raise NoteError(NoteRule.TIMESTAMP, where)
    message = cosigned_message(checkpoint, timestamp)
    if not verify_ed25519(key.public, message, signature.signature[_TIMESTAMP_SIZE:]):
        raise NoteError(NoteRule.INVALID, where)
    return timestamp
