"""Rules of e-commerce."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER, ncts

_WCO = f"{LEDGER} under the WCO E-Commerce Framework of Standards"
_BULK = f"{_WCO} (bulk declaration of low-value consignments)"
_TRANSIT = f"{LEDGER} (transit of bulk consignments with one guarantee)"
_PARCELS = f"{LEDGER} (proof of a parcel by Merkle root, RFC 6962)"

STATE_FITS = Rule(
    "EC-001",
    "A record fits the state the bulk declaration is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию сводной декларации.",
    severity=Severity.FORMAL,
)
LRN_FREE = Rule(
    "EC-002",
    "An operator uses an LRN once.",
    _BULK,
    "Оператор использует LRN один раз.",
    severity=Severity.FORMAL,
)
OFFICE_KNOWN = Rule(
    "EC-003",
    "The office of a bulk declaration is an active office of destination.",
    _BULK,
    "Орган, которому подаётся сводная декларация, — действующий орган назначения.",
    severity=Severity.FORMAL,
)
LOW_VALUE = Rule(
    "EC-004",
    "No parcel of a bulk declaration is above the threshold for bulk declarations of the member "
    "that clears it.",
    _BULK,
    "Ни одно отправление не превышает порог сводного декларирования государства-члена.",
)
DUTY_DECLARED = Rule(
    "EC-005",
    "Duty is declared if any parcel is above the de minimis threshold of the member.",
    _BULK,
    "Пошлина заявляется, если хотя бы одно отправление выше беспошлинного порога.",
)
TOTALS_AGREE = Rule(
    "EC-006",
    "Totals of value and mass are not below the highest of one parcel, nor above that times the "
    "number of parcels.",
    _BULK,
    "Итоги стоимости и массы не меньше наибольших для одного отправления и не больше их "
    "произведения на число отправлений.",
    severity=Severity.FORMAL,
)
CONDUCT_ALLOWS = Rule(
    "EC-007",
    "An operator whose conduct is poor declares nothing in bulk.",
    _BULK,
    "Оператор с неудовлетворительной историей соблюдения не подаёт сводных деклараций.",
)
BULK_KNOWN = Rule(
    "EC-008",
    "The bulk declaration was made.",
    _BULK,
    "Сводная декларация подана.",
    severity=Severity.FORMAL,
)
OF_CLEARANCE = Rule(
    "EC-009",
    "A bulk declaration is decided by the office it was made to.",
    _BULK,
    "Решение по сводной декларации принимает орган, которому она подана.",
    severity=Severity.GRAVE,
)
DUTY_SETTLED = Rule(
    "EC-010",
    "Parcels on which duty falls due are released once it is paid or secured.",
    _BULK,
    "Облагаемые отправления выпускаются после уплаты или обеспечения пошлины.",
)
OWN_MOVEMENT = Rule(
    "EC-011",
    "An operator consigns under a movement it declared itself, before its release.",
    _TRANSIT,
    "Оператор включает отправления в заявленную им перевозку до её выпуска.",
)
ONE_GUARANTEE = Rule(
    "EC-012",
    "The movement of a bulk consignment has one guarantee, and it is a general one.",
    _TRANSIT,
    "Перевозка сводной партии обеспечена одной генеральной гарантией.",
)
DUTY_COVERED = Rule(
    "EC-013",
    "The guarantee is asked for at least the duty declared for what the movement carries.",
    _TRANSIT,
    "Гарантия запрошена не менее чем на заявленную пошлину за перевозимое.",
)
ONE_MOVEMENT = Rule(
    "EC-014",
    "A bulk declaration travels under one open movement at a time, and a movement is consigned "
    "once.",
    _TRANSIT,
    "Сводная декларация следует в одной открытой перевозке; партия перевозки указывается один раз.",
)
GOES_THERE = Rule(
    "EC-015",
    "The movement ends at the office that the bulk declaration was made to.",
    _TRANSIT,
    "Перевозка заканчивается в органе, которому подана сводная декларация.",
)
PARCEL_PROVEN = Rule(
    "EC-016",
    "The path leads from the parcel to the root of the register.",
    _PARCELS,
    "Путь ведёт от отправления к корню реестра отправлений.",
    severity=Severity.GRAVE,
)
RETURNED_ONCE = Rule(
    "EC-017",
    "A parcel goes back once.",
    f"{_WCO} (returns without duty)",
    "Отправление возвращается один раз.",
)
