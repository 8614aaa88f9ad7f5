"""For every record kind: a stage at which it fits, its author, and the record."""

from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.registry.objects import OfficeFunction, Role
from contracts.seals import records as s
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts_of_conduct import COMPLIANCE_ACTS, CONDUCT_ACTS, CONTROL_ACTS
from tests.contracts.sample_acts_of_ecommerce import ECOMMERCE_ACTS
from tests.contracts.sample_acts_of_the_union import GOVERNANCE_ACTS, REFERENCE_ACTS
from tests.contracts.sample_acts_of_transit import GUARANTEE_ACTS, TRANSIT_ACTS
from tests.contracts.sample_union import (
    MINSK,
    MRN,
    ROOT,
    START,
    TRANSPORT,
    SampleUnion,
    key_of,
)


def _new(union: SampleUnion) -> SampleUnion:
    return union


def _suspended(union: SampleUnion) -> SampleUnion:
    union.do("BY", reg.SuspendParticipant("HAULIER", "Licence withdrawn."))
    return union


def _two_keys(union: SampleUnion) -> SampleUnion:
    union.do("HAULIER", reg.AddKey("HAULIER", key_of("new")))
    return union


def _lost(union: SampleUnion) -> SampleUnion:
    union.sealable().do("SEALS-BY", s.SetAside("NS1", s.Condition.LOST, "Stolen."))
    return union


U = SampleUnion

SAMPLE_ACTS = (
    SampleAct(
        _new,
        "BY",
        reg.RegisterParticipant(
            id="BY/NEW",
            member="BY",
            name="New office",
            roles=(Role.OFFICE,),
            functions=(OfficeFunction.EXIT,),
            keys=(key_of("BY/NEW"),),
        ),
        "RU",
        "RE-005",
    ),
    SampleAct(_new, "BY", reg.SuspendParticipant("HAULIER", "Debts."), "RU", "RE-005"),
    SampleAct(_suspended, "BY", reg.ReinstateParticipant("HAULIER", "Paid."), "RU", "RE-005"),
    SampleAct(_new, "HAULIER", reg.AddKey("HAULIER", key_of("new")), "HAULIER2", "RE-016"),
    SampleAct(
        _two_keys,
        "BY",
        reg.RevokeKey("HAULIER", key_of("HAULIER"), "Lost."),
        "RU",
        "RE-016",
    ),
    SampleAct(
        _new,
        "HAULIER",
        reg.RotateKey("HAULIER", key_of("HAULIER"), key_of("new"), "Yearly."),
        "HAULIER2",
        "RE-016",
    ),
    SampleAct(
        _new,
        "BY",
        reg.AmendParticipant("HAULIER", "Haulier", (Role.CARRIER, Role.DECLARANT), (), "Asked."),
        "RU",
        "RE-005",
    ),
    *GUARANTEE_ACTS,
    *TRANSIT_ACTS,
    SampleAct(_new, "SEALS-BY", s.RegisterSeal("NS1", "M", "C"), "SEALS-RU", None),
    SampleAct(
        U.sealable, "SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK), "SEALS-RU", "SE-004"
    ),
    SampleAct(
        U.sealed,
        "SEALS-BY",
        s.ReportSealEvent("NS1", s.SealEvent.OFF_ROUTE, START, 190_000, 99_000),
        "SEALS-RU",
        "SE-008",
    ),
    SampleAct(
        U.alarmed,
        "BY/TRN",
        s.JudgeAlarm("NS1", 1, s.Verdict.DISMISSED, "Jamming."),
        "RU/TRN",
        "SE-013",
    ),
    SampleAct(U.judged, "SEALS-BY", s.DeactivateSeal("NS1", MINSK), "SEALS-RU", "SE-008"),
    SampleAct(
        U.judged, "SEALS-BY", s.SetAside("NS1", s.Condition.FAULTY, "Silent."), "SEALS-RU", "SE-008"
    ),
    SampleAct(_lost, "SEALS-BY", s.TakeBack("NS1", "Found."), "SEALS-RU", "SE-004"),
    SampleAct(U.sealed, "SEALS-BY", s.OfferHandover(TRANSPORT, "SEALS-RU"), "SEALS-BY2", "SE-008"),
    SampleAct(U.offered, "SEALS-RU", s.AcceptHandover(TRANSPORT), "SEALS-BY2", "SE-010"),
    SampleAct(
        U.sealed,
        "SEALS-BY",
        s.CommitPositions(TRANSPORT, ROOT, 60, START - DAY, START),
        "SEALS-RU",
        "SE-008",
    ),
    *REFERENCE_ACTS,
    *GOVERNANCE_ACTS,
    *CONTROL_ACTS,
    *CONDUCT_ACTS,
    *COMPLIANCE_ACTS,
    *ECOMMERCE_ACTS,
)


def sample_act(kind: str) -> SampleAct:
    """The sample act of a record kind."""
    return next(act for act in SAMPLE_ACTS if act.record.kind() == kind)
