"""Ordering a control, reporting its result, cancelling it."""

from msgspec.structs import replace

from contracts.control import rules
from contracts.control.life import CONTROL_LIFE
from contracts.control.objects import (
    CONTROL,
    CONTROLS_OF_KIND,
    Control,
    ControlKind,
    ControlResult,
    ControlsOfKind,
    ControlState,
    Ground,
    control_reference,
    controls_reference,
)
from contracts.control.records import CancelControl, OrderControl, ReportControl
from contracts.kernel.rule import require
from contracts.reference.lookup import PLACES, require_listed
from contracts.registry.competence import Case
from contracts.registry.seals import SEAL
from contracts.transit.movement import find_movement
from contracts.transit.objects import CLOSED, Movement

MAX_CONTROLS = 8


def order(record: OrderControl, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        movement.state not in CLOSED,
        rules.OPEN_MOVEMENT,
        mrn=movement.mrn,
        state=movement.state,
    )
    _require_territory(record, movement, case)
    made = _controls_of_kind(record.mrn, record.control, case)
    require(made.open is None, rules.ONE_OPEN, control=record.control, open=made.open)
    require(made.count < MAX_CONTROLS, rules.CONTROL_LIMIT, controls=made.count)
    _require_reason(record, made, movement, case)
    control = Control(
        mrn=record.mrn,
        kind=record.control,
        number=made.count + 1,
        office=case.author.id,
        place=record.place,
        asked=record.asked,
        ground=record.ground,
        reason=record.reason,
        state=ControlState.ORDERED,
        ordered_ms=case.now,
        ended_ms=None,
        result=None,
        found="",
        report=None,
    )
    case.ledger.put(CONTROL, control)
    counted = replace(made, count=control.number, open=control.number)
    case.ledger.put(CONTROLS_OF_KIND, counted)


def _require_territory(record: OrderControl, movement: Movement, case: Case) -> None:
    member = case.author.member
    places = (*movement.route, *(incident.member for incident in movement.incidents))
    require(member in places, rules.ON_THE_ROUTE, member=member, route=places)
    require(
        record.place.startswith(member), rules.IN_OWN_COUNTRY, place=record.place, member=member
    )
    require_listed(PLACES, record.place, case)


def _require_reason(
    record: OrderControl, made: ControlsOfKind, movement: Movement, case: Case
) -> None:
    """The first control of a kind needs no reason; every other needs a new one."""
    again = made.made > 0
    require(
        (record.ground is not Ground.FIRST) == again and (record.reason != "") == again,
        rules.REASON_STATED,
        ground=record.ground,
        reason=record.reason,
        made=made.made,
    )
    if not again:
        return
    earlier = _reported(made, case)
    require(
        record.reason not in tuple(control.reason for control in earlier),
        rules.REASON_NEW,
        reason=record.reason,
    )
    require(
        _holds(record.ground, earlier[-1], movement, case),
        rules.GROUND_HOLDS,
        ground=record.ground,
        last=earlier[-1].result,
    )


def _reported(made: ControlsOfKind, case: Case) -> tuple[Control, ...]:
    """Controls of this kind that were made, in order."""
    controls = (
        case.ledger.find(CONTROL, control_reference(made.mrn, made.kind, number))
        for number in range(1, made.count + 1)
    )
    return tuple(
        control
        for control in controls
        if control is not None and control.state is ControlState.REPORTED
    )


def _holds(ground: Ground, last: Control, movement: Movement, case: Case) -> bool:
    """Whether the ledger bears a ground out; what it cannot know is for the reason to say."""
    if ground is Ground.INCONCLUSIVE:
        return last.result is ControlResult.INCONCLUSIVE
    if ground is Ground.INCIDENT:
        return any(incident.reported_ms >= last.ordered_ms for incident in movement.incidents)
    if ground is Ground.ALARM:
        seals = (case.ledger.find(SEAL, seal) for seal in movement.navigation_seals)
        return any(seal is not None and seal.confirmed for seal in seals)
    return True


def report(record: ReportControl, case: Case) -> None:
    control = _own_control(record, case)
    state = CONTROL_LIFE.advance(control.state, record)
    require(
        control.ordered_ms <= record.ended_ms <= case.now,
        rules.TIME_OF_CONTROL,
        ordered_ms=control.ordered_ms,
        ended_ms=record.ended_ms,
        now_ms=case.now,
    )
    require(
        record.result is ControlResult.CONFORM or record.found != "",
        rules.FINDING_STATED,
        result=record.result,
    )
    reported = replace(
        control,
        state=state,
        ended_ms=record.ended_ms,
        result=record.result,
        found=record.found,
        report=record.report,
    )
    case.ledger.put(CONTROL, reported)
    made = _controls_of_kind(record.mrn, record.control, case)
    case.ledger.put(CONTROLS_OF_KIND, replace(made, open=None, made=made.made + 1))


def cancel(record: CancelControl, case: Case) -> None:
    control = _own_control(record, case)
    state = CONTROL_LIFE.advance(control.state, record)
    case.ledger.put(CONTROL, replace(control, state=state, ended_ms=case.now))
    made = _controls_of_kind(record.mrn, record.control, case)
    case.ledger.put(CONTROLS_OF_KIND, replace(made, open=None))


def _own_control(record: ReportControl | CancelControl, case: Case) -> Control:
    reference = control_reference(record.mrn, record.control, record.number)
    control = case.ledger.demand(CONTROL, reference, rules.CONTROL_KNOWN)
    require(
        case.author.id == control.office,
        rules.OWN_CONTROL,
        author=case.author.id,
        office=control.office,
    )
    return control


def _controls_of_kind(mrn: str, kind: ControlKind, case: Case) -> ControlsOfKind:
    found = case.ledger.find(CONTROLS_OF_KIND, controls_reference(mrn, kind))
    return ControlsOfKind(mrn, kind, 0, None, 0) if found is None else found
