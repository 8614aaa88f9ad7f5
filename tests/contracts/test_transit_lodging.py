"""Transit, from lodging to registration: what a declaration must say, and its numbers."""

import pytest
from msgspec.structs import replace

from contracts import Accepted, Record
from contracts.reference import records as ref
from contracts.references import make_mrn
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Exemption,
    ExemptionGround,
    GuaranteeUse,
)
from contracts.transit.objects import MovementState
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    GRN,
    LRN,
    MRN,
    OTHER_MRN,
    REGISTER,
    ROOT,
    USE,
    SampleUnion,
)

CASES = Refusals()
STANDARD, PRE_LODGED = AdditionalType.STANDARD, AdditionalType.PRE_LODGED


@CASES.of("TR-001")
def registering_goods_not_presented(union: SampleUnion) -> tuple[str, Record]:
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, CONTENT))
    return "BY/DEP", REGISTER


@CASES.of("TR-002")
def an_lrn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    return union.registered() and "TRADER", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-003")
def registering_nothing(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", REGISTER


@CASES.of("TR-005")
def lodging_for_someone_else(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER2", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-005")
def amending_to_another_holder(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "TRADER", t.Amend(LRN, replace(CONTENT, holder="TRADER2"))


@CASES.of("TR-006")
def a_carrier_who_is_none(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, carrier="BANK"))


@CASES.of("TR-007")
def an_office_without_the_function(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, office_of_destination="KZ/DEP"))


@CASES.of("TR-007")
def a_transit_office_unknown(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, transit_offices=("XX/TRN",)))


@CASES.of("TR-007")
def a_suspended_office(union: SampleUnion) -> tuple[str, Record]:
    union.do("KZ", reg.SuspendParticipant("KZ/DST", "Closed."))
    return "TRADER", t.Lodge(LRN, STANDARD, CONTENT)


@CASES.of("TR-008")
def no_guarantee(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, guarantees=()))


@CASES.of("TR-008")
def a_guarantee_and_an_exemption(union: SampleUnion) -> tuple[str, Record]:
    exemption = Exemption(ExemptionGround.SMALL_AMOUNT, "")
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, exemption=exemption))


@CASES.of("TR-009")
def one_guarantee_named_twice(union: SampleUnion) -> tuple[str, Record]:
    uses = (USE, GuaranteeUse(GRN, 1, "EUR"))
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, guarantees=uses))


@CASES.of("TR-010")
def a_limit_date_now(union: SampleUnion) -> tuple[str, Record]:
    return "TRADER", t.Lodge(LRN, STANDARD, replace(CONTENT, limit_date_ms=union.now))


@CASES.of("TR-011")
def presenting_after_thirty_days(union: SampleUnion) -> tuple[str, Record]:
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, CONTENT))
    union.now += 30 * DAY + 1
    return "TRADER", t.Present(LRN)


@CASES.of("TR-018")
def an_mrn_used_twice(union: SampleUnion) -> tuple[str, Record]:
    union.registered().do("TRADER", t.Lodge("LRN2", STANDARD, CONTENT))
    return "BY/DEP", replace(REGISTER, lrn="LRN2", eaeu_number=None)


@CASES.of("TR-019")
def an_mrn_of_another_country(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "BY/DEP", replace(REGISTER, mrn=make_mrn(2026, "RU", "1"))


@CASES.of("TR-020")
def an_mrn_of_last_year(union: SampleUnion) -> tuple[str, Record]:
    return union.lodged() and "BY/DEP", replace(REGISTER, mrn=make_mrn(2025, "BY", "1"))


@CASES.of("TR-021")
def a_declaration_number_used_twice(union: SampleUnion) -> tuple[str, Record]:
    union.registered().do("TRADER", t.Lodge("LRN2", STANDARD, CONTENT))
    return "BY/DEP", replace(REGISTER, lrn="LRN2", mrn=OTHER_MRN)


@CASES.of("TR-037")
def a_journey_to_where_it_begins(union: SampleUnion) -> tuple[str, Record]:
    nowhere = replace(CONTENT, office_of_destination="BY/DEP", transit_offices=())
    return "TRADER", t.Lodge(LRN, STANDARD, nowhere)


def restricting(union: SampleUnion, code: str) -> SampleUnion:
    """The union keeps a list of restricted goods, with this HS code on it."""
    line = ref.CodeLine(code, "Under licence", 0, None)
    union.do("COMMISSION", ref.DefineCodeList("restricted-goods", "Licences", "Decision 30", False))
    union.do("COMMISSION", ref.SetCodes("restricted-goods", (line,)))
    return union


@CASES.of("TR-056")
def restricted_goods_declared_as_any(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, commodities=("100590", "930200"))
    restricting(union, "930200").guaranteed()
    return "TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, goods=goods))


@CASES.of("TR-056")
def goods_of_a_restricted_heading(union: SampleUnion) -> tuple[str, Record]:
    goods = replace(ORDINARY_GOODS, commodities=("930200",))
    restricting(union, "9302").guaranteed()
    return "TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, goods=goods))


@CASES.of("TR-007")
def amending_to_an_office_that_is_none(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_destination="KZ/NONE")
    return union.lodged() and "TRADER", t.Amend(LRN, content)


@CASES.of("TR-007")
def departing_from_an_office_of_destination(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_departure="BY/DST")
    return union.guaranteed() and "TRADER", t.Lodge(LRN, STANDARD, content)


@CASES.of("TR-007")
def departing_from_nowhere(union: SampleUnion) -> tuple[str, Record]:
    content = replace(CONTENT, office_of_departure="BY/NONE")
    return union.guaranteed() and "TRADER", t.Lodge(LRN, STANDARD, content)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_a_pre_lodged_declaration_is_registered_once_presented() -> None:
    union = SampleUnion()
    union.do("TRADER", t.Lodge(LRN, PRE_LODGED, replace(CONTENT, limit_date_ms=None)))
    union.now += 30 * DAY
    union.do("TRADER", t.Present(LRN))
    union.do("BY/DEP", REGISTER)
    assert union.show(f"movement/{MRN}").state is MovementState.REGISTERED


def test_an_amended_declaration_is_registered_as_amended() -> None:
    union = SampleUnion().lodged()
    union.do("TRADER", t.Amend(LRN, replace(CONTENT, transit_offices=("RU/EXT",))))
    union.do("BY/DEP", REGISTER)
    assert union.show(f"movement/{MRN}").content.transit_offices == ("RU/EXT",)


def test_restricted_goods_that_are_declared_as_such_are_lodged() -> None:
    goods = replace(ORDINARY_GOODS, restricted=True, commodities=("930200",))
    restricting(SampleUnion(), "9302").lodged(goods=goods)


def test_goods_that_are_on_no_list_are_lodged() -> None:
    goods = replace(ORDINARY_GOODS, commodities=("930200", "1005"))
    restricting(SampleUnion(), "930100").lodged(goods=goods)


def test_a_new_year_is_registered_under_either_year() -> None:
    union = SampleUnion().lodged(limit_date_ms=None)
    union.now = 1_798_761_599_000  # one second before 2027 in UTC, 2027 in the east of the union
    early = replace(REGISTER, mrn=make_mrn(2027, "BY", "1"))
    assert isinstance(union.apply("BY/DEP", early), Accepted)


def test_particulars_stay_commitments() -> None:
    union = SampleUnion().registered()
    (particular,) = union.show(f"movement/{MRN}").content.particulars
    assert (particular.group, particular.commitment) == ("goods", ROOT)
