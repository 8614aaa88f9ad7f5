"""From opening a case to its one decision."""

from msgspec.structs import replace

from contracts.compliance import rules
from contracts.compliance.life import BECOME_FINAL, OFFENCE_LIFE
from contracts.compliance.matters import circumstances
from contracts.compliance.objects import (
    OFFENCE,
    OFFENCE_KIND,
    Decision,
    Offence,
    OffenceKind,
    OffenceState,
    offence_reference,
    reference_of,
)
from contracts.compliance.records import (
    CaseRecord,
    DecideOffence,
    Finding,
    OfferCase,
    OpenOffence,
    TakeCase,
)
from contracts.kernel.rule import require, violation
from contracts.kernel.timers import arm
from contracts.references.time import DAY
from contracts.registry.competence import OFFICE, Case
from contracts.registry.references import named


def open_offence(record: OpenOffence, case: Case) -> None:
    kind = case.ledger.demand(OFFENCE_KIND, record.offence, rules.KIND_KNOWN)
    reference = offence_reference(record.offence, record.matter, record.offender)
    earlier = case.ledger.find(OFFENCE, reference)
    if earlier is not None:
        raise violation(
            rules.OPENED_ONCE, offence=reference, member=earlier.member, state=earlier.state
        )
    found = circumstances(record.basis, record.matter, case)
    require(
        record.offender in found.parties,
        rules.PARTY,
        offender=record.offender,
        parties=found.parties,
    )
    member = case.author.member
    require(member in found.members, rules.COMPETENT_MEMBER, member=member, competent=found.members)
    _require_time(record, kind, found.from_ms, case.now)
    offence = Offence(
        kind=record.offence,
        basis=record.basis,
        matter=record.matter,
        offender=record.offender,
        member=member,
        office=case.author.id,
        occurred_ms=record.occurred_ms,
        opened_ms=case.now,
        statement=record.statement,
        gravity=kind.gravity,
        least_fine=kind.least_fine,
        most_fine=kind.most_fine,
        currency=kind.currency,
        appeal_days=kind.appeal_days,
        state=OffenceState.OPEN,
        decision=None,
        appeal=None,
        offered_to=None,
        fine=0,
        paid=0,
        written_off=False,
    )
    case.ledger.put(OFFENCE, offence)


def _require_time(record: OpenOffence, kind: OffenceKind, began_ms: int, now: int) -> None:
    require(
        began_ms <= record.occurred_ms <= now,
        rules.TIME_OF_OFFENCE,
        occurred_ms=record.occurred_ms,
        began_ms=began_ms,
        now_ms=now,
    )
    require(
        now <= record.occurred_ms + kind.limitation_days * DAY,
        rules.IN_TIME,
        occurred_ms=record.occurred_ms,
        limitation_days=kind.limitation_days,
        now_ms=now,
    )


def offer_case(record: OfferCase, case: Case) -> None:
    offence = _offence_of_office(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record)
    office = named(record.office, rules.ANOTHER_MEMBER, case, OFFICE)
    competent = circumstances(offence.basis, offence.matter, case).members
    require(
        office.member != offence.member and office.member in competent,
        rules.ANOTHER_MEMBER,
        office=office.id,
        member=office.member,
        competent=competent,
    )
    case.ledger.put(OFFENCE, replace(offence, state=state, offered_to=office.id))


def take_case(record: TakeCase, case: Case) -> None:
    offence = offence_in_case(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record)
    require(
        offence.offered_to == case.author.id,
        rules.OFFERED_TO_AUTHOR,
        author=case.author.id,
        offered_to=offence.offered_to,
    )
    taken = replace(
        offence,
        state=state,
        member=case.author.member,
        office=case.author.id,
        offered_to=None,
    )
    case.ledger.put(OFFENCE, taken)


def decide(record: DecideOffence, case: Case) -> None:
    offence = _offence_of_office(record, case)
    state = OFFENCE_LIFE.advance(offence.state, record, record.finding)
    found = record.finding is Finding.OFFENCE
    least, most = (offence.least_fine, offence.most_fine) if found else (0, 0)
    require(
        least <= record.fine <= most,
        rules.WITHIN_SCHEDULE,
        fine=record.fine,
        least_fine=least,
        most_fine=most,
    )
    decision = Decision(case.author.id, case.now, record.fine, record.reason)
    decided = replace(offence, state=state, decision=decision, fine=record.fine, offered_to=None)
    case.ledger.put(OFFENCE, decided)
    if found:
        due = case.now + offence.appeal_days * DAY
        arm(BECOME_FINAL, reference_of(offence), due, case.ledger)


def offence_in_case(record: CaseRecord, case: Case) -> Offence:
    """The offence a record is about."""
    reference = offence_reference(record.offence, record.matter, record.offender)
    return case.ledger.demand(OFFENCE, reference, rules.CASE_KNOWN)


def _offence_of_office(record: CaseRecord, case: Case) -> Offence:
    """The offence, if the author is the office that has the case."""
    offence = offence_in_case(record, case)
    require(
        case.author.id == offence.office,
        rules.OFFICE_OF_CASE,
        author=case.author.id,
        office=offence.office,
    )
    return offence
