"""Rules about guarantees. In brackets of a source: the NCTS reason code for the same refusal."""

from contracts.kernel.rule import Rule
from contracts.kernel.sources import CC_9, COMMON_TRANSIT, ncts, with_practice

STATE_FITS = Rule(
    "GU-001",
    "A record fits the state the guarantee is in.",
    ncts("functional error 92"),
    "Запись соответствует состоянию обеспечения.",
)
GRN_FREE = Rule(
    "GU-002",
    "A GRN names one guarantee.",
    ncts("P02"),
    "Номер обеспечения (GRN) принадлежит одному обеспечению.",
)
GUARANTEE_KNOWN = Rule(
    "GU-003", "The guarantee exists.", ncts("G01"), "Обеспечение зарегистрировано."
)
IN_FORCE = Rule(
    "GU-004",
    "The guarantee is accepted and neither cancelled nor barred by a revocation in effect.",
    ncts("G02"),
    "Обеспечение принято, не прекращено, и отзыв поручительства не вступил в силу.",
)
VALID_NOW = Rule(
    "GU-005",
    "The guarantee is valid at the time it is used.",
    ncts("G02"),
    "Обеспечение действует во время его использования.",
)
OF_THE_HOLDER = Rule(
    "GU-006",
    "A guarantee is used by its holder only.",
    ncts("G04"),
    "Обеспечение использует только лицо, которому оно предоставлено.",
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
)
ONE_OPERATION = Rule(
    "GU-009",
    "An individual guarantee or a voucher covers one operation.",
    ncts("G05, G10"),
    "Разовое обеспечение или ваучер покрывает одну перевозку.",
)
SAME_CURRENCY = Rule(
    "GU-010",
    "The amount to cover is in the currency of the guarantee.",
    COMMON_TRANSIT,
    "Покрываемая сумма выражена в валюте обеспечения.",
)
VALIDITY_AHEAD = Rule(
    "GU-011",
    "The validity of an undertaking ends after it begins, and is not over when undertaken.",
    COMMON_TRANSIT,
    "Срок действия поручительства заканчивается позже начала и не истёк при его предоставлении.",
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
)
VOUCHER_NUMBER = Rule(
    "GU-015",
    "The GRN of a voucher, and of nothing else, carries a voucher number.",
    COMMON_TRANSIT,
    "Номер ваучера содержит только GRN ваучера.",
)
OWN_UNDERTAKING = Rule(
    "GU-016",
    "Only the guarantor who gave the undertaking changes it.",
    ncts("P05"),
    "Поручительство изменяет только предоставивший его гарант.",
)
OWN_OFFICE = Rule(
    "GU-017",
    "Only the office of guarantee named in the undertaking decides on it.",
    ncts("P03"),
    "Решение о поручительстве принимает только указанный в нём орган обеспечения.",
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
)
MEMBERS_OF_UNION = Rule(
    "GU-020",
    "The territory consists of members of the union.",
    COMMON_TRANSIT,
    "Территория действия состоит из государств — членов союза.",
)
GUARANTOR_ACTIVE = Rule(
    "GU-021",
    "The guarantor is not suspended when its guarantee is used.",
    CC_9,
    "Гарант не приостановлен, когда используется его обеспечение.",
)
