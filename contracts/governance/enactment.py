"""What a passed proposal does, and whether it could.

A change of members, their keys or their standing ends the epoch with the block that holds the
deciding vote (see the package).
"""

from typing import assert_never

from msgspec.structs import replace

from contracts.governance import rules
from contracts.governance.changes import (
    Change,
    CommissionChange,
    ContractSetChange,
    DismissalChange,
    EpochChange,
    ReinstatementChange,
    Seat,
    SuspensionChange,
)
from contracts.governance.objects import (
    CHARTER,
    CONTRACT_SET,
    EPOCH_DOCUMENT,
    UNION,
    Charter,
    ContractSet,
    EpochDocument,
    Proposal,
)
from contracts.kernel.rule import require
from contracts.registry.competence import Case
from contracts.registry.membership import OF_NO_MEMBER
from contracts.registry.objects import (
    MEMBER,
    PARTICIPANT,
    Member,
    Participant,
    Role,
    Standing,
)
from contracts.registry.participants import is_member_code

NOTICE_BLOCKS = 10
MAX_MEMBERS = 100


def require_possible(change: Change, charter: Charter, case: Case) -> None:
    """Refuse a change that cannot be made in this state."""
    match change:
        case ContractSetChange():
            _require_set(change, case)
        case EpochChange():
            _require_settled(charter, case)
            _require_membership(change, charter)
        case SuspensionChange():
            _require_settled(charter, case)
            committee = charter.committee
            require(
                change.member in committee and len(committee) > 1,
                rules.SUSPENDABLE,
                member=change.member,
                committee=committee,
            )
        case ReinstatementChange():
            _require_settled(charter, case)
            require(
                change.member in charter.suspended,
                rules.REINSTATABLE,
                member=change.member,
                suspended=charter.suspended,
            )
        case CommissionChange():
            holder = case.ledger.find(PARTICIPANT, change.id)
            require(
                not is_member_code(change.id) and (holder is None or _is_commission(holder)),
                rules.COMMISSION_ID,
                id=change.id,
            )
        case DismissalChange():
            holder = case.ledger.find(PARTICIPANT, change.id)
            require(
                holder is not None
                and _is_commission(holder)
                and holder.standing is Standing.ACTIVE,
                rules.COMMISSION_SEATED,
                id=change.id,
            )
        case _:
            assert_never(change)


def enact(proposal: Proposal, charter: Charter, case: Case) -> None:
    """Make the change of a passed proposal. It is possible: that was just checked."""
    change = proposal.change
    match change:
        case ContractSetChange():
            _schedule(change, case)
        case EpochChange():
            _begin_epoch(change, proposal.number, charter, case)
        case SuspensionChange():
            suspended = tuple(sorted((*charter.suspended, change.member)))
            _next_epoch(replace(charter, suspended=suspended), case)
        case ReinstatementChange():
            suspended = tuple(code for code in charter.suspended if code != change.member)
            _next_epoch(replace(charter, suspended=suspended), case)
        case CommissionChange():
            _seat_commission(change, case)
        case DismissalChange():
            holder = case.ledger.find(PARTICIPANT, change.id)
            assert holder is not None, "it was seated a moment ago"
            case.ledger.put(PARTICIPANT, replace(holder, standing=Standing.SUSPENDED))
        case _:
            assert_never(change)


def _require_settled(charter: Charter, case: Case) -> None:
    require(
        charter.epoch == case.context.epoch,
        rules.EPOCH_SETTLED,
        decided=charter.epoch,
        epoch=case.context.epoch,
    )


def _contract_set(case: Case) -> ContractSet:
    contract_set = case.ledger.find(CONTRACT_SET, UNION)
    assert contract_set is not None, "a union begins with its contract set"
    return contract_set


def _require_set(change: ContractSetChange, case: Case) -> None:
    now = case.context.height
    kept = _contract_set(case)
    require(
        change.from_height >= now + NOTICE_BLOCKS,
        rules.HEIGHT_AHEAD,
        from_height=change.from_height,
        height=now,
    )
    require(
        not kept.pending(now),
        rules.ONE_PENDING,
        pending=kept.next_digest,
        next_height=kept.next_height,
    )
    require(change.digest != kept.at(now), rules.ANOTHER_SET, digest=change.digest)


def _schedule(change: ContractSetChange, case: Case) -> None:
    kept = _contract_set(case)
    in_force_from = kept.from_height if kept.next_digest is None else kept.next_height
    scheduled = ContractSet(
        digest=kept.at(case.context.height),
        from_height=in_force_from,
        next_digest=change.digest,
        next_height=change.from_height,
    )
    case.ledger.put(CONTRACT_SET, scheduled)


def _require_membership(change: EpochChange, charter: Charter) -> None:
    codes = tuple(seat.code for seat in change.joining)
    for place, code in enumerate(codes):
        require(
            code not in charter.members and code not in codes[:place],
            rules.NEWCOMERS,
            joining=code,
            members=charter.members,
        )
    for code in change.leaving:
        require(code in charter.members, rules.LEAVERS, leaving=code, members=charter.members)
    staying = tuple(code for code in charter.committee if code not in change.leaving)
    require(len(staying) > 0, rules.LEAVERS, leaving=change.leaving, members=charter.members)
    count = len(charter.members) - len(change.leaving) + len(codes)
    require(count <= MAX_MEMBERS, rules.MEMBER_LIMIT, members=count)


def _begin_epoch(change: EpochChange, proposal: int, charter: Charter, case: Case) -> None:
    staying = tuple(code for code in charter.members if code not in change.leaving)
    joining = tuple(seat.code for seat in change.joining)
    for seat in change.joining:
        _seat_member(seat, case)
    for code in change.leaving:
        _unseat_member(code, case)
    changed = replace(
        charter,
        members=tuple(sorted((*staying, *joining))),
        suspended=tuple(code for code in charter.suspended if code not in change.leaving),
    )
    _next_epoch(changed, case)
    document = EpochDocument(charter.epoch + 1, proposal, change.document)
    case.ledger.put(EPOCH_DOCUMENT, document)


def _next_epoch(charter: Charter, case: Case) -> None:
    following = replace(charter, epoch=charter.epoch + 1, epoch_from=case.context.height)
    case.ledger.put(CHARTER, following)


def _seat_member(seat: Seat, case: Case) -> None:
    """A member and its registrar; one that returns keeps its register and gets the new key."""
    case.ledger.put(MEMBER, Member(code=seat.code, name=seat.name, registrar=seat.code))
    _seat(seat.code, seat.code, seat.name, Role.REGISTRAR, (seat.registrar_key,), case)


def _unseat_member(code: str, case: Case) -> None:
    """A member that leaves: its registrar acts no more, its participants finish what is open."""
    member = case.ledger.find(MEMBER, code)
    registrar = case.ledger.find(PARTICIPANT, code)
    assert member is not None, "the charter names members"
    assert registrar is not None, "a member has a registrar"
    case.ledger.put(MEMBER, replace(member, left=True))
    case.ledger.put(PARTICIPANT, replace(registrar, standing=Standing.SUSPENDED))


def _seat_commission(change: CommissionChange, case: Case) -> None:
    _seat(change.id, OF_NO_MEMBER, change.name, Role.COMMISSION, change.keys, case)


def _seat(
    reference: str, member: str, name: str, role: Role, keys: tuple[bytes, ...], case: Case
) -> None:
    before = case.ledger.find(PARTICIPANT, reference)
    seated = Participant(
        id=reference,
        member=member,
        name=name,
        roles=(role,),
        functions=(),
        keys=keys,
        standing=Standing.ACTIVE,
        registered_ms=case.now if before is None else before.registered_ms,
    )
    case.ledger.put(PARTICIPANT, seated)


def _is_commission(participant: Participant) -> bool:
    return Role.COMMISSION in participant.roles
