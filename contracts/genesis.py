"""The state a union begins with: members, a registrar for each, charter and contract set."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.governance.objects import CHARTER, CONTRACT_SET, Charter, ContractSet
from contracts.kernel.state import Ledger
from contracts.registry.objects import MEMBER, PARTICIPANT, Member, Participant, Role, Standing

FOUNDING_EPOCH = 1
SET_OF_GENESIS = b""
"""Stands for the digest in the genesis document, which contracts cannot read."""


@dataclass(frozen=True, slots=True)
class GenesisMember:
    """code: ISO 3166 alpha-2; registrar_key: suite-tagged public key of its registrar."""

    code: str
    name: str
    registrar_key: bytes


class _EmptyState:
    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the protocol's parameter
        return None


def genesis_state(members: Sequence[GenesisMember]) -> tuple[tuple[str, bytes], ...]:
    """The first state, sorted by key: charter, contract set, each member and its registrar.

    The registrar's participant id is the member's code, e.g. "AM".
    """
    ledger = Ledger(_EmptyState())
    codes = tuple(sorted(member.code for member in members))
    ledger.put(CHARTER, Charter(codes, (), FOUNDING_EPOCH, 0, 0))
    ledger.put(CONTRACT_SET, ContractSet(SET_OF_GENESIS, 0, None, 0))
    for member in members:
        ledger.put(MEMBER, Member(code=member.code, name=member.name, registrar=member.code))
        ledger.put(
            PARTICIPANT,
            Participant(
                id=member.code,
                member=member.code,
                name=member.name,
                roles=(Role.REGISTRAR,),
                functions=(),
                keys=(member.registrar_key,),
                standing=Standing.ACTIVE,
                registered_ms=0,
            ),
        )
    return tuple((key, value) for key, value in ledger.changes() if value is not None)
