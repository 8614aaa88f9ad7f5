"""Transit: the normal life of a movement."""

import pytest

from contracts import Record, Rejected
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.objects import CLOSED, DeclarationState
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    CONTENT,
    EAEU_NUMBER,
    LRN,
    MRN,
    REGISTER,
    RELEASE,
    SampleUnion,
)

CASES = Refusals()


@CASES.of("TR-004")
def an_unknown_movement(union: SampleUnion) -> tuple[str, Record]:
    return "BY/DEP", RELEASE


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_the_normal_life_of_a_movement() -> None:
    union = SampleUnion().lodged()
    declaration = union.show(f"declaration/TRADER/{LRN}")
    assert declaration.state is DeclarationState.LODGED
    assert declaration.content == CONTENT

    union.do("BY/DEP", REGISTER)
    declaration = union.show(f"declaration/TRADER/{LRN}")
    assert (declaration.state, declaration.content) == (DeclarationState.REGISTERED, None)
    assert declaration.mrn == MRN
    assert union.show(f"declaration-number/{EAEU_NUMBER}").mrn == MRN
    assert union.show(f"movement/{MRN}").route == ("BY", "RU", "KZ")

    steps = (
        ("BY/DEP", t.RecordControl(MRN, t.ControlDecision.REQUIRED, ""), "under_control"),
        ("BY/DEP", t.RecordControl(MRN, t.ControlDecision.SATISFACTORY, ""), "control_decided"),
        ("BY/DEP", RELEASE, "released"),
        ("RU/TRN", t.NoteCrossing(MRN, True, ""), "en_route"),
        ("KZ/TRN", t.NoteCrossing(MRN, True, ""), "en_route"),
        ("HAULIER", t.NotifyArrival(MRN, "KZ/DST"), "arrived"),
        ("KZ/DST", t.RecordArrival(MRN, True, True), "unloading"),
        ("KZ/DST", t.RecordUnloading(MRN, True, True, ()), "destination_controlled"),
        ("KZ/DST", t.Complete(MRN, ""), "completed"),
        ("BY/DEP", t.Discharge(MRN), "discharged"),
    )
    for author, record, state in steps:
        union.now += DAY
        union.do(author, record)
        assert union.show(f"movement/{MRN}").state == state
    movement = union.show(f"movement/{MRN}")
    assert [crossing.office for crossing in movement.crossings] == ["RU/TRN", "KZ/TRN"]
    assert not movement.arrival.late
    assert movement.state in CLOSED


def test_a_refusal_that_does_not_fit_names_the_state_and_what_would_fit() -> None:
    union = SampleUnion().under_control()
    union.do("BY/DEP", t.RecordControl(MRN, t.ControlDecision.UNSATISFACTORY, "Undeclared goods."))
    refused = union.apply("BY/DEP", RELEASE)
    assert refused == Rejected(
        "TR-001",
        (
            ("state", "control_failed"),
            ("record", "transit.release"),
            ("fits", "transit.refuse-release, transit.invalidate"),
        ),
    )
