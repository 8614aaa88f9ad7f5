"""Other codes for offices and parties: a message written for one union, lodged in another.

A translation is given explicitly, never guessed; codes that are not in it stay as they are; what it
changed is reported. Offices are translated by role, because a message may name one office in two
roles (of transit and of destination) that are two offices in the other union.

The file is JSON, with any of the tables left out:

    {"offices": {"departure": {"XI000081": "KG000081"}, "transit": {…}, "destination": {…}},
     "participants": {"XI175521246821": "KG-TRADER-1"},
     "guarantees": {"23XI00000100000D0": "26KG0000010000003"}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

import msgspec

from ledger_node.codec.wording import in_words
from ledger_node.interop.refusal import TRANSLATION, InteropError, shown

MAX_BYTES = 1024 * 1024
MAX_CODE = 64
"""Characters of a code on either side: no code list has longer ones."""


@unique
class Role(StrEnum):
    """What a translated code stands for."""

    DEPARTURE = "office of departure"
    TRANSIT = "office of transit"
    DESTINATION = "office of destination"
    PARTICIPANT = "participant"
    GUARANTEE = "guarantee"


class TranslationRefused(InteropError):
    """A translation file that cannot be used. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"translation: {reason} [{TRANSLATION.id}]")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Replacement:
    """One code that was changed."""

    role: Role
    original: str
    replaced_by: str

    def __str__(self) -> str:
        return f"{self.role.value} {self.original} → {self.replaced_by}"


class _Offices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    departure: dict[str, str] = {}
    transit: dict[str, str] = {}
    destination: dict[str, str] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    offices: _Offices = _Offices()
    participants: dict[str, str] = {}
    guarantees: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Translation:
    """Tables by role. `Translation()` changes nothing."""

    tables: Mapping[Role, Mapping[str, str]] = field(default_factory=dict)

    def of(self, role: Role, code: str) -> str:
        """The code to use for `code` in this role."""
        return self.tables.get(role, {}).get(code, code)

    @classmethod
    def from_json(cls, data: bytes) -> "Translation":
        """Raises TranslationRefused: too long, not JSON, unknown table, or an unusable code."""
        if len(data) > MAX_BYTES:
            raise TranslationRefused(f"has {len(data)} bytes; at most {MAX_BYTES} are accepted")
        try:
            file = msgspec.json.decode(data, type=_File)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise TranslationRefused(str(in_words(_File, error))) from error
        tables = {
            Role.DEPARTURE: file.offices.departure,
            Role.TRANSIT: file.offices.transit,
            Role.DESTINATION: file.offices.destination,
            Role.PARTICIPANT: file.participants,
            Role.GUARANTEE: file.guarantees,
        }
        for role, table in tables.items():
            for code in (*table, *table.values()):
                if not 0 < len(code) <= MAX_CODE or not code.isprintable() or code != code.strip():
                    raise TranslationRefused(f"{role.value}: {shown(code)} is not a code")
        return cls(tables)


NO_TRANSLATION = Translation()
"""Every code stays as the message has it."""
