"""Rules of navigation seals."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import SEALS, SEALS_ATTACHING, SEALS_EXCHANGE, ncts

STATE_FITS = Rule(
    "SE-001",
    "A record fits the state the seal, the monitoring or the alarm is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию пломбы, отслеживания или тревоги.",
    severity=Severity.FORMAL,
)
SEAL_KNOWN = Rule(
    "SE-002", "The seal is registered.", SEALS, "Пломба зарегистрирована.", severity=Severity.FORMAL
)
SEAL_ID_FREE = Rule(
    "SE-003",
    "A seal id belongs to one seal.",
    SEALS,
    "Идентификатор принадлежит одной пломбе.",
    severity=Severity.FORMAL,
)
OWN_SEAL = Rule(
    "SE-004",
    "A seal is activated, set aside while it is free, and taken back by the operator in whose "
    "registry it is.",
    SEALS_ATTACHING,
    "Пломбу активирует, исключает свободную из оборота и возвращает в него оператор, в реестре "
    "которого она состоит.",
    severity=Severity.GRAVE,
)
OPEN_MOVEMENT = Rule(
    "SE-005",
    "A seal is attached to a movement that is registered and has not arrived or closed.",
    SEALS_ATTACHING,
    "Пломба налагается на зарегистрированную перевозку, которая не прибыла и не закрыта.",
)
ONE_TRANSPORT = Rule(
    "SE-006",
    "A seal is on one transport at a time.",
    SEALS_ATTACHING,
    "Пломба в каждый момент находится на одной перевозке.",
    severity=Severity.GRAVE,
)
ONE_MOVEMENT = Rule(
    "SE-007",
    "A transport id belongs to the monitoring of one movement.",
    SEALS_EXCHANGE,
    "Идентификатор отслеживания принадлежит одной перевозке.",
)
IN_CHARGE = Rule(
    "SE-008",
    "Only the operator in charge of the transport makes this record.",
    SEALS_EXCHANGE,
    "Эту запись делает только оператор, ведущий отслеживание.",
    severity=Severity.GRAVE,
)
ANOTHER_OPERATOR = Rule(
    "SE-009",
    "A handover goes to an active seal operator of another member.",
    SEALS_EXCHANGE,
    "Отслеживание передаётся действующему оператору другого государства-члена.",
)
OFFERED_TO_AUTHOR = Rule(
    "SE-010",
    "A handover is accepted by the operator it was offered to.",
    SEALS_EXCHANGE,
    "Передачу принимает оператор, которому она предложена.",
    severity=Severity.GRAVE,
)
EVENT_TIME = Rule(
    "SE-011",
    "An event happened while the seal was active, give or take 5 minutes of its clock, and not "
    "later than it is reported.",
    SEALS,
    "Событие произошло, пока пломба была активна (с точностью её часов до 5 минут), "
    "и не позже сообщения о нём.",
)
ALARM_KNOWN = Rule(
    "SE-012", "The alarm was opened.", SEALS, "Тревога открыта.", severity=Severity.FORMAL
)
COMPETENT_MEMBER = Rule(
    "SE-013",
    "An alarm is judged by an office of the member whose operator was in charge.",
    SEALS,
    "Тревогу рассматривает таможенный орган государства-члена, оператор которого вёл отслеживание.",
    severity=Severity.GRAVE,
)
OFF_WITH_CAUSE = Rule(
    "SE-014",
    "Between release and arrival a seal comes off only after an alarm on it was confirmed or an "
    "incident of the movement endorsed.",
    SEALS_ATTACHING,
    "Между выпуском и прибытием пломба снимается только после подтверждения тревоги по ней "
    "или инцидента перевозки.",
    severity=Severity.GRAVE,
)
TRANSPORT_KNOWN = Rule(
    "SE-015",
    "The transport is or was monitored.",
    SEALS_EXCHANGE,
    "Отслеживание перевозки начато.",
    severity=Severity.FORMAL,
)
PERIODS_IN_ORDER = Rule(
    "SE-016",
    "Position commitments follow one another: a period begins where the last one ended or later, "
    "ends after it begins, and is over when committed.",
    SEALS_EXCHANGE,
    "Периоды фиксации координат следуют друг за другом и завершены к моменту записи.",
    severity=Severity.FORMAL,
)
SEAL_LIMIT = Rule(
    "SE-017",
    "A movement carries at most 64 navigation seals.",
    "Ledger rule (bounded objects)",
    "На одной перевозке не более 64 навигационных пломб.",
)
PLACE_WHOLE = Rule(
    "SE-018",
    "A place has both latitude and longitude, or neither is known.",
    SEALS,
    "Место указывается широтой и долготой вместе либо не указывается.",
    severity=Severity.FORMAL,
)
