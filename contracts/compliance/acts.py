"""Who prosecutes, decides, appeals and enforces; and what happens by itself."""

from contracts.compliance import records as r
from contracts.compliance.appeals import (
    appeal,
    become_final,
    close,
    decide_appeal,
    record_payment,
)
from contracts.compliance.catalogue import set_offence_kind
from contracts.compliance.life import BECOME_FINAL
from contracts.compliance.proceedings import decide, offer_case, open_offence, take_case
from contracts.kernel.deadline import DeadlineAct, DeadlineActs
from contracts.registry.competence import (
    CARRIER,
    COMMISSION,
    DECLARANT,
    ECOMMERCE_OPERATOR,
    OFFICE,
    REGISTRAR,
    Act,
    Acts,
)

_OF_CASE = "the office that has the case"
_OF_MEMBER = "an office of the competent member"

ACTS: Acts = (
    Act(r.SetOffenceKind, set_offence_kind, (COMMISSION,), "the Commission"),
    Act(r.OpenOffence, open_offence, (OFFICE,), _OF_MEMBER),
    Act(r.OfferCase, offer_case, (OFFICE,), _OF_CASE, winds_up=True),
    Act(r.TakeCase, take_case, (OFFICE,), "the office it was offered to"),
    Act(r.DecideOffence, decide, (OFFICE,), _OF_CASE, winds_up=True),
    Act(
        r.AppealDecision,
        appeal,
        (DECLARANT, CARRIER, ECOMMERCE_OPERATOR, REGISTRAR),
        "the offender, or the registrar of its member for it",
        winds_up=True,
    ),
    Act(
        r.DecideAppeal,
        decide_appeal,
        (OFFICE,),
        f"{_OF_MEMBER} that did not decide before",
        winds_up=True,
    ),
    Act(r.RecordPayment, record_payment, (OFFICE,), _OF_MEMBER, winds_up=True),
    Act(r.CloseOffence, close, (OFFICE,), _OF_MEMBER, winds_up=True),
)

DEADLINES: DeadlineActs = (DeadlineAct(BECOME_FINAL, become_final),)
