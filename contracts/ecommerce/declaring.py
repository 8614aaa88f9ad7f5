"""Declaring in bulk, withdrawing, deciding; parcels shown and returned."""

from msgspec.structs import replace

from contracts.conduct.grade import Grade, grade_of
from contracts.ecommerce import rules
from contracts.ecommerce.life import BULK_LIFE
from contracts.ecommerce.objects import (
    BULK_DECLARATION,
    PARCEL,
    BulkDeclaration,
    BulkState,
    Parcel,
    ParcelState,
    bulk_reference,
    parcel_reference,
)
from contracts.ecommerce.parcels import require_in_register
from contracts.ecommerce.records import (
    BulkDecision,
    DecideBulk,
    DeclareBulk,
    ReturnParcel,
    ShowParcel,
    WithdrawBulk,
)
from contracts.kernel.rule import require
from contracts.reference.lookup import threshold_in_force, within
from contracts.reference.objects import Limit, ThresholdKind
from contracts.registry.competence import OFFICE_OF_DESTINATION, Case
from contracts.registry.references import named


def declare(record: DeclareBulk, case: Case) -> None:
    operator = case.author.id
    reference = bulk_reference(operator, record.lrn)
    require(case.ledger.find(BULK_DECLARATION, reference) is None, rules.LRN_FREE, lrn=record.lrn)
    grade = grade_of(operator, case.now, case.ledger)
    require(grade is not Grade.POOR, rules.CONDUCT_ALLOWS, operator=operator, conduct=grade)
    office = named(record.office, rules.OFFICE_KNOWN, case, OFFICE_OF_DESTINATION)
    _require_totals(record)
    _require_thresholds(record, office.member, case)
    declaration = BulkDeclaration(
        operator=operator,
        lrn=record.lrn,
        office=office.id,
        member=office.member,
        state=BulkState.DECLARED,
        parcels=record.parcels,
        total_value=record.total_value,
        highest_value=record.highest_value,
        currency=record.currency,
        total_mass_grams=record.total_mass_grams,
        highest_mass_grams=record.highest_mass_grams,
        duty=record.duty,
        root=record.root,
        declared_ms=case.now,
        mrn=None,
        returned=0,
    )
    case.ledger.put(BULK_DECLARATION, declaration)


def _require_totals(record: DeclareBulk) -> None:
    require(
        record.highest_value <= record.total_value <= record.highest_value * record.parcels
        and record.highest_mass_grams
        <= record.total_mass_grams
        <= record.highest_mass_grams * record.parcels,
        rules.TOTALS_AGREE,
        parcels=record.parcels,
        total_value=record.total_value,
        highest_value=record.highest_value,
        total_mass_grams=record.total_mass_grams,
        highest_mass_grams=record.highest_mass_grams,
    )


def _require_thresholds(record: DeclareBulk, member: str, case: Case) -> None:
    bulk = threshold_in_force(ThresholdKind.BULK_DECLARATION, member, case)
    require(_within(bulk, record, case), rules.LOW_VALUE, **_shown(bulk, record))
    duty_free = threshold_in_force(ThresholdKind.DUTY_FREE, member, case)
    require(
        record.duty > 0 or _within(duty_free, record, case),
        rules.DUTY_DECLARED,
        **_shown(duty_free, record),
    )


def _within(limit: Limit, record: DeclareBulk, case: Case) -> bool:
    return within(limit, record.highest_value, record.currency, record.highest_mass_grams, case)


def _shown(limit: Limit, record: DeclareBulk) -> dict[str, str | int]:
    return {
        "highest_value": record.highest_value,
        "currency": record.currency,
        "highest_mass_grams": record.highest_mass_grams,
        "limit": limit.amount,
        "limit_currency": limit.currency,
        "limit_mass_grams": limit.mass_grams,
    }


def withdraw(record: WithdrawBulk, case: Case) -> None:
    declaration = own_declaration(record.lrn, case)
    state = BULK_LIFE.advance(declaration.state, record)
    case.ledger.put(BULK_DECLARATION, replace(declaration, state=state))


def decide(record: DecideBulk, case: Case) -> None:
    declaration = _declaration(record.operator, record.lrn, case)
    require(
        case.author.id == declaration.office,
        rules.OF_CLEARANCE,
        author=case.author.id,
        office=declaration.office,
    )
    state = BULK_LIFE.advance(declaration.state, record, record.decision)
    require(
        record.decision is not BulkDecision.RELEASE or declaration.duty == 0 or record.duty_settled,
        rules.DUTY_SETTLED,
        duty=declaration.duty,
        duty_settled=record.duty_settled,
    )
    case.ledger.put(BULK_DECLARATION, replace(declaration, state=state))


def show_parcel(record: ShowParcel, case: Case) -> None:
    declaration = own_declaration(record.lrn, case)
    state = BULK_LIFE.advance(declaration.state, record)
    require_in_register(declaration, record.index, record.commitment, record.path)
    reference = parcel_reference(declaration.operator, declaration.lrn, record.index)
    case.ledger.put(BULK_DECLARATION, replace(declaration, state=state))
    if case.ledger.find(PARCEL, reference) is None:
        case.ledger.put(PARCEL, _parcel(record, ParcelState.SHOWN, "", case))


def return_parcel(record: ReturnParcel, case: Case) -> None:
    declaration = own_declaration(record.lrn, case)
    state = BULK_LIFE.advance(declaration.state, record)
    require_in_register(declaration, record.index, record.commitment, record.path)
    reference = parcel_reference(declaration.operator, declaration.lrn, record.index)
    before = case.ledger.find(PARCEL, reference)
    require(
        before is None or before.state is not ParcelState.RETURNED,
        rules.RETURNED_ONCE,
        parcel=reference,
    )
    returned = declaration.returned + 1
    case.ledger.put(BULK_DECLARATION, replace(declaration, state=state, returned=returned))
    case.ledger.put(PARCEL, _parcel(record, ParcelState.RETURNED, record.reason, case))


def _parcel(
    record: ShowParcel | ReturnParcel, state: ParcelState, reason: str, case: Case
) -> Parcel:
    return Parcel(
        operator=case.author.id,
        lrn=record.lrn,
        index=record.index,
        commitment=record.commitment,
        state=state,
        proven_ms=case.now,
        return_reason=reason,
    )


def own_declaration(lrn: str, case: Case) -> BulkDeclaration:
    """The author's declaration with that LRN."""
    return _declaration(case.author.id, lrn, case)


def _declaration(operator: str, lrn: str, case: Case) -> BulkDeclaration:
    return case.ledger.demand(BULK_DECLARATION, bulk_reference(operator, lrn), rules.BULK_KNOWN)
