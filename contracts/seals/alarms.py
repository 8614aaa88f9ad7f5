"""Events of a seal open alarms; an authority judges them.

GNSS jamming is common, so an alarm proves nothing by itself.
"""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.references.time import MINUTE
from contracts.registry.competence import Case
from contracts.registry.seals import SEAL
from contracts.seals import rules
from contracts.seals.life import ALARM_LIFE, SEAL_LIFE
from contracts.seals.monitoring import transport_in_charge
from contracts.seals.objects import ALARM, Alarm, AlarmState, numbered
from contracts.seals.records import JudgeAlarm, ReportSealEvent, Verdict

CLOCK_TOLERANCE = 5 * MINUTE


def report_event(record: ReportSealEvent, case: Case) -> None:
    seal = case.ledger.demand(SEAL, record.seal, rules.SEAL_KNOWN)
    state = SEAL_LIFE.advance(seal.state, record)
    assert seal.transport is not None, "an active seal is on a transport"
    transport = transport_in_charge(seal.transport, case)
    require(
        seal.activated_ms - CLOCK_TOLERANCE <= record.occurred_ms <= case.now + CLOCK_TOLERANCE,
        rules.EVENT_TIME,
        occurred_ms=record.occurred_ms,
        activated_ms=seal.activated_ms,
        now_ms=case.now,
    )
    require(
        (record.latitude is None) == (record.longitude is None),
        rules.PLACE_WHOLE,
        latitude=record.latitude,
        longitude=record.longitude,
    )
    alarm = Alarm(
        seal=seal.id,
        number=seal.alarms + 1,
        transport=transport.id,
        mrn=transport.mrn,
        event=record.event,
        state=AlarmState.OPEN,
        member=case.author.member,
        reported_by=case.author.id,
        occurred_ms=record.occurred_ms,
        latitude=record.latitude,
        longitude=record.longitude,
        judged_by=None,
        reason="",
    )
    case.ledger.put(ALARM, alarm)
    case.ledger.put(SEAL, replace(seal, state=state, alarms=alarm.number))


def judge_alarm(record: JudgeAlarm, case: Case) -> None:
    reference = numbered(record.seal, record.number)
    alarm = case.ledger.demand(ALARM, reference, rules.ALARM_KNOWN)
    require(
        case.author.member == alarm.member,
        rules.COMPETENT_MEMBER,
        author=case.author.id,
        member=alarm.member,
    )
    state = ALARM_LIFE.advance(alarm.state, record, record.verdict)
    case.ledger.put(
        ALARM,
        replace(alarm, state=state, judged_by=case.author.id, reason=record.reason),
    )
    seal = case.ledger.find(SEAL, record.seal)
    assert seal is not None, "an alarm is of a seal of the register"
    if record.verdict is Verdict.CONFIRMED and seal.transport == alarm.transport:
        case.ledger.put(SEAL, replace(seal, confirmed=True))
