"""Sample acts of guarantees and of transit."""

from msgspec.structs import replace

from contracts.guarantee import records as g
from contracts.guarantee.objects import CertificateKind
from contracts.guarantee.terms import GuaranteeKind, SecurityMethod
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts import stages
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    REGISTER,
    RELEASE,
    TERMS,
    UNDERTAKING,
    SampleUnion,
)
from tests.contracts.stages import DEBT

U = SampleUnion

DEPOSIT = g.GrantGuarantee(
    grn=GRN,
    guarantee_kind=GuaranteeKind.DEPOSIT,
    holder="TRADER",
    reference_amount=1_000_00,
    currency="EUR",
    coverage_percent=100,
    valid_from_ms=UNDERTAKING.valid_from_ms,
    valid_to_ms=UNDERTAKING.valid_to_ms,
    territory=UNDERTAKING.territory,
    terms=replace(TERMS, method=SecurityMethod.MONEY),
)

WAIVER = replace(
    DEPOSIT,
    guarantee_kind=GuaranteeKind.WAIVER,
    coverage_percent=0,
    terms=replace(TERMS, method=SecurityMethod.NONE),
)

GUARANTEE_ACTS = (
    SampleAct(stages.new, "BANK", UNDERTAKING, "BANK2", None),
    SampleAct(stages.new, "BY/GUA", DEPOSIT, "RU/GUA", "GU-014"),
    SampleAct(stages.undertaken, "BY/GUA", g.AcceptUndertaking(GRN), "RU/GUA", "GU-017"),
    SampleAct(U.guaranteed, "BANK", g.AmendAmount(GRN, 5_000_00), "BANK2", "GU-016"),
    SampleAct(
        U.guaranteed,
        "BANK",
        g.ExtendValidity(GRN, UNDERTAKING.valid_to_ms + DAY),
        "BANK2",
        "GU-016",
    ),
    SampleAct(stages.paid_out, "BANK", g.TopUp(GRN, 300_00), "BANK2", "GU-016"),
    SampleAct(U.guaranteed, "BY/GUA", g.SuspendGuarantee(GRN, "Review."), "RU/GUA", "GU-017"),
    SampleAct(stages.suspended, "BY/GUA", g.ReinstateGuarantee(GRN, "Fit."), "RU/GUA", "GU-017"),
    SampleAct(U.guaranteed, "BANK", g.RevokeUndertaking(GRN, "End."), "BANK2", "GU-016"),
    SampleAct(U.guaranteed, "BY/GUA", g.CancelGuarantee(GRN, "End."), "RU/GUA", "GU-016"),
    SampleAct(
        U.guaranteed,
        "BY/GUA",
        g.IssueCertificate(GRN, "RU", CertificateKind.SINGLE, 1, UNDERTAKING.valid_to_ms),
        "RU/GUA",
        "GU-017",
    ),
    SampleAct(
        stages.certified,
        "BY/GUA",
        g.WithdrawCertificate(GRN, "RU", "Misused."),
        "RU/GUA",
        "GU-017",
    ),
)

_LODGING = (
    SampleAct(
        U.guaranteed,
        "TRADER",
        t.Lodge(LRN, AdditionalType.STANDARD, CONTENT),
        "TRADER2",
        "TR-005",
    ),
    SampleAct(U.lodged, "TRADER", t.Amend(LRN, CONTENT), "TRADER2", "TR-003"),
    SampleAct(stages.pre_lodged, "TRADER", t.Present(LRN), "TRADER2", "TR-003"),
    SampleAct(U.lodged, "TRADER", t.Withdraw(LRN, "Sold."), "TRADER2", "TR-003"),
    SampleAct(
        U.lodged, "BY/DEP", t.RejectDeclaration("TRADER", LRN, "Illegible."), "RU/DEP", "TR-012"
    ),
    SampleAct(U.lodged, "BY/DEP", REGISTER, "RU/DEP", "TR-012"),
    SampleAct(
        U.control_decided,
        "TRADER",
        t.AmendRegistered(MRN, replace(CONTENT, containers=2)),
        "TRADER2",
        "TR-017",
    ),
)
_DEPARTING = (
    SampleAct(
        U.registered,
        "BY/DEP",
        t.RecordControl(MRN, t.ControlDecision.REQUIRED, "Risk profile 7"),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(U.registered, "TRADER", t.RequestInvalidation(MRN, "Sold."), "TRADER2", "TR-017"),
    SampleAct(
        stages.invalidation_asked,
        "BY/DEP",
        t.RefuseInvalidation(MRN, "Under inquiry."),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(
        U.registered, "BY/DEP", t.Invalidate(MRN, "Not presented.", False), "RU/DEP", "TR-012"
    ),
    SampleAct(U.control_decided, "BY/DEP", RELEASE, "RU/DEP", "TR-012"),
    SampleAct(U.control_decided, "BY/DEP", t.RefuseRelease(MRN, "Prohibited."), "RU/DEP", "TR-012"),
)
_TRAVELLING = (
    SampleAct(
        U.en_route,
        "BY/DEP",
        t.ExtendDeadline(MRN, RELEASE.deadline_ms + DAY, "Snow."),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(
        U.en_route,
        "BY/DEP",
        t.ChangeDestination(MRN, "RU/DST", (), "Sold on the way."),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(
        stages.not_bound,
        "KG/DST",
        t.TakeDiversion(MRN, "KZ/DST", "The goods are here."),
        "RU/DST",
        None,
    ),
    SampleAct(U.released, "RU/TRN", t.NoteCrossing(MRN, True, ""), "KZ/TRN", "TR-014"),
    SampleAct(
        U.released,
        "HAULIER",
        t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle broken.", ()),
        "HAULIER2",
        "TR-015",
    ),
    SampleAct(
        U.in_trouble, "RU/EXT", t.EndorseIncident(MRN, 1, ("RU7",), "", None), "KZ/EXT", "TR-030"
    ),
)
_ARRIVING = (
    SampleAct(U.en_route, "HAULIER", t.NotifyArrival(MRN, "KZ/DST"), "HAULIER2", "TR-016"),
    SampleAct(U.arrived, "KZ/DST", t.RecordArrival(MRN, True, False), "RU/DST", "TR-013"),
    SampleAct(U.unloading, "KZ/DST", t.DeliverPart(MRN, 400_000, ""), "RU/DST", "TR-013"),
    SampleAct(
        U.unloading,
        "KZ/DST",
        t.RecordUnloading(MRN, False, True, (t.Discrepancy("GrossMass", "900 kg"),)),
        "RU/DST",
        "TR-013",
    ),
    SampleAct(
        stages.disputed,
        "KZ/DST",
        t.ResolveDiscrepancies(MRN, t.Finding.RESOLVED, "Weighing error, act 7."),
        "RU/DST",
        "TR-013",
    ),
    SampleAct(U.controlled, "KZ/DST", t.Complete(MRN, ""), "RU/DST", "TR-013"),
    SampleAct(U.completed, "BY/DEP", t.Discharge(MRN), "RU/DEP", "TR-012"),
)
_NOT_ARRIVING = (
    SampleAct(
        stages.missing,
        "TRADER",
        e.ReplyToEnquiry(MRN, e.ReplyCode.DELIVERED, "Proof follows."),
        "TRADER2",
        "TR-044",
    ),
    SampleAct(
        stages.missing,
        "BY/DEP",
        e.AcceptProof(MRN, e.ProofKind.CERTIFIED_COPY, "Stamped at Almaty."),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(
        stages.irregular,
        "BY/DEP",
        e.StartRecovery(MRN, "100 kg missing."),
        "RU/DEP",
        "TR-012",
    ),
    SampleAct(stages.in_recovery, "BY/DEP", DEBT, "RU/DEP", "TR-012"),
    SampleAct(stages.indebted, "BANK", e.ContestClaim(MRN, GRN, "Late."), "BANK2", "TR-051"),
    SampleAct(
        stages.contested,
        "BY/TRN",
        e.DecideContest(MRN, GRN, e.Ruling.UPHELD, "In time."),
        "RU/TRN",
        "TR-049",
    ),
    SampleAct(stages.indebted, "BY/DEP", e.RecordPayment(MRN, GRN, 300_00), "RU/DEP", "TR-049"),
    SampleAct(stages.in_recovery, "BY/DEP", e.WriteOff(MRN, "Insolvent."), "RU/DEP", "TR-049"),
)
TRANSIT_ACTS = (*_LODGING, *_DEPARTING, *_TRAVELLING, *_ARRIVING, *_NOT_ARRIVING)
