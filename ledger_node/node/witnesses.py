"""Outside witnesses: asked to cosign what this node is about to publish.

A checkpoint that the members' quorum has accepted is held back for at most `ANSWER_S` while the
witnesses of node.toml are asked, then published with whatever cosignatures came: a witness that is
slow or gone delays nothing for long, and is left alone for a growing time. Finality never waits.

All members publish one log, so a witness may have cosigned a later head that another member's node
showed it; it is asked again once this node is as far. Source: c2sp.org/tlog-witness.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

import aiohttp

from ledger_node.log.checkpoint import Checkpoint
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import consistency_path
from ledger_node.log.note import NoteSignature, VerifierKey
from ledger_node.log.policy import Policy, PolicyError
from ledger_node.log.tiles import TileHashes, TileReader
from ledger_node.log.verified import VerifiedCheckpoint, verify_checkpoint
from ledger_node.log.witness import (
    MAX_ANSWER,
    PATH,
    add_checkpoint,
    conflicting_size,
    cosignature_in,
    with_witnesses,
)
from ledger_node.storage.errors import NotYetHere

log = logging.getLogger(__name__)

ANSWER_S: Final = 2.0
"""For a witness to answer one checkpoint, all attempts together."""

ATTEMPTS: Final = 3
"""The size it cosigned last is learned by asking, and other members' nodes may be faster."""

LONGEST_PAUSE_S: Final = 60.0
"""A witness that fails is asked again after 1, 2, 4 … seconds, and at least so often."""


class WitnessFailed(Exception):
    """A witness did not cosign. The text says why."""


_FAILURES: Final = (
    WitnessFailed,
    LogError,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    NotYetHere,  # a node that joined by a snapshot lacks tiles for a while
)


@dataclass(frozen=True, slots=True)
class WitnessPlace:
    """key: its cosignature key; url: its submission prefix."""

    key: VerifierKey
    url: str


class Post(Protocol):
    """Carries a request to a witness."""

    async def __call__(self, url: str, body: bytes) -> tuple[int, bytes]:
        """(status, body of the answer). Raises aiohttp.ClientError, OSError, TimeoutError."""
        ...


class OutsideWitness:
    """One witness, and what is known of it."""

    def __init__(self, place: WitnessPlace, post: Post, clock: Callable[[], float]) -> None:
        self.place = place
        self._post = post
        self._clock = clock
        self._size = 0
        self._failures = 0
        self._not_before = 0.0
        self._last: tuple[Checkpoint, NoteSignature] | None = None

    async def cosign(self, head: VerifiedCheckpoint, tiles: TileReader) -> NoteSignature | None:
        """Its line on the head; None when it does not cosign it now."""
        if self._last is not None and self._last[0] == head.checkpoint:
            return self._last[1]
        if self._clock() < self._not_before:
            return None
        try:
            async with asyncio.timeout(ANSWER_S):
                line = await self._ask(head, tiles)
        except _FAILURES as error:
            self._fail(str(error) or type(error).__name__)
            return None
        self._failures = 0
        if line is not None:
            self._last = (head.checkpoint, line)
        return line

    async def _ask(self, head: VerifiedCheckpoint, tiles: TileReader) -> NoteSignature | None:
        size = head.checkpoint.size
        for _ in range(ATTEMPTS):
            if self._size > size:
                return None
            path = consistency_path(self._size, size, TileHashes(tiles, size)) if self._size else ()
            body = add_checkpoint(self._size, path, head.signed())
            status, answer = await self._post(f"{self.place.url}/{PATH}", body)
            if status == HTTPStatus.OK:
                line = cosignature_in(answer, head.checkpoint, self.place.key)
                self._size = size
                return line
            if status != HTTPStatus.CONFLICT:
                raise WitnessFailed(f"status {status}")
            last = conflicting_size(answer)
            if last == self._size == size:
                raise WitnessFailed(f"it cosigned another head of {size} entries")
            self._size = last
        raise WitnessFailed(f"it is shown other heads faster than this node's, {size} entries")

    def _fail(self, reason: str) -> None:
        pause = min(2.0**self._failures, LONGEST_PAUSE_S)
        self._failures += 1
        self._not_before = self._clock() + pause
        log.warning(
            "a witness did not cosign",
            extra={"witness": self.place.key.name, "reason": reason, "again_in_s": pause},
        )


@dataclass(frozen=True, slots=True)
class _Offer:
    head: VerifiedCheckpoint
    policy: Policy
    publish: Callable[[VerifiedCheckpoint], None]


class OutsideWitnesses:
    """All of a node's, asked at once. Owned by the event loop's thread; `run` must be running."""

    def __init__(
        self, places: Sequence[WitnessPlace], tiles: Callable[[], TileReader], post: Post | None
    ) -> None:
        """tiles: of the newest final log; post: None to use HTTP."""
        self._places = places
        self._tiles = tiles
        self._given_post = post
        self._offer: _Offer | None = None
        self._offered = asyncio.Event()

    def widened(self, policy: Policy) -> Policy:
        """The policy under which what they cosigned is published. Raises PolicyError."""
        return with_witnesses(policy, [place.key for place in self._places])

    def offer(
        self,
        head: VerifiedCheckpoint,
        policy: Policy,
        publish: Callable[[VerifiedCheckpoint], None],
    ) -> None:
        """Have the head cosigned and then published. A newer one takes the place of a waiting one.

        policy: the one that accepted it.
        """
        if not self._places:
            publish(head)
            return
        self._offer = _Offer(head, policy, publish)
        self._offered.set()

    async def run(self) -> None:
        """Serve offers, one after the other, until cancelled."""
        if not self._places:
            return
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession() as session:
            post = self._given_post or _http_post(session)
            witnesses = [OutsideWitness(place, post, loop.time) for place in self._places]
            while True:
                await self._offered.wait()
                self._offered.clear()
                offer, self._offer = self._offer, None
                if offer is not None:
                    await self._serve(offer, witnesses)

    async def _serve(self, offer: _Offer, witnesses: Sequence[OutsideWitness]) -> None:
        tiles = self._tiles()
        lines = await asyncio.gather(*(each.cosign(offer.head, tiles) for each in witnesses))
        signed = offer.head.signed().with_signatures(*(line for line in lines if line is not None))
        try:
            offer.publish(verify_checkpoint(signed, self.widened(offer.policy)))
        except PolicyError as error:
            # A member has come to use a witness's name or key: whom a line is by is unclear.
            log.error("witnesses clash with the policy", extra={"reason": str(error)})  # noqa: TRY400
            offer.publish(offer.head)


def _http_post(session: aiohttp.ClientSession) -> Post:
    async def post(url: str, body: bytes) -> tuple[int, bytes]:
        async with session.post(url, data=body, allow_redirects=False) as response:
            answer = bytearray()
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > MAX_ANSWER:
                    raise WitnessFailed(f"an answer of more than {MAX_ANSWER} bytes")
            return response.status, bytes(answer)

    return post
