"""Rules of reference data."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER

_RATES = f"{LEDGER} (reference rates: what was used for a conversion stays)"
_LISTS = f"{LEDGER} (code lists)"
_THRESHOLDS = f"{LEDGER} (de minimis thresholds as reference data)"

RATE_AHEAD = Rule(
    "RF-001",
    "Rates are published for today or for one of the next 31 days, by block time in UTC.",
    _RATES,
    "Курсы публикуются на сегодня или на один из следующих 31 дня по времени блока (UTC).",
)
RATE_STANDS = Rule(
    "RF-002",
    "The published rate of a day that has begun is not changed.",
    _RATES,
    "Опубликованный курс наступившего дня не изменяется.",
    severity=Severity.GRAVE,
)
NOT_THE_PIVOT = Rule(
    "RF-003",
    "The pivot currency has no rate: the others are expressed in it.",
    _RATES,
    "Базовая валюта не имеет курса: в ней выражаются остальные.",
)
OWN_CURRENCY = Rule(
    "RF-004",
    "A registrar publishes only the rate of its member's currency, as the list "
    "national-currency says; the Commission publishes any.",
    _RATES,
    "Регистратор публикует курс только валюты своего государства-члена по перечню "
    "national-currency; Комиссия — любой валюты.",
    severity=Severity.GRAVE,
)
RATE_KNOWN = Rule(
    "RF-005",
    "A conversion uses the rate of its day or the last one published within 10 days before it.",
    _RATES,
    "Пересчёт ведётся по курсу дня или последнему опубликованному за 10 дней до него.",
)
LIST_ID_FREE = Rule(
    "RF-006",
    "A code list is defined once.",
    _LISTS,
    "Перечень кодов определяется один раз.",
    severity=Severity.FORMAL,
)
LIST_KNOWN = Rule(
    "RF-007",
    "The code list is defined.",
    _LISTS,
    "Перечень кодов определён.",
    severity=Severity.FORMAL,
)
NATIONAL_CODES = Rule(
    "RF-008",
    "A registrar writes only in national lists, and there only codes that begin with its "
    "country code; the Commission writes in any.",
    _LISTS,
    "Регистратор ведёт только национальные перечни и только коды своей страны; Комиссия — любые.",
    severity=Severity.GRAVE,
)
VALIDITY_IN_ORDER = Rule(
    "RF-009",
    "A code ceases to be in force after it came into force.",
    _LISTS,
    "Код утрачивает силу после того, как вступил в неё.",
    severity=Severity.FORMAL,
)
ONCE = Rule(
    "RF-010",
    "A record names each currency or code once.",
    f"{LEDGER} (reference data)",
    "Каждая валюта или код указывается в записи один раз.",
    severity=Severity.FORMAL,
)
CODE_IN_FORCE = Rule(
    "RF-011",
    "A code is in force in its list, if the union keeps that list.",
    _LISTS,
    "Код действует в своём перечне, если союз ведёт этот перечень.",
)
THRESHOLD_AHEAD = Rule(
    "RF-012",
    "A threshold takes effect after it is set, so that all know it beforehand.",
    _THRESHOLDS,
    "Порог вступает в силу после установления, чтобы все знали о нём заранее.",
)
OWN_THRESHOLD = Rule(
    "RF-013",
    "The Commission sets the union's threshold; a registrar sets its own member's.",
    _THRESHOLDS,
    "Порог союза устанавливает Комиссия, порог государства-члена — его регистратор.",
    severity=Severity.GRAVE,
)
NOT_ABOVE_UNION = Rule(
    "RF-014",
    "A member's threshold is in the currency of the union's and not above it at that time.",
    _THRESHOLDS,
    "Порог государства-члена выражен в валюте порога союза и в то время не выше него.",
)
THRESHOLD_KNOWN = Rule(
    "RF-015",
    "A threshold of that kind is in force for the member or for the union.",
    _THRESHOLDS,
    "Порог этого вида действует для государства-члена или для союза.",
    severity=Severity.FORMAL,
)
