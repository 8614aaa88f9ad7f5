"""Sample acts of reference data and governance: what the union does as a whole."""

from contracts.governance import records as gov
from contracts.governance.changes import (
    CommissionChange,
    ContractSetChange,
    DismissalChange,
    EpochChange,
    ReinstatementChange,
    Seat,
    SuspensionChange,
)
from contracts.reference import records as ref
from contracts.reference.objects import ThresholdKind
from contracts.references.time import DAY
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_union import ROOT, START, SampleUnion, key_of

TODAY = START // DAY
CLOSES = START + 7 * DAY
RATES = ref.PublishRates(TODAY, (ref.RateLine("KZT", 1, 520), ref.RateLine("RUB", 1, 90)))
DUTY_FREE = ref.SetThreshold(
    ThresholdKind.DUTY_FREE, None, 200_00, "EUR", 31_000, START + 3_600_000
)
NEW_SET = ContractSetChange(ROOT, 100)
NEW_EPOCH = EpochChange((Seat("UZ", "Uzbekistan", key_of("UZ")),), ("KG",), b"cards")
SUSPENSION = SuspensionChange("RU", ROOT)


def _new(union: SampleUnion) -> SampleUnion:
    return union


def national(union: SampleUnion) -> SampleUnion:
    """The list of national currencies, so that a registrar may publish its own."""
    union.do("COMMISSION", ref.DefineCodeList("national-currency", "Currencies", "ISO 4217", False))
    line = ref.CodeLine("KZ", "KZT", START, None)
    union.do("COMMISSION", ref.SetCodes("national-currency", (line,)))
    return union


def listed(union: SampleUnion) -> SampleUnion:
    """A list of places that registrars keep for their country."""
    union.do("COMMISSION", ref.DefineCodeList("un-locode", "Places", "UN/LOCODE", True))
    return union


def limited(union: SampleUnion) -> SampleUnion:
    """A de minimis threshold of the union."""
    union.do("COMMISSION", DUTY_FREE)
    return union


def proposed(union: SampleUnion) -> SampleUnion:
    """Proposal 2: another contract set, by Armenia."""
    union.do("AM", gov.ProposeContractSet(NEW_SET, "Rule TR-099.", CLOSES))
    return union


def pass_proposal(union: SampleUnion, record: gov.Proposing, author: str = "AM") -> None:
    """A proposal by a member, passed by as many of the others as it takes; its epoch began."""
    union.do(author, record)
    number = union.show("charter/union").proposals
    for member in union.show("charter/union").members:
        if union.show(f"proposal/{number}").state == "open" and member != author:
            union.apply(member, gov.CastVote(number, True))
    assert union.show(f"proposal/{number}").state == "passed"
    union.epoch = union.show("charter/union").epoch


def leave(union: SampleUnion, member: str) -> None:
    """A member leaves, by the vote of the others."""
    change = EpochChange((), (member,), b"cards")
    author = "AM" if member != "AM" else "BY"
    pass_proposal(union, gov.ProposeEpoch(change, "Leaves.", union.now + DAY), author)


def member_suspended(union: SampleUnion) -> SampleUnion:
    """Russia is suspended."""
    pass_proposal(union, gov.ProposeSuspension(SUSPENSION, "Two votes for one view.", CLOSES))
    return union


PLACE = ref.CodeLine("KZALA", "Almaty", START, None)

REFERENCE_ACTS = (
    SampleAct(national, "KZ", ref.PublishRates(TODAY, RATES.rates[:1]), "RU", "RF-004"),
    SampleAct(
        _new,
        "COMMISSION",
        ref.DefineCodeList("un-locode", "Places", "UN/LOCODE", True),
        "COMMISSION",
        None,
    ),
    SampleAct(listed, "KZ", ref.SetCodes("un-locode", (PLACE,)), "RU", "RF-008"),
    SampleAct(
        limited,
        "KZ",
        ref.SetThreshold(ThresholdKind.DUTY_FREE, "KZ", 100_00, "EUR", 20_000, START + DAY),
        "RU",
        "RF-013",
    ),
)

EQUIVOCATION = gov.ReportEquivocation("RU", 1, 7, b"one vote", b"another vote")

GOVERNANCE_ACTS = (
    SampleAct(_new, "AM", gov.ProposeContractSet(NEW_SET, "Rule.", CLOSES), "BY", None),
    SampleAct(_new, "AM", gov.ProposeEpoch(NEW_EPOCH, "Accession.", CLOSES), "BY", None),
    SampleAct(_new, "AM", gov.ProposeSuspension(SUSPENSION, "Two votes.", CLOSES), "RU", "GV-003"),
    SampleAct(
        member_suspended,
        "AM",
        gov.ProposeReinstatement(ReinstatementChange("RU"), "Mended.", CLOSES),
        "RU",
        "GV-003",
    ),
    SampleAct(
        _new,
        "AM",
        gov.ProposeCommission(CommissionChange("DEPT", "Dept", (key_of("D"),)), "New.", CLOSES),
        "BY",
        None,
    ),
    SampleAct(
        _new,
        "AM",
        gov.ProposeDismissal(DismissalChange("COMMISSION"), "Replaced.", CLOSES),
        "BY",
        None,
    ),
    SampleAct(proposed, "BY", gov.CastVote(2, True), "AM", "GV-004"),
    SampleAct(_new, "AM", EQUIVOCATION, "BY", None),
    SampleAct(proposed, "AM", gov.WithdrawProposal(2), "BY", "GV-007"),
)
