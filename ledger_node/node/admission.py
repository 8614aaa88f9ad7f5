"""How a submission gets in: from a client, or by gossip from the node a client chose.

Checked in the order of cost: size and form, expiry, whether it is known, whether the ledger knows
its author and key, and last the signature, in a thread. What passes waits in the mempool and is
told to every other node; a client may then wait for it to be final. Sending twice is harmless.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

from consensus.block import SubmissionId
from contracts.kernel.state import StateView
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.payload import check_expiry
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import (
    Submission,
    SubmissionHeader,
    VerifiedSubmission,
    open_submission,
)
from ledger_node.node.bodies import Bodies
from ledger_node.node.frames import GossipFrame
from ledger_node.node.gossip import Gossip
from ledger_node.node.mempool import Mempool, MempoolFull
from ledger_node.node.receipts import Receipt, Stage, receipt_from, receipt_of
from ledger_node.node.verifying import Verification
from ledger_node.storage.database import Database
from ledger_node.storage.errors import NotYetHere

OnSettled: TypeAlias = Callable[[Receipt], None]

EXPIRY_MARGIN_MS: Final = 1_000
"""A submission that expires sooner could not become final in time."""


class AuthorRefused(Exception):
    """The ledger does not let this key speak for this author; the record would be rejected.

    Refused before it costs the union a log entry. rule: the contracts' rule id; values: what failed
    """

    def __init__(self, rule: str, values: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{rule}: " + ", ".join(f"{name} {value}" for name, value in values))
        self.rule = rule
        self.values = tuple(values)


Refused: TypeAlias = SubmissionRefused | AuthorRefused | MempoolFull | NotYetHere
"""Why a submission is not taken."""

_REFUSED: Final = (SubmissionRefused, AuthorRefused, MempoolFull, NotYetHere)


class Admission:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        union: bytes,
        mempool: Mempool,
        bodies: Bodies,
        database: Database,
        check_author: Callable[[SubmissionHeader, StateView], None],
        gossip: Gossip,
        on_work: Callable[[], None],
        observe_finality_s: Callable[[float], None],
        verification: Verification,
    ) -> None:
        """check_author raises AuthorRefused; on_work: the mempool changed."""
        self._union = union
        self._mempool = mempool
        self._bodies = bodies
        self._database = database
        self._check_author = check_author
        self._gossip = gossip
        self._on_work = on_work
        self._observe_finality_s = observe_finality_s
        self._verification = verification
        self._awaiting: dict[SubmissionId, list[OnSettled]] = {}
        self._submitted_at: dict[SubmissionId, float] = {}

    async def submit(self, data: bytes) -> Receipt:
        """Take a client's submission. Returns at once, pending or what became of it.

        Raises SubmissionRefused, AuthorRefused, MempoolFull, NotYetHere.
        """
        arrived = time.perf_counter()
        opened = open_submission(data, self._union)
        known = self._at_the_door(opened)
        if known.stage is not Stage.UNKNOWN:
            return known
        return self._admit(await self._verification.one(opened), arrived)

    async def submit_many(self, submissions: Sequence[bytes]) -> list[Receipt | Refused]:
        """Take a client's submissions, each by itself: what `submit` returns or raises, in order.

        Raises what is no refusal: a defect, or a disk that fails.
        """
        arrived = time.perf_counter()
        answers: list[Receipt | Refused] = []
        fresh: list[tuple[int, Submission]] = []
        for place, data in enumerate(submissions):
            try:
                opened = open_submission(data, self._union)
                known = self._at_the_door(opened)
            except _REFUSED as refusal:
                answers.append(refusal)
                continue
            answers.append(known)
            if known.stage is Stage.UNKNOWN:
                fresh.append((place, opened))
        checked = await self._verification.many([opened for _, opened in fresh])
        for (place, _), found in zip(fresh, checked, strict=True):
            try:
                answers[place] = (
                    found if isinstance(found, SubmissionRefused) else self._admit(found, arrived)
                )
            except MempoolFull as refusal:
                answers[place] = refusal
        return answers

    async def hear(self, frame: GossipFrame) -> None:
        """Take submissions from a peer. Raises SubmissionRefused for a bad one, the others taken.

        One that has expired is no fault of the peer, whose clock differs or whose link was slow.
        A full mempool drops it: if a block names it, its body is fetched then.
        """
        opened = [open_submission(data, self._union) for data in frame.submissions]
        now_ms = _wall_ms()
        fresh = [each for each in opened if self._is_news(each) and _in_time(each, now_ms)]
        # What a block brought before is checked. It waits here too, should that block be lost.
        held = {each.id: body for each in fresh if (body := self._bodies.find(each.id)) is not None}
        unchecked = [each for each in fresh if each.id not in held]
        refused: SubmissionRefused | None = None
        for checked in (*held.values(), *await self._verification.many(unchecked)):
            if isinstance(checked, SubmissionRefused):
                refused = checked
                continue
            with suppress(MempoolFull):
                self._take(checked)
        if refused is not None:
            raise refused

    def receipt(self, name: SubmissionId) -> Receipt:
        """What is known of a submission here.

        Raises NotYetHere for one that was ordered before this node's snapshot.
        """
        final = receipt_from(self._database.latest, name)
        if final is not None:
            return final
        waiting = self._bodies.find(name) is not None
        return Receipt(name, Stage.PENDING if waiting else Stage.UNKNOWN)

    def when_settled(self, name: SubmissionId, told: OnSettled) -> None:
        """Have `told` called once, with the receipt, when a submission is final or has expired."""
        self._awaiting.setdefault(name, []).append(told)

    def not_awaited(self, name: SubmissionId, told: OnSettled) -> None:
        """`told` is not to be called any more. Harmless if it has been."""
        waiting = self._awaiting.get(name)
        if waiting is not None and told in waiting:
            waiting.remove(told)
            if not waiting:
                del self._awaiting[name]

    async def final_receipt(self, name: SubmissionId, timeout_s: float) -> Receipt:
        """The receipt once final, or as it stands when the time is over."""
        receipt = self.receipt(name)
        if receipt.stage is Stage.FINAL:
            return receipt
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

        def told(settled: Receipt) -> None:
            if not future.done():
                future.set_result(settled)

        self.when_settled(name, told)
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            return self.receipt(name)
        finally:
            # Told, out of time, or given up by the client: nothing stays behind.
            self.not_awaited(name, told)

    def settled(self, run: Sequence[ExecutedBlock]) -> None:
        """These blocks are final on this node's disk: tell who waits."""
        now = time.perf_counter()
        for executed in run:
            for each in executed.block.payload:
                name = SubmissionId(each)
                if (submitted := self._submitted_at.pop(name, None)) is not None:
                    self._observe_finality_s(now - submitted)
                if (waiting := self._awaiting.pop(name, None)) is not None:
                    receipt = receipt_of(executed, name)
                    for told in waiting:
                        told(receipt)

    def adopted(self) -> None:
        """The ledger is another one, from peers: what came before it and is final there waits no
        longer. Peers may have told of it while this node had only an old ledger to ask."""
        ledger = self._database.latest
        final = [name for name in self._mempool.names() if ledger.ordered(name)]
        self._mempool.remove(final)
        self._bodies.settled(final)

    def expired(self, names: Sequence[SubmissionId]) -> None:
        """These were dropped: nobody is to wait for them."""
        for name in names:
            self._submitted_at.pop(name, None)
            for told in self._awaiting.pop(name, ()):
                told(self.receipt(name))

    def _at_the_door(self, opened: Submission) -> Receipt:
        """What is known of a submission; if nothing, it is in time and its author may speak.

        Raises SubmissionRefused, AuthorRefused, NotYetHere.
        """
        known = self.receipt(opened.id)
        if known.stage is Stage.UNKNOWN:
            check_expiry(opened.header.expiry_ms, _wall_ms() + EXPIRY_MARGIN_MS)
            self._check_author(opened.header, _Latest(self._database))
        return known

    def _admit(self, verified: VerifiedSubmission, arrived: float) -> Receipt:
        """Take in what passed every check. Raises MempoolFull."""
        if self._take(verified):
            self._submitted_at[verified.id] = arrived
            self._gossip.tell(verified.to_bytes())
        return self.receipt(verified.id)

    def _is_news(self, opened: Submission) -> bool:
        return opened.id not in self._mempool and not self._database.latest.ordered(opened.id)

    def _take(self, verified: VerifiedSubmission) -> bool:
        if self._database.latest.ordered(verified.id):
            return False  # it became final while its signature was checked
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


def _in_time(opened: Submission, now_ms: int) -> bool:
    try:
        check_expiry(opened.header.expiry_ms, now_ms)
    except SubmissionRefused:
        return False
    return True


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
