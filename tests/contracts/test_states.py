"""Every record in every state: what fits, written down once more, and that all else is refused.

Each life is a list of states: a union in that state, and the records that fit it. The others are
tried by those who may make them, and refused under the rule that a record fits its state; in a few
cells another rule speaks first, and that is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from contracts import Record, Rejected
from contracts.compliance import records as c
from contracts.control import records as k
from contracts.control.objects import ControlKind
from contracts.ecommerce import records as s
from contracts.governance import records as gov
from contracts.guarantee import records as g
from contracts.guarantee.objects import CertificateKind
from contracts.references.time import DAY
from contracts.seals import records as n
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from tests.contracts import sample_acts_of_conduct as conduct
from tests.contracts import sample_acts_of_ecommerce as shop
from tests.contracts import stages
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_acts_of_the_union import CLOSES, pass_proposal, proposed
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MINSK,
    MRN,
    REGISTER,
    RELEASE,
    TRANSPORT,
    UNDERTAKING,
    SampleUnion,
    Stage,
)

U = SampleUnion


@dataclass(frozen=True)
class Life:
    """rule: that refuses what does not fit; elsewhere: the rule that speaks first in a cell."""

    rule: str
    records: dict[str, tuple[str, Record]]
    states: dict[str, tuple[Stage, str]]
    elsewhere: dict[tuple[str, str], str] = field(default_factory=dict)


def after(stage: Stage, author: str, *records: Record) -> Stage:
    """A stage, and some records more."""

    def reached(union: SampleUnion) -> SampleUnion:
        stage(union).do(author, *records)
        return union

    return reached


def later(stage: Stage, days: int) -> Stage:
    """A stage, and some days more."""

    def reached(union: SampleUnion) -> SampleUnion:
        stage(union).wait_until(union.now + days * DAY)
        return union

    return reached


CONTROLS = {
    f"control {decision.value}": ("BY/DEP", t.RecordControl(MRN, decision, ""))
    for decision in t.ControlDecision
}
MOVEMENT = Life(
    "TR-001",
    {
        **CONTROLS,
        "amend": ("TRADER", t.AmendRegistered(MRN, CONTENT)),
        "request": ("TRADER", t.RequestInvalidation(MRN, "Sold.")),
        "refuse": ("BY/DEP", t.RefuseInvalidation(MRN, "No.")),
        "invalidate": ("BY/DEP", t.Invalidate(MRN, "Here.", True)),
        "release": ("BY/DEP", RELEASE),
        "refuse-release": ("BY/DEP", t.RefuseRelease(MRN, "No.")),
        "extend": ("BY/DEP", t.ExtendDeadline(MRN, RELEASE.deadline_ms + DAY, "Snow.")),
        "change": ("BY/DEP", t.ChangeDestination(MRN, "RU/DST", (), "Sold.")),
        "divert": ("KG/DST", t.TakeDiversion(MRN, "KZ/DST", "Here.")),
        "crossing": ("RU/TRN", t.NoteCrossing(MRN, True, "")),
        "incident": ("HAULIER", t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Snow.", ())),
        "endorse": ("RU/TRN", t.EndorseIncident(MRN, 1, (), "", None)),
        "notify": ("HAULIER", t.NotifyArrival(MRN, "KZ/DST")),
        "arrival control": ("KZ/DST", t.RecordArrival(MRN, True, True)),
        "arrival no control": ("KZ/DST", t.RecordArrival(MRN, True, False)),
        "part": ("KZ/DST", t.DeliverPart(MRN, 1, "")),
        "conform": ("KZ/DST", t.RecordUnloading(MRN, True, True, ())),
        "broken": ("KZ/DST", t.RecordUnloading(MRN, True, False, ())),
        "resolved": ("KZ/DST", t.ResolveDiscrepancies(MRN, t.Finding.RESOLVED, "So.")),
        "confirmed": ("KZ/DST", t.ResolveDiscrepancies(MRN, t.Finding.CONFIRMED, "So.")),
        "complete": ("KZ/DST", t.Complete(MRN, "")),
        "discharge": ("BY/DEP", t.Discharge(MRN)),
        "reply": ("TRADER", e.ReplyToEnquiry(MRN, e.ReplyCode.UNKNOWN, "")),
        "proof": ("BY/DEP", e.AcceptProof(MRN, e.ProofKind.CERTIFIED_COPY, "Stamped.")),
        "recover": ("BY/DEP", e.StartRecovery(MRN, "No trace.")),
        "debt": ("BY/DEP", stages.DEBT),
        "decide": ("BY/DEP", e.DecideContest(MRN, GRN, e.Ruling.LIFTED, "So.")),
        "pay": ("BY/DEP", e.RecordPayment(MRN, None, 1)),
        "write-off": ("BY/DEP", e.WriteOff(MRN, "Insolvent.")),
    },
    {
        "registered": (
            U.registered,
            "control not_required, control required, amend, request, refuse, invalidate",
        ),
        "under control": (
            U.under_control,
            "control satisfactory, control unsatisfactory, request, refuse, invalidate",
        ),
        "control decided": (
            U.control_decided,
            "release, refuse-release, amend, request, refuse, invalidate",
        ),
        "control failed": (
            after(U.under_control, "BY/DEP", CONTROLS["control unsatisfactory"][1]),
            "refuse-release, invalidate",
        ),
        "release refused": (after(U.control_decided, "BY/DEP", t.RefuseRelease(MRN, "No.")), ""),
        "invalidated": (after(U.registered, "BY/DEP", t.Invalidate(MRN, "No.", True)), ""),
        "released": (
            stages.not_bound,
            "request, refuse, invalidate, extend, change, divert, crossing, incident, notify",
        ),
        "en route": (U.en_route, "extend, change, divert, crossing, incident, endorse, notify"),
        "arrived": (U.arrived, "arrival control, arrival no control"),
        "unloading": (U.unloading, "part, conform, broken"),
        "discrepancies": (stages.disputed, "resolved, confirmed"),
        "destination controlled": (U.controlled, "complete"),
        "completed": (U.completed, "discharge"),
        "discharged": (after(U.completed, "BY/DEP", t.Discharge(MRN)), ""),
        "enquiry": (
            stages.missing,
            "reply, divert, crossing, incident, endorse, notify, proof, recover",
        ),
        "irregular": (stages.irregular, "recover"),
        "recovery": (stages.contested, "debt, decide, pay, write-off, proof"),
        "paid": (after(stages.paid_out, "BY/DEP", e.RecordPayment(MRN, None, 200_00)), ""),
        "written off": (after(stages.indebted, "BY/DEP", e.WriteOff(MRN, "Insolvent.")), ""),
    },
)

DECLARATION = Life(
    "TR-001",
    {
        "amend": ("TRADER", t.Amend(LRN, CONTENT)),
        "present": ("TRADER", t.Present(LRN)),
        "withdraw": ("TRADER", t.Withdraw(LRN, "Sold.")),
        "reject": ("BY/DEP", t.RejectDeclaration("TRADER", LRN, "Illegible.")),
        "register": ("BY/DEP", REGISTER),
    },
    {
        "pre-lodged": (stages.pre_lodged, "amend, present, withdraw, reject"),
        "lodged": (U.lodged, "amend, withdraw, reject, register"),
        "registered": (U.registered, ""),
        "rejected": (after(U.lodged, "BY/DEP", t.RejectDeclaration("TRADER", LRN, "No.")), ""),
        "withdrawn": (after(U.lodged, "TRADER", t.Withdraw(LRN, "Sold.")), ""),
        "lapsed": (later(stages.pre_lodged, 31), ""),
    },
)

GUARANTEE = Life(
    "GU-001",
    {
        "accept": ("BY/GUA", g.AcceptUndertaking(GRN)),
        "amend": ("BANK", g.AmendAmount(GRN, 2_000_00)),
        "extend": ("BANK", g.ExtendValidity(GRN, UNDERTAKING.valid_to_ms + 9 * DAY)),
        "top-up": ("BANK", g.TopUp(GRN, 1)),
        "suspend": ("BY/GUA", g.SuspendGuarantee(GRN, "Review.")),
        "reinstate": ("BY/GUA", g.ReinstateGuarantee(GRN, "Fit.")),
        "revoke": ("BANK", g.RevokeUndertaking(GRN, "End.")),
        "cancel": ("BANK", g.CancelGuarantee(GRN, "End.")),
        "certify": (
            "BY/GUA",
            g.IssueCertificate(GRN, "RU", CertificateKind.GENERAL, 1, UNDERTAKING.valid_to_ms),
        ),
    },
    {
        "undertaken": (stages.undertaken, "accept, amend, extend, cancel"),
        "active": (U.guaranteed, "amend, extend, top-up, certify, suspend, revoke, cancel"),
        "suspended": (stages.suspended, "amend, extend, top-up, reinstate, revoke, cancel"),
        "revoking": (
            after(U.guaranteed, "BANK", g.RevokeUndertaking(GRN, "End.")),
            "amend, top-up, suspend, cancel",
        ),
        "revoked": (after(stages.suspended, "BANK", g.RevokeUndertaking(GRN, "End.")), "cancel"),
        "expired": (later(U.guaranteed, 366), "cancel"),
        "cancelled": (after(U.guaranteed, "BANK", g.CancelGuarantee(GRN, "End.")), ""),
    },
)

CLAIM = Life(
    "TR-001",
    {
        "contest": ("BANK", e.ContestClaim(MRN, GRN, "Late.")),
        "uphold": ("BY/DEP", e.DecideContest(MRN, GRN, e.Ruling.UPHELD, "So.")),
        "lift": ("BY/DEP", e.DecideContest(MRN, GRN, e.Ruling.LIFTED, "So.")),
        "pay": ("BY/DEP", e.RecordPayment(MRN, GRN, 1)),
    },
    {
        "notified": (stages.indebted, "contest, pay"),
        "contested": (stages.contested, "uphold, lift, pay"),
        "defaulted": (later(stages.indebted, 31), "pay"),
        "paid": (stages.paid_out, ""),
        "lifted": (
            after(stages.contested, "BY/DEP", e.DecideContest(MRN, GRN, e.Ruling.LIFTED, "So.")),
            "",
        ),
    },
)


def set_aside(stage: Stage, condition: n.Condition) -> Stage:
    return after(stage, "SEALS-BY", n.SetAside("NS1", condition, "So."))


SEAL = Life(
    "SE-001",
    {
        "activate": ("SEALS-BY", n.ActivateSeal("NS1", MRN, TRANSPORT, MINSK)),
        "event": ("SEALS-BY", n.ReportSealEvent("NS1", n.SealEvent.BROKEN, 0, None, None)),
        "deactivate": ("SEALS-BY", n.DeactivateSeal("NS1", MINSK)),
        "lost": ("SEALS-BY", n.SetAside("NS1", n.Condition.LOST, "So.")),
        "faulty": ("SEALS-BY", n.SetAside("NS1", n.Condition.FAULTY, "So.")),
        "destroyed": ("SEALS-BY", n.SetAside("NS1", n.Condition.DESTROYED, "So.")),
        "take back": ("SEALS-BY", n.TakeBack("NS1", "Found.")),
    },
    {
        "registered": (U.sealable, "activate, lost, faulty, destroyed"),
        "active": (U.judged, "event, deactivate, lost, faulty, destroyed"),
        "lost": (set_aside(U.sealable, n.Condition.LOST), "destroyed, take back"),
        "faulty": (set_aside(U.sealable, n.Condition.FAULTY), "lost, destroyed, take back"),
        "destroyed": (set_aside(U.sealable, n.Condition.DESTROYED), ""),
    },
    {("active", "activate"): "SE-006"},
)


def ended(union: SampleUnion) -> SampleUnion:
    """Monitoring is over; another seal is in stock."""
    union.judged().do("SEALS-BY", n.DeactivateSeal("NS1", MINSK))
    union.do("SEALS-BY", n.RegisterSeal("NS2", "M", "C"))
    return union


def spare(stage: Stage) -> Stage:
    return after(stage, "SEALS-BY", n.RegisterSeal("NS2", "M", "C"))


MONITORING = Life(
    "SE-001",
    {
        "join": ("SEALS-BY", n.ActivateSeal("NS2", MRN, TRANSPORT, MINSK)),
        "commit": ("SEALS-BY", n.CommitPositions(TRANSPORT, bytes(32), 1, 0, 1)),
        "offer": ("SEALS-BY", n.OfferHandover(TRANSPORT, "SEALS-RU")),
        "accept": ("SEALS-RU", n.AcceptHandover(TRANSPORT)),
        "deactivate": ("SEALS-BY", n.DeactivateSeal("NS1", MINSK)),
    },
    {
        "monitored": (spare(U.judged), "join, commit, offer, deactivate"),
        "offered": (spare(U.offered), "commit, offer, accept, deactivate"),
        "ended": (ended, "commit"),
    },
)

ALARM = Life(
    "SE-001",
    {
        verdict.value: ("BY/TRN", n.JudgeAlarm("NS1", 1, verdict, "So it was."))
        for verdict in n.Verdict
    },
    {
        "open": (U.alarmed, "confirmed, dismissed"),
        "confirmed": (U.judged, ""),
        "dismissed": (
            after(U.alarmed, "BY/TRN", n.JudgeAlarm("NS1", 1, n.Verdict.DISMISSED, "Jammed.")),
            "",
        ),
    },
)

CANCEL = k.CancelControl(MRN, ControlKind.INSPECTION, 1, "The scanner is down.")
CONTROL = Life(
    "CN-001",
    {"report": ("RU/TRN", conduct.CONFORM), "cancel": ("RU/TRN", CANCEL)},
    {
        "ordered": (conduct.ordered, "report, cancel"),
        "reported": (conduct.inspected, ""),
        "cancelled": (after(conduct.ordered, "RU/TRN", CANCEL), ""),
    },
)

ANNUL = replace(conduct.UPHOLD, result=c.AppealResult.ANNULLED, fine=0)
NONE = replace(conduct.DECIDE, finding=c.Finding.NO_OFFENCE, fine=0)
OFFENCE = Life(
    "CO-001",
    {
        "offer": ("KZ/DST", c.OfferCase(*conduct.CASE, "RU/TRN", "There.")),
        "take": ("RU/TRN", c.TakeCase(*conduct.CASE)),
        "guilty": ("KZ/DST", conduct.DECIDE),
        "not guilty": ("KZ/DST", NONE),
        "appeal": ("HAULIER", c.AppealDecision(*conduct.CASE, "No.")),
        "uphold": ("KZ/TRN", conduct.UPHOLD),
        "reduce": ("KZ/TRN", replace(conduct.UPHOLD, result=c.AppealResult.REDUCED, fine=1)),
        "annul": ("KZ/TRN", ANNUL),
        "pay": ("KZ/DST", c.RecordPayment(*conduct.CASE, 1)),
        "close": ("KZ/DST", c.CloseOffence(*conduct.CASE, False, "Paid.")),
    },
    {
        "open": (conduct.opened, "offer, take, guilty, not guilty"),
        "dismissed": (after(conduct.opened, "KZ/DST", NONE), ""),
        "decided": (conduct.decided, "appeal"),
        "appealed": (conduct.appealed, "uphold, reduce, annul"),
        "annulled": (after(conduct.appealed, "KZ/TRN", ANNUL), ""),
        "enforceable": (conduct.enforceable, "pay, close"),
        "closed": (
            after(conduct.paid, "KZ/DST", c.CloseOffence(*conduct.CASE, False, "Paid.")),
            "",
        ),
    },
)


def decided(decision: s.BulkDecision) -> Record:
    return replace(shop.RELEASE_BULK, decision=decision, duty_settled=True)


BULK = Life(
    "EC-001",
    {
        "withdraw": ("SHOP", s.WithdrawBulk("B1", "By post.")),
        "consign": ("SHOP", shop.CONSIGN),
        "show": ("SHOP", shop.SHOW),
        **{each.value: ("KZ/DST", decided(each)) for each in s.BulkDecision},
        "return": ("SHOP", shop.RETURN),
    },
    {
        "declared": (shop.consignable, "withdraw, consign, show, hold, release, refuse"),
        "held": (
            after(shop.consignable, "KZ/DST", decided(s.BulkDecision.HOLD)),
            "show, release, refuse",
        ),
        "released": (
            after(shop.consignable, "KZ/DST", decided(s.BulkDecision.RELEASE)),
            "show, return",
        ),
        "refused": (after(shop.consignable, "KZ/DST", decided(s.BulkDecision.REFUSE)), ""),
        "withdrawn": (after(shop.consignable, "SHOP", s.WithdrawBulk("B1", "By post.")), ""),
    },
)


def disputed(union: SampleUnion) -> SampleUnion:
    """Proposal 2, with a vote for and one against."""
    proposed(union).do("BY", gov.CastVote(2, False))
    return union


def passed(union: SampleUnion) -> SampleUnion:
    pass_proposal(union, gov.ProposeContractSet(replace(_SET), "Rule.", CLOSES))
    return union


_SET = gov.ContractSetChange(bytes(32), 100)
PROPOSAL = Life(
    "GV-001",
    {
        "yes": ("RU", gov.CastVote(2, True)),
        "no": ("RU", gov.CastVote(2, False)),
        "withdraw": ("AM", gov.WithdrawProposal(2)),
    },
    {
        "open": (disputed, "yes, no, withdraw"),
        "passed": (passed, ""),
        "rejected": (after(disputed, "KG", gov.CastVote(2, False)), ""),
        "withdrawn": (after(disputed, "AM", gov.WithdrawProposal(2)), ""),
        "lapsed": (later(disputed, 8), ""),
    },
    {("lapsed", "yes"): "GV-005", ("lapsed", "no"): "GV-005"},
)

LIVES = {
    "movement": MOVEMENT,
    "declaration": DECLARATION,
    "guarantee": GUARANTEE,
    "claim": CLAIM,
    "seal": SEAL,
    "monitoring": MONITORING,
    "alarm": ALARM,
    "control": CONTROL,
    "offence": OFFENCE,
    "bulk declaration": BULK,
    "proposal": PROPOSAL,
}


def cells() -> Iterator[tuple[str, str, str]]:
    for subject, life in LIVES.items():
        for state in life.states:
            for name in life.records:
                yield subject, state, name


@pytest.mark.parametrize(("subject", "state", "name"), list(cells()))
def test_a_record_is_refused_in_every_state_that_it_does_not_fit(
    subject: str, state: str, name: str
) -> None:
    life = LIVES[subject]
    stage, fitting = life.states[state]
    union = stage(SampleUnion())
    author, record = life.records[name]
    outcome = union.apply(author, record)
    if name in fitting.split(", "):
        assert not (isinstance(outcome, Rejected) and outcome.rule == life.rule), outcome
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.rule == life.elsewhere.get((state, name), life.rule), outcome


@pytest.mark.parametrize("subject", LIVES)
def test_every_name_of_a_record_that_fits_is_one(subject: str) -> None:
    life = LIVES[subject]
    for _, fitting in life.states.values():
        assert {name for name in fitting.split(", ") if name} <= set(life.records)


def test_a_debt_that_was_written_off_is_not_paid_in_part() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BY/DEP", e.WriteOff(MRN, "Insolvent."))
    outcome = union.apply("BY/DEP", e.RecordPayment(MRN, None, 1_00))
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "TR-001"


@pytest.mark.parametrize("subject", LIVES)
def test_no_record_at_any_time_is_more_than_accepted_or_refused(subject: str) -> None:
    """What raises would stop every node of the union at this record."""
    for stage, _ in LIVES[subject].states.values():
        union = stage(SampleUnion())
        state = dict(union.state)
        for act in SAMPLE_ACTS:
            union.state = dict(state)
            union.apply(act.author, act.record)
        for life in LIVES.values():
            for author, record in life.records.values():
                union.state = dict(state)
                union.apply(author, record)
