"""How a submission gets in: from a client, or by gossip from the node a client chose.

Checked in the order of cost: size and form, expiry, whether it is known, whether the ledger knows
its author and key, and last the signature, in a thread. What passes waits in the mempool and is
told to every other node; a client may then wait for it to be final. Sending twice is harmless.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consensus.block import SubmissionId
from contracts.kernel.state import StateView
from ledger_node.ledger.outcome import Outcome
from ledger_node.ledger.payload import check_expiry
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import (
    Submission,
    SubmissionHeader,
    VerifiedSubmission,
    open_submission,
    verify_submission,
)
from ledger_node.node.bodies import Bodies
from ledger_node.node.frames import Frame, GossipFrame
from ledger_node.node.mempool import Mempool, MempoolFull
from ledger_node.storage.database import Database

EXPIRY_MARGIN_MS: Final = 1_000
"""A submission that expires sooner could not become final in time."""


class Stage(StrEnum):
    """How far a submission has come."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a node says of a submission. The rest is given once it is final.

    height: of its block; time_ms: the block's; log_index: of its submission entry, the records'
    follow; outcomes: one a record.
    """

    id: SubmissionId
    stage: Stage
    height: int | None = None
    time_ms: int | None = None
    log_index: int | None = None
    outcomes: tuple[Outcome, ...] = ()


class AuthorRefused(Exception):
    """The ledger does not let this key speak for this author; the record would be rejected.

    Refused before it costs the union a log entry. rule: the contracts' rule id; values: what failed
    """

    def __init__(self, rule: str, values: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{rule}: " + ", ".join(f"{name} {value}" for name, value in values))
        self.rule = rule
        self.values = tuple(values)


class Admission:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        union: bytes,
        mempool: Mempool,
        bodies: Bodies,
        database: Database,
        check_author: Callable[[SubmissionHeader, StateView], None],
        broadcast: Callable[[Frame], None],
        on_work: Callable[[], None],
        observe_finality_s: Callable[[float], None],
        pool: Executor,
    ) -> None:
        """check_author raises AuthorRefused; on_work: the mempool changed."""
        self._union = union
        self._mempool = mempool
        self._bodies = bodies
        self._database = database
        self._check_author = check_author
        self._broadcast = broadcast
        self._on_work = on_work
        self._observe_finality_s = observe_finality_s
        self._pool = pool
        self._awaiting: dict[SubmissionId, list[asyncio.Future[None]]] = {}
        self._submitted_at: dict[SubmissionId, float] = {}

    async def submit(self, data: bytes) -> Receipt:
        """Take a client's submission. Returns at once, pending or what became of it.

        Raises SubmissionRefused, AuthorRefused, MempoolFull.
        """
        arrived = time.perf_counter()
        opened = open_submission(data, self._union)
        known = self.receipt(opened.id)
        if known.stage is not Stage.UNKNOWN:
            return known
        check_expiry(opened.header.expiry_ms, _wall_ms() + EXPIRY_MARGIN_MS)
        self._check_author(opened.header, _Latest(self._database))
        verified = await self._verify(opened)
        if self._take(verified):
            self._submitted_at[verified.id] = arrived
            self._broadcast(GossipFrame(data))
        return self.receipt(opened.id)

    async def hear(self, frame: GossipFrame) -> None:
        """Take a submission from a peer. Raises SubmissionRefused for a bad one.

        One that has expired is no fault of the peer, whose clock differs or whose link was slow.
        A full mempool drops it: if a block names it, its body is fetched then.
        """
        opened = open_submission(frame.submission, self._union)
        if self._bodies.find(opened.id) is not None or self._database.latest.ordered(opened.id):
            return
        try:
            check_expiry(opened.header.expiry_ms, _wall_ms())
        except SubmissionRefused:
            return
        verified = await self._verify(opened)
        with suppress(MempoolFull):
            self._take(verified)

    def receipt(self, name: SubmissionId) -> Receipt:
        """What is known of a submission here.

        Raises NotYetHere for one that was ordered before this node's snapshot.
        """
        snapshot = self._database.latest
        location = snapshot.location(name)
        if location is None:
            waiting = self._bodies.find(name) is not None
            return Receipt(name, Stage.PENDING if waiting else Stage.UNKNOWN)
        block = snapshot.block(location.height)
        assert block is not None, "a location names a final block"
        return Receipt(
            name,
            Stage.FINAL,
            location.height,
            block.block.header.time_ms,
            location.log_index,
            snapshot.outcomes(location),
        )

    async def final_receipt(self, name: SubmissionId, timeout_s: float) -> Receipt:
        """The receipt once final, or as it stands when the time is over."""
        receipt = self.receipt(name)
        if receipt.stage is Stage.FINAL:
            return receipt
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._awaiting.setdefault(name, [])
        waiting.append(future)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await future
        finally:
            # Told, out of time, or given up by the client: nothing stays behind.
            if future in waiting:
                waiting.remove(future)
            if not waiting and self._awaiting.get(name) is waiting:
                del self._awaiting[name]
        return self.receipt(name)

    def settled(self, names: Sequence[SubmissionId]) -> None:
        """These are final on this node's disk: tell who waits."""
        now = time.perf_counter()
        for name in names:
            if (submitted := self._submitted_at.pop(name, None)) is not None:
                self._observe_finality_s(now - submitted)
            for future in self._awaiting.pop(name, ()):
                if not future.done():
                    future.set_result(None)

    def expired(self, names: Sequence[SubmissionId]) -> None:
        """These were dropped: nobody is to wait for them."""
        for name in names:
            self._submitted_at.pop(name, None)
            for future in self._awaiting.pop(name, ()):
                if not future.done():
                    future.set_result(None)

    async def _verify(self, opened: Submission) -> VerifiedSubmission:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, verify_submission, opened)

    def _take(self, verified: VerifiedSubmission) -> bool:
        added = self._mempool.add(verified)
        if added:
            self._bodies.arrived(verified)
            self._on_work()
        return added


class _Latest:
    """The contracts' StateView of the last final state."""

    def __init__(self, database: Database) -> None:
        self._snapshot = database.latest

    def get(self, key: str) -> bytes | None:
        return self._snapshot.object(key)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
