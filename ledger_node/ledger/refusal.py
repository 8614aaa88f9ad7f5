"""Why a submission is refused before it reaches a block, and why a block's payload is invalid.

These rules guard the envelope, not customs law: a refused submission leaves no trace on the
ledger, unlike a record that a contract rejects. Ids are stable, they are what clients act on.
"""

from enum import Enum
from typing import Final

MAX_LIFETIME_MS: Final = 24 * 60 * 60 * 1000
"""A submission expires at most this long after the block that orders it."""


class SubmissionRule(Enum):
    """(id, text, text in Russian) of each rule a submission must keep."""

    SIZE = (
        "SUB-001",
        "a submission has at most 1,048,576 bytes",
        "представление занимает не более 1 048 576 байтов",
    )
    FORM = (
        "SUB-002",
        "a submission is the canonical encoding of its format",
        "представление закодировано в канонической форме",
    )
    UNION = (
        "SUB-003",
        "a submission names the union it is meant for",
        "представление называет союз, которому предназначено",
    )
    AUTHOR = (
        "SUB-004",
        "the author is a participant id of 1 to 64 visible ASCII characters",
        "автор указан идентификатором участника: от 1 до 64 видимых знаков ASCII",
    )
    KEY = (
        "SUB-005",
        "the public key is well formed and of a supported suite",
        "открытый ключ правильно записан и относится к поддерживаемому набору алгоритмов",
    )
    COUNT = (
        "SUB-006",
        "a submission holds 1 to 256 records, as many as its header says",
        "представление содержит от 1 до 256 записей, столько, сколько указано в заголовке",
    )
    RECORD_SIZE = (
        "SUB-007",
        "a record has 1 to 61,440 bytes",
        "запись занимает от 1 до 61 440 байтов",
    )
    ROOT = (
        "SUB-008",
        "the records root in the header is that of the records",
        "корень записей в заголовке соответствует записям",
    )
    SIGNATURE = (
        "SUB-009",
        "the signature holds under the header's public key",
        "подпись верна для открытого ключа из заголовка",
    )
    EXPIRY = (
        "SUB-010",
        "a submission is ordered before it expires, and expires within 24 hours",
        "представление упорядочено до истечения своего срока, срок не длиннее 24 часов",
    )
    REPLAY = (
        "SUB-011",
        "a submission is ordered once",
        "представление упорядочивается один раз",
    )

    def __init__(self, rule_id: str, text: str, text_ru: str) -> None:
        self.id = rule_id
        self.text = text
        self.text_ru = text_ru


class SubmissionRefused(ValueError):
    """A submission that breaks a rule.

    rule: which; field: where, e.g. "records[3]"; reason: what was found, text for people.
    """

    def __init__(self, rule: SubmissionRule, field: str, reason: str) -> None:
        super().__init__(f"{rule.id} {field}: {reason} ({rule.text})")
        self.rule = rule
        self.field = field
        self.reason = reason


class BlockInvalid(ValueError):
    """A block no correct proposer would make: its payload breaks a rule.

    field: what is wrong, e.g. "payload[7]"; reason: text for people.
    rule: the submission rule broken, when there is one.
    """

    def __init__(self, field: str, reason: str, rule: SubmissionRule | None = None) -> None:
        super().__init__(f"block {field}: {reason}" + (f" ({rule.id} {rule.text})" if rule else ""))
        self.field = field
        self.reason = reason
        self.rule = rule
