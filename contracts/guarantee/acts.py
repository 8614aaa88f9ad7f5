"""Who may do what with guarantees."""

from contracts.guarantee.life import accept, amend_amount, cancel, revoke, undertake
from contracts.guarantee.records import (
    AcceptUndertaking,
    AmendAmount,
    CancelGuarantee,
    RevokeUndertaking,
    Undertake,
)
from contracts.registry.competence import GUARANTOR, OFFICE_OF_GUARANTEE, Act, Acts

ACTS: Acts = (
    Act(Undertake, undertake, (GUARANTOR,), "any guarantor: it becomes the guarantor"),
    Act(AcceptUndertaking, accept, (OFFICE_OF_GUARANTEE,), "the office the undertaking names"),
    Act(AmendAmount, amend_amount, (GUARANTOR,), "the guarantor"),
    Act(RevokeUndertaking, revoke, (GUARANTOR,), "the guarantor"),
    Act(
        CancelGuarantee,
        cancel,
        (GUARANTOR, OFFICE_OF_GUARANTEE),
        "the guarantor, or the office of guarantee",
    ),
)
