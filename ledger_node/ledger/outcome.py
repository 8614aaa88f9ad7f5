"""What became of a record: accepted, or rejected under a rule with the values that failed.

Both are on the log for good: a refusal is a fact someone may appeal, and it can be proven. Only
the rule's id is written; its text and source are those of the contract set that was active.
Format: docs/formats.md, "Outcome".
"""

from typing import Final, TypeAlias

import msgspec


class RecordAccepted(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """[0]: the record's changes are part of the state."""


class RecordRejected(
    msgspec.Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True
):
    """[1, rule id, [[name, value], ...]]: the record changed nothing.

    values: what the rule looked at, as text, e.g. ("free", "12000 EUR").
    """

    rule: str
    values: tuple[tuple[str, str], ...]


Outcome: TypeAlias = RecordAccepted | RecordRejected

ACCEPTED: Final = RecordAccepted()
