"""Governance: one vote a member, more than two thirds, and what a passed proposal changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contracts
from contracts import Accepted, GenesisMember, Record, Rejected
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
from contracts.governance.objects import ContractSet, ProposalState
from contracts.reference import records as ref
from contracts.references.time import DAY, HOUR
from contracts.registry import records as reg
from contracts.registry.objects import Role, Standing
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_acts_of_the_union import (
    CLOSES,
    EQUIVOCATION,
    NEW_EPOCH,
    NEW_SET,
    RATES,
    SUSPENSION,
    leave,
    member_suspended,
    pass_proposal,
    proposed,
)
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    MEMBERS,
    MRN,
    ROOT,
    START,
    UNDERTAKING,
    SampleUnion,
    key_of,
)

CASES = Refusals()


def epoch(*joining: str, leaving: tuple[str, ...] = ()) -> gov.ProposeEpoch:
    seats = tuple(Seat(code, f"Member {code}", key_of(code)) for code in joining)
    return gov.ProposeEpoch(EpochChange(seats, leaving, b"cards"), "Agreed.", CLOSES)


def contract_set(height: int, digest: bytes = ROOT) -> gov.ProposeContractSet:
    return gov.ProposeContractSet(ContractSetChange(digest, height), "Rule.", CLOSES)


@CASES.of("GV-001")
def a_vote_after_the_result(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, contract_set(100))
    return "RU", gov.CastVote(2, True)


@CASES.of("GV-001")
def withdrawing_what_passed(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, contract_set(100))
    return "AM", gov.WithdrawProposal(2)


@CASES.of("RE-021")
def a_guarantor_of_a_member_that_left(union: SampleUnion) -> tuple[str, Record]:
    leave(union, "BY")
    return "BANK", UNDERTAKING


@CASES.of("RE-021")
def an_auditor_of_a_member_that_left(union: SampleUnion) -> tuple[str, Record]:
    leave(union, "AM")
    return "AUDIT", EQUIVOCATION


@CASES.of("GV-002")
def a_vote_on_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.CastVote(2, True)


@CASES.of("GV-003")
def a_suspended_member_votes(union: SampleUnion) -> tuple[str, Record]:
    member_suspended(union).do("AM", contract_set(100))
    return "RU", gov.CastVote(3, True)


@CASES.of("GV-003")
def a_member_votes_on_its_own_suspension(union: SampleUnion) -> tuple[str, Record]:
    union.do("AM", gov.ProposeSuspension(SUSPENSION, "Two votes.", CLOSES))
    return "RU", gov.CastVote(2, False)


@CASES.of("GV-004")
def a_second_vote(union: SampleUnion) -> tuple[str, Record]:
    proposed(union).do("BY", gov.CastVote(2, False))
    return "BY", gov.CastVote(2, True)


@CASES.of("GV-005")
def a_vote_after_the_time(union: SampleUnion) -> tuple[str, Record]:
    proposed(union).now = CLOSES
    return "BY", gov.CastVote(2, True)


@CASES.of("GV-006")
def a_vote_of_minutes(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeContractSet(NEW_SET, "Rule.", START + HOUR - 1)


@CASES.of("GV-006")
def a_vote_of_years(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeContractSet(NEW_SET, "Rule.", START + 90 * DAY + 1)


@CASES.of("GV-007")
def withdrawing_anothers_proposal(union: SampleUnion) -> tuple[str, Record]:
    return proposed(union) and "BY", gov.WithdrawProposal(2)


@CASES.of("GV-008")
def a_height_too_near(union: SampleUnion) -> tuple[str, Record]:
    return "AM", contract_set(union.height + 9)


@CASES.of("GV-008")
def a_height_that_came_near_while_they_voted(union: SampleUnion) -> tuple[str, Record]:
    union.do("AM", contract_set(100))
    union.do("BY", gov.CastVote(2, True))
    union.do("KG", gov.CastVote(2, True))
    union.height = 91
    return "KZ", gov.CastVote(2, True)


@CASES.of("GV-009")
def a_set_while_another_waits(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, contract_set(100))
    union.height = 99
    return "AM", contract_set(200, bytes(32))


@CASES.of("GV-010")
def the_set_in_force(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, contract_set(100))
    union.height = 100
    return "AM", contract_set(200)


@CASES.of("GV-011")
def a_member_joins_again(union: SampleUnion) -> tuple[str, Record]:
    return "AM", epoch("RU")


@CASES.of("GV-011")
def a_newcomer_twice(union: SampleUnion) -> tuple[str, Record]:
    seats = (Seat("UZ", "One", key_of("UZ")), Seat("UZ", "Two", key_of("UZ")))
    return "AM", gov.ProposeEpoch(EpochChange(seats, (), b"cards"), "Agreed.", CLOSES)


@CASES.of("GV-011")
def a_newcomer_that_joined_while_they_voted(union: SampleUnion) -> tuple[str, Record]:
    union.do("AM", epoch("UZ"))
    pass_proposal(union, epoch("UZ"), author="BY")
    for member in ("BY", "KG", "KZ"):
        union.do(member, gov.CastVote(2, True))
    return "RU", gov.CastVote(2, True)


@CASES.of("GV-012")
def a_stranger_leaves(union: SampleUnion) -> tuple[str, Record]:
    return "AM", epoch(leaving=("UZ",))


@CASES.of("GV-012")
def all_leave(union: SampleUnion) -> tuple[str, Record]:
    return "AM", epoch(leaving=MEMBERS)


@CASES.of("GV-013")
def a_hundred_and_first_member(union: SampleUnion) -> tuple[str, Record]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = [f"{first}{second}" for first in "XYZQ" for second in letters]
    for start in range(0, 80, 16):
        pass_proposal(union, epoch(*codes[start : start + 16]))
    return "AM", epoch(*codes[80:96])


@CASES.of("GV-018")
def an_epoch_upon_another(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, epoch("UZ"))
    union.epoch -= 1
    return "AM", epoch("TJ")


@CASES.of("GV-019")
def evidence_against_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ReportEquivocation("UZ", 1, 7, b"one", b"two")


@CASES.of("GV-020")
def evidence_of_one_vote(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ReportEquivocation("RU", 1, 7, b"one", b"one")


@CASES.of("GV-020")
def evidence_of_an_epoch_to_come(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ReportEquivocation("RU", 2, 7, b"one", b"two")


@CASES.of("GV-021")
def evidence_twice(union: SampleUnion) -> tuple[str, Record]:
    union.do("AM", EQUIVOCATION)
    return "BY", EQUIVOCATION


@CASES.of("GV-014")
def suspending_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeSuspension(SuspensionChange("UZ", ROOT), "Two votes.", CLOSES)


@CASES.of("GV-014")
def suspending_the_suspended(union: SampleUnion) -> tuple[str, Record]:
    return member_suspended(union) and "AM", gov.ProposeSuspension(SUSPENSION, "Again.", CLOSES)


@CASES.of("GV-015")
def reinstating_the_active(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeReinstatement(ReinstatementChange("RU"), "Mended.", CLOSES)


@CASES.of("GV-016")
def a_trader_as_the_commission(union: SampleUnion) -> tuple[str, Record]:
    change = CommissionChange("TRADER", "Trader", (key_of("T"),))
    return "AM", gov.ProposeCommission(change, "Why not.", CLOSES)


@CASES.of("GV-016")
def a_commission_named_like_a_member(union: SampleUnion) -> tuple[str, Record]:
    change = CommissionChange("UZ", "Commission", (key_of("T"),))
    return "AM", gov.ProposeCommission(change, "Why not.", CLOSES)


@CASES.of("GV-017")
def dismissing_a_trader(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeDismissal(DismissalChange("TRADER"), "Debts.", CLOSES)


@CASES.of("GV-018")
def a_suspension_upon_an_epoch(union: SampleUnion) -> tuple[str, Record]:
    pass_proposal(union, epoch("UZ"))
    union.epoch -= 1
    return "AM", gov.ProposeSuspension(SUSPENSION, "Two votes.", CLOSES)


@CASES.of("GV-018")
def a_reinstatement_upon_an_epoch(union: SampleUnion) -> tuple[str, Record]:
    member_suspended(union)
    union.epoch -= 1
    return "AM", gov.ProposeReinstatement(ReinstatementChange("RU"), "Mended.", CLOSES)


@CASES.of("GV-017")
def dismissing_nobody(union: SampleUnion) -> tuple[str, Record]:
    return "AM", gov.ProposeDismissal(DismissalChange("NOBODY"), "Never seated.", CLOSES)


@CASES.of("GV-017")
def dismissing_twice(union: SampleUnion) -> tuple[str, Record]:
    record = gov.ProposeDismissal(DismissalChange("COMMISSION"), "End.", CLOSES)
    return pass_proposal(union, record) or "AM", record


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


@given(st.integers(1, 12), st.data())
def test_a_proposal_passes_with_more_than_two_thirds(count: int, data: st.DataObject) -> None:
    codes = [f"M{chr(65 + place)}" for place in range(count)]
    union = SampleUnion.__new__(SampleUnion)
    union.now, union.height, union.epoch = START, 1, 1
    union.state = dict(contracts.genesis_state([GenesisMember(c, c, key_of(c)) for c in codes]))
    union.do(codes[0], contract_set(100))
    said = [True]
    for code in codes[1:]:
        proposal = union.show("proposal/1")
        if proposal.state is not ProposalState.OPEN:
            break
        said.append(data.draw(st.booleans()))
        union.do(code, gov.CastVote(1, said[-1]))
    yes, no = said.count(True), said.count(False)
    state = union.show("proposal/1").state
    passed = 3 * yes > 2 * count
    assert (state is ProposalState.PASSED) == passed
    assert (state is ProposalState.REJECTED) == (3 * (count - no) <= 2 * count)
    assert (union.show("contract-set/union").next_digest == ROOT) == passed


def test_a_contract_set_takes_effect_at_its_height() -> None:
    union = SampleUnion()
    pass_proposal(union, contract_set(100))
    kept = union.show("contract-set/union")
    assert (kept.at(99), kept.at(100)) == (b"", ROOT)
    union.height = 150
    later = bytes(32)
    pass_proposal(union, contract_set(300, later))
    assert union.show("contract-set/union") == ContractSet(ROOT, 100, later, 300)


def test_a_newcomer_gets_a_registrar_and_a_vote_and_a_leaver_loses_them() -> None:
    union = SampleUnion()
    union.height = 7
    pass_proposal(union, gov.ProposeEpoch(NEW_EPOCH, "Accession.", CLOSES))
    charter = union.show("charter/union")
    assert charter.members == ("AM", "BY", "KZ", "RU", "UZ")
    assert (charter.epoch, charter.epoch_from) == (2, 7)
    assert union.show("epoch-document/2").document == b"cards"
    union.do("UZ", contract_set(100))
    left = union.apply("KG", gov.CastVote(3, True))
    assert isinstance(left, Rejected)
    assert left.rule == "RE-002"
    office = reg.RegisterParticipant(
        "UZ/SHOP", "UZ", "Shop", (Role.ECOMMERCE_OPERATOR,), (), (key_of("UZ/SHOP"),)
    )
    union.do("UZ", office)


def test_a_member_that_returns_keeps_its_register_and_gets_a_new_key() -> None:
    union = SampleUnion()
    pass_proposal(union, epoch(leaving=("KG",)))
    seat = Seat("KG", "Kyrgyzstan", key_of("KG anew"))
    pass_proposal(union, gov.ProposeEpoch(EpochChange((seat,), (), b"cards"), "Back.", CLOSES))
    registrar = union.show("participant/KG")
    assert (registrar.standing, registrar.keys) == (Standing.ACTIVE, (key_of("KG anew"),))
    assert union.show("charter/union").epoch == 3


def test_what_is_open_in_a_member_that_leaves_is_finished_and_nothing_begun() -> None:
    union = SampleUnion().unloading()
    leave(union, "KZ")
    union.do("KZ/DST", t.RecordUnloading(MRN, True, True, ()), t.Complete(MRN, ""))
    union.do("BY/DEP", t.Discharge(MRN))
    assert union.show(f"guarantee/{GRN}").open == 0
    lodging = t.Lodge("NEXT", AdditionalType.STANDARD, CONTENT)
    refused = union.apply("TRADER", lodging)
    assert isinstance(refused, Rejected), "its offices are named for nothing new"
    assert refused.rule == "TR-007"


def test_a_member_that_left_is_no_territory_of_new_guarantees() -> None:
    union = SampleUnion()
    leave(union, "KG")
    refused = union.apply("BANK", UNDERTAKING)
    assert isinstance(refused, Rejected)
    assert refused.rule == "GU-020"


def test_participants_of_a_member_that_returns_begin_again() -> None:
    union = SampleUnion()
    leave(union, "BY")
    refused = union.apply("BANK", UNDERTAKING)
    assert isinstance(refused, Rejected)
    assert refused.rule == "RE-021"
    seat = Seat("BY", "Belarus", key_of("BY"))
    record = gov.ProposeEpoch(EpochChange((seat,), (), b"cards"), "Back.", CLOSES)
    union.do("AM", record)
    for member in ("KG", "RU"):
        union.do(member, gov.CastVote(3, True))
    union.do("BANK", UNDERTAKING)


def test_a_suspended_member_loses_vote_and_seat_but_its_trade_goes_on() -> None:
    union = member_suspended(SampleUnion())
    charter = union.show("charter/union")
    assert charter.suspended == ("RU",)
    assert charter.committee == ("AM", "BY", "KG", "KZ")
    assert charter.epoch == 2
    union.released().do("RU/TRN", contracts.record_from_json(_crossing(union)))
    pass_proposal(union, gov.ProposeReinstatement(ReinstatementChange("RU"), "Mended.", CLOSES))
    assert union.show("charter/union").committee == MEMBERS


def _crossing(union: SampleUnion) -> dict[str, object]:
    mrn = next(key for key in union.state if key.startswith("movement/")).partition("/")[2]
    return {"kind": "transit.crossing", "mrn": mrn, "seals_intact": True, "note": ""}


def test_votes_of_a_member_suspended_since_do_not_count() -> None:
    union = SampleUnion()
    union.do("RU", contract_set(100))
    union.do("BY", gov.CastVote(2, True))
    pass_proposal(union, gov.ProposeSuspension(SUSPENSION, "Two votes.", CLOSES))
    union.do("AM", gov.CastVote(2, True))
    assert union.show("proposal/2").state is ProposalState.OPEN  # 2 of 4, RU's not counted
    union.do("KZ", gov.CastVote(2, True))
    assert union.show("proposal/2").state is ProposalState.PASSED


def test_the_commission_can_be_given_new_keys_and_be_dismissed() -> None:
    union = SampleUnion()
    change = CommissionChange("COMMISSION", "Commission", (key_of("new"),))
    pass_proposal(union, gov.ProposeCommission(change, "Rotation.", CLOSES))
    assert isinstance(union.apply("COMMISSION", RATES), Rejected)
    assert isinstance(union.apply("COMMISSION", RATES, signer=key_of("new")), Accepted)
    pass_proposal(union, gov.ProposeDismissal(DismissalChange("COMMISSION"), "End.", CLOSES))
    record = ref.DefineCodeList("un-locode", "Places", "UN/LOCODE", True)
    outcome = union.apply("COMMISSION", record, signer=key_of("new"))
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "RE-002"


def test_a_proposal_lapses_when_its_voting_ends_without_a_result() -> None:
    union = proposed(SampleUnion())
    assert union.wait_until(CLOSES - 1) == []
    assert union.wait_until(CLOSES + HOUR) == ["governance.lapse"]
    assert union.show("proposal/2").state is ProposalState.LAPSED
    outcome = union.apply("AM", gov.WithdrawProposal(2))
    assert isinstance(outcome, Rejected)
    assert outcome.rule == "GV-001"


def test_what_was_decided_does_not_lapse() -> None:
    union = SampleUnion()
    pass_proposal(union, contract_set(100))
    assert union.wait_until(CLOSES + HOUR) == []
    assert union.show("proposal/2").state is ProposalState.PASSED
