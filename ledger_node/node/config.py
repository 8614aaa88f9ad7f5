"""A node's own settings: one TOML file in its data directory, and the layout of that directory.

node.toml       these settings
genesis.json    the signed genesis of the union
card.json       this member's signed card, where it joins a union that exists
history         how the members changed since the genesis, for a ledger that is not there yet
keys/           consensus, cosigner, log and TLS key files (not the authority key)
keys/next/      the same of a card that is to follow, before a rotation, and that card as card.json
ledger/         the LevelDB database
ledger.incoming/  a ledger being taken from peers or a backup, until it is complete
journal.wal     the consensus write-ahead log
checkpoint      the checkpoint last published, for export of the log while the node is stopped
contract-sets/  packed contract sets, past and coming, as <digest>.zip
payloads/       particulars of this member's own declarations, in plaintext
evidence/       proofs that members contradicted themselves, one file each
api-token       the bearer token of the HTTP API
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ledger_node.codec.wording import in_words
from ledger_node.log.note import SignatureType, parse_vkey
from ledger_node.node.witnesses import WitnessPlace

SETTINGS_NAME: Final = "node.toml"


class SettingsError(ValueError):
    """A settings file that cannot be used. Names the file and the field."""


class WitnessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[witnesses]] in node.toml: an outside witness to have checkpoints cosigned by.

    key: its vkey, signature type 0x04; url: its submission prefix (c2sp.org/tlog-witness).
    """

    key: str
    url: str

    def place(self) -> WitnessPlace:
        """Where and under which key it is asked. Raises ValueError."""
        key = parse_vkey(self.key)
        if key.type is not SignatureType.COSIGNATURE_V1:
            raise ValueError(f"{key.name}: not a key for cosignatures")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f"{self.url!r} is not a URL such as https://witness.example/prefix")
        return WitnessPlace(key, self.url.rstrip("/"))


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """node.toml. Addresses are "host:port", IPv6 in brackets."""

    member: str
    api_listen: str = "127.0.0.1:8443"
    peer_listen: str = ""
    """Where peers are awaited, when it is not the address in the member card."""
    snapshot_gap: int = 2_000
    """Blocks behind the union beyond which a node that starts takes a snapshot of the state."""
    witnesses: tuple[WitnessSettings, ...] = ()
    """Outside witnesses that are asked to cosign what this node publishes."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Where each thing of a node lives."""

    root: Path

    @property
    def settings(self) -> Path:
        """node.toml."""
        return self.root / SETTINGS_NAME

    @property
    def genesis(self) -> Path:
        """The signed genesis."""
        return self.root / "genesis.json"

    @property
    def card(self) -> Path:
        """This member's signed card, needed while no roster holds it."""
        return self.root / "card.json"

    @property
    def history(self) -> Path:
        """A policy history, for a start when the others' certificates are not those of then."""
        return self.root / "history"

    @property
    def next_keys(self) -> Path:
        """Key files of a card that is to follow, put here before a rotation."""
        return self.keys / "next"

    @property
    def next_card(self) -> Path:
        """This member's signed card that is to follow, for keys that are to be replaced."""
        return self.next_keys / "card.json"

    @property
    def keys(self) -> Path:
        """Directory of key files."""
        return self.root / "keys"

    @property
    def ledger(self) -> Path:
        """Directory of the database."""
        return self.root / "ledger"

    @property
    def incoming(self) -> Path:
        """Directory of a ledger that is being taken from elsewhere."""
        return self.root / "ledger.incoming"

    @property
    def journal(self) -> Path:
        """The write-ahead log."""
        return self.root / "journal.wal"

    @property
    def checkpoint(self) -> Path:
        """The checkpoint last published."""
        return self.root / "checkpoint"

    @property
    def contract_sets(self) -> Path:
        """Directory of packed contract sets."""
        return self.root / "contract-sets"

    @property
    def payloads(self) -> Path:
        """Directory of plaintext particulars."""
        return self.root / "payloads"

    @property
    def evidence(self) -> Path:
        """Directory of proofs that members contradicted themselves."""
        return self.root / "evidence"

    @property
    def fork(self) -> Path:
        """Proof that the chain forked. While it is there the node does not vote."""
        return self.root / "fork.json"

    @property
    def api_token(self) -> Path:
        """The API's bearer token, 0600."""
        return self.root / "api-token"


def read_settings(directory: DataDirectory) -> Settings:
    """The settings in a data directory. Raises SettingsError naming file and field."""
    path = directory.settings
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = msgspec.convert(document, Settings)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: not found; `ledger-node init` makes it") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {in_words(Settings, error)}") from error
    for field in ("api_listen", "peer_listen"):
        address = getattr(settings, field)
        if address:
            try:
                split_address(address)
            except ValueError as error:
                raise SettingsError(f"{path}: {field}: {error}") from error
    for witness in settings.witnesses:
        try:
            witness.place()
        except ValueError as error:
            raise SettingsError(f"{path}: witnesses: {error}") from error
    return settings


def split_address(address: str) -> tuple[str, int]:
    """("host", port) of "host:port" or "[v6]:port". Raises ValueError."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError(f"{address!r} is not host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)
