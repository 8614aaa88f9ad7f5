"""Monitoring a transport: who is in charge, handover at a border, commitments to positions.

A transport never has two operators in charge, and never none: until a handover is accepted, the
one that offers it stays in charge.
"""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.registry.competence import SEAL_OPERATOR, Case
from contracts.registry.references import named
from contracts.seals import rules
from contracts.seals.life import MONITORING_LIFE
from contracts.seals.objects import (
    POSITIONS,
    TRANSPORT,
    MonitoredTransport,
    PositionCommitment,
)
from contracts.seals.records import AcceptHandover, CommitPositions, OfferHandover


def offer_handover(record: OfferHandover, case: Case) -> None:
    transport = transport_in_charge(record.transport, case)
    state = MONITORING_LIFE.advance(transport.state, record)
    operator = named(record.operator, rules.ANOTHER_OPERATOR, case, SEAL_OPERATOR)
    require(
        operator.member != case.author.member,
        rules.ANOTHER_OPERATOR,
        operator=operator.id,
        member=operator.member,
    )
    case.ledger.put(TRANSPORT, replace(transport, state=state, offered_to=operator.id))


def accept_handover(record: AcceptHandover, case: Case) -> None:
    transport = case.ledger.demand(TRANSPORT, record.transport, rules.TRANSPORT_KNOWN)
    state = MONITORING_LIFE.advance(transport.state, record)
    require(
        transport.offered_to == case.author.id,
        rules.OFFERED_TO_AUTHOR,
        author=case.author.id,
        offered_to=transport.offered_to,
    )
    case.ledger.put(
        TRANSPORT, replace(transport, state=state, operator=case.author.id, offered_to=None)
    )


def commit_positions(record: CommitPositions, case: Case) -> None:
    transport = transport_in_charge(record.transport, case)
    state = MONITORING_LIFE.advance(transport.state, record)
    require(
        transport.committed_to_ms <= record.from_ms < record.to_ms <= case.now,
        rules.PERIODS_IN_ORDER,
        from_ms=record.from_ms,
        to_ms=record.to_ms,
        committed_to_ms=transport.committed_to_ms,
        now_ms=case.now,
    )
    number = transport.commitments + 1
    case.ledger.put(
        POSITIONS,
        PositionCommitment(
            transport=transport.id,
            number=number,
            operator=case.author.id,
            root=record.root,
            count=record.count,
            from_ms=record.from_ms,
            to_ms=record.to_ms,
        ),
    )
    case.ledger.put(
        TRANSPORT,
        replace(transport, state=state, commitments=number, committed_to_ms=record.to_ms),
    )


def transport_in_charge(reference: str, case: Case) -> MonitoredTransport:
    """The transport, if the author is the operator in charge of it."""
    transport = case.ledger.demand(TRANSPORT, reference, rules.TRANSPORT_KNOWN)
    require(
        transport.operator == case.author.id,
        rules.IN_CHARGE,
        author=case.author.id,
        operator=transport.operator,
    )
    return transport
