"""The bearer token of a node's API: 32 random bytes in base64url, in a file only its owner reads.

Whoever holds it acts as a client of the member: may submit what others signed and read the
member's own particulars. It signs nothing: what reaches the ledger is signed by participants.
Source for the syntax: RFC 6750 §2.1.
"""

import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

MAX_TOKEN: Final = 256
"""Characters. Ours have 43; a longer one may come from elsewhere."""

MIN_TOKEN: Final = 32
"""Fewer characters are no secret to rely on."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class TokenError(ValueError):
    """A token file that cannot be used. path: the file; reason: text for people."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"API token {path}: {reason}")
        self.path = path
        self.reason = reason


def new_token() -> str:
    """A fresh token of 43 characters: 256 bits."""
    return secrets.token_urlsafe(32)


def write_token(path: Path) -> str:
    """A fresh token, also in a new file of mode 0600. Raises TokenError: it exists already."""
    token = new_token()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{token}\n")
    except OSError as error:
        raise TokenError(path, error.strerror or "cannot be written") from error
    return token


def read_token(path: Path) -> str:
    """The token in a file. Raises TokenError: missing, open to others, or not a token."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise TokenError(path, "not a regular file")
            if mode := stat.S_IMODE(status.st_mode) & 0o077:
                raise TokenError(path, f"others may use it (mode {mode:03o}); chmod 600 it")
            content = file.read(MAX_TOKEN + 3)
    except OSError as error:
        raise TokenError(path, error.strerror or "cannot be read") from error
    token = content.removesuffix(b"\n").removesuffix(b"\r").decode("latin-1")
    if not MIN_TOKEN <= len(token) <= MAX_TOKEN or not _TOKEN.fullmatch(token):
        raise TokenError(path, f"not a bearer token of {MIN_TOKEN} to {MAX_TOKEN} characters")
    return token


def is_token(offered: str, token: str) -> bool:
    """Whether an Authorization header's value carries the token; in time that tells nothing."""
    scheme, _, value = offered.partition(" ")
    # Compared as digests would be: bytes of any length, never short-circuited.
    same = hmac.compare_digest(value.encode("utf-8", "surrogateescape"), token.encode())
    return scheme.lower() == "bearer" and same
