"""A guarantee from its undertaking or grant to its end."""

from msgspec.structs import replace

from contracts.guarantee import rules
from contracts.guarantee.deadlines import EXPIRES, REVOCATION_EFFECTIVE, REVOCATION_NOTICE
from contracts.guarantee.life import LIFE
from contracts.guarantee.objects import GUARANTEE, Guarantee, GuaranteeState
from contracts.guarantee.records import (
    AcceptUndertaking,
    AmendAmount,
    CancelGuarantee,
    ExtendValidity,
    GrantGuarantee,
    ReinstateGuarantee,
    RevokeUndertaking,
    SuspendGuarantee,
    TopUp,
    Undertake,
)
from contracts.guarantee.terms import BY_GUARANTOR, GRANTED, METHODS, GuaranteeKind
from contracts.guarantee.usability import require_reduction_earned
from contracts.kernel.rule import require
from contracts.kernel.timers import arm
from contracts.references.grn import grn_country, is_voucher
from contracts.registry.competence import DECLARANT, OFFICE_OF_GUARANTEE, Case
from contracts.registry.membership import require_member
from contracts.registry.references import named


def undertake(record: Undertake, case: Case) -> None:
    _require_kind(record, granted=False)
    office = named(record.office, rules.OFFICE_KNOWN, case, OFFICE_OF_GUARANTEE)
    _enter(record, office.id, office.member, GuaranteeState.UNDERTAKEN, case)


def grant(record: GrantGuarantee, case: Case) -> None:
    _require_kind(record, granted=True)
    _enter(record, case.author.id, case.author.member, GuaranteeState.ACTIVE, case)


def _require_kind(record: Undertake | GrantGuarantee, *, granted: bool) -> None:
    kind = record.guarantee_kind
    require((kind in GRANTED) is granted, rules.KIND_BY_GIVER, kind=kind)
    require(
        is_voucher(record.grn) == (kind is GuaranteeKind.VOUCHER),
        rules.VOUCHER_NUMBER,
        grn=record.grn,
        kind=kind,
    )
    require(
        (record.coverage_percent == 0) == (kind is GuaranteeKind.WAIVER),
        rules.COVERAGE_FITS,
        kind=kind,
        coverage_percent=record.coverage_percent,
    )
    methods = METHODS.get(kind, BY_GUARANTOR)
    require(
        record.terms.method in methods, rules.METHOD_FITS, kind=kind, method=record.terms.method
    )


def _enter(
    record: Undertake | GrantGuarantee,
    office: str,
    member: str,
    state: GuaranteeState,
    case: Case,
) -> None:
    ledger = case.ledger
    require(ledger.find(GUARANTEE, record.grn) is None, rules.GRN_FREE, grn=record.grn)
    require(
        record.valid_from_ms < record.valid_to_ms and case.now < record.valid_to_ms,
        rules.VALIDITY_AHEAD,
        valid_from_ms=record.valid_from_ms,
        valid_to_ms=record.valid_to_ms,
        now_ms=case.now,
    )
    require(grn_country(record.grn) == member, rules.GRN_COUNTRY, grn=record.grn, member=member)
    named(record.holder, rules.HOLDER_KNOWN, case, DECLARANT)
    require_reduction_earned(record.holder, record.coverage_percent, case)
    for code in record.territory:
        require_member(code, rules.MEMBERS_OF_UNION, ledger)
    ledger.put(
        GUARANTEE,
        Guarantee(
            grn=record.grn,
            kind=record.guarantee_kind,
            state=state,
            guarantor=case.author.id,
            holder=record.holder,
            office=office,
            reference_amount=record.reference_amount,
            currency=record.currency,
            coverage_percent=record.coverage_percent,
            valid_from_ms=record.valid_from_ms,
            valid_to_ms=record.valid_to_ms,
            territory=tuple(sorted(record.territory)),
            terms=record.terms,
            reserved=0,
            open=0,
            uses=0,
            paid=0,
            defaults=0,
            revoked_from_ms=None,
        ),
    )
    arm(EXPIRES, record.grn, record.valid_to_ms, ledger)


def accept(record: AcceptUndertaking, case: Case) -> None:
    guarantee = guarantee_in_care(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    case.ledger.put(GUARANTEE, replace(guarantee, state=state))


def amend_amount(record: AmendAmount, case: Case) -> None:
    guarantee = _own_undertaking(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    amended = replace(guarantee, state=state, reference_amount=record.reference_amount)
    require(
        amended.reserved <= amended.covered,
        rules.NOT_BELOW_OPEN,
        grn=record.grn,
        covered=amended.covered,
        reserved=amended.reserved,
    )
    case.ledger.put(GUARANTEE, amended)


def extend(record: ExtendValidity, case: Case) -> None:
    guarantee = _own_undertaking(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    require(
        record.valid_to_ms > guarantee.valid_to_ms > case.now,
        rules.EXTENDED_IN_TIME,
        grn=record.grn,
        valid_to_ms=record.valid_to_ms,
        before_ms=guarantee.valid_to_ms,
        now_ms=case.now,
    )
    # The expiry armed before finds the validity extended, and does nothing.
    arm(EXPIRES, record.grn, record.valid_to_ms, case.ledger)
    extended = replace(guarantee, state=state, valid_to_ms=record.valid_to_ms)
    case.ledger.put(GUARANTEE, extended)


def top_up(record: TopUp, case: Case) -> None:
    guarantee = _own_undertaking(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    require(
        record.amount <= guarantee.paid,
        rules.TOP_UP_FITS,
        grn=record.grn,
        amount=record.amount,
        paid=guarantee.paid,
    )
    case.ledger.put(GUARANTEE, replace(guarantee, state=state, paid=guarantee.paid - record.amount))


def suspend(record: SuspendGuarantee, case: Case) -> None:
    guarantee = guarantee_in_care(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    case.ledger.put(GUARANTEE, replace(guarantee, state=state))


def reinstate(record: ReinstateGuarantee, case: Case) -> None:
    guarantee = guarantee_in_care(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    case.ledger.put(GUARANTEE, replace(guarantee, state=state))


def revoke(record: RevokeUndertaking, case: Case) -> None:
    guarantee = _own_undertaking(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    effective = case.now + REVOCATION_NOTICE
    arm(REVOCATION_EFFECTIVE, guarantee.grn, effective, case.ledger)
    case.ledger.put(GUARANTEE, replace(guarantee, state=state, revoked_from_ms=effective))


def cancel(record: CancelGuarantee, case: Case) -> None:
    guarantee = case.ledger.demand(GUARANTEE, record.grn, rules.GUARANTEE_KNOWN)
    author = case.author.id
    if author != guarantee.office:
        _require_own(guarantee, author)
    state = LIFE.advance(guarantee.state, record)
    require(
        guarantee.open == 0,
        rules.NOTHING_OPEN,
        grn=record.grn,
        open=guarantee.open,
        reserved=guarantee.reserved,
    )
    case.ledger.put(GUARANTEE, replace(guarantee, state=state))


def guarantee_in_care(grn: str, case: Case) -> Guarantee:
    """The guarantee, if the author is its office of guarantee."""
    guarantee = case.ledger.demand(GUARANTEE, grn, rules.GUARANTEE_KNOWN)
    require(
        case.author.id == guarantee.office,
        rules.OWN_OFFICE,
        author=case.author.id,
        office=guarantee.office,
    )
    return guarantee


def _own_undertaking(grn: str, case: Case) -> Guarantee:
    guarantee = case.ledger.demand(GUARANTEE, grn, rules.GUARANTEE_KNOWN)
    _require_own(guarantee, case.author.id)
    return guarantee


def _require_own(guarantee: Guarantee, author: str) -> None:
    require(
        author == guarantee.guarantor,
        rules.OWN_UNDERTAKING,
        author=author,
        guarantor=guarantee.guarantor,
    )
