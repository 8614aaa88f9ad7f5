"""Rules about guarantees.

In brackets of a source: the NCTS reason for the same refusal (code list 252, "invalid guarantee").
"""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import CC_9, CERTIFICATES, COMMON_TRANSIT, LEDGER, ncts, with_practice

STATE_FITS = Rule(
    "GU-001",
    "A record fits the state the guarantee is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию обеспечения.",
    severity=Severity.FORMAL,
)
GRN_FREE = Rule(
    "GU-002",
    "A GRN names one guarantee.",
    ncts("P02"),
    "Номер обеспечения (GRN) принадлежит одному обеспечению.",
    severity=Severity.FORMAL,
)
GUARANTEE_KNOWN = Rule(
    "GU-003",
    "The guarantee exists.",
    ncts("G01"),
    "Обеспечение зарегистрировано.",
    severity=Severity.FORMAL,
)
IN_FORCE = Rule(
    "GU-004",
    "The guarantee is accepted, and neither suspended, cancelled, expired nor barred by a "
    "revocation in effect.",
    ncts("G02"),
    "Обеспечение принято, не приостановлено, не прекращено, не истекло, и отзыв поручительства "
    "не вступил в силу.",
)
VALID_NOW = Rule(
    "GU-005",
    "The guarantee is valid at the time it is used.",
    ncts("G02"),
    "Обеспечение действует во время его использования.",
)
OF_THE_HOLDER = Rule(
    "GU-006",
    "A guarantee is used by its holder only, whose signature under the declaration stands in place "
    "of an access code.",
    ncts("G03, G04"),
    "Обеспечение использует только лицо, которому оно предоставлено; его подпись под декларацией "
    "заменяет код доступа.",
    severity=Severity.GRAVE,
)
TERRITORY = Rule(
    "GU-007",
    "The guarantee is valid in every member on the route.",
    ncts("G08"),
    "Обеспечение действует во всех государствах-членах по маршруту.",
)
SUFFICIENT = Rule(
    "GU-008",
    "What is reserved on a guarantee never exceeds what it covers.",
    f"{CC_9}; {ncts('G09')}",
    "Сумма, зарезервированная по обеспечению, не превышает покрываемой им суммы.",
    severity=Severity.GRAVE,
)
ONE_OPERATION = Rule(
    "GU-009",
    "An individual guarantee covers one operation, unless it was given for multiple usage.",
    ncts("G10"),
    "Разовое обеспечение покрывает одну перевозку, если оно не дано для многократного "
    "использования.",
)
VOUCHER_ONCE = Rule(
    "GU-010",
    "A voucher covers one operation.",
    ncts("G05"),
    "Ваучер покрывает одну перевозку.",
)
VALIDITY_AHEAD = Rule(
    "GU-011",
    "The validity of an undertaking ends after it begins, and is not over when undertaken.",
    COMMON_TRANSIT,
    "Срок действия поручительства заканчивается позже начала и не истёк при его предоставлении.",
    severity=Severity.FORMAL,
)
OFFICE_KNOWN = Rule(
    "GU-012",
    "The office of guarantee is an active customs office with that function.",
    COMMON_TRANSIT,
    "Орган обеспечения — действующий таможенный орган с этой функцией.",
)
HOLDER_KNOWN = Rule(
    "GU-013",
    "The holder of the guarantee is an active declarant.",
    COMMON_TRANSIT,
    "Держатель обеспечения — действующий декларант.",
)
GRN_COUNTRY = Rule(
    "GU-014",
    "The country in the GRN is the member of the office of guarantee.",
    COMMON_TRANSIT,
    "Страна в номере обеспечения — государство-член органа обеспечения.",
    severity=Severity.FORMAL,
)
VOUCHER_NUMBER = Rule(
    "GU-015",
    "The GRN of a voucher, and of nothing else, carries a voucher number.",
    COMMON_TRANSIT,
    "Номер ваучера содержит только GRN ваучера.",
    severity=Severity.FORMAL,
)
OWN_UNDERTAKING = Rule(
    "GU-016",
    "Only the guarantor who gave the undertaking changes it; a deposit or a waiver, the office "
    "that granted it.",
    ncts("P05"),
    "Поручительство изменяет только предоставивший его гарант, залог или освобождение — орган, "
    "принявший его.",
    severity=Severity.GRAVE,
)
OWN_OFFICE = Rule(
    "GU-017",
    "Only the office of guarantee named in the undertaking decides on it.",
    ncts("P03"),
    "Решение о поручительстве принимает только указанный в нём орган обеспечения.",
    severity=Severity.GRAVE,
)
NOT_BELOW_OPEN = Rule(
    "GU-018",
    "The amount is not lowered below what is open.",
    with_practice(CC_9),
    "Сумма не уменьшается ниже зарезервированной.",
)
NOTHING_OPEN = Rule(
    "GU-019",
    "A guarantee with open reservations is not cancelled.",
    f"{CC_9}; {ncts('P01')}",
    "Обеспечение с открытыми резервами не прекращается.",
    severity=Severity.GRAVE,
)
MEMBERS_OF_UNION = Rule(
    "GU-020",
    "The territory consists of members of the union.",
    COMMON_TRANSIT,
    "Территория действия состоит из государств — членов союза.",
    severity=Severity.FORMAL,
)
GUARANTOR_ACTIVE = Rule(
    "GU-021",
    "The guarantor is not suspended when its guarantee is used.",
    CC_9,
    "Гарант не приостановлен, когда используется его обеспечение.",
)
KIND_BY_GIVER = Rule(
    "GU-022",
    "A guarantor undertakes for every kind but deposits and waivers; those the office of guarantee "
    "grants.",
    with_practice(CC_9),
    "Гарант предоставляет обеспечение всех видов, кроме залога и освобождения; их оформляет орган "
    "обеспечения.",
    severity=Severity.FORMAL,
)
COVERAGE_FITS = Rule(
    "GU-023",
    "Nothing is secured, 0 %, exactly if security is waived.",
    COMMON_TRANSIT,
    "Доля обеспечения равна 0 % тогда и только тогда, когда предоставлено освобождение.",
    severity=Severity.FORMAL,
)
METHOD_FITS = Rule(
    "GU-024",
    "The method of security is one of the kind: money or pledge for a deposit, none for a waiver, "
    "a bank guarantee or a surety for the others.",
    CC_9,
    "Способ обеспечения соответствует виду: деньги или залог имущества — для депозита, никакого — "
    "для освобождения, банковская гарантия или поручительство — для остальных.",
    severity=Severity.FORMAL,
)
SUSPENDED_GOODS = Rule(
    "GU-025",
    "Goods under suspension of excise duty move under guarantees given for such goods.",
    ncts("G06"),
    "Товары с отсрочкой уплаты акциза перевозятся под обеспечение, данное для таких товаров.",
)
SENSITIVE_GOODS = Rule(
    "GU-026",
    "Sensitive goods move under guarantees given for such goods.",
    ncts("G07"),
    "Чувствительные товары перевозятся под обеспечение, данное для таких товаров.",
)
NAMED_OFFICES = Rule(
    "GU-027",
    "A guarantee limited to certain offices is used between those.",
    ncts("G11"),
    "Обеспечение, ограниченное определёнными органами, используется между ними.",
)
NAMED_COMMODITIES = Rule(
    "GU-028",
    "A guarantee limited to certain goods is used for those, whose codes the declaration states.",
    ncts("G12"),
    "Обеспечение, ограниченное определёнными товарами, используется для них; их коды указаны "
    "в декларации.",
)
CARNET_ONCE = Rule(
    "GU-029",
    "A TIR carnet covers one operation.",
    ncts("G13"),
    "Книжка МДП покрывает одну перевозку.",
)
TIR_FITS = Rule(
    "GU-030",
    "A TIR operation is covered by a TIR carnet, and a TIR carnet covers nothing else.",
    ncts("guarantee type B"),
    "Перевозку МДП покрывает книжка МДП, и ничего другого она не покрывает.",
)
NOT_IN_DEFAULT = Rule(
    "GU-031",
    "A guarantee is not used while its guarantor is in default with a claim on it.",
    with_practice(CC_9),
    "Обеспечение не используется, пока гарант просрочил платёж по нему.",
)
TOP_UP_FITS = Rule(
    "GU-032",
    "A top-up restores no more than what claims took.",
    COMMON_TRANSIT,
    "Пополнение не превышает суммы, выплаченной по требованиям.",
)
CERTIFIED = Rule(
    "GU-033",
    "Security given in another member than the one that releases is proven by a certificate of "
    "security for the releasing member that is valid and not withdrawn.",
    CERTIFICATES,
    "Обеспечение, принятое не тем государством-членом, которое выпускает товары, подтверждается "
    "действующим сертификатом обеспечения для этого государства-члена.",
)
CERTIFIED_AMOUNT = Rule(
    "GU-034",
    "What is reserved under a certificate of security never exceeds its amount.",
    CERTIFICATES,
    "Сумма, зарезервированная по сертификату обеспечения, не превышает его суммы.",
    severity=Severity.GRAVE,
)
CERTIFICATE_ONCE = Rule(
    "GU-035",
    "A single certificate of security serves one operation.",
    CERTIFICATES,
    "Единичный сертификат обеспечения используется для одной перевозки.",
)
CERTIFICATE_FITS = Rule(
    "GU-036",
    "A certificate of security is for another member in the territory of the guarantee, for no "
    "more than it covers, and is valid no longer.",
    CERTIFICATES,
    "Сертификат обеспечения выдаётся для другого государства-члена на территории действия "
    "обеспечения, на сумму и срок не более, чем у него.",
)
CERTIFICATE_IDLE = Rule(
    "GU-037",
    "A certificate of security is replaced only when nothing is open under it.",
    CERTIFICATES,
    "Сертификат обеспечения заменяется, только если по нему нет открытых резервов.",
)
CERTIFICATE_KNOWN = Rule(
    "GU-038",
    "The certificate of security was issued and is not withdrawn.",
    CERTIFICATES,
    "Сертификат обеспечения выдан и не отозван.",
    severity=Severity.FORMAL,
)
REDUCTION_EARNED = Rule(
    "GU-039",
    "Less than the whole reference amount is secured only for a holder whose conduct allows it, "
    "when the guarantee is given and whenever it is used: half if it is watched, less or nothing "
    "if it is good.",
    f"{LEDGER} (reductions follow the holder's conduct, never a decision by hand)",
    "Неполное обеспечение допускается при предоставлении и при каждом использовании, только если "
    "это позволяет история соблюдения держателя: половина — при наблюдении, меньше или ничего — "
    "при хорошей.",
)
EXTENDED_IN_TIME = Rule(
    "GU-040",
    "The validity of a guarantee is extended to a later end, and before it is over.",
    COMMON_TRANSIT,
    "Срок действия обеспечения продлевается до более поздней даты и до его истечения.",
    severity=Severity.FORMAL,
)

NCTS_REASONS = {
    "G01": GUARANTEE_KNOWN,
    "G02": VALID_NOW,
    "G03": OF_THE_HOLDER,
    "G04": OF_THE_HOLDER,
    "G05": VOUCHER_ONCE,
    "G06": SUSPENDED_GOODS,
    "G07": SENSITIVE_GOODS,
    "G08": TERRITORY,
    "G09": SUFFICIENT,
    "G10": ONE_OPERATION,
    "G11": NAMED_OFFICES,
    "G12": NAMED_COMMODITIES,
    "G13": CARNET_ONCE,
}
"""For each NCTS reason why a guarantee is invalid, the rule that refuses for it."""
