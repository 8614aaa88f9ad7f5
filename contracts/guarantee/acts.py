"""Who may do what with guarantees, and what happens to them by itself."""

from msgspec.structs import replace

from contracts.guarantee import certificates, undertaking
from contracts.guarantee import records as r
from contracts.guarantee.deadlines import EXPIRES, REVOCATION_EFFECTIVE
from contracts.guarantee.life import LIFE
from contracts.guarantee.objects import GUARANTEE, Guarantee
from contracts.kernel.deadline import Deadline, DeadlineAct, DeadlineActs, DueCase
from contracts.registry.competence import GUARANTOR, OFFICE_OF_GUARANTEE, Act, Acts

_EITHER = (GUARANTOR, OFFICE_OF_GUARANTEE)
_GIVER = "the guarantor; for a deposit or waiver, the office that granted it"
_OFFICE = "the office of guarantee"

ACTS: Acts = (
    Act(
        r.Undertake, undertaking.undertake, (GUARANTOR,), "any guarantor: it becomes the guarantor"
    ),
    Act(
        r.GrantGuarantee,
        undertaking.grant,
        (OFFICE_OF_GUARANTEE,),
        "any office of guarantee: it keeps the guarantee",
    ),
    Act(
        r.AcceptUndertaking,
        undertaking.accept,
        (OFFICE_OF_GUARANTEE,),
        "the office the undertaking names",
    ),
    Act(r.AmendAmount, undertaking.amend_amount, _EITHER, _GIVER),
    Act(r.ExtendValidity, undertaking.extend, _EITHER, _GIVER),
    Act(r.TopUp, undertaking.top_up, _EITHER, _GIVER),
    Act(r.SuspendGuarantee, undertaking.suspend, (OFFICE_OF_GUARANTEE,), _OFFICE, winds_up=True),
    Act(r.ReinstateGuarantee, undertaking.reinstate, (OFFICE_OF_GUARANTEE,), _OFFICE),
    Act(r.RevokeUndertaking, undertaking.revoke, _EITHER, _GIVER, winds_up=True),
    Act(
        r.CancelGuarantee,
        undertaking.cancel,
        _EITHER,
        "the guarantor, or the office of guarantee",
        winds_up=True,
    ),
    Act(r.IssueCertificate, certificates.issue_certificate, (OFFICE_OF_GUARANTEE,), _OFFICE),
    Act(
        r.WithdrawCertificate,
        certificates.withdraw_certificate,
        (OFFICE_OF_GUARANTEE,),
        _OFFICE,
        winds_up=True,
    ),
)


def _expire(due: DueCase) -> None:
    guarantee = _guarantee(due)
    if guarantee.valid_to_ms <= due.now:
        _advance(guarantee, EXPIRES, due)


def _revocation_effective(due: DueCase) -> None:
    _advance(_guarantee(due), REVOCATION_EFFECTIVE, due)


def _guarantee(due: DueCase) -> Guarantee:
    guarantee = due.ledger.find(GUARANTEE, due.reference)
    assert guarantee is not None, "guarantees are never removed"
    return guarantee


def _advance(guarantee: Guarantee, deadline: Deadline, due: DueCase) -> None:
    state = LIFE.due(guarantee.state, deadline)
    if state is not None:
        due.ledger.put(GUARANTEE, replace(guarantee, state=state))


DEADLINES: DeadlineActs = (
    DeadlineAct(REVOCATION_EFFECTIVE, _revocation_effective),
    DeadlineAct(EXPIRES, _expire),
)
