"""Which record fits which state of a bulk declaration."""

from contracts.ecommerce import records as r
from contracts.ecommerce.objects import BulkState as B
from contracts.ecommerce.records import BulkDecision
from contracts.ecommerce.rules import STATE_FITS
from contracts.kernel.lifecycle import Lifecycle, Step

BULK_LIFE = Lifecycle(
    "bulk declaration",
    STATE_FITS,
    (
        Step(None, r.DeclareBulk, B.DECLARED),
        Step(B.DECLARED, r.WithdrawBulk, B.WITHDRAWN),
        Step(B.DECLARED, r.ConsignBulk, B.DECLARED),
        Step(B.DECLARED, r.ShowParcel, B.DECLARED),
        Step(B.DECLARED, r.DecideBulk, B.HELD, BulkDecision.HOLD),
        Step(B.DECLARED, r.DecideBulk, B.RELEASED, BulkDecision.RELEASE),
        Step(B.DECLARED, r.DecideBulk, B.REFUSED, BulkDecision.REFUSE),
        Step(B.HELD, r.ShowParcel, B.HELD),
        Step(B.HELD, r.DecideBulk, B.RELEASED, BulkDecision.RELEASE),
        Step(B.HELD, r.DecideBulk, B.REFUSED, BulkDecision.REFUSE),
        Step(B.RELEASED, r.ShowParcel, B.RELEASED),
        Step(B.RELEASED, r.ReturnParcel, B.RELEASED),
    ),
)
