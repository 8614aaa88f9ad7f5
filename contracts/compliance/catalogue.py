"""The catalogue of offences."""

from contracts.compliance import rules
from contracts.compliance.objects import OFFENCE_KIND, OffenceKind
from contracts.compliance.records import SetOffenceKind
from contracts.kernel.rule import require
from contracts.registry.competence import Case


def set_offence_kind(record: SetOffenceKind, case: Case) -> None:
    require(
        record.least_fine <= record.most_fine,
        rules.SCHEDULE_IN_ORDER,
        least_fine=record.least_fine,
        most_fine=record.most_fine,
    )
    kind = OffenceKind(
        code=record.code,
        title=record.title,
        source=record.source,
        gravity=record.gravity,
        least_fine=record.least_fine,
        most_fine=record.most_fine,
        currency=record.currency,
        appeal_days=record.appeal_days,
        limitation_days=record.limitation_days,
    )
    case.ledger.put(OFFENCE_KIND, kind)
