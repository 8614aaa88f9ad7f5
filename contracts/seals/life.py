"""Which record fits which state: seals, monitoring, alarms."""

from contracts.kernel.lifecycle import Lifecycle, Step
from contracts.registry.seals import SealState as S
from contracts.seals import records as r
from contracts.seals.objects import AlarmState as A
from contracts.seals.objects import MonitoringState as M
from contracts.seals.records import Condition, Verdict
from contracts.seals.rules import STATE_FITS

LAST_SEAL = "last seal"

SEAL_LIFE = Lifecycle(
    "seal",
    STATE_FITS,
    (
        Step(None, r.RegisterSeal, S.REGISTERED),
        Step(S.REGISTERED, r.ActivateSeal, S.ACTIVE),
        Step(S.ACTIVE, r.ReportSealEvent, S.ACTIVE),
        Step(S.ACTIVE, r.DeactivateSeal, S.REGISTERED),
        *(
            Step(state, r.SetAside, S(condition.value), condition)
            for state in (S.REGISTERED, S.ACTIVE)
            for condition in Condition
        ),
        Step(S.FAULTY, r.SetAside, S.LOST, Condition.LOST),
        Step(S.FAULTY, r.SetAside, S.DESTROYED, Condition.DESTROYED),
        Step(S.FAULTY, r.TakeBack, S.REGISTERED),
        Step(S.LOST, r.SetAside, S.DESTROYED, Condition.DESTROYED),
        Step(S.LOST, r.TakeBack, S.REGISTERED),
    ),
)

MONITORING_LIFE = Lifecycle(
    "monitoring of a transport",
    STATE_FITS,
    (
        Step(None, r.ActivateSeal, M.MONITORED),
        Step(M.MONITORED, r.ActivateSeal, M.MONITORED),
        Step(M.MONITORED, r.CommitPositions, M.MONITORED),
        Step(M.MONITORED, r.OfferHandover, M.OFFERED),
        Step(M.MONITORED, r.DeactivateSeal, M.MONITORED),
        Step(M.MONITORED, r.DeactivateSeal, M.ENDED, LAST_SEAL),
        Step(M.MONITORED, r.SetAside, M.MONITORED),
        Step(M.MONITORED, r.SetAside, M.ENDED, LAST_SEAL),
        Step(M.OFFERED, r.CommitPositions, M.OFFERED),
        Step(M.OFFERED, r.OfferHandover, M.OFFERED),
        Step(M.OFFERED, r.AcceptHandover, M.MONITORED),
        Step(M.OFFERED, r.DeactivateSeal, M.OFFERED),
        Step(M.OFFERED, r.DeactivateSeal, M.ENDED, LAST_SEAL),
        Step(M.OFFERED, r.SetAside, M.OFFERED),
        Step(M.OFFERED, r.SetAside, M.ENDED, LAST_SEAL),
        Step(M.ENDED, r.CommitPositions, M.ENDED),
    ),
)

ALARM_LIFE = Lifecycle(
    "alarm",
    STATE_FITS,
    (
        Step(None, r.ReportSealEvent, A.OPEN),
        Step(A.OPEN, r.JudgeAlarm, A.CONFIRMED, Verdict.CONFIRMED),
        Step(A.OPEN, r.JudgeAlarm, A.DISMISSED, Verdict.DISMISSED),
    ),
)
