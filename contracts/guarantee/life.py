"""Which record fits which state of a guarantee.

The diagram of docs/rulebook.md is drawn from this table.
"""

from contracts.guarantee import records as r
from contracts.guarantee.deadlines import EXPIRES, REVOCATION_EFFECTIVE
from contracts.guarantee.objects import GuaranteeState as S
from contracts.guarantee.rules import STATE_FITS
from contracts.kernel.lifecycle import Lifecycle, Step

LIFE = Lifecycle(
    "guarantee",
    STATE_FITS,
    (
        Step(None, r.Undertake, S.UNDERTAKEN),
        Step(None, r.GrantGuarantee, S.ACTIVE),
        Step(S.UNDERTAKEN, r.AcceptUndertaking, S.ACTIVE),
        Step(S.UNDERTAKEN, r.AmendAmount, S.UNDERTAKEN),
        Step(S.UNDERTAKEN, r.ExtendValidity, S.UNDERTAKEN),
        Step(S.UNDERTAKEN, r.CancelGuarantee, S.CANCELLED),
        Step(S.UNDERTAKEN, EXPIRES, S.EXPIRED),
        Step(S.ACTIVE, r.AmendAmount, S.ACTIVE),
        Step(S.ACTIVE, r.ExtendValidity, S.ACTIVE),
        Step(S.ACTIVE, r.TopUp, S.ACTIVE),
        Step(S.ACTIVE, r.IssueCertificate, S.ACTIVE),
        Step(S.ACTIVE, r.SuspendGuarantee, S.SUSPENDED),
        Step(S.ACTIVE, r.RevokeUndertaking, S.REVOKING),
        Step(S.ACTIVE, r.CancelGuarantee, S.CANCELLED),
        Step(S.ACTIVE, EXPIRES, S.EXPIRED),
        Step(S.SUSPENDED, r.AmendAmount, S.SUSPENDED),
        Step(S.SUSPENDED, r.ExtendValidity, S.SUSPENDED),
        Step(S.SUSPENDED, r.TopUp, S.SUSPENDED),
        Step(S.SUSPENDED, r.ReinstateGuarantee, S.ACTIVE),
        Step(S.SUSPENDED, r.RevokeUndertaking, S.REVOKED),
        Step(S.SUSPENDED, r.CancelGuarantee, S.CANCELLED),
        Step(S.SUSPENDED, EXPIRES, S.EXPIRED),
        Step(S.REVOKING, r.AmendAmount, S.REVOKING),
        Step(S.REVOKING, r.TopUp, S.REVOKING),
        Step(S.REVOKING, r.SuspendGuarantee, S.REVOKED),
        Step(S.REVOKING, r.CancelGuarantee, S.CANCELLED),
        Step(S.REVOKING, REVOCATION_EFFECTIVE, S.REVOKED),
        Step(S.REVOKING, EXPIRES, S.EXPIRED),
        Step(S.REVOKED, r.CancelGuarantee, S.CANCELLED),
        Step(S.REVOKED, EXPIRES, S.EXPIRED),
        Step(S.EXPIRED, r.CancelGuarantee, S.CANCELLED),
    ),
)
