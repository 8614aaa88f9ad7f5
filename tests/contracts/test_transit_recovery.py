"""Goods that do not arrive: what time does by itself, enquiry, recovery, claims."""

import pytest
from msgspec.structs import replace

from contracts import Record, Rejected, execution
from contracts.guarantee import records as g
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.content import Exemption, ExemptionGround
from contracts.transit.movement import records_to_freedom
from contracts.transit.objects import COVERED, ClaimState, DeclarationState, MovementState
from tests.contracts import stages
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import GRN, LRN, MRN, OTHER_GRN, RELEASE, SampleUnion, Stage
from tests.contracts.stages import DEBT, ENQUIRY_OPENS

CASES = Refusals()
DELIVERED = e.ReplyToEnquiry(MRN, e.ReplyCode.DELIVERED, "Proof follows.")


@CASES.of("TR-001")
def an_answer_nobody_asked_for(union: SampleUnion) -> tuple[str, Record]:
    return union.en_route() and "TRADER", DELIVERED


@CASES.of("TR-001")
def extending_when_the_enquiry_is_open(union: SampleUnion) -> tuple[str, Record]:
    record = t.ExtendDeadline(MRN, ENQUIRY_OPENS + DAY, "Snow.")
    return stages.missing(union) and "BY/DEP", record


@CASES.of("TR-001")
def contesting_a_claim_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.contested(union) and "BANK", e.ContestClaim(MRN, GRN, "Again.")


@CASES.of("TR-001")
def paying_a_claim_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BY/DEP", e.RecordPayment(MRN, GRN, 1)


@CASES.of("TR-044")
def answering_twice(union: SampleUnion) -> tuple[str, Record]:
    stages.missing(union).do("TRADER", DELIVERED)
    return "TRADER", DELIVERED


@CASES.of("TR-044")
def an_answer_from_another_office(union: SampleUnion) -> tuple[str, Record]:
    return stages.missing(union) and "RU/DST", DELIVERED


@CASES.of("TR-045")
def recovering_before_all_are_heard(union: SampleUnion) -> tuple[str, Record]:
    stages.missing(union).do("TRADER", DELIVERED)
    return "BY/DEP", e.StartRecovery(MRN, "No trace.")


@CASES.of("TR-046")
def notifying_twice(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "BY/DEP", replace(DEBT, claims=())


@CASES.of("TR-047")
def a_breach_off_the_route(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, breach_in="AM")


@CASES.of("TR-048")
def claiming_more_than_is_held(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(GRN, 400_01),)
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-048")
def claiming_on_a_guarantee_of_others(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(OTHER_GRN, 1),)
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-048")
def claiming_twice_in_one_notice(union: SampleUnion) -> tuple[str, Record]:
    claims = (e.ClaimOnGuarantee(GRN, 1), e.ClaimOnGuarantee(GRN, 2))
    return stages.in_recovery(union) and "BY/DEP", replace(DEBT, claims=claims)


@CASES.of("TR-049")
def a_payment_told_by_another_member(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "KZ/DEP", e.RecordPayment(MRN, GRN, 300_00)


@CASES.of("TR-049")
def a_payment_where_the_breach_did_not_happen(union: SampleUnion) -> tuple[str, Record]:
    stages.in_recovery(union).do("BY/DEP", replace(DEBT, breach_in="RU"))
    return "BY/DEP", e.RecordPayment(MRN, GRN, 300_00)


@CASES.of("TR-050")
def contesting_nothing(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BANK", e.ContestClaim(MRN, GRN, "No.")


@CASES.of("TR-051")
def another_guarantor_contests(union: SampleUnion) -> tuple[str, Record]:
    return stages.indebted(union) and "BANK2", e.ContestClaim(MRN, GRN, "No.")


@CASES.of("TR-052")
def paying_more_than_is_owed(union: SampleUnion) -> tuple[str, Record]:
    return stages.paid_out(union) and "BY/DEP", e.RecordPayment(MRN, None, 200_01)


@CASES.of("TR-052")
def paying_before_there_is_a_debt(union: SampleUnion) -> tuple[str, Record]:
    return stages.in_recovery(union) and "BY/DEP", e.RecordPayment(MRN, None, 1)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def state_of(union: SampleUnion) -> MovementState:
    state: MovementState = union.show(f"movement/{MRN}").state
    return state


def test_a_pre_lodged_declaration_lapses_by_itself() -> None:
    union = stages.pre_lodged(SampleUnion())
    lodged = union.now
    assert union.wait_until(lodged + 30 * DAY) == []
    assert union.wait_until(lodged + 30 * DAY + 1 + 5 * 60_000) == ["transit.lapse"]
    assert union.show(f"declaration/TRADER/{LRN}").state is DeclarationState.LAPSED
    assert isinstance(union.apply("TRADER", t.Present(LRN)), Rejected)


def test_a_presented_declaration_does_not_lapse() -> None:
    union = stages.pre_lodged(SampleUnion())
    union.do("TRADER", t.Present(LRN))
    assert union.wait_until(union.now + 31 * DAY) == []


def test_time_alone_leads_from_the_deadline_to_recovery() -> None:
    union = SampleUnion().released()
    assert union.wait_until(ENQUIRY_OPENS - 1) == []
    assert union.wait_until(ENQUIRY_OPENS) == ["transit.open-enquiry"]
    assert union.wait_until(ENQUIRY_OPENS + 28 * DAY) == ["transit.holder-silent"]
    assert union.wait_until(ENQUIRY_OPENS + 40 * DAY) == ["transit.destination-silent"]
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert (enquiry.holder.silent, enquiry.destination.silent) == (True, True)
    assert union.wait_until(RELEASE.deadline_ms + 210 * DAY - 1) == []
    assert union.wait_until(RELEASE.deadline_ms + 210 * DAY) == ["transit.open-recovery"]
    assert state_of(union) is MovementState.RECOVERY
    reservation = union.show(f"reservation/{GRN}/{MRN}")
    assert reservation.freed_by == "transit.record-payment"
    assert union.wait_until(union.now + 1000 * DAY) == ["guarantee.expire"]


def test_a_movement_that_arrives_has_no_enquiry() -> None:
    union = SampleUnion().completed()
    assert union.wait_until(ENQUIRY_OPENS + 300 * DAY) == []
    union.do("BY/DEP", t.Discharge(MRN))


def test_goods_may_turn_up_during_the_enquiry() -> None:
    union = stages.missing(SampleUnion())
    union.do("KZ/TRN", t.NoteCrossing(MRN, True, "Seen at last."))
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    assert union.show(f"movement/{MRN}").arrival.late
    union.do("KZ/DST", t.RecordArrival(MRN, True, False), t.Complete(MRN, ""))
    assert union.wait_until(ENQUIRY_OPENS + 300 * DAY) == [], "silence means nothing any more"


def test_who_answered_is_not_silent() -> None:
    union = stages.missing(SampleUnion())
    union.do("TRADER", DELIVERED)
    union.do("KZ/DST", e.ReplyToEnquiry(MRN, e.ReplyCode.NOT_RECEIVED, ""))
    assert union.wait_until(ENQUIRY_OPENS + 41 * DAY) == []
    union.do("BY/DEP", e.StartRecovery(MRN, "The papers were forged."))
    assert state_of(union) is MovementState.RECOVERY


@pytest.mark.parametrize("stage", [stages.missing, stages.in_recovery, stages.indebted])
def test_alternative_proof_ends_it_at_any_time(stage: Stage) -> None:
    union = stage(SampleUnion())
    union.do("BY/DEP", e.AcceptProof(MRN, e.ProofKind.OTHER_PROCEDURE, "Import at Almaty."))
    movement = union.show(f"movement/{MRN}")
    assert movement.state is MovementState.DISCHARGED
    assert movement.proof is e.ProofKind.OTHER_PROCEDURE
    assert union.show(f"guarantee/{GRN}").reserved == 0
    assert f"reservation/{GRN}/{MRN}" not in union.state
    if f"claim/{GRN}/{MRN}" in union.state:
        assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.LIFTED
        assert union.wait_until(union.now + 31 * DAY) == [], "no default with a lifted claim"


def test_a_paid_claim_frees_the_reservation_and_lowers_what_is_covered() -> None:
    union = stages.paid_out(SampleUnion())
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.open) == (0, 0)
    assert (guarantee.paid, guarantee.covered, guarantee.free) == (300_00, 700_00, 700_00)
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.PAID
    assert state_of(union) is MovementState.RECOVERY, "200.00 are still owed"
    union.do("BANK", g.TopUp(GRN, 300_00))
    assert union.show(f"guarantee/{GRN}").free == 1_000_00
    union.do("BY/DEP", e.RecordPayment(MRN, None, 200_00))
    assert state_of(union) is MovementState.PAID


def test_a_debtor_who_pays_frees_the_guarantor() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BY/DEP", e.RecordPayment(MRN, None, 100_00))
    assert union.show(f"guarantee/{GRN}").reserved == 400_00
    union.do("BY/DEP", e.RecordPayment(MRN, None, 400_00))
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.LIFTED
    guarantee = union.show(f"guarantee/{GRN}")
    assert (guarantee.reserved, guarantee.paid) == (0, 0)


def test_a_guarantor_that_does_not_pay_is_in_default_until_it_does() -> None:
    union = stages.indebted(SampleUnion())
    union.do("BANK", g.AmendAmount(GRN, 9_000_00))
    assert union.wait_until(union.now + 30 * DAY + 5 * 60_000) == ["transit.payment-overdue"]
    assert union.show(f"claim/{GRN}/{MRN}").state is ClaimState.DEFAULTED
    assert union.show(f"guarantee/{GRN}").defaults == 1
    union.do("BY/DEP", e.RecordPayment(MRN, GRN, 300_00))
    assert union.show(f"guarantee/{GRN}").defaults == 0


def test_a_contest_that_fails_gives_the_guarantor_its_time_anew() -> None:
    union = stages.contested(SampleUnion())
    assert union.wait_until(union.now + 60 * DAY) == [], "who contests is not in default"
    union.do("BY/GUA", e.DecideContest(MRN, GRN, e.Ruling.UPHELD, "In time."))
    assert union.wait_until(union.now + 29 * DAY) == []
    assert union.wait_until(union.now + 2 * DAY) == ["transit.payment-overdue"]


def test_a_contest_that_succeeds_frees_the_guarantee_but_not_the_debtor() -> None:
    union = stages.contested(SampleUnion())
    union.do("BY/GUA", e.DecideContest(MRN, GRN, e.Ruling.LIFTED, "Notified too late."))
    assert union.show(f"guarantee/{GRN}").reserved == 0
    assert state_of(union) is MovementState.RECOVERY
    union.do("BY/DEP", e.WriteOff(MRN, "Insolvent."))
    assert state_of(union) is MovementState.WRITTEN_OFF


def test_the_debt_is_owed_where_the_breach_happened() -> None:
    union = stages.in_recovery(SampleUnion())
    union.do("BY/DEP", replace(DEBT, breach_in="RU"))
    assert union.show(f"movement/{MRN}").debt.payable_in == "RU"
    union.do("RU/DEP", e.RecordPayment(MRN, GRN, 300_00), e.WriteOff(MRN, "The rest is lost."))
    assert state_of(union) is MovementState.WRITTEN_OFF


def test_confirmed_discrepancies_are_recovered_without_enquiry() -> None:
    union = stages.irregular(SampleUnion())
    union.do("BY/DEP", e.StartRecovery(MRN, "100 kg are missing."), DEBT)
    union.do("BY/DEP", e.RecordPayment(MRN, None, 500_00))
    assert state_of(union) is MovementState.PAID
    assert union.show(f"guarantee/{GRN}").reserved == 0


def test_an_exempt_movement_is_recovered_from_its_debtor() -> None:
    union = SampleUnion().control_decided(
        guarantees=(), exemption=Exemption(ExemptionGround.AGREEMENT, "Agreement 7")
    )
    union.do("BY/DEP", RELEASE)
    union.wait_until(RELEASE.deadline_ms + 210 * DAY)
    union.do("BY/DEP", replace(DEBT, claims=()), e.RecordPayment(MRN, None, 500_00))
    assert state_of(union) is MovementState.PAID


def test_every_covered_state_says_what_would_free_the_guarantee() -> None:
    ways = {state: records_to_freedom(state) for state in COVERED}
    assert ways[MovementState.COMPLETED] == ("transit.discharge",)
    assert ways[MovementState.ARRIVED] == (
        "transit.arrival (no control)",
        "transit.complete",
        "transit.discharge",
    )
    assert all(ways.values())


def test_a_block_with_nothing_due_writes_nothing() -> None:
    union = SampleUnion().released()
    before = dict(union.state)
    assert union.begin_block() == ()
    assert union.state == before


def test_a_backlog_is_worked_off_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    union = SampleUnion()
    union.wait_until(union.now + 100 * DAY)  # what the founding left
    for number in range(25):
        union.guaranteed(grn=stages.grn(number))
    union.now += 2_000 * DAY
    monkeypatch.setattr(execution, "MAX_DUE_ACTS", 10)
    blocks = [union.begin_block() for _ in range(4)]
    assert [len(acts) for acts in blocks] == [10, 10, 5, 0]
    expired = [act.reference for acts in blocks for act in acts]
    assert expired == [stages.grn(number) for number in range(25)], "first armed, first done"
    assert not any(key.startswith("timer-") for key in union.state)


def test_who_is_asked_again_has_the_whole_time_again() -> None:
    """Part of the goods turned up, and the rest is searched for: the first questions are void."""
    union = stages.missing(SampleUnion())
    union.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
    union.do("KZ/DST", t.RecordArrival(MRN, True, True))
    union.now += 20 * DAY
    union.do("KZ/DST", t.DeliverPart(MRN, 400_000, ""))
    union.wait_until(union.now + DAY)
    again = union.show(f"movement/{MRN}").enquiry
    assert again.opened_ms > ENQUIRY_OPENS + 20 * DAY
    union.wait_until(again.holder.reply_by_ms - 1)
    assert union.now > ENQUIRY_OPENS + 41 * DAY, "the first time is over"
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert not enquiry.holder.silent
    assert not enquiry.destination.silent
    union.wait_until(again.destination.reply_by_ms + DAY)
    enquiry = union.show(f"movement/{MRN}").enquiry
    assert enquiry.holder.silent
    assert enquiry.destination.silent
