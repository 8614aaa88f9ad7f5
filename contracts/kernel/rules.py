"""Rules about records as such: their bytes and the form of their fields."""

from contracts.kernel.rule import Rule, Severity

_LEDGER = "Ledger rule (record format, docs/formats.md)"

UNDECODABLE = Rule(
    "REC-001",
    "A record is one of the known record kinds, with all its fields, each of its type.",
    _LEDGER,
    "Запись относится к одному из известных видов и содержит все поля нужных типов.",
    severity=Severity.FORMAL,
)
NOT_CANONICAL = Rule(
    "REC-002",
    "A record is in canonical form: there is one sequence of bytes for one record.",
    _LEDGER,
    "Запись представлена в канонической форме: одной записи соответствует "
    "одна последовательность байтов.",
    severity=Severity.FORMAL,
)
TOO_LONG = Rule(
    "REC-003",
    "A record is not longer than 60 KiB.",
    _LEDGER,
    "Длина записи не превышает 60 КиБ.",
    severity=Severity.FORMAL,
)
CODE = Rule(
    "REC-010",
    "An identifier or code has the form its field asks for.",
    _LEDGER,
    "Идентификатор или код имеет форму, предписанную для поля.",
    severity=Severity.FORMAL,
)
TEXT = Rule(
    "REC-011",
    "Text is of bounded length, in Unicode normal form C, without control, invisible or "
    "unassigned characters and without outer spaces.",
    _LEDGER,
    "Текст ограничен по длине, приведён к нормальной форме Unicode C, не содержит управляющих, "
    "невидимых и неназначенных символов и крайних пробелов.",
    severity=Severity.FORMAL,
)
NUMBER = Rule(
    "REC-012",
    "A number lies within the bounds of its field.",
    _LEDGER,
    "Число находится в пределах, установленных для поля.",
    severity=Severity.FORMAL,
)
LIST = Rule(
    "REC-013",
    "A list has as many elements as its field allows, and none of them twice.",
    _LEDGER,
    "Список содержит допустимое для поля число элементов без повторов.",
    severity=Severity.FORMAL,
)
BYTES = Rule(
    "REC-014",
    "A byte string has the length its field asks for.",
    _LEDGER,
    "Строка байтов имеет предписанную для поля длину.",
    severity=Severity.FORMAL,
)
