"""Who is kept out, what is refused on a link, and that a node carries on after all of it."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from struct import pack

import aiohttp
import pytest
from aiohttp import web

from ledger_node.codec import encode
from ledger_node.network import FrameRefused, Identity, Limits, PeerAddress
from ledger_node.network.frames import FrameClass
from ledger_node.network.limits import MAX_FRAME, MAX_MESSAGE, PATH, PROTOCOL
from ledger_node.network.link import hello
from ledger_node.network.peers import client_context
from tests.ledger_node.network.peer_union import (
    UNION,
    Node,
    addresses,
    identity,
    running,
)
from tests.patience import PATIENCE_S, until


@dataclass
class Stand:
    """AM runs a node; BY is played by the test, by hand."""

    am: Node
    members: dict[str, PeerAddress]

    @asynccontextmanager
    async def dial(
        self, own: Identity | None = None, context: ssl.SSLContext | None = None, path: str = PATH
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        certificates = [self.members["AM"].certificate]
        context = context or client_context(own or identity("BY"), certificates)
        url = f"wss://127.0.0.1:{self.members['AM'].port}{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, ssl=context, server_hostname="am") as ws,
        ):
            yield ws

    async def works(self) -> None:
        """The node still takes a frame from a well-behaved BY."""
        count = len(self.am.received)
        async with self.dial() as ws:
            await greeted(ws)
            await ws.send_bytes(pack(">I", 2) + b"ok")
            await until(lambda: len(self.am.received) == count + 1)
        assert self.am.received[-1] == ("BY", b"ok")


async def greeted(
    ws: aiohttp.ClientWebSocketResponse, carries: FrameClass = FrameClass.URGENT
) -> None:
    await ws.send_bytes(hello(UNION, "BY", carries))
    assert await ws.receive_bytes(timeout=PATIENCE_S) == hello(UNION, "AM", carries)


async def refusal(ws: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
    """The code and the reason with which the node closes."""
    while True:
        message = await ws.receive(timeout=PATIENCE_S)
        if message.type is aiohttp.WSMsgType.CLOSE:
            return message.data, message.extra or ""
        assert message.type is aiohttp.WSMsgType.BINARY


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    members = addresses("AM", "BY")
    node = Node("AM", members)
    async with running(node):
        yield Stand(node, members)


async def test_a_certificate_that_is_not_pinned_is_refused(stand: Stand) -> None:
    """Another key under BY's name: everything right but the pin."""
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        async with stand.dial(identity("BY", 1)) as ws:
            await ws.receive_bytes(timeout=PATIENCE_S)
    await stand.works()


async def test_a_certificate_signed_by_a_members_key_is_refused(stand: Stand) -> None:
    """A member's certificate is an anchor for itself and for no other."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from ledger_node.crypto.signatures import SoftwareSigner, Suite

    issuer = identity("BY")
    parent = x509.load_der_x509_certificate(issuer.certificate)
    signer = SoftwareSigner.generate(Suite.ECDSA_P256)
    key = ec.derive_private_key(int.from_bytes(signer.private_bytes(), "big"), ec.SECP256R1())
    parent_key = ec.derive_private_key(
        int.from_bytes(issuer.signer.private_bytes(), "big"), ec.SECP256R1()
    )
    child = (
        x509.CertificateBuilder()
        .subject_name(parent.subject)
        .issuer_name(parent.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(parent.not_valid_before_utc)
        .not_valid_after(parent.not_valid_after_utc)
        .sign(parent_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        async with stand.dial(Identity("BY", child, signer)) as ws:
            await ws.receive_bytes(timeout=PATIENCE_S)
    await stand.works()


async def test_a_client_without_a_certificate_is_refused(stand: Stand) -> None:
    context = ssl.create_default_context(
        cadata=ssl.DER_cert_to_PEM_cert(stand.members["AM"].certificate)
    )
    context.check_hostname = False
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        async with stand.dial(context=context) as ws:
            await ws.receive_bytes(timeout=PATIENCE_S)
    await stand.works()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_tls_1_2_is_refused_and_1_3_is_not(stand: Stand, version: ssl.TLSVersion) -> None:
    context = client_context(identity("BY"), [stand.members["AM"].certificate])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version

    def shake_hands() -> str | None:
        address = ("127.0.0.1", stand.members["AM"].port)
        with socket.create_connection(address) as plain, context.wrap_socket(plain) as secured:
            return secured.version()

    if version is ssl.TLSVersion.TLSv1_3:
        assert await asyncio.to_thread(shake_hands) == "TLSv1.3"
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(shake_hands)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: am\r\n\r\n",
        b"\x16\x03\x01\xff\xff" + bytes(64),
        b"\xff" * 4096,
    ],
)
async def test_plaintext_and_garbage_get_nothing_and_harm_nothing(
    stand: Stand, garbage: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.members["AM"].port)
    writer.write(garbage)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE_S):
        answer = await reader.read(100)
    assert b"HTTP" not in answer
    writer.close()
    await stand.works()


async def test_a_connection_that_never_speaks_tls_is_cut() -> None:
    members = addresses("AM", "BY")
    async with running(Node("AM", members, limits=Limits(handshake_s=0.3, close_s=0.3))):
        reader, writer = await asyncio.open_connection("127.0.0.1", members["AM"].port)
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()


async def test_a_member_that_claims_to_be_another_is_refused(stand: Stand) -> None:
    async with stand.dial() as ws:
        await ws.send_bytes(hello(UNION, "AM", FrameClass.BULK))
        code, reason = await refusal(ws)
    assert code == 4003
    assert reason == "hello: claims to be 'AM', the certificate is BY's"
    assert stand.am.network.counters["BY"].links_refused == 1
    await stand.works()


@pytest.mark.parametrize(
    ("greeting", "code", "reason"),
    [
        (encode([PROTOCOL + 1, UNION, "BY", 0]), 4001, "protocol 2, here it is 1"),
        (
            hello(bytes(32), "BY", FrameClass.BULK),
            4002,
            "union 0000000000000000, here it is 0001020304050607",
        ),
        (b"", 4000, "hello"),
        (b"\xc1", 4000, "hello"),
        (hello(UNION, "BY", FrameClass.BULK) + b"\x00", 4000, "hello"),
        (hello(UNION, "B" * 1000, FrameClass.BULK), 4000, "at most 256"),
        (encode(["1", UNION, "BY", 0]), 4000, "hello"),
        (encode([PROTOCOL, UNION, "BY"]), 4000, "hello"),
        (encode([PROTOCOL, UNION, "BY", 2]), 4000, "hello"),
    ],
)
async def test_a_hello_that_does_not_fit_is_refused_with_the_reason(
    stand: Stand, greeting: bytes, code: int, reason: str
) -> None:
    async with stand.dial() as ws:
        await ws.send_bytes(greeting)
        got = await refusal(ws)
    assert got[0] == code
    assert reason in got[1]
    await stand.works()


async def test_a_member_that_says_no_hello_is_cut() -> None:
    members = addresses("AM", "BY")
    stand = Stand(Node("AM", members, limits=Limits(handshake_s=0.2, close_s=0.3)), members)
    async with running(stand.am), stand.dial() as ws:
        assert await refusal(ws) == (4000, "hello: none came")


async def test_text_is_refused(stand: Stand) -> None:
    async with stand.dial() as ws:
        await greeted(ws)
        await ws.send_str("good day")
        code, reason = await refusal(ws)
    assert (code, "only binary" in reason) == (4004, True)
    await stand.works()


async def test_an_oversized_frame_closes_the_link_with_the_reason(stand: Stand) -> None:
    async with stand.dial() as ws:
        await greeted(ws)
        await ws.send_bytes(pack(">I", MAX_FRAME + 1) + bytes(100))
        code, reason = await refusal(ws)
    assert code == 4004
    assert reason == f"frame: has {MAX_FRAME + 1} bytes, must have 1 to {MAX_FRAME}"
    assert stand.am.received == []
    await stand.works()


async def test_an_oversized_message_closes_the_link(stand: Stand) -> None:
    async with stand.dial() as ws:
        await greeted(ws)
        await ws.send_bytes(bytes(MAX_MESSAGE + 1))
        code, _ = await refusal(ws)
    assert code == 1009  # RFC 6455 §7.4.1: message too big
    await stand.works()


async def test_a_truncated_frame_closes_the_link_with_the_reason(stand: Stand) -> None:
    async with stand.dial() as ws:
        await greeted(ws)
        await ws.send_bytes(pack(">I", 9) + b"short")
        assert await refusal(ws) == (4004, "frame: shorter than its length says")
    await stand.works()


async def test_another_path_is_not_found(stand: Stand) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
        async with stand.dial(path="/v1"):
            pass


async def test_a_newer_link_of_a_member_replaces_the_older_of_its_class(stand: Stand) -> None:
    async with stand.dial() as bulk, stand.dial() as old:
        await greeted(bulk, FrameClass.BULK)
        await greeted(old)
        async with stand.dial() as new:
            await greeted(new)
            assert await refusal(old) == (4005, "replaced by a newer link")
            for ws, text in ((new, b"n"), (bulk, b"b")):
                await ws.send_bytes(pack(">I", 1) + text)
            await until(lambda: len(stand.am.received) == 2)
            assert stand.am.network.heard == {"BY"}


async def test_a_frame_its_taker_refuses_closes_the_link_with_the_reason(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(member: str, frame: bytes) -> None:
        raise FrameRefused("vote: signature does not verify")

    monkeypatch.setattr(stand.am.network._incoming, "_on_frame", refuse)
    async with stand.dial() as ws:
        await greeted(ws)
        await ws.send_bytes(pack(">I", 1) + b"n")
        assert await refusal(ws) == (4004, "vote: signature does not verify")


async def test_a_bug_in_the_taker_costs_one_link_and_is_logged(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(member: str, frame: bytes) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(stand.am.network._incoming, "_on_frame", fail)
        async with stand.dial() as ws:
            await greeted(ws)
            await ws.send_bytes(pack(">I", 1) + b"n")
            assert await refusal(ws) == (1011, "internal error")
    assert "frame handler failed" in caplog.text
    await stand.works()


async def test_a_member_gone_in_the_middle_of_the_greeting_is_no_error(
    stand: Stand, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")

    with monkeypatch.context() as patch:
        patch.setattr(web.WebSocketResponse, "send_bytes", gone)
        async with stand.dial() as ws:
            await ws.send_bytes(hello(UNION, "BY", FrameClass.URGENT))
            await ws.receive(timeout=PATIENCE_S)
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    await stand.works()


async def test_a_dialler_refuses_another_member_at_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """KZ's node answers where BY should: a sound member, not the one dialled."""
    members = addresses("AM", "BY", "KZ")
    am = Node("AM", {member: members[member] for member in ("AM", "BY")})
    swapped = {**members, "KZ": members["BY"], "BY": members["KZ"]}
    swapped = {
        member: PeerAddress(at.host, at.port, identity(member).certificate)
        for member, at in swapped.items()
    }
    kz = Node("KZ", swapped)

    def refused() -> bool:
        reasons = [getattr(record, "reason", "") for record in caplog.records]
        return sum("certificate" in reason for reason in reasons) == len(FrameClass)

    with caplog.at_level(logging.WARNING):
        async with running(kz, am):
            am.network.send("BY", b"for BY only", urgent=True)
            await until(refused)
            assert am.network.connected == {"BY": False}
    assert kz.received == []


async def test_a_dialler_refuses_a_member_of_another_union(
    caplog: pytest.LogCaptureFixture,
) -> None:
    members = addresses("AM", "BY")
    am, by = Node("AM", members), Node("BY", members, union=bytes(32))

    def refused() -> bool:
        reasons = {getattr(record, "reason", "") for record in caplog.records}
        return any("4002 hello: union" in reason for reason in reasons)

    with caplog.at_level(logging.WARNING):
        async with running(am, by):
            await until(refused)
            assert am.network.connected == {"BY": False}
            assert by.network.connected == {"AM": False}


async def test_a_silent_peer_is_given_up() -> None:
    """BY listens and greets, then says nothing more, as when its machine has gone."""
    members = addresses("AM", "BY")
    limits = Limits(silence_s=0.3, first_retry_s=0.02, last_retry_s=0.05, close_s=0.1)
    am = Node("AM", members, limits=limits)
    by = Node("BY", members, limits=Limits(alive_s=60.0, close_s=0.1))
    async with running(am, by):
        await until(lambda: ("BY", False) in am.links)
        await until(lambda: am.links.count(("BY", True)) >= 2)
