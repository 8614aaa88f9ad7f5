"""Who is turned away at the peer port is counted by reason, and cannot fill the log."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable

import pytest

from ledger_node.network import Limits, PeerAddress, Refusal
from ledger_node.network.peers import client_context
from ledger_node.network.strangers import Strangers
from tests.ledger_node.network.peer_union import Node, addresses, identity, running
from tests.patience import until

PATIENT = Limits(handshake_s=30.0, close_s=0.3)

Knock = Callable[[PeerAddress], Awaitable[None]]


async def with_tls(at: PeerAddress, context: ssl.SSLContext) -> None:
    """A handshake, and waiting for what the node says of it."""
    try:
        reader, writer = await asyncio.open_connection(at.host, at.port, ssl=context)
        await reader.read()
        writer.close()
    except OSError:  # refused early or late: the node's own word on it is what counts
        pass


async def without_certificate(at: PeerAddress) -> None:
    context = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(at.certificate))
    context.check_hostname = False
    await with_tls(at, context)


async def with_a_strangers_certificate(at: PeerAddress) -> None:
    await with_tls(at, client_context(identity("US"), [at.certificate]))


async def with_old_tls(at: PeerAddress) -> None:
    context = client_context(identity("BY"), [at.certificate])
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    await with_tls(at, context)


async def in_the_clear(at: PeerAddress) -> None:
    _, writer = await asyncio.open_connection(at.host, at.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: am\r\n\r\n")
    await writer.drain()
    writer.close()


async def and_goes_at_once(at: PeerAddress) -> None:
    _, writer = await asyncio.open_connection(at.host, at.port)
    writer.close()


@pytest.mark.parametrize(
    ("knock", "why"),
    [
        (without_certificate, Refusal.CERTIFICATE),
        (with_a_strangers_certificate, Refusal.CERTIFICATE),
        (with_old_tls, Refusal.TLS),
        (in_the_clear, Refusal.TLS),
        (and_goes_at_once, Refusal.UNFINISHED),
    ],
)
async def test_a_refusal_is_counted_by_its_reason_and_logged_with_the_address(
    knock: Knock, why: Refusal, caplog: pytest.LogCaptureFixture
) -> None:
    members = addresses("AM", "BY")
    am = Node("AM", members, limits=PATIENT)
    async with running(am):
        await knock(members["AM"])
        await until(lambda: am.refusals)
    assert am.refusals == [why]
    (line,) = [r for r in caplog.records if r.message == "turned away at the peer port"]
    assert (line.levelno, line.host, line.why) == (logging.WARNING, "127.0.0.1", why)
    assert line.reason


async def test_a_handshake_that_takes_too_long_is_counted() -> None:
    members = addresses("AM", "BY")
    am = Node("AM", members, limits=Limits(handshake_s=0.1, close_s=0.3))
    async with running(am):
        _, writer = await asyncio.open_connection(members["AM"].host, members["AM"].port)
        await until(lambda: am.refusals == [Refusal.UNFINISHED])
        writer.close()


async def test_strangers_do_not_fill_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Refusal] = []
    strangers = Strangers(10.0, counted.append)
    loop = asyncio.get_running_loop()
    now = loop.time()
    for after, times in ((0.0, 1000), (9.9, 1), (10.0, 1), (30.0, 1)):
        monkeypatch.setattr(loop, "time", lambda after=after: now + after)
        for _ in range(times):
            strangers.turn_away("192.0.2.7", Refusal.TLS, "no TLS")
    monkeypatch.undo()
    assert len(counted) == 1003
    assert [record.others_since for record in caplog.records] == [0, 1000, 0]


async def test_a_flood_of_strangers_does_not_keep_a_member_out() -> None:
    members = addresses("AM", "BY")
    am, by = Node("AM", members, limits=PATIENT), Node("BY", members)
    async with running(am):
        silent = [
            await asyncio.open_connection(members["AM"].host, members["AM"].port)
            for _ in range(100)
        ]
        async with running(by):
            by.network.send("AM", b"past them", urgent=True)
            await until(lambda: am.received == [("BY", b"past them")])
        for _, writer in silent:
            writer.close()
