"""Canonical encoding: one byte string for every value that is hashed, signed or stored.

`canonical` turns values into bytes and back, `digests` turns bytes into domain-separated SHA-256,
`wording` says what is wrong with bytes that are no value.
The format is specified in docs/formats.md and pinned by the golden files in tests/golden/.
"""

from ledger_node.codec.canonical import DecodeError, Value, decode, decode_any, encode
from ledger_node.codec.digests import Digest, tagged_digest

__all__ = ["DecodeError", "Digest", "Value", "decode", "decode_any", "encode", "tagged_digest"]
