"""Periods and limits, to the unit, as the rules state them and in figures of their own."""

import pytest
from msgspec.structs import replace

import contracts
from contracts import GenesisMember, Rejected
from contracts.conduct.entries import enter
from contracts.conduct.grade import Grade, grade_of
from contracts.conduct.objects import Gravity
from contracts.governance import records as gov
from contracts.governance.changes import ContractSetChange, EpochChange, Seat
from contracts.guarantee import records as g
from contracts.kernel.state import Ledger
from contracts.reference import records as ref
from contracts.references.time import DAY, HOUR, MINUTE
from contracts.registry import records as reg
from contracts.seals import records as s
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts import stages
from tests.contracts.sample_acts_of_the_union import CLOSES, RATES, TODAY
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    RELEASE,
    START,
    SampleUnion,
    key_of,
)


def refused(union: SampleUnion, author: str, record: contracts.Record) -> str:
    outcome = union.apply(author, record)
    assert isinstance(outcome, Rejected)
    return outcome.rule


def test_an_offence_counts_for_three_years_of_365_days() -> None:
    ledger = Ledger(SampleUnion())
    enter("HAULIER", "LATE/X/HAULIER", Gravity.SERIOUS, START, ledger)
    three_years = 1_095 * DAY
    assert grade_of("HAULIER", START + three_years - 1, ledger) is Grade.WATCHED
    assert grade_of("HAULIER", START + three_years, ledger) is Grade.GOOD


@pytest.mark.parametrize(
    ("minor", "grade"),
    [(2, Grade.GOOD), (3, Grade.WATCHED), (8, Grade.WATCHED), (9, Grade.POOR)],
)
def test_three_points_are_watched_and_nine_are_poor(minor: int, grade: Grade) -> None:
    ledger = Ledger(SampleUnion())
    for number in range(minor):
        enter("HAULIER", f"LATE/{number}/HAULIER", Gravity.MINOR, START, ledger)
    assert grade_of("HAULIER", START, ledger) is grade


def test_the_last_32_offences_are_kept() -> None:
    ledger = Ledger(SampleUnion())
    for number in range(40):
        enter("HAULIER", f"LATE/{number}/HAULIER", Gravity.MINOR, START, ledger)
    union = SampleUnion()
    union.change(ledger.changes())
    kept = [entry.offence for entry in union.show("conduct/HAULIER").entries]
    assert kept == [f"LATE/{number}/HAULIER" for number in range(8, 40)]


def test_a_contract_set_is_proposed_ten_blocks_ahead_and_no_less() -> None:
    union = SampleUnion()
    change = ContractSetChange(bytes(32), union.height + 10)
    union.do("AM", gov.ProposeContractSet(change, "Rule.", CLOSES))
    nearer = replace(change, from_height=union.height + 9)
    assert refused(union, "AM", gov.ProposeContractSet(nearer, "Rule.", CLOSES)) == "GV-008"


@pytest.mark.parametrize("closes", [HOUR, 90 * DAY])
def test_voting_lasts_from_an_hour_to_ninety_days(closes: int) -> None:
    change = ContractSetChange(bytes(32), 100)
    union = SampleUnion()
    union.do("AM", gov.ProposeContractSet(change, "Rule.", START + closes))
    beyond = START + (HOUR - 1 if closes == HOUR else 90 * DAY + 1)
    assert refused(union, "AM", gov.ProposeContractSet(change, "Rule.", beyond)) == "GV-006"


def test_a_union_has_a_hundred_members_and_no_more() -> None:
    codes = [f"{first}{second}" for first in "BCDEFGHIJK" for second in "ABCDEFGHIJ"]
    union = SampleUnion()
    founders = [GenesisMember(code, code, key_of(code)) for code in codes[:99]]
    union.state = dict(contracts.genesis_state(founders))

    def epoch(*joining: str) -> gov.ProposeEpoch:
        seats = tuple(Seat(code, code, key_of(code)) for code in joining)
        return gov.ProposeEpoch(EpochChange(seats, (), b"cards"), "Accession.", CLOSES)

    assert refused(union, codes[0], epoch(codes[99], "ZZ")) == "GV-013"
    union.do(codes[0], epoch(codes[99]))


def test_a_union_begins_in_its_first_epoch() -> None:
    union = SampleUnion()
    union.state = dict(contracts.genesis_state([GenesisMember("AM", "Armenia", key_of("AM"))]))
    charter = union.show("charter/union")
    assert (charter.epoch, charter.epoch_from, charter.proposals) == (1, 0, 0)


def test_rates_are_published_31_days_ahead_and_no_more() -> None:
    union = SampleUnion()
    union.do("COMMISSION", ref.PublishRates(TODAY + 31, RATES.rates))
    assert refused(union, "COMMISSION", ref.PublishRates(TODAY + 32, RATES.rates)) == "RF-001"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_the_clock_of_a_seal_is_five_minutes_off_and_no_more(minutes: int) -> None:
    union = SampleUnion().sealed()
    event = s.ReportSealEvent("NS1", s.SealEvent.BROKEN, union.now + minutes * MINUTE, None, None)
    union.do("SEALS-BY", event)
    further = 1 if minutes > 0 else -1
    beyond = replace(event, occurred_ms=event.occurred_ms + further)
    assert refused(union, "SEALS-BY", beyond) == "SE-011"


def test_the_holder_is_asked_for_28_days_and_the_office_for_40() -> None:
    enquiry = stages.missing(SampleUnion()).show(f"movement/{MRN}").enquiry
    assert enquiry.opened_ms == RELEASE.deadline_ms + 7 * DAY
    assert enquiry.holder.reply_by_ms == enquiry.opened_ms + 28 * DAY
    assert enquiry.destination.reply_by_ms == enquiry.opened_ms + 40 * DAY


def test_recovery_opens_seven_months_of_30_days_after_the_deadline() -> None:
    union = stages.missing(SampleUnion())
    opens = RELEASE.deadline_ms + 210 * DAY
    assert "transit.open-recovery" not in union.wait_until(opens - 1)
    assert "transit.open-recovery" in union.wait_until(opens + 5 * MINUTE)


def test_a_claim_is_paid_within_30_days() -> None:
    union = stages.indebted(SampleUnion())
    notified = union.show(f"movement/{MRN}").debt.notified_ms
    assert union.show(f"claim/{GRN}/{MRN}").pay_by_ms == notified + 30 * DAY


def test_goods_are_presented_within_30_days() -> None:
    union = stages.pre_lodged(SampleUnion())
    late = SampleUnion()
    late.state = dict(union.state)
    late.now = START + 30 * DAY + 1
    assert refused(late, "TRADER", t.Present(LRN)) == "TR-011"
    union.now = START + 30 * DAY
    union.do("TRADER", t.Present(LRN))


def test_a_revocation_takes_sixteen_days() -> None:
    union = SampleUnion().guaranteed()
    union.do("BANK", g.RevokeUndertaking(GRN, "End."))
    assert union.show(f"guarantee/{GRN}").revoked_from_ms == START + 16 * DAY


@pytest.mark.parametrize(("km", "months"), [(1, 1), (2_000, 1), (2_001, 2), (4_000, 2)])
def test_a_month_of_30_days_for_every_2000_km_begun(km: int, months: int) -> None:
    latest = START + months * 30 * DAY
    union = SampleUnion().control_decided()
    beyond = replace(RELEASE, route_km=km, deadline_ms=latest + 1)
    assert refused(union, "BY/DEP", beyond) == "TR-024"
    union.do("BY/DEP", replace(RELEASE, route_km=km, deadline_ms=latest))


def test_by_rail_a_deadline_is_seven_days_or_more() -> None:
    union = SampleUnion().control_decided()
    by_rail = replace(RELEASE, mode=t.TransportMode.RAIL, deadline_ms=START + 7 * DAY)
    sooner = replace(by_rail, deadline_ms=START + 7 * DAY - 1)
    assert refused(union, "BY/DEP", sooner) == "TR-025"
    union.do("BY/DEP", by_rail)


def test_a_rate_serves_ten_days() -> None:
    union = SampleUnion()
    union.do("COMMISSION", RATES)
    content = replace(CONTENT, guarantees=(replace(CONTENT.guarantees[0], currency="KZT"),))
    union.guaranteed()
    union.do("TRADER", t.Lodge(LRN, AdditionalType.STANDARD, content))
    union.do(
        "BY/DEP",
        t.Register("TRADER", LRN, MRN, None),
        t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, ""),
    )
    union.now = (TODAY + 11) * DAY
    release = replace(RELEASE, deadline_ms=union.now + DAY)
    assert refused(union, "BY/DEP", release) == "RF-005"
    union.now -= 1
    union.do("BY/DEP", release)


def test_a_participant_has_sixteen_keys_and_no_more() -> None:
    union = SampleUnion()
    for number in range(15):
        union.do("BY", reg.AddKey("HAULIER", key_of(f"K{number}")))
    assert refused(union, "BY", reg.AddKey("HAULIER", key_of("K15"))) == "RE-017"


def test_an_incident_fits_32_times() -> None:
    union = SampleUnion().released()
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    for _ in range(32):
        union.do("HAULIER", record)
    assert refused(union, "HAULIER", record) == "TR-032"
