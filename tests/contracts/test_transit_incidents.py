"""Transit on the way: borders in their order, and incidents."""

import pytest

from contracts import Record
from contracts.seals import records as s
from contracts.transit import records as t
from tests.contracts.refusals import Case, Refusals, check
from tests.contracts.sample_union import (
    MINSK,
    MRN,
    ROOT,
    SampleUnion,
)

CASES = Refusals()


@CASES.of("TR-014")
def a_border_out_of_order(union: SampleUnion) -> tuple[str, Record]:
    return union.released() and "KZ/TRN", t.NoteCrossing(MRN, True, "")


@CASES.of("TR-014")
def a_border_beyond_the_last(union: SampleUnion) -> tuple[str, Record]:
    union.en_route().do("KZ/TRN", t.NoteCrossing(MRN, True, ""))
    return "KZ/TRN", t.NoteCrossing(MRN, True, "")


@CASES.of("TR-015")
def an_incident_told_by_a_stranger(union: SampleUnion) -> tuple[str, Record]:
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    return union.released() and "HAULIER2", record


@CASES.of("TR-029")
def endorsing_an_unknown_incident(union: SampleUnion) -> tuple[str, Record]:
    return union.in_trouble() and "RU/TRN", t.EndorseIncident(MRN, 2, (), "", None)


@CASES.of("TR-030")
def endorsing_from_elsewhere(union: SampleUnion) -> tuple[str, Record]:
    return union.in_trouble() and "BY/DEP", t.EndorseIncident(MRN, 1, (), "", None)


@CASES.of("TR-031")
def endorsing_twice(union: SampleUnion) -> tuple[str, Record]:
    union.in_trouble().do("RU/TRN", t.EndorseIncident(MRN, 1, (), "", None))
    return "RU/DEP", t.EndorseIncident(MRN, 1, (), "", None)


@CASES.of("TR-032")
def a_thirty_third_incident(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "RU", "Flood.", ())
    for _ in range(32):
        union.do("HAULIER", record)
    return "HAULIER", record


@CASES.of("TR-033")
def an_incident_outside_the_union(union: SampleUnion) -> tuple[str, Record]:
    record = t.ReportIncident(MRN, t.IncidentCode.DEVIATION, "FR", "Flood.", ())
    return union.released() and "HAULIER", record


@CASES.of("TR-054")
def an_endorsement_that_lists_a_seal_taken_off(union: SampleUnion) -> tuple[str, Record]:
    union.judged().do("SEALS-BY", s.DeactivateSeal("NS1", MINSK))
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.SEALS_BROKEN, "RU", "Torn.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, ("NS1",), "", None)


@CASES.of("TR-055")
def a_transhipment_to_nothing(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, (), "Other lorry.", None)


@CASES.of("TR-055")
def a_changed_vehicle_that_nobody_names(union: SampleUnion) -> tuple[str, Record]:
    union.released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSPORT_CHANGED, "RU", "Axle.", ()))
    return "RU/TRN", t.EndorseIncident(MRN, 1, (), "Other tractor.", None)


@pytest.mark.parametrize(("rule", "case"), CASES.cases, ids=str)
def test_refused(rule: str, case: Case) -> None:
    check(rule, case)


def test_an_endorsed_incident_replaces_the_seals() -> None:
    union = SampleUnion().in_trouble()
    union.do("RU/TRN", t.EndorseIncident(MRN, 1, ("RU7", "RU8"), "Resealed.", None))
    movement = union.show(f"movement/{MRN}")
    assert movement.seals == ("RU7", "RU8")
    assert movement.incidents[0].endorsed_by == "RU/TRN"


def test_an_endorsed_transhipment_names_the_vehicle_that_goes_on() -> None:
    union = SampleUnion().released()
    union.do("HAULIER", t.ReportIncident(MRN, t.IncidentCode.TRANSHIPMENT, "RU", "Axle.", ()))
    union.do("RU/TRN", t.EndorseIncident(MRN, 1, (), "Other lorry.", ROOT))
    movement = union.show(f"movement/{MRN}")
    assert movement.incidents[0].vehicle == ROOT
    assert movement.seals == ("BY001",)
