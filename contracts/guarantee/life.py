"""The life of a guarantee: undertaken, accepted, amended, revoked, cancelled."""

from msgspec.structs import replace

from contracts.guarantee import rules
from contracts.guarantee.objects import GUARANTEE, Guarantee, GuaranteeKind, GuaranteeState
from contracts.guarantee.records import (
    AcceptUndertaking,
    AmendAmount,
    CancelGuarantee,
    RevokeUndertaking,
    Undertake,
)
from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.kernel.rule import require
from contracts.references.grn import grn_country, is_voucher
from contracts.references.time import DAY
from contracts.registry.competence import DECLARANT, OFFICE_OF_GUARANTEE, Case
from contracts.registry.objects import MEMBER
from contracts.registry.references import named

REVOCATION_NOTICE = 16 * DAY
"""A revocation bars new use from the 16th day on (Common Transit practice)."""

_S = GuaranteeState
LIFE = Lifecycle(
    "guarantee",
    rules.STATE_FITS,
    (
        Step(None, Undertake, _S.UNDERTAKEN),
        Step(_S.UNDERTAKEN, AcceptUndertaking, _S.ACTIVE),
        Step(_S.UNDERTAKEN, AmendAmount, _S.UNDERTAKEN),
        Step(_S.UNDERTAKEN, CancelGuarantee, _S.CANCELLED),
        Step(_S.ACTIVE, AmendAmount, _S.ACTIVE),
        Step(_S.ACTIVE, RevokeUndertaking, _S.REVOKED),
        Step(_S.ACTIVE, CancelGuarantee, _S.CANCELLED),
        Step(_S.REVOKED, CancelGuarantee, _S.CANCELLED),
    ),
)


def undertake(record: Undertake, case: Case) -> None:
    ledger = case.ledger
    require(ledger.find(GUARANTEE, record.grn) is None, rules.GRN_FREE, grn=record.grn)
    require(
        is_voucher(record.grn) == (record.guarantee_kind is GuaranteeKind.VOUCHER),
        rules.VOUCHER_NUMBER,
        grn=record.grn,
        kind=record.guarantee_kind,
    )
    require(
        record.valid_from_ms < record.valid_to_ms and case.now < record.valid_to_ms,
        rules.VALIDITY_AHEAD,
        valid_from_ms=record.valid_from_ms,
        valid_to_ms=record.valid_to_ms,
        now_ms=case.now,
    )
    office = named(record.office, rules.OFFICE_KNOWN, case, OFFICE_OF_GUARANTEE)
    require(
        grn_country(record.grn) == office.member,
        rules.GRN_COUNTRY,
        grn=record.grn,
        member=office.member,
    )
    named(record.holder, rules.HOLDER_KNOWN, case, DECLARANT)
    for member in record.territory:
        ledger.demand(MEMBER, member, rules.MEMBERS_OF_UNION)
    ledger.put(
        GUARANTEE,
        Guarantee(
            grn=record.grn,
            kind=record.guarantee_kind,
            state=GuaranteeState.UNDERTAKEN,
            guarantor=case.author.id,
            holder=record.holder,
            office=record.office,
            reference_amount=record.reference_amount,
            currency=record.currency,
            coverage_percent=record.coverage_percent,
            valid_from_ms=record.valid_from_ms,
            valid_to_ms=record.valid_to_ms,
            territory=tuple(sorted(record.territory)),
            reserved=0,
            open=0,
            uses=0,
            revoked_from_ms=None,
        ),
    )


def accept(record: AcceptUndertaking, case: Case) -> None:
    guarantee = case.ledger.demand(GUARANTEE, record.grn, rules.GUARANTEE_KNOWN)
    require(
        case.author.id == guarantee.office,
        rules.OWN_OFFICE,
        author=case.author.id,
        office=guarantee.office,
    )
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


def revoke(record: RevokeUndertaking, case: Case) -> None:
    guarantee = _own_undertaking(record.grn, case)
    state = LIFE.advance(guarantee.state, record)
    case.ledger.put(
        GUARANTEE,
        replace(guarantee, state=state, revoked_from_ms=case.now + REVOCATION_NOTICE),
    )


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
