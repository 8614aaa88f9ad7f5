"""Checks of single fields of cards and genesis documents; each names its field and its rule."""

import re
import unicodedata
from typing import Final

from ledger_node.crypto.signatures import SignatureError, Suite, public_key

_MEMBER: Final = re.compile(r"[A-Z]{2}")
_ORIGIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9._~-]+)*")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")
_URL: Final = re.compile(r"https?://[!-~]+")

MAX_TIME_MS: Final = 2**53 - 1
"""The greatest integer every JSON reader keeps exact."""


class GenesisError(ValueError):
    """A card or genesis that is not what it must be. field: a path; reason: the rule broken."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def check_member(field: str, code: str) -> None:
    """ISO 3166-1 alpha-2 in form; which codes exist is for the members to know."""
    if not _MEMBER.fullmatch(code):
        raise GenesisError(field, "must be two capital letters, ISO 3166-1 alpha-2")


def check_name(field: str, name: str) -> None:
    """Text for people: printable, NFC, 1 to 128 characters."""
    if not 0 < len(name) <= 128 or not name.isprintable() or name != name.strip():
        raise GenesisError(field, "must be 1 to 128 printable characters")
    if unicodedata.normalize("NFC", name) != name:
        raise GenesisError(field, "must be in Unicode normal form C")


def check_origin(field: str, origin: str) -> None:
    """A schema-less URL, as c2sp.org/tlog-checkpoint recommends for a log's origin."""
    if len(origin) > 128 or not _ORIGIN.fullmatch(origin):
        reason = "must be a URL without scheme, such as ledger.example.org/union, of at most 128"
        raise GenesisError(field, reason)


def check_host(field: str, host: str) -> None:
    """A DNS name or an IP address; whether it answers is for the network to find out."""
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise GenesisError(field, "must be a host name or an IP address")


def check_api_url(field: str, url: str) -> None:
    """Empty when a member offers no public API."""
    if url and (len(url) > 256 or not _URL.fullmatch(url)):
        raise GenesisError(field, "must be empty or an http(s) URL of at most 256 characters")


def check_range(field: str, value: int, low: int, high: int) -> None:
    """low <= value <= high."""
    if not low <= value <= high:
        raise GenesisError(field, f"must be {low} to {high}, is {value}")


def check_key(field: str, public: bytes, only: Suite | None = None) -> None:
    """A well-formed suite-tagged public key, of suite `only` when one is named."""
    try:
        public_key(public)
    except SignatureError as error:
        raise GenesisError(field, str(error)) from error
    if only is not None and public[0] != only:
        raise GenesisError(field, f"must be a key of suite {only.name}")
