"""Rules of customs transit, as far as goods arrive (recovery_rules.py has the rest)."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import (
    CC_17,
    CC_22,
    CC_143,
    CC_144,
    CC_145,
    CC_148_149,
    CC_150,
    CC_151,
    COMMON_TRANSIT,
    SEALS_ATTACHING,
    ncts,
    with_practice,
)

STATE_FITS = Rule(
    "TR-001",
    "A record fits the state the declaration, movement or claim is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию декларации, перевозки или требования.",
    severity=Severity.FORMAL,
)
LRN_FREE = Rule(
    "TR-002",
    "A declarant uses a local reference number (LRN) once.",
    COMMON_TRANSIT,
    "Декларант использует местный регистрационный номер (LRN) один раз.",
    severity=Severity.FORMAL,
)
DECLARATION_KNOWN = Rule(
    "TR-003", "The declaration is lodged.", CC_17, "Декларация подана.", severity=Severity.FORMAL
)
MOVEMENT_KNOWN = Rule(
    "TR-004",
    "The movement is registered under this MRN.",
    CC_17,
    "Перевозка зарегистрирована под этим номером (MRN).",
    severity=Severity.FORMAL,
)
SIGNED_BY_HOLDER = Rule(
    "TR-005",
    "The holder of the procedure signs the declaration: it answers for delivery and debt, and its "
    "signature lets its guarantee be used.",
    with_practice(CC_22),
    "Декларацию подписывает держатель процедуры: он отвечает за доставку и платежи, "
    "его подпись разрешает использовать его обеспечение.",
    severity=Severity.GRAVE,
)
CARRIER_KNOWN = Rule(
    "TR-006",
    "The carrier is registered as a carrier and not suspended.",
    CC_22,
    "Перевозчик зарегистрирован в этой роли и не приостановлен.",
)
OFFICES_KNOWN = Rule(
    "TR-007",
    "Every office named exists, is active and has the function asked of it.",
    CC_22,
    "Каждый указанный таможенный орган существует, действует и имеет требуемую функцию.",
    severity=Severity.FORMAL,
)
SECURITY_NAMED = Rule(
    "TR-008",
    "The declaration names at least one guarantee, or else the ground on which none is required.",
    CC_22,
    "В декларации указано хотя бы одно обеспечение либо основание, по которому оно не требуется.",
    severity=Severity.FORMAL,
)
GUARANTEE_ONCE = Rule(
    "TR-009",
    "A declaration names each guarantee once.",
    COMMON_TRANSIT,
    "Каждое обеспечение указано в декларации один раз.",
    severity=Severity.FORMAL,
)
LIMIT_DATE_AHEAD = Rule(
    "TR-010",
    "The limit date lies in the future.",
    COMMON_TRANSIT,
    "Предельная дата доставки находится в будущем.",
    severity=Severity.FORMAL,
)
PRE_LODGED_LAPSES = Rule(
    "TR-011",
    "Goods of a pre-lodged declaration are presented within 30 days of lodging.",
    COMMON_TRANSIT,
    "Товары по предварительной декларации предъявляются в течение 30 дней после её подачи.",
)
OF_DEPARTURE = Rule(
    "TR-012",
    "Only the office of departure of this movement takes this decision.",
    CC_22,
    "Это решение принимает только таможенный орган отправления данной перевозки.",
    severity=Severity.GRAVE,
)
OF_DESTINATION = Rule(
    "TR-013",
    "Only the office of destination of this movement takes this decision.",
    CC_22,
    "Это решение принимает только таможенный орган назначения данной перевозки.",
    severity=Severity.GRAVE,
)
NEXT_ON_ROUTE = Rule(
    "TR-014",
    "A crossing is noted by the next office of transit of the itinerary.",
    with_practice(CC_150),
    "Пересечение отмечает следующий по маршруту транзитный таможенный орган.",
    severity=Severity.GRAVE,
)
OWN_CARRIAGE = Rule(
    "TR-015",
    "Only the carrier of this movement makes this report.",
    CC_148_149,
    "Это сообщение делает только перевозчик данной перевозки.",
    severity=Severity.GRAVE,
)
CARRIER_OR_DECLARANT = Rule(
    "TR-016",
    "Arrival is notified by the carrier or the declarant of this movement.",
    with_practice(CC_22),
    "О прибытии сообщает перевозчик или декларант данной перевозки.",
    severity=Severity.GRAVE,
)
OWN_DECLARATION = Rule(
    "TR-017",
    "Only the declarant of this movement makes this request.",
    CC_17,
    "Этот запрос делает только декларант данной перевозки.",
    severity=Severity.GRAVE,
)
MRN_FREE = Rule(
    "TR-018",
    "An MRN names one movement.",
    COMMON_TRANSIT,
    "MRN принадлежит одной перевозке.",
    severity=Severity.FORMAL,
)
MRN_COUNTRY = Rule(
    "TR-019",
    "The country in the MRN is the member of the office that registers.",
    COMMON_TRANSIT,
    "Страна в MRN — государство-член регистрирующего таможенного органа.",
    severity=Severity.FORMAL,
)
MRN_YEAR = Rule(
    "TR-020",
    "The year in the MRN is the year of registration, in some time zone.",
    COMMON_TRANSIT,
    "Год в MRN — год регистрации (в каком-либо часовом поясе).",
    severity=Severity.FORMAL,
)
NUMBER_FREE = Rule(
    "TR-021",
    "An EAEU declaration number names one movement.",
    CC_17,
    "Номер декларации ЕАЭС принадлежит одной перевозке.",
    severity=Severity.FORMAL,
)
IDENTIFIED = Rule(
    "TR-022",
    "Goods are released only if they can be identified: by seals or by another measure.",
    CC_143,
    "Товары выпускаются, только если обеспечена их идентификация: пломбами или иным способом.",
    severity=Severity.GRAVE,
)
DEADLINE_AHEAD = Rule(
    "TR-023",
    "The deadline lies in the future.",
    CC_144,
    "Срок таможенного транзита истекает в будущем.",
)
DEADLINE_CEILING = Rule(
    "TR-024",
    "The deadline is not beyond one month of 30 days for every 2,000 km of route begun.",
    CC_144,
    "Срок таможенного транзита не превышает одного месяца (30 дней) на каждые начатые "
    "2 000 км маршрута.",
)
RAIL_FLOOR = Rule(
    "TR-025",
    "By rail the deadline is not under 7 days.",
    CC_144,
    "При перевозке по железной дороге срок таможенного транзита не менее 7 дней.",
)
PROHIBITIONS_CLEARED = Rule(
    "TR-026",
    "Goods are released only if prohibitions and restrictions are observed.",
    CC_22,
    "Товары выпускаются только при соблюдении запретов и ограничений.",
    severity=Severity.GRAVE,
)
HOLDER_ACTIVE = Rule(
    "TR-027",
    "The holder of the procedure is an active declarant when the goods are released.",
    CC_22,
    "Держатель процедуры при выпуске товаров — действующий декларант.",
)
INVALIDATION_ASKED = Rule(
    "TR-028",
    "Once released, a declaration is invalidated only if the declarant asked for it, or the office "
    "has seen that the goods are still with it; a request is refused only if there is one.",
    with_practice(CC_17),
    "После выпуска декларация аннулируется только по просьбе декларанта либо если орган установил, "
    "что товары находятся у него; отклоняется только поданная просьба.",
)
INCIDENT_KNOWN = Rule(
    "TR-029",
    "The incident is reported.",
    CC_148_149,
    "Об инциденте сообщено.",
    severity=Severity.FORMAL,
)
WHERE_IT_HAPPENED = Rule(
    "TR-030",
    "An incident is endorsed by an office of the member where it happened.",
    CC_148_149,
    "Инцидент подтверждает таможенный орган государства-члена, где он произошёл.",
    severity=Severity.GRAVE,
)
ENDORSED_ONCE = Rule(
    "TR-031",
    "An incident is endorsed once.",
    CC_148_149,
    "Инцидент подтверждается один раз.",
    severity=Severity.FORMAL,
)
INCIDENT_LIMIT = Rule(
    "TR-032",
    "A movement has at most 32 incidents.",
    "Ledger rule (bounded objects)",
    "У перевозки не более 32 инцидентов.",
)
INCIDENT_IN_UNION = Rule(
    "TR-033",
    "An incident happens in a member of the union.",
    CC_148_149,
    "Инцидент происходит в государстве — члене союза.",
    severity=Severity.FORMAL,
)
DECLARED_DESTINATION = Rule(
    "TR-034",
    "Goods arrive at the office of destination of the movement.",
    CC_150,
    "Товары прибывают в таможенный орган назначения перевозки.",
)
REMARKS_AGREE = Rule(
    "TR-035",
    "Unloading is conform exactly if no discrepancy is listed.",
    ncts("unloading remarks 044"),
    "Результат выгрузки соответствует декларации тогда и только тогда, когда расхождений нет.",
    severity=Severity.FORMAL,
)
BROKEN_SEALS_CONTROLLED = Rule(
    "TR-036",
    "Goods whose seals are not intact at arrival are controlled at destination.",
    f"{CC_151}; {CC_150}",
    "Товары, прибывшие с нарушенными пломбами, подлежат контролю в органе назначения.",
    severity=Severity.GRAVE,
)
OFFICES_ONCE = Rule(
    "TR-037",
    "Departure and destination are different offices, unless the route passes an office of transit "
    "on the way.",
    CC_22,
    "Органы отправления и назначения различны, если по пути нет транзитного органа.",
    severity=Severity.FORMAL,
)
OFFICE_STAYS = Rule(
    "TR-038",
    "An amendment after registration keeps the holder and the office of departure, which gave the "
    "MRN.",
    with_practice(CC_17),
    "Изменение после регистрации сохраняет держателя процедуры и орган отправления, присвоивший "
    "MRN.",
)
RESTRICTED_CONTROLLED = Rule(
    "TR-039",
    "Goods under a prohibition or restriction are controlled before release.",
    CC_22,
    "Товары, на которые распространяются запреты и ограничения, до выпуска подлежат контролю.",
    severity=Severity.GRAVE,
)
EXTENDED_LATER = Rule(
    "TR-040",
    "An extension ends later than the deadline it extends, and in the future.",
    CC_144,
    "Продлённый срок истекает позже прежнего и в будущем.",
)
ROUTE_NOT_BINDING = Rule(
    "TR-041",
    "Where the route binds, only the office of departure changes it.",
    with_practice(CC_22),
    "Если маршрут обязателен, изменить его может только орган отправления.",
)
DIVERSION_FITS = Rule(
    "TR-042",
    "A diversion is taken in place of the office of destination, or of the next office of transit "
    "by another office of transit of the same member.",
    with_practice(CC_145),
    "Товары принимаются вместо органа назначения либо вместо следующего транзитного органа — "
    "другим транзитным органом того же государства-члена.",
)
PART_OF_THE_REST = Rule(
    "TR-043",
    "A part delivered is less than what is left: the last part is unloaded as the rest.",
    CC_151,
    "Доставленная часть меньше остатка: последняя часть выгружается как остаток.",
)
CHANGE_LIMIT = Rule(
    "TR-053",
    "A movement has at most 32 diversions and 32 parts, and at most 16 offices of transit.",
    "Ledger rule (bounded objects)",
    "У перевозки не более 32 изменений маршрута, 32 частей и 16 транзитных органов.",
)
SEALS_ATTACHED = Rule(
    "TR-054",
    "A navigation seal of the register is listed on a movement only while it is attached to it.",
    SEALS_ATTACHING,
    "Навигационная пломба из реестра указывается у перевозки, только пока она на ней находится.",
    severity=Severity.GRAVE,
)
VEHICLE_NAMED = Rule(
    "TR-055",
    "After an incident that changes the means of transport, its endorsement records the new one.",
    with_practice(CC_148_149),
    "При подтверждении инцидента со сменой транспортного средства указывается новое.",
    severity=Severity.FORMAL,
)
RESTRICTED_FLAGGED = Rule(
    "TR-056",
    "Goods of which the union's list of prohibitions and restrictions names a stated HS code are "
    "declared as restricted.",
    CC_22,
    "Товары, код ТН ВЭД которых указан в перечне запретов и ограничений союза, заявляются как "
    "подпадающие под них.",
    severity=Severity.GRAVE,
)
