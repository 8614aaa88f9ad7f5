"""Rules about who may act, and about the register."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER

_IDENTITY = f"{LEDGER} (identity and keys)"
_REGISTER = f"{LEDGER} (register of participants)"

AUTHOR_REGISTERED = Rule(
    "RE-001",
    "The author of a record is a registered participant.",
    _IDENTITY,
    "Автор записи — зарегистрированный участник.",
    severity=Severity.GRAVE,
)
AUTHOR_ACTIVE = Rule(
    "RE-002",
    "The author of a record is not suspended.",
    _IDENTITY,
    "Полномочия автора записи не приостановлены.",
    severity=Severity.GRAVE,
)
KEY_IN_FORCE = Rule(
    "RE-003",
    "The signature is made with a key of the author that is in force.",
    _IDENTITY,
    "Подпись сделана действующим ключом автора.",
    severity=Severity.GRAVE,
)
COMPETENT = Rule(
    "RE-004",
    "The author holds a role, and as an office a function, that may make this record.",
    f"{LEDGER} (competence): a decision is valid in all members, and only the competent "
    "office may take it",
    "Автор имеет роль, а для таможенного органа — и функцию, дающую право на такую запись.",
    severity=Severity.GRAVE,
)
OWN_MEMBER = Rule(
    "RE-005",
    "A registrar acts for participants of its own member only.",
    _REGISTER,
    "Регистратор действует только в отношении участников своего государства-члена.",
    severity=Severity.GRAVE,
)
ID_FREE = Rule(
    "RE-006",
    "An id belongs to one participant for ever.",
    _REGISTER,
    "Идентификатор навсегда закреплён за одним участником.",
    severity=Severity.FORMAL,
)
NO_REGISTRAR = Rule(
    "RE-007",
    "Registrars come with their member, by its founding or joining; a registrar appoints no other.",
    _REGISTER,
    "Регистратор появляется вместе со своим государством-членом; регистратор не назначает других.",
    severity=Severity.GRAVE,
)
CUSTOMS_APART = Rule(
    "RE-008",
    "A customs office holds no other role: who controls does not trade, carry or guarantee.",
    _REGISTER,
    "Таможенный орган не имеет иных ролей: контролирующий не торгует, не перевозит "
    "и не поручается.",
    severity=Severity.GRAVE,
)
FUNCTIONS_OF_OFFICES = Rule(
    "RE-009",
    "An office has at least one function; only offices have functions.",
    _REGISTER,
    "Таможенный орган имеет хотя бы одну функцию; функции имеют только таможенные органы.",
    severity=Severity.FORMAL,
)
PARTICIPANT_KNOWN = Rule(
    "RE-010",
    "The participant is registered.",
    _REGISTER,
    "Участник зарегистрирован.",
    severity=Severity.FORMAL,
)
REGISTRAR_STAYS = Rule(
    "RE-011",
    "A registrar cannot be suspended by record; that is for the members to decide.",
    _REGISTER,
    "Регистратор не может быть приостановлен записью; это решают государства-члены.",
    severity=Severity.GRAVE,
)
STANDING_FITS = Rule(
    "RE-012",
    "An active participant can be suspended, a suspended one reinstated.",
    _REGISTER,
    "Приостановить можно действующего участника, восстановить — приостановленного.",
    severity=Severity.FORMAL,
)
KEY_NEW = Rule(
    "RE-013",
    "A key that is added is not already in force for the participant.",
    _IDENTITY,
    "Добавляемый ключ ещё не действует для участника.",
    severity=Severity.FORMAL,
)
KEY_HELD = Rule(
    "RE-014",
    "A key that is revoked is in force for the participant.",
    _IDENTITY,
    "Отзываемый ключ действует для участника.",
    severity=Severity.FORMAL,
)
LAST_KEY = Rule(
    "RE-015",
    "The last key of a participant cannot be revoked: add the new one first, or suspend.",
    _IDENTITY,
    "Последний ключ участника отозвать нельзя: сначала добавьте новый или приостановите участника.",
)
OWN_KEYS = Rule(
    "RE-016",
    "Keys are added and revoked by the participant itself or by its member's registrar.",
    _IDENTITY,
    "Ключи добавляет и отзывает сам участник или регистратор его государства-члена.",
    severity=Severity.GRAVE,
)
KEY_LIMIT = Rule(
    "RE-017",
    "A participant has at most 16 keys in force.",
    _IDENTITY,
    "У участника не более 16 действующих ключей.",
)
NO_COMMISSION = Rule(
    "RE-018",
    "The role of the Commission is given by the vote of the members, never by one registrar.",
    _REGISTER,
    "Роль Комиссии даёт голосование государств-членов, а не отдельный регистратор.",
    severity=Severity.GRAVE,
)
MEMBER_CODES_KEPT = Rule(
    "RE-019",
    "Ids of two letters are kept for the registrars of members.",
    _REGISTER,
    "Идентификаторы из двух букв закреплены за регистраторами государств-членов.",
    severity=Severity.GRAVE,
)
CUSTOMS_FOR_GOOD = Rule(
    "RE-020",
    "An office stays an office, and no other participant becomes one.",
    _REGISTER,
    "Таможенный орган остаётся таможенным органом, и другой участник им не становится.",
    severity=Severity.GRAVE,
)
OF_A_MEMBER = Rule(
    "RE-021",
    "Participants of a member that left finish what is open, and begin nothing new.",
    f"{LEDGER} (leaving the union: nobody's goods, security or case is left hanging)",
    "Участники вышедшего государства завершают начатое и не начинают нового.",
    severity=Severity.GRAVE,
)
