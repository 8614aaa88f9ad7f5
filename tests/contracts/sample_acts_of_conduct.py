"""Sample acts of control and compliance: what customs find, and what follows."""

from contracts.compliance import records as c
from contracts.compliance.objects import Basis
from contracts.conduct.objects import Gravity
from contracts.conduct.records import Authorise, EndAuthorisation
from contracts.control import records as k
from contracts.control.objects import ControlKind, ControlResult, Ground
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_union import MRN, ROOT, START, SampleUnion

INSPECT = k.OrderControl(
    MRN, ControlKind.INSPECTION, "RUSVO", "Are the seals those declared?", Ground.FIRST, ""
)
CONFORM = k.ReportControl(MRN, ControlKind.INSPECTION, 1, ControlResult.CONFORM, "", None, START)

LATE = "LATE"
KIND = c.SetOffenceKind(
    code=LATE,
    title="Delivery after the deadline",
    source="Schedule of the union",
    gravity=Gravity.MINOR,
    least_fine=0,
    most_fine=500_00,
    currency="EUR",
    appeal_days=30,
    limitation_days=365,
)
OPEN = c.OpenOffence(LATE, Basis.MOVEMENT, MRN, "HAULIER", START, ROOT)
CASE = (LATE, MRN, "HAULIER")
DECIDE = c.DecideOffence(*CASE, c.Finding.OFFENCE, 100_00, "Two days late.")
UPHOLD = c.DecideAppeal(*CASE, c.AppealResult.UPHELD, 100_00, "So it was.")


def ordered(union: SampleUnion) -> SampleUnion:
    """The Russian office of transit has ordered an inspection."""
    union.en_route().do("RU/TRN", INSPECT)
    return union


def inspected(union: SampleUnion, result: ControlResult = ControlResult.CONFORM) -> SampleUnion:
    """… and found what it found."""
    found = "" if result is ControlResult.CONFORM else "Not clear."
    record = k.ReportControl(MRN, ControlKind.INSPECTION, 1, result, found, None, union.now)
    ordered(union).do("RU/TRN", record)
    return union


def catalogued(union: SampleUnion) -> SampleUnion:
    union.released().do("COMMISSION", KIND)
    return union


def opened(union: SampleUnion) -> SampleUnion:
    """A case against the carrier, at the Kazakh office of destination."""
    catalogued(union).do("KZ/DST", OPEN)
    return union


def offered(union: SampleUnion) -> SampleUnion:
    opened(union).do("KZ/DST", c.OfferCase(*CASE, "RU/TRN", "It happened there."))
    return union


def decided(union: SampleUnion) -> SampleUnion:
    opened(union).do("KZ/DST", DECIDE)
    return union


def appealed(union: SampleUnion) -> SampleUnion:
    decided(union).do("HAULIER", c.AppealDecision(*CASE, "The border was closed."))
    return union


def enforceable(union: SampleUnion) -> SampleUnion:
    appealed(union).do("KZ/TRN", UPHOLD)
    return union


def paid(union: SampleUnion) -> SampleUnion:
    enforceable(union).do("KZ/DST", c.RecordPayment(*CASE, 100_00))
    return union


def _new(union: SampleUnion) -> SampleUnion:
    return union


def en_route(union: SampleUnion) -> SampleUnion:
    return union.en_route()


def authorised(union: SampleUnion) -> SampleUnion:
    union.do("BY", Authorise("HAULIER"))
    return union


CONTROL_ACTS = (
    SampleAct(en_route, "RU/TRN", INSPECT, "AM/TRN", "CN-003"),
    SampleAct(ordered, "RU/TRN", CONFORM, "RU/DEP", "CN-010"),
    SampleAct(
        ordered,
        "RU/TRN",
        k.CancelControl(MRN, ControlKind.INSPECTION, 1, "The scanner is down."),
        "RU/DEP",
        "CN-010",
    ),
)

CONDUCT_ACTS = (
    SampleAct(_new, "BY", Authorise("HAULIER"), "RU", "RE-005"),
    SampleAct(authorised, "BY", EndAuthorisation("HAULIER", "Asked for."), "RU", "RE-005"),
)

COMPLIANCE_ACTS = (
    SampleAct(_new, "COMMISSION", KIND, "COMMISSION", None),
    SampleAct(catalogued, "KZ/DST", OPEN, "AM/DST", "CO-006"),
    SampleAct(
        opened, "KZ/DST", c.OfferCase(*CASE, "RU/TRN", "It happened there."), "KZ/TRN", "CO-011"
    ),
    SampleAct(offered, "RU/TRN", c.TakeCase(*CASE), "RU/DEP", "CO-013"),
    SampleAct(opened, "KZ/DST", DECIDE, "KZ/TRN", "CO-011"),
    SampleAct(decided, "HAULIER", c.AppealDecision(*CASE, "Closed."), "HAULIER2", "CO-015"),
    SampleAct(appealed, "KZ/TRN", UPHOLD, "KZ/DST", "CO-017"),
    SampleAct(enforceable, "KZ/DST", c.RecordPayment(*CASE, 50_00), "RU/DST", "CO-019"),
    SampleAct(paid, "KZ/DST", c.CloseOffence(*CASE, False, "Paid."), "RU/DST", "CO-019"),
)
