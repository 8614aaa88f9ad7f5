"""Bodies of submissions that blocks name: found here, or asked of peers until they come.

A body from a peer counts only if it was asked for, is canonical and its signature holds; the id
commits to all of that. What was fetched is kept in a bounded cache until it is final. Bodies a
vote relies on are made durable before the vote (consensus.events names that obligation).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from consensus.block import SubmissionId
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import VerifiedSubmission, open_submission
from ledger_node.node.frames import MAX_IDS_WANTED, BodiesFrame, BodiesWanted, Frame
from ledger_node.node.mempool import Mempool
from ledger_node.node.verifying import Verification
from ledger_node.storage.database import Database
from ledger_node.storage.errors import NotYetHere

CACHE_BYTES: Final = 128 * 1024 * 1024
REPLY_BYTES: Final = 2 * 1024 * 1024
"""A reply frame is cut here; one submission more, at most 1 MiB, still fits the frame limit."""
ASK_AGAIN_S: Final = 0.5
"""How long one peer is given to answer before another is asked."""


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """What one block still lacks. complete: done when that is nothing."""

    missing: dict[SubmissionId, None]
    complete: asyncio.Future[None]


class Bodies:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        union: bytes,
        mempool: Mempool,
        database: Database,
        send: Callable[[str, Frame], None],
        pool: Executor,
        verification: Verification,
    ) -> None:
        """send: to one peer, as bulk; pool: for disk work.

        `peers` are the codes of those that can be asked: set it before anything is obtained.
        """
        self._union = union
        self.peers: tuple[str, ...] = ()
        self._mempool = mempool
        self._database = database
        self._send = send
        self._pool = pool
        self._verification = verification
        self._cache: OrderedDict[SubmissionId, VerifiedSubmission] = OrderedDict()
        self._cache_bytes = 0
        self._awaited: dict[SubmissionId, list[_Wanted]] = {}
        self._durable: set[SubmissionId] = set()
        self._staged: dict[SubmissionId, int] = {}
        """Those on the disk or on their way there, with the time at which each expires."""
        self._turn = 0

    def find(self, name: SubmissionId) -> VerifiedSubmission | None:
        """A body at hand that is not final yet."""
        return self._mempool.get(name) or self._cache.get(name)

    async def obtain(
        self, names: Sequence[SubmissionId], likely: str | None = None, *, patience_s: float = 0.0
    ) -> tuple[VerifiedSubmission, ...]:
        """The bodies of `names`, in order; waits until peers have sent what is missing.

        likely: the peer that should have them, e.g. the block's proposer; patience_s: what is
        missing may be on its way already, so first give it that long. Cancel to give up.
        """
        target, wait_s = likely, patience_s
        self._take_staged(names)
        while missing := {name: None for name in names if self.find(name) is None}:
            wanted = _Wanted(missing, asyncio.get_running_loop().create_future())
            self._await(wanted)
            try:
                if not wait_s:
                    self._ask(target, list(missing))
                    target, wait_s = None, ASK_AGAIN_S
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await wanted.complete
                wait_s = 0.0
            finally:
                self._wait_no_longer(wanted)
        found = [self.find(name) for name in names]
        return tuple(body for body in found if body is not None)

    async def make_durable(self, bodies: Iterable[VerifiedSubmission]) -> None:
        """Put bodies on stable storage, those not there yet. Raises StorageFailed."""
        fresh = [body for body in bodies if body.id not in self._durable]
        if not fresh:
            return
        loop = asyncio.get_running_loop()
        self._staged.update((body.id, body.header.expiry_ms) for body in fresh)
        await loop.run_in_executor(self._pool, self._database.stage, fresh)
        self._durable.update(body.id for body in fresh)

    def restored(self, body: VerifiedSubmission) -> None:
        """This one was on stable storage when the node started."""
        self._staged[body.id] = body.header.expiry_ms
        self._durable.add(body.id)

    def settled(self, names: Iterable[SubmissionId]) -> None:
        """These are final: the database has them for good."""
        for name in names:
            self._forget(name)
            self._drop(name)

    def expired(self, names: Iterable[SubmissionId]) -> None:
        """These were dropped, from the disk as well."""
        for name in names:
            self._forget(name)

    def drop_expired(self, time_ms: int) -> list[SubmissionId]:
        """Forget what came for a block that lost and no block of `time_ms` or later may order.

        Not what waits in the mempool, which has its own way to expire, and not what an unfinalised
        block names. Returns what is to go from the disk as well.
        """

        def gone(name: SubmissionId, expiry_ms: int) -> bool:
            return (
                expiry_ms <= time_ms
                and name not in self._mempool
                and not self._mempool.is_named(name)
            )

        for name in [n for n, body in self._cache.items() if gone(n, body.header.expiry_ms)]:
            self._drop(name)
        on_disk = [name for name, expiry_ms in self._staged.items() if gone(name, expiry_ms)]
        self.expired(on_disk)
        return on_disk

    def _forget(self, name: SubmissionId) -> None:
        self._durable.discard(name)
        self._staged.pop(name, None)

    def _drop(self, name: SubmissionId) -> None:
        body = self._cache.pop(name, None)
        if body is not None:
            self._cache_bytes -= body.size

    async def receive(self, frame: BodiesFrame) -> None:
        """Take what was asked for. Raises SubmissionRefused for a body that is not what it says."""
        opened = [open_submission(data, self._union) for data in frame.submissions]
        wanted = [each for each in opened if each.id in self._awaited]
        refused: SubmissionRefused | None = None
        for checked in await self._verification.many(wanted):
            if isinstance(checked, SubmissionRefused):
                refused = checked
            else:
                self._keep(checked)
        if refused is not None:
            raise refused

    async def serve(self, member: str, wanted: BodiesWanted) -> None:
        """Answer a peer with what we have of it, final or not."""
        reply: list[bytes] = []
        size = 0
        for name in wanted.ids[:MAX_IDS_WANTED]:
            body = self.find(SubmissionId(name)) or self._final(SubmissionId(name))
            if body is None:
                continue
            if size + body.size > REPLY_BYTES and reply:
                self._send(member, BodiesFrame(tuple(reply)))
                reply, size = [], 0
                await asyncio.sleep(0)  # let consensus have the loop between frames
            reply.append(body.to_bytes())
            size += body.size
        if reply:
            self._send(member, BodiesFrame(tuple(reply)))

    def _final(self, name: SubmissionId) -> VerifiedSubmission | None:
        snapshot = self._database.latest
        if not snapshot.ordered(name):
            return self._database.staged(name)
        try:
            location = snapshot.location(name)
            return None if location is None else snapshot.submission(location)
        except NotYetHere:
            return None

    def _take_staged(self, names: Sequence[SubmissionId]) -> None:
        """Bodies made durable before a restart, for which the mempool had no room after it."""
        for name in names:
            if self.find(name) is None:
                staged = self._database.staged(name)
                if staged is not None:
                    self._keep(staged)

    def _await(self, wanted: "_Wanted") -> None:
        for name in wanted.missing:
            self._awaited.setdefault(name, []).append(wanted)

    def _wait_no_longer(self, wanted: "_Wanted") -> None:
        """Whoever names what nobody has must not make us remember it for ever."""
        for name in wanted.missing:
            waiting = self._awaited[name]
            waiting.remove(wanted)
            if not waiting:
                del self._awaited[name]

    def _ask(self, target: str | None, missing: list[SubmissionId]) -> None:
        if not self.peers:
            return
        if target not in self.peers:
            self._turn = (self._turn + 1) % len(self.peers)
            target = self.peers[self._turn]
        for start in range(0, len(missing), MAX_IDS_WANTED):
            self._send(target, BodiesWanted(tuple(missing[start : start + MAX_IDS_WANTED])))

    def arrived(self, body: VerifiedSubmission) -> None:
        """A body came in another way, e.g. by gossip into the mempool."""
        for wanted in self._awaited.pop(body.id, ()):
            del wanted.missing[body.id]
            if not wanted.missing and not wanted.complete.done():
                wanted.complete.set_result(None)

    def _keep(self, body: VerifiedSubmission) -> None:
        if body.id not in self._cache:
            self._cache[body.id] = body
            self._cache_bytes += body.size
        while self._cache_bytes > CACHE_BYTES:
            _, oldest = self._cache.popitem(last=False)
            self._cache_bytes -= oldest.size
        self.arrived(body)
