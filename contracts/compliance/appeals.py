"""After the decision: appeal, finality, enforcement, closure."""

from msgspec.structs import replace

from contracts.compliance import rules
from contracts.compliance.life import BECOME_FINAL, OFFENCE_LIFE
from contracts.compliance.objects import (
    OFFENCE,
    Appeal,
    Offence,
    OffenceState,
    reference_of,
)
from contracts.compliance.proceedings import offence_in_case
from contracts.compliance.records import (
    AppealDecision,
    AppealResult,
    CloseOffence,
    DecideAppeal,
    RecordPayment,
)
from contracts.conduct.entries import enter
from contracts.kernel.deadline import DueCase
from contracts.kernel.rule import require
from contracts.kernel.state import Ledger
from contracts.references.time import DAY
from contracts.registry.competence import Case
from contracts.registry.objects import PARTICIPANT, Role


def appeal(record: AppealDecision, case: Case) -> None:
    offence = offence_in_case(record, case)
    _require_own_appeal(offence, case)
    state = OFFENCE_LIFE.advance(offence.state, record)
    assert offence.decision is not None, "what is open to appeal was decided"
    last_ms = offence.decision.decided_ms + offence.appeal_days * DAY
    require(case.now < last_ms, rules.APPEAL_IN_TIME, before_ms=last_ms, now_ms=case.now)
    lodged = Appeal(case.now, record.grounds, None, None, "")
    case.ledger.put(OFFENCE, replace(offence, state=state, appeal=lodged))


def _require_own_appeal(offence: Offence, case: Case) -> None:
    """The offender itself, or its registrar: one who is suspended cannot sign but may appeal."""
    author = case.author
    offender = case.ledger.find(PARTICIPANT, offence.offender)
    assert offender is not None, "a party of a matter is registered"
    require(
        author.id == offender.id
        or (Role.REGISTRAR in author.roles and author.member == offender.member),
        rules.OWN_APPEAL,
        author=author.id,
        offender=offender.id,
    )


def decide_appeal(record: DecideAppeal, case: Case) -> None:
    offence = offence_in_case(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record, record.result)
    decision, lodged = offence.decision, offence.appeal
    assert decision is not None, "what is appealed was decided"
    assert lodged is not None, "what is appealed has an appeal"
    require(
        case.author.member == offence.member and case.author.id != decision.office,
        rules.ANOTHER_OFFICE,
        author=case.author.id,
        member=offence.member,
        decided_by=decision.office,
    )
    require(
        _agrees(record, decision.fine),
        rules.RESULT_AGREES,
        result=record.result,
        fine=record.fine,
        before=decision.fine,
    )
    answered = replace(lodged, office=case.author.id, decided_ms=case.now, reason=record.reason)
    decided = replace(offence, state=state, appeal=answered, fine=record.fine)
    if state is OffenceState.ENFORCEABLE:
        _make_final(decided, case.now, case.ledger)
    else:
        case.ledger.put(OFFENCE, decided)


def _agrees(record: DecideAppeal, before: int) -> bool:
    if record.result is AppealResult.UPHELD:
        return record.fine == before
    if record.result is AppealResult.REDUCED:
        return record.fine < before
    return record.fine == 0


def become_final(due: DueCase) -> None:
    """A deadline: the decision was not appealed in time."""
    offence = due.ledger.find(OFFENCE, due.reference)
    assert offence is not None, "cases are never removed"
    state = OFFENCE_LIFE.due(offence.state, BECOME_FINAL)
    if state is not None:
        _make_final(replace(offence, state=state), due.now, due.ledger)


def _make_final(offence: Offence, now: int, ledger: Ledger) -> None:
    ledger.put(OFFENCE, offence)
    enter(offence.offender, reference_of(offence), offence.gravity, now, ledger)


def record_payment(record: RecordPayment, case: Case) -> None:
    offence = _offence_to_enforce(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record)
    rest = offence.fine - offence.paid
    require(record.amount <= rest, rules.NOT_OVERPAID, amount=record.amount, rest=rest)
    case.ledger.put(OFFENCE, replace(offence, state=state, paid=offence.paid + record.amount))


def close(record: CloseOffence, case: Case) -> None:
    offence = _offence_to_enforce(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record)
    require(
        record.written_off == (offence.paid < offence.fine),
        rules.SETTLED,
        paid=offence.paid,
        fine=offence.fine,
        written_off=record.written_off,
    )
    closed = replace(offence, state=state, written_off=record.written_off)
    case.ledger.put(OFFENCE, closed)


def _offence_to_enforce(record: RecordPayment | CloseOffence, case: Case) -> Offence:
    offence = offence_in_case(record, case)
    require(
        case.author.member == offence.member,
        rules.ENFORCING_MEMBER,
        author=case.author.id,
        member=offence.member,
    )
    return offence
