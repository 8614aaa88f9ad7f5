"""Evidence that a member contradicted itself in consensus, put on record."""

from contracts.governance import rules
from contracts.governance.objects import EQUIVOCATION, Equivocation, equivocation_reference
from contracts.governance.records import ReportEquivocation
from contracts.kernel.rule import require
from contracts.registry.competence import Case
from contracts.registry.objects import MEMBER


def report(record: ReportEquivocation, case: Case) -> None:
    reference = equivocation_reference(record.member, record.epoch, record.view)
    case.ledger.demand(MEMBER, record.member, rules.EVIDENCE_OF_MEMBER)
    require(
        record.first != record.second and record.epoch <= case.context.epoch,
        rules.EVIDENCE_CONTRADICTS,
        epoch=record.epoch,
        current=case.context.epoch,
    )
    known = case.ledger.find(EQUIVOCATION, reference)
    require(known is None, rules.EVIDENCE_ONCE, equivocation=reference)
    case.ledger.put(
        EQUIVOCATION,
        Equivocation(
            member=record.member,
            epoch=record.epoch,
            view=record.view,
            first=record.first,
            second=record.second,
            reported_by=case.author.id,
            reported_ms=case.now,
        ),
    )
