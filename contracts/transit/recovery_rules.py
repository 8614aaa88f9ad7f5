"""Rules for goods that did not arrive: enquiry, debt and claims."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import CC_9, CC_22, ncts, with_practice

ASKED_AND_SILENT = Rule(
    "TR-044",
    "An enquiry is answered by those who are asked, once.",
    ncts("enquiry 140 to 143"),
    "На запрос о розыске отвечают те, кому он направлен, один раз.",
)
ENQUIRY_HEARD = Rule(
    "TR-045",
    "Recovery begins early only when all who were asked have answered or let their time pass.",
    with_practice(CC_22),
    "Взыскание начинается досрочно, только когда все опрошенные ответили или срок ответа истёк.",
)
DEBT_ONCE = Rule(
    "TR-046",
    "The debt of a movement is notified once, before it is paid, contested or written off.",
    with_practice(CC_22),
    "Задолженность по перевозке сообщается один раз, до её уплаты, оспаривания или списания.",
)
BREACH_ON_ROUTE = Rule(
    "TR-047",
    "A breach happened in a member on the route.",
    CC_22,
    "Нарушение произошло в государстве-члене по маршруту.",
)
CLAIM_COVERED = Rule(
    "TR-048",
    "A claim is on a guarantee that is held for the movement, once, and for no more than is held.",
    CC_9,
    "Требование предъявляется по обеспечению, зарезервированному для перевозки, один раз и "
    "не свыше зарезервированного.",
    severity=Severity.GRAVE,
)
CREDITOR = Rule(
    "TR-049",
    "Payment, contest and write-off are decided by an office of the member the debt is owed to: "
    "where the breach happened, or else the one that released.",
    CC_22,
    "Уплату, возражения и списание рассматривает орган государства-члена, которому причитается "
    "задолженность: где произошло нарушение, иначе — выпустившего товары.",
    severity=Severity.GRAVE,
)
CLAIM_KNOWN = Rule(
    "TR-050",
    "The claim was notified.",
    CC_9,
    "Требование предъявлено.",
    severity=Severity.FORMAL,
)
OWN_CLAIM = Rule(
    "TR-051",
    "A claim is contested by the guarantor it is made on.",
    CC_9,
    "Требование оспаривает гарант, которому оно предъявлено.",
    severity=Severity.GRAVE,
)
NOT_ABOVE_DEBT = Rule(
    "TR-052",
    "What is paid does not exceed what is owed.",
    CC_9,
    "Уплаченное не превышает причитающегося.",
)
CLAIMS_WITHIN_DEBT = Rule(
    "TR-057",
    "Claims do not add up to more than the debt, at the rates of the day it is notified.",
    CC_9,
    "Сумма требований не превышает задолженности по курсам на день её сообщения.",
    severity=Severity.GRAVE,
)
PAID_WITHIN_CLAIM = Rule(
    "TR-058",
    "What a guarantor pays does not exceed the claim on it, at the rates of the day of payment.",
    CC_9,
    "Уплаченное гарантом не превышает предъявленного ему требования по курсам на день уплаты.",
)
