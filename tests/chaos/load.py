"""Clients that never rest, and what the union acknowledged to them.

Each submitter signs one submission after another and takes it to one member after another until
one says that it is final. Nothing is signed anew on failure: the same bytes go to the next member,
and now and then to two at once. Exactly-once must come from the ledger, not from the client.
"""

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from typing import Final

from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from ledger_node.client import ClientError, Participant, SubmissionView
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import VerifiedSubmission
from tests.chaos.union import UnionUnderFire

LIFETIME_S: Final = 300.0
_WAIT_S: Final = 4.0
_PATIENCE_S: Final = 10.0
"""For one request: a paused node's socket takes the request and says nothing."""
_MOST_RECORDS: Final = 8


@dataclass(slots=True)
class Acknowledged:
    """What members said is final. views: by submission id, hex; at: loop time of each, in order."""

    views: dict[str, SubmissionView] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)
    finality_s: list[float] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    attempts: int = 0
    unresolved: int = 0

    @property
    def records(self) -> int:
        """Records in what was acknowledged."""
        return sum(len(view.records) for view in self.views.values())

    def counts(self) -> dict[str, int]:
        """By name: how much was acknowledged, and at what pains."""
        return {
            "acknowledged": len(self.views),
            "records": self.records,
            "attempts": self.attempts,
            "unresolved": self.unresolved,
        }

    def note(self, view: SubmissionView) -> None:
        """A member says that a submission is final. Two members must say the same."""
        known = self.views.setdefault(view.id, view)
        if known != view:
            self.contradictions.append(f"{view.id}: {known} and {view}")


class Load:
    """Submitters on a union. `rest` lets each finish what it has under way."""

    def __init__(self, union: UnionUnderFire, submitters: int, seed: int, pause_s: float) -> None:
        """pause_s: how long a submitter rests between two submissions, at most."""
        self.acknowledged = Acknowledged()
        self._union = union
        self._pause_s = pause_s
        self._numbers = itertools.count()
        self._resting = asyncio.Event()
        self._grown = asyncio.Event()
        self._key = SoftwareSigner.generate().public
        self._tasks = [
            asyncio.create_task(self._submit_on(random.Random(f"{seed}/{number}")))
            for number in range(submitters)
        ]

    async def rest(self) -> None:
        """No new submissions; return when every one under way is final, or given up."""
        self._resting.set()
        await asyncio.gather(*self._tasks)

    async def until_acknowledged(self, records: int) -> None:
        """Wait until members have called so many records final."""
        while self.acknowledged.records < records:
            self._grown.clear()
            await self._grown.wait()

    def cancel(self) -> None:
        """Give up."""
        for task in self._tasks:
            task.cancel()

    async def _submit_on(self, chance: random.Random) -> None:
        while not self._resting.is_set():
            author = chance.choice(list(self._union.members))
            await self._bring(self._sign(author, chance), chance)
            await asyncio.sleep(chance.uniform(0, self._pause_s))

    def _sign(self, author: str, chance: random.Random) -> VerifiedSubmission:
        speaker = Participant(
            self._union.clients[author],
            self._union.founded.id,
            author,
            self._union.founded.registrar(author),
        )
        records = [
            RegisterParticipant(
                id=f"{author}-{next(self._numbers):08d}",
                member=author,
                name="Trading company under fire",
                roles=(Role.DECLARANT,),
                functions=(),
                keys=(self._key,),
            )
            for _ in range(chance.randint(1, _MOST_RECORDS))
        ]
        return speaker.sign(*records, lifetime_s=LIFETIME_S)

    async def _bring(self, submission: VerifiedSubmission, chance: random.Random) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < LIFETIME_S:
            where = chance.sample(list(self._union.members), 2 if chance.random() < 0.1 else 1)
            views = await asyncio.gather(*(self._ask(member, submission) for member in where))
            final = [view for view in views if view is not None and view.final]
            for view in final:
                self.acknowledged.note(view)
            if final:
                self._grown.set()
                self.acknowledged.at.append(loop.time())
                self.acknowledged.finality_s.append(loop.time() - began)
                return
            await asyncio.sleep(0.1)
        self.acknowledged.unresolved += 1

    async def _ask(self, member: str, submission: VerifiedSubmission) -> SubmissionView | None:
        self.acknowledged.attempts += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._union.clients[member].submit(submission, wait_s=_WAIT_S)
        except (ClientError, TimeoutError):
            return None
