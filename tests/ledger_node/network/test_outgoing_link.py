"""One link by itself: that it ends when it is told to, at whatever moment."""

import asyncio
from contextlib import suppress

import aiohttp
import pytest

from ledger_node.network import LinkCounters
from ledger_node.network.frames import FrameClass, Outbox
from ledger_node.network.outgoing import OutgoingLink
from ledger_node.network.peers import client_context
from tests.ledger_node.network.peer_union import QUICK, UNION, addresses, identity
from tests.patience import PATIENCE_S, until


@pytest.mark.parametrize("later", range(5))
async def test_a_link_ends_also_when_its_peer_gives_a_sign_of_life_just_then(
    later: int, caplog: pytest.LogCaptureFixture
) -> None:
    """`later` turns of the event loop after the sign, which cuts the wait for the next dial."""
    nobody = addresses("BY")["BY"]
    link = OutgoingLink(
        "AM",
        "BY",
        FrameClass.URGENT,
        nobody,
        UNION,
        contexts=[client_context(identity("AM"), [nobody.certificate])],
        outbox=Outbox(QUICK.queued_urgent),
        limits=QUICK,
        counters=LinkCounters(),
        on_change=lambda: None,
    )
    async with aiohttp.ClientSession() as session:
        running = asyncio.create_task(link.run(session))
        await until(lambda: "link down" in caplog.messages)
        link.retry_now()
        for _ in range(later):
            await asyncio.sleep(0)
        running.cancel()
        ended, _ = await asyncio.wait({running}, timeout=PATIENCE_S)
        running.cancel()  # when it went on: the test is to end
        with suppress(asyncio.CancelledError):
            await running
    assert ended
