"""The state a union begins with: its members, and one registrar for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.kernel.state import Ledger
from contracts.registry.objects import MEMBER, PARTICIPANT, Member, Participant, Role, Standing


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
    """The first state, sorted by key: for each member its object and its registrar.

    The registrar's participant id is the member's code, e.g. "AM".
    """
    ledger = Ledger(_EmptyState())
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
