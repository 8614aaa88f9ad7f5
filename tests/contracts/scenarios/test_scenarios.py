"""The published NCTS scenarios, played through importer and contracts, end as their names say."""

from collections.abc import Callable

import pytest

from contracts import Accepted, Rejected
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.objects import DeclarationState, MovementState
from ledger_node.interop.refusal import ImportRefused
from tests.contracts.scenarios.play import Play, manifest

Scene = Callable[[Play], None]
SCENES: dict[str, Scene] = {}


def scenario(*names: str) -> Callable[[Scene], Scene]:
    def keep(scene: Scene) -> Scene:
        SCENES.update(dict.fromkeys(names, scene))
        return scene

    return keep


def departed(play: Play) -> None:
    """Lodged, registered, released without control."""
    play.lodge()
    play.wave_through()
    assert isinstance(play.release(), Accepted)


def arrived(play: Play) -> None:
    """Released, under way for a day, and arrived for unloading under control."""
    departed(play)
    play.union.now += DAY
    assert isinstance(play.notify_arrival(), Accepted)
    play.at_destination(t.RecordArrival(play.mrn, seals_intact=True, control_required=True))


@scenario("DSGB1", "DSGB2", "DNGB1", "DNGB2")
def a_departure(play: Play) -> None:
    departed(play)
    assert play.state is MovementState.RELEASED
    assert play.reserved == 1_000_00


@scenario("DSGB4", "DNGB4")
def cancelled_by_the_holder_before_release(play: Play) -> None:
    play.lodge()
    play.register()
    play.request_invalidation()
    play.customs(t.Invalidate(play.mrn, "Asked for.", goods_present=True))
    assert play.state is MovementState.INVALIDATED
    assert isinstance(play.release(), Rejected)


@scenario("DSGB5", "DNGB5")
def cancelled_by_the_holder_after_release(play: Play) -> None:
    departed(play)
    play.request_invalidation()
    assert play.reserved == 1_000_00
    play.customs(t.Invalidate(play.mrn, "Asked for.", goods_present=False))
    assert play.state is MovementState.INVALIDATED
    assert play.reserved == 0


@scenario("DSGB6", "DNGB6")
def control_satisfactory(play: Play) -> None:
    play.lodge()
    play.register()
    play.control(t.ControlDecision.REQUIRED, t.ControlDecision.SATISFACTORY)
    assert isinstance(play.release(), Accepted)
    assert play.state is MovementState.RELEASED


@scenario("DSGB7", "DNGB7")
def control_unsatisfactory(play: Play) -> None:
    play.lodge()
    play.register()
    play.control(t.ControlDecision.REQUIRED, t.ControlDecision.UNSATISFACTORY)
    refused = play.release()
    assert isinstance(refused, Rejected)
    assert refused.rule == "TR-001"
    play.customs(t.RefuseRelease(play.mrn, "Control not satisfactory."))
    assert play.state is MovementState.RELEASE_REFUSED
    assert play.reserved == 0


@scenario("DSGB8", "DNGB8")
def cancelled_by_the_office_after_release(play: Play) -> None:
    departed(play)
    play.customs(t.Invalidate(play.mrn, "Goods did not leave.", goods_present=True))
    assert play.state is MovementState.INVALIDATED
    assert play.reserved == 0


def guarantee_refused(play: Play, rule: str) -> None:
    play.lodge()
    play.wave_through()
    refused = play.release()
    assert isinstance(refused, Rejected)
    assert refused.rule == rule
    play.customs(t.RefuseRelease(play.mrn, "Guarantee not valid."))
    assert play.state is MovementState.RELEASE_REFUSED
    assert play.reserved == 0


@scenario("DSGB9")
def guarantee_unknown(play: Play) -> None:
    guarantee_refused(play, "GU-003")


@scenario("DNGB9")
def guarantee_of_another_holder(play: Play) -> None:
    guarantee_refused(play, "GU-006")


@scenario("DSGB10", "DNGB10")
def amended_after_registration(play: Play) -> None:
    play.lodge()
    play.wave_through()
    content = play.amended()
    play.union.do(play.declarant, t.AmendRegistered(play.mrn, content))
    assert isinstance(play.release(), Rejected), "control is decided anew"
    play.control(t.ControlDecision.NOT_REQUIRED)
    assert isinstance(play.release(), Accepted)
    assert play.movement.content == content
    assert play.state is MovementState.RELEASED


@scenario("ASGB1")
def arrival_and_unloading(play: Play) -> None:
    arrived(play)
    play.at_destination(play.unloading(), t.Complete(play.mrn, ""))
    play.customs(t.Discharge(play.mrn))
    assert play.state is MovementState.DISCHARGED
    assert play.reserved == 0


@scenario("ANGB1")
def arrival_without_control(play: Play) -> None:
    departed(play)
    assert isinstance(play.notify_arrival(), Accepted)
    play.at_destination(
        t.RecordArrival(play.mrn, seals_intact=True, control_required=False),
        t.Complete(play.mrn, ""),
    )
    play.customs(t.Discharge(play.mrn))
    assert play.state is MovementState.DISCHARGED


@scenario("ASGB2")
def unloading_remarks_refused_then_accepted(play: Play) -> None:
    arrived(play)
    wrong = play.unloading("cc044c.xml", mrn="23XI000081BE4VRFJ5")
    assert play.mrn != wrong.mrn, "the first remarks are about another movement"
    refused = play.union.apply(play.movement.itinerary.office_of_destination, wrong)
    assert isinstance(refused, Rejected)
    assert refused.rule == "TR-004"
    play.at_destination(play.unloading("cc044c-2.xml"), t.Complete(play.mrn, ""))
    play.customs(t.Discharge(play.mrn))
    assert play.state is MovementState.DISCHARGED


@scenario("ASGB3")
def discrepancies_resolved(play: Play) -> None:
    arrived(play)
    play.at_destination(play.unloading())
    assert play.state is MovementState.DISCREPANCIES
    play.at_destination(
        t.ResolveDiscrepancies(play.mrn, t.Finding.RESOLVED, "Seal cut by border police."),
        t.Complete(play.mrn, ""),
    )
    play.customs(t.Discharge(play.mrn))
    assert play.state is MovementState.DISCHARGED
    assert play.reserved == 0


@scenario("ASGB4")
def discrepancies_confirmed(play: Play) -> None:
    arrived(play)
    play.at_destination(play.unloading())
    record = t.ResolveDiscrepancies(play.mrn, t.Finding.CONFIRMED, "Seal broken, goods missing.")
    play.at_destination(record)
    assert play.state is MovementState.IRREGULAR
    assert play.reserved == 1_000_00, "what is held stays held for the debt"
    play.customs(e.StartRecovery(play.mrn, "Goods missing."))
    assert play.state is MovementState.RECOVERY


@scenario("ASGB5")
def not_conform(play: Play) -> None:
    arrived(play)
    play.at_destination(play.unloading())
    assert play.state is MovementState.DISCREPANCIES
    assert play.movement.arrival is not None
    assert len(play.movement.arrival.discrepancies) > 0
    refused = play.union.apply(
        play.movement.itinerary.office_of_destination, t.Complete(play.mrn, "")
    )
    assert isinstance(refused, Rejected)


@scenario("AGB1")
def arrival_refused(play: Play) -> None:
    departed(play)
    refused = play.notify_arrival(mrn="23GB000060KNEJKEJ3")
    assert isinstance(refused, Rejected)
    assert refused.rule == "TR-004"
    assert play.state is MovementState.RELEASED


@scenario("PSGB1", "PNGB1")
def presented(play: Play) -> None:
    play.lodge()
    assert play.declaration_state == DeclarationState.PRE_LODGED
    assert isinstance(play.present(play.lodging.lrn), Accepted)
    play.wave_through()
    assert isinstance(play.release(), Accepted)
    assert play.state is MovementState.RELEASED


@scenario("PSGB2")
def presentation_not_valid(play: Play) -> None:
    play.lodge()
    with pytest.raises(ImportRefused, match="LRN"):
        play.record("cc170c.xml")
    lapse(play)


@scenario("PNGB2")
def presentation_refused(play: Play) -> None:
    play.lodge()
    refused = play.present()
    assert isinstance(refused, Rejected)
    assert refused.rule == "TR-003"
    lapse(play)


def lapse(play: Play) -> None:
    """Goods that are not presented in time."""
    assert play.union.wait_until(play.union.now + 31 * DAY) == ["transit.lapse"]
    assert play.declaration_state == DeclarationState.LAPSED
    refused = play.union.apply(play.declarant, t.Present(play.lodging.lrn))
    assert isinstance(refused, Rejected)


@scenario("PSGB3", "PNGB3")
def corrected_before_presentation(play: Play) -> None:
    play.lodge()
    content = play.amended()
    play.union.do(play.declarant, t.Amend(play.lodging.lrn, content))
    assert isinstance(play.present(play.lodging.lrn), Accepted)
    play.wave_through()
    assert isinstance(play.release(), Accepted)
    assert play.movement.content == content


@scenario("PSGB4", "PNGB4")
def cancelled_before_presentation(play: Play) -> None:
    play.lodge()
    play.withdraw()
    assert play.declaration_state == DeclarationState.WITHDRAWN
    assert play.union.wait_until(play.union.now + 31 * DAY) == []


@pytest.mark.parametrize("name", manifest())
def test_the_scenario_ends_as_its_name_says(name: str) -> None:
    play = Play(name)
    SCENES[name](play)
    assert play.played == manifest()[name], "every message has its turn"


def test_every_message_is_in_a_scenario() -> None:
    assert set(SCENES) == set(manifest())
    assert sum(len(files) for files in manifest().values()) == 62
