"""Whether a state is in the union: what its participants may begin depends on it."""

from contracts.kernel.rule import Rule, require
from contracts.kernel.state import Ledger
from contracts.registry.objects import MEMBER

OF_NO_MEMBER = ""
"""The member of a participant that belongs to none: the Commission's. No registrar has it."""


def in_union(member: str, ledger: Ledger) -> bool:
    """True for a member that has not left, and for the Commission, which is of none."""
    if member == OF_NO_MEMBER:
        return True
    found = ledger.find(MEMBER, member)
    return found is not None and not found.left


def require_member(member: str, rule: Rule, ledger: Ledger) -> None:
    """Refuse a code that is not that of a member now, under `rule`."""
    found = ledger.demand(MEMBER, member, rule)
    require(not found.left, rule, member=member)
