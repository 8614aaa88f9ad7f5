"""Rules of conduct."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER

_AUTHORISED = f"{LEDGER} (authorised operators: conditions hold by rule, never by hand)"

STATUS_FITS = Rule(
    "CD-001",
    "The status of authorised operator is granted to who does not have it, and ended for who has.",
    _AUTHORISED,
    "Статус уполномоченного оператора даётся тому, кто его не имеет, и прекращается у имеющего.",
    severity=Severity.FORMAL,
)
GOOD_CONDUCT = Rule(
    "CD-002",
    "An authorised operator has a good conduct.",
    _AUTHORISED,
    "Уполномоченный оператор имеет хорошую историю соблюдения.",
)
