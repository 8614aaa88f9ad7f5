"""Which record fits which state of an offence."""

from contracts.compliance import records as r
from contracts.compliance.objects import OffenceState as O
from contracts.compliance.records import AppealResult, Finding
from contracts.compliance.rules import STATE_FITS
from contracts.kernel.deadline import Deadline
from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.kernel.sources import LEDGER

BECOME_FINAL = Deadline(
    "compliance.become-final",
    "A decision that was not appealed in time becomes final and enters the offender's conduct.",
    f"{LEDGER} (appeal and enforcement)",
)

OFFENCE_LIFE = Lifecycle(
    "offence",
    STATE_FITS,
    (
        Step(None, r.OpenOffence, O.OPEN),
        Step(O.OPEN, r.OfferCase, O.OPEN),
        Step(O.OPEN, r.TakeCase, O.OPEN),
        Step(O.OPEN, r.DecideOffence, O.DECIDED, Finding.OFFENCE),
        Step(O.OPEN, r.DecideOffence, O.DISMISSED, Finding.NO_OFFENCE),
        Step(O.DECIDED, r.AppealDecision, O.APPEALED),
        Step(O.DECIDED, BECOME_FINAL, O.ENFORCEABLE),
        Step(O.APPEALED, r.DecideAppeal, O.ENFORCEABLE, AppealResult.UPHELD),
        Step(O.APPEALED, r.DecideAppeal, O.ENFORCEABLE, AppealResult.REDUCED),
        Step(O.APPEALED, r.DecideAppeal, O.ANNULLED, AppealResult.ANNULLED),
        Step(O.ENFORCEABLE, r.RecordPayment, O.ENFORCEABLE),
        Step(O.ENFORCEABLE, r.CloseOffence, O.CLOSED),
    ),
)
