"""For every record kind: a stage at which it fits, its author, and the record."""

from contracts.guarantee import records as g
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.registry.objects import OfficeFunction, Role
from contracts.seals import records as s
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts_of_the_union import GOVERNANCE_ACTS, REFERENCE_ACTS
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    REGISTER,
    RELEASE,
    ROOT,
    START,
    TRANSPORT,
    UNDERTAKING,
    SampleUnion,
    key_of,
)


def _new(union: SampleUnion) -> SampleUnion:
    return union


def _undertaken(union: SampleUnion) -> SampleUnion:
    union.do("BANK", UNDERTAKING)
    return union


def _suspended(union: SampleUnion) -> SampleUnion:
    union.do("BY", reg.SuspendParticipant("HAULIER", "Licence withdrawn."))
    return union


def _two_keys(union: SampleUnion) -> SampleUnion:
    union.do("HAULIER", reg.AddKey("HAULIER", key_of("new")))
    return union


def _pre_lodged(union: SampleUnion) -> SampleUnion:
    union.guaranteed().do("TRADER", t.Lodge(LRN, AdditionalType.PRE_LODGED, CONTENT))
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
    SampleAct(_new, "BANK", UNDERTAKING, "BANK2", None),
    SampleAct(_undertaken, "BY/GUA", g.AcceptUndertaking(GRN), "RU/GUA", "GU-017"),
    SampleAct(U.guaranteed, "BANK", g.AmendAmount(GRN, 5_000_00), "BANK2", "GU-016"),
    SampleAct(U.guaranteed, "BANK", g.RevokeUndertaking(GRN, "End."), "BANK2", "GU-016"),
    SampleAct(U.guaranteed, "BY/GUA", g.CancelGuarantee(GRN, "End."), "RU/GUA", "GU-016"),
    SampleAct(
        U.guaranteed,
        "TRADER",
        t.Lodge(LRN, AdditionalType.STANDARD, CONTENT),
        "TRADER2",
        "TR-005",
    ),
    SampleAct(U.lodged, "TRADER", t.Amend(LRN, CONTENT), "TRADER2", "TR-003"),
    SampleAct(_pre_lodged, "TRADER", t.Present(LRN), "TRADER2", "TR-003"),
    SampleAct(U.lodged, "TRADER", t.Withdraw(LRN, "Sold."), "TRADER2", "TR-003"),
    SampleAct(
        U.lodged, "BY/DEP", t.RejectDeclaration("TRADER", LRN, "Illegible."), "RU/DEP", "TR-012"
    ),
    SampleAct(U.lodged, "BY/DEP", REGISTER, "RU/DEP", "TR-012"),
    SampleAct(
        U.registered,
        "BY/DEP",
        t.RecordControl(MRN, t.ControlDecision.REQUIRED, "Risk profile 7"),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(U.registered, "TRADER", t.RequestInvalidation(MRN, "Sold."), "TRADER2", "TR-017"),
    SampleAct(U.registered, "BY/DEP", t.Invalidate(MRN, "Not presented."), "RU/DEP", "TR-012"),
    SampleAct(U.control_decided, "BY/DEP", RELEASE, "RU/DEP", "TR-012"),
    SampleAct(U.control_decided, "BY/DEP", t.RefuseRelease(MRN, "Prohibited."), "RU/DEP", "TR-012"),
    SampleAct(U.released, "RU/TRN", t.NoteCrossing(MRN, True, ""), "KZ/TRN", "TR-014"),
    SampleAct(
        U.released,
        "HAULIER",
        t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle broken.", ()),
        "HAULIER2",
        "TR-015",
    ),
    SampleAct(U.in_trouble, "RU/EXT", t.EndorseIncident(MRN, 1, ("RU7",), ""), "KZ/EXT", "TR-030"),
    SampleAct(U.en_route, "HAULIER", t.NotifyArrival(MRN, "KZ/DST"), "HAULIER2", "TR-016"),
    SampleAct(U.arrived, "KZ/DST", t.RecordArrival(MRN, True, False), "RU/DST", "TR-013"),
    SampleAct(
        U.unloading,
        "KZ/DST",
        t.RecordUnloading(MRN, False, True, (t.Discrepancy("GrossMass", "900 kg"),)),
        "RU/DST",
        "TR-013",
    ),
    SampleAct(U.controlled, "KZ/DST", t.Complete(MRN, ""), "RU/DST", "TR-013"),
    SampleAct(U.completed, "BY/DEP", t.Discharge(MRN), "RU/DEP", "TR-012"),
    SampleAct(_new, "SEALS-BY", s.RegisterSeal("NS1", "M", "C"), "SEALS-RU", None),
    SampleAct(U.sealable, "SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT), "SEALS-RU", "SE-004"),
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
    SampleAct(U.judged, "SEALS-BY", s.DeactivateSeal("NS1"), "SEALS-RU", "SE-008"),
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
)


def sample_act(kind: str) -> SampleAct:
    """The sample act of a record kind."""
    return next(act for act in SAMPLE_ACTS if act.record.kind() == kind)
