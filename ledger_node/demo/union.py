"""The union as the story uses it: a client for each node, and a way for each player to act.

Every act is one signed submission, sent to the node of the actor's own state, and waited for until
a quorum certificate for it is on that node's disk. The times from submit to final are kept.
"""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from contracts import Record
from ledger_node.client import LedgerClient, Participant, SubmissionView
from ledger_node.demo.cast import Player
from ledger_node.demo.founding import Household
from ledger_node.demo.nodes import NodeProcess

FINAL_S: Final = 60.0


@dataclass(slots=True)
class Kept:
    """A record worth a proof. name: of the proof file; log_index: of the record's entry."""

    name: str
    log_index: int
    accepted: bool


@dataclass(slots=True)
class Ledgered:
    """What has been put on the ledger so far."""

    accepted: int = 0
    rejected: int = 0
    finality_ms: list[float] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


class Union:
    """Five nodes and those who act on them."""

    def __init__(
        self, union: bytes, households: Mapping[str, Household], players: Mapping[str, Player]
    ) -> None:
        self.union = union
        self.households = households
        self.players = players
        self.nodes = {member: NodeProcess(house) for member, house in households.items()}
        self.ledgered = Ledgered()
        self.last = ""
        """Id of the submission that became final last."""
        self._clients: dict[str, LedgerClient] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Union":
        for member, household in self.households.items():
            client = LedgerClient(household.api_url, household.token)
            self._clients[member] = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def client(self, member: str) -> LedgerClient:
        """The client of a member's node."""
        return self._clients[member]

    def speaker(self, who: str) -> Participant:
        """Whoever acts, at the node of its own state.

        who: a participant id, or a member code for its registrar.
        """
        player = self.players.get(who)
        if player is None:
            return Participant(self._clients[who], self.union, who, self.households[who].registrar)
        return Participant(self._clients[player.member], self.union, who, player.signer)

    async def act(self, who: str, *records: Record, keep: str = "") -> SubmissionView:
        """Sign, submit at the actor's own node, and wait until it is final.

        keep: name under which the first record's proof will be written. Raises ClientError.
        """
        began = time.perf_counter()
        view = await self.speaker(who).act(*records, timeout_s=FINAL_S)
        self.last = view.id
        self.ledgered.finality_ms.append((time.perf_counter() - began) * 1000)
        for outcome in view.records:
            if outcome.accepted:
                self.ledgered.accepted += 1
            else:
                self.ledgered.rejected += 1
        if keep:
            first = view.records[0]
            self.ledgered.kept.append(Kept(keep, first.log_index, first.accepted))
        return view
