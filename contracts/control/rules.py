"""Rules of control."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import CONTROLS, LEDGER, ncts

_ONE_STANDARD = f"{LEDGER} (one standard of control, recognised by all members); {CONTROLS}"

STATE_FITS = Rule(
    "CN-001",
    "A record fits the state the control is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию контроля.",
    severity=Severity.FORMAL,
)
OPEN_MOVEMENT = Rule(
    "CN-002",
    "Goods are controlled while their movement is open: registered, and not closed or completed.",
    _ONE_STANDARD,
    "Товары контролируются, пока перевозка открыта: зарегистрирована и не закрыта и не завершена.",
)
ON_THE_ROUTE = Rule(
    "CN-003",
    "A control is ordered by an office of a member on the route, or of one where an incident of "
    "the movement happened.",
    _ONE_STANDARD,
    "Контроль назначает таможенный орган государства-члена на маршруте или государства, "
    "где произошёл инцидент.",
    severity=Severity.GRAVE,
)
IN_OWN_COUNTRY = Rule(
    "CN-004",
    "An office controls in its own member's territory: the place begins with its country code.",
    _ONE_STANDARD,
    "Таможенный орган проводит контроль на территории своего государства-члена: код места "
    "начинается с кода страны.",
    severity=Severity.GRAVE,
)
ONE_OPEN = Rule(
    "CN-005",
    "A control of a kind is over before another of that kind is ordered on the movement.",
    _ONE_STANDARD,
    "Контроль одного вида завершается до назначения следующего такого же.",
)
REASON_STATED = Rule(
    "CN-006",
    "After a control of the same kind, a ground and a reason are stated; for the first, neither.",
    _ONE_STANDARD,
    "После контроля того же вида указываются основание и причина; для первого — нет.",
    severity=Severity.FORMAL,
)
REASON_NEW = Rule(
    "CN-007",
    "The reason for controlling again was not stated before for this kind and movement.",
    _ONE_STANDARD,
    "Причина повторного контроля ранее для этого вида и перевозки не указывалась.",
)
GROUND_HOLDS = Rule(
    "CN-008",
    "A ground that the ledger can show is shown by it: the last result was inconclusive, an "
    "incident was reported since, or the alarm of a seal on the goods was confirmed.",
    _ONE_STANDARD,
    "Основание, которое видно из реестра, им подтверждается: последний результат "
    "неокончательный, с тех пор сообщено об инциденте или подтверждена тревога пломбы.",
)
CONTROL_KNOWN = Rule(
    "CN-009",
    "The control was ordered.",
    _ONE_STANDARD,
    "Контроль назначен.",
    severity=Severity.FORMAL,
)
OWN_CONTROL = Rule(
    "CN-010",
    "A control is reported or cancelled by the office that ordered it.",
    _ONE_STANDARD,
    "О результате или отмене сообщает назначивший контроль орган.",
    severity=Severity.GRAVE,
)
TIME_OF_CONTROL = Rule(
    "CN-011",
    "A control is over after it was ordered and before it is reported.",
    _ONE_STANDARD,
    "Контроль завершён после назначения и до сообщения о результате.",
    severity=Severity.FORMAL,
)
FINDING_STATED = Rule(
    "CN-012",
    "A result that is not conform says what was found.",
    _ONE_STANDARD,
    "При несоответствии указывается, что обнаружено.",
    severity=Severity.FORMAL,
)
CONTROL_LIMIT = Rule(
    "CN-013",
    "A movement is controlled in one way at most 8 times.",
    f"{LEDGER} (bounded objects)",
    "Перевозка контролируется одним способом не более 8 раз.",
)
