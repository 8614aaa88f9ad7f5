"""Rules of compliance."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER, OFFENCES, ncts

_CATALOGUE = f"{LEDGER} (one catalogue of offences for the union); {OFFENCES}"
_ONE_DECISION = f"{LEDGER} (one decision an offence for the whole union, no second punishment)"
_COMPETENCE = f"{LEDGER} (an offence is opened by the competent state)"
_APPEAL = f"{LEDGER} (appeal and enforcement)"

STATE_FITS = Rule(
    "CO-001",
    "A record fits the state the offence is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию дела о нарушении.",
    severity=Severity.FORMAL,
)
KIND_KNOWN = Rule(
    "CO-002",
    "The offence is in the catalogue.",
    _CATALOGUE,
    "Нарушение есть в перечне.",
    severity=Severity.FORMAL,
)
OPENED_ONCE = Rule(
    "CO-003",
    "An offence of an offender in a matter is opened once, by one member, and never again once "
    "decided.",
    _ONE_DECISION,
    "Дело о нарушении лица по одному предмету возбуждается один раз одним государством-членом "
    "и после решения не возобновляется.",
    severity=Severity.GRAVE,
)
MATTER_KNOWN = Rule(
    "CO-004",
    "The movement or bulk declaration in which the offence arose is on the ledger.",
    _COMPETENCE,
    "Перевозка или сводная декларация, с которой связано нарушение, есть в реестре.",
    severity=Severity.FORMAL,
)
PARTY = Rule(
    "CO-005",
    "The offender is a party of the matter: declarant, holder or carrier of the movement, or "
    "operator of the bulk declaration.",
    _COMPETENCE,
    "Нарушитель — сторона: декларант, держатель процедуры или перевозчик, либо оператор "
    "сводной декларации.",
)
COMPETENT_MEMBER = Rule(
    "CO-006",
    "Competent is a member on the route of the movement, one where an incident of it happened, or "
    "the one that clears the bulk declaration.",
    _COMPETENCE,
    "Компетентно государство-член на маршруте, государство, где произошёл инцидент, или "
    "выпускающее по сводной декларации.",
    severity=Severity.GRAVE,
)
TIME_OF_OFFENCE = Rule(
    "CO-007",
    "An offence did not happen before its matter began nor after it is opened.",
    _COMPETENCE,
    "Нарушение произошло не ранее начала перевозки или декларации и не позже возбуждения дела.",
)
IN_TIME = Rule(
    "CO-008",
    "A case is opened within the limitation period of the catalogue.",
    _CATALOGUE,
    "Дело возбуждается в пределах срока давности по перечню.",
)
SCHEDULE_IN_ORDER = Rule(
    "CO-009",
    "The least fine of an offence is not above the most.",
    _CATALOGUE,
    "Наименьший штраф не превышает наибольшего.",
    severity=Severity.FORMAL,
)
CASE_KNOWN = Rule(
    "CO-010", "The case was opened.", _COMPETENCE, "Дело возбуждено.", severity=Severity.FORMAL
)
OFFICE_OF_CASE = Rule(
    "CO-011",
    "A case is decided, and offered to another, by the office that has it.",
    _COMPETENCE,
    "Решение принимает и дело передаёт орган, в производстве которого оно находится.",
    severity=Severity.GRAVE,
)
ANOTHER_MEMBER = Rule(
    "CO-012",
    "A case is offered to an active office of another member that would be competent too.",
    _COMPETENCE,
    "Дело передаётся действующему таможенному органу другого государства-члена, "
    "которое также компетентно.",
)
OFFERED_TO_AUTHOR = Rule(
    "CO-013",
    "A case is taken over by the office it was offered to.",
    _COMPETENCE,
    "Дело принимает орган, которому оно предложено.",
    severity=Severity.GRAVE,
)
WITHIN_SCHEDULE = Rule(
    "CO-014",
    "The fine lies within the schedule as it stood when the case was opened; without an offence "
    "there is none.",
    _CATALOGUE,
    "Штраф находится в пределах, действовавших при возбуждении дела; без нарушения его нет.",
)
OWN_APPEAL = Rule(
    "CO-015",
    "The offender appeals, or the registrar of its member for it.",
    _APPEAL,
    "Обжалует нарушитель или за него регистратор его государства-члена.",
    severity=Severity.GRAVE,
)
APPEAL_IN_TIME = Rule(
    "CO-016",
    "An appeal is lodged within the days the catalogue gives, counted from the decision.",
    _APPEAL,
    "Жалоба подаётся в срок, предусмотренный перечнем, со дня решения.",
)
ANOTHER_OFFICE = Rule(
    "CO-017",
    "An appeal is decided by an office of the competent member that did not decide before.",
    _APPEAL,
    "Жалобу рассматривает другой орган компетентного государства-члена.",
    severity=Severity.GRAVE,
)
RESULT_AGREES = Rule(
    "CO-018",
    "The fine after an appeal agrees with its result: the same if upheld, less if reduced, none if "
    "annulled.",
    _APPEAL,
    "Штраф после жалобы соответствует её результату: тот же, меньше или отсутствует.",
)
ENFORCING_MEMBER = Rule(
    "CO-019",
    "A fine is collected and the case closed by an office of the competent member.",
    _APPEAL,
    "Штраф взыскивает и дело закрывает орган компетентного государства-члена.",
    severity=Severity.GRAVE,
)
NOT_OVERPAID = Rule(
    "CO-020",
    "No more is collected than remains of the fine.",
    _APPEAL,
    "Взыскивается не больше остатка штрафа.",
)
SETTLED = Rule(
    "CO-021",
    "A case is closed when its fine is paid, or the rest written off.",
    _APPEAL,
    "Дело закрывается, когда штраф уплачен или остаток списан.",
)
