"""Questions to peers and their answers: each answer to the question it belongs to, or to none."""

import asyncio

import pytest

from ledger_node.node.frames import ChunkFrame, ChunkWanted, Frame
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import MAX_ITEM_BYTES, ChunkKind, SnapshotRefused


class Asking:
    """An exchange, and what it sent."""

    def __init__(self, answer_s: float = 60.0) -> None:
        self.sent: list[tuple[str, Frame]] = []
        self.asked = asyncio.Event()
        self.exchange = Exchange(self._send, answer_s)

    async def ask(self, peer: str = "BY") -> asyncio.Task[tuple[bytes, ...] | None]:
        """One question, under way."""
        question = asyncio.create_task(self.exchange.ask(peer, 7, ChunkKind.PAGES, [b"name"]))
        await self.asked.wait()
        self.asked.clear()
        return question

    def _send(self, peer: str, frame: Frame) -> None:
        self.sent.append((peer, frame))
        self.asked.set()

    def number(self) -> int:
        """Of the last question."""
        _, frame = self.sent[-1]
        assert isinstance(frame, ChunkWanted)
        return frame.request


async def test_an_answer_ends_the_wait_for_it() -> None:
    asking = Asking()
    question = await asking.ask()
    asking.exchange.hear("BY", ChunkFrame(asking.number(), (b"page",)))
    assert await question == (b"page",)


async def test_an_answer_of_another_peer_or_to_another_question_is_dropped() -> None:
    asking = Asking()
    question = await asking.ask()
    asking.exchange.hear("KZ", ChunkFrame(asking.number(), (b"wrong peer",)))
    asking.exchange.hear("BY", ChunkFrame(asking.number() + 1, (b"wrong question",)))
    asking.exchange.hear("BY", ChunkFrame(asking.number(), (b"page",)))
    asking.exchange.hear("BY", ChunkFrame(asking.number(), (b"twice",)))
    assert await question == (b"page",)


async def test_an_answer_to_what_was_asked_before_a_restart_is_dropped() -> None:
    before, after = Asking(), Asking()
    await before.ask()
    question = await after.ask()
    after.exchange.hear("BY", ChunkFrame(before.number(), (b"of the earlier life",)))
    after.exchange.hear("BY", ChunkFrame(after.number(), (b"page",)))
    assert await question == (b"page",)


async def test_a_peer_that_does_not_answer_is_waited_for_no_longer_than_said() -> None:
    asking = Asking(answer_s=0.01)
    assert await (await asking.ask()) is None
    asking.exchange.hear("BY", ChunkFrame(asking.number(), (b"late",)))


@pytest.mark.parametrize("items", [(b"a", b"b") * 300, (bytes(MAX_ITEM_BYTES + 1),)])
async def test_more_or_greater_items_than_there_can_be_are_refused(
    items: tuple[bytes, ...],
) -> None:
    asking = Asking()
    question = await asking.ask()
    asking.exchange.hear("BY", ChunkFrame(asking.number(), items))
    with pytest.raises(SnapshotRefused, match="chunk"):
        await question
