"""Another roster on a running network: who stays notices nothing, who left is kept out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from struct import pack

import aiohttp
import pytest

from ledger_node.network import Identity, PeerAddress, Refusal
from ledger_node.network.frames import FrameClass
from ledger_node.network.limits import PATH
from ledger_node.network.link import hello
from ledger_node.network.peers import client_context
from tests.ledger_node.network.peer_union import UNION, Node, addresses, identity, running
from tests.patience import PATIENCE_S, until
from tests.ports import HOST, free_ports

Roster = dict[str, PeerAddress]


def all_up(*nodes: Node) -> bool:
    return all(all(node.network.connected.values()) for node in nodes)


def without(members: Roster, *gone: str) -> Roster:
    return {member: at for member, at in members.items() if member not in gone}


def rotated(members: Roster, member: str) -> Roster:
    """The same, but for the member's certificate."""
    own = replace(members[member], certificate=identity(member, 1).certificate)
    return {**members, member: own}


@asynccontextmanager
async def dialled(
    member: str, members: Roster, own: Identity | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection to AM's port, made by hand."""
    context = client_context(own or identity(member), [members["AM"].certificate])
    url = f"wss://{HOST}:{members['AM'].port}{PATH}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, ssl=context, server_hostname="am") as ws,
    ):
        yield ws


async def refusal(ws: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
    while True:
        message = await ws.receive(timeout=PATIENCE_S)
        if message.type is aiohttp.WSMsgType.CLOSE:
            return message.data, message.extra or ""
        assert message.type is aiohttp.WSMsgType.BINARY


async def test_links_of_who_stays_go_on_and_nothing_that_waits_is_lost() -> None:
    members = addresses("AM", "BY", "KZ")
    am, by = (Node(member, members) for member in ("AM", "BY"))
    async with running(am, by):
        await until(lambda: am.network.connected["BY"] and by.network.connected["AM"])
        by.gate.clear()
        for number in range(100):
            am.network.send("BY", b"%d" % number, urgent=number % 2 == 0)
        am.network.send("KZ", b"who is away", urgent=True)
        await am.network.change_roster(identity("AM"), {**members, **addresses("UZ")})
        by.gate.set()
        await until(lambda: len(by.received) == 100)
        assert sorted(int(frame) for _, frame in by.received) == list(range(100))
        kz = Node("KZ", members)
        async with running(kz):
            await until(lambda: kz.received == [("AM", b"who is away")])
        assert am.network.counters["BY"].links_up == by.network.counters["AM"].links_up == 2
        assert ("BY", False) not in am.links
        assert am.network.connected["UZ"] is False


async def test_a_new_member_is_let_in_and_dialled() -> None:
    members = addresses("AM", "BY", "KZ")
    two = without(members, "KZ")
    am, kz = Node("AM", two), Node("KZ", members)
    async with running(am, kz):
        await until(lambda: am.refusals)
        assert set(am.refusals) == {Refusal.CERTIFICATE}
        with pytest.raises(KeyError):
            am.network.send("KZ", b"not yet", urgent=True)
        await am.network.change_roster(identity("AM"), members)
        am.network.send("KZ", b"welcome", urgent=True)
        kz.network.send("AM", b"thanks", urgent=False)
        await until(lambda: am.received and kz.received)
        assert (am.received, kz.received) == ([("KZ", b"thanks")], [("AM", b"welcome")])
        await until(lambda: ("KZ", True) in am.links)


async def test_who_left_is_dialled_no_more_and_refused() -> None:
    members = addresses("AM", "BY", "KZ")
    am, by, kz = (Node(member, members) for member in members)
    async with running(am, by, kz):
        await until(lambda: all_up(am, by, kz))
        await am.network.change_roster(identity("AM"), without(members, "KZ"))
        assert am.network.connected == {"BY": True}
        assert am.links[-1] == ("KZ", False)
        with pytest.raises(KeyError):
            am.network.send("KZ", b"you left", urgent=True)
        am.network.broadcast(b"to all", urgent=True)
        kz.network.send("AM", b"I am still here", urgent=True)
        await until(lambda: not kz.network.connected["AM"] and am.network.heard == {"BY"})
        turned_away = len(am.refusals)
        await until(lambda: len(am.refusals) > turned_away + 1)
        await until(lambda: by.received == [("AM", b"to all")])
        assert kz.received == []
        assert am.received == []
        assert all_up(by)


async def test_who_left_gets_what_waited_for_it_first() -> None:
    members = addresses("AM", "BY", "KZ")
    am, kz = Node("AM", members), Node("KZ", members)
    async with running(am, kz):
        await until(lambda: am.network.connected["KZ"])
        for number in range(100):
            am.network.send("KZ", b"%d" % number, urgent=number % 2 == 0)
        await am.network.change_roster(identity("AM"), without(members, "KZ"))
        await until(lambda: len(kz.received) == 100)
        await until(lambda: not kz.network.heard)


async def test_who_left_and_reads_nothing_is_not_waited_for() -> None:
    members = addresses("AM", "BY", "KZ")
    am, kz = Node("AM", members), Node("KZ", members)
    async with running(am, kz):
        await until(lambda: am.network.connected["KZ"])
        kz.gate.clear()
        for _ in range(30):
            am.network.send("KZ", bytes(1024 * 1024), urgent=False)
        await am.network.change_roster(identity("AM"), without(members, "KZ"))
        await until(lambda: not am.network._ending)
        kz.gate.set()
        assert len(kz.received) < 30


async def test_not_one_more_frame_of_who_left_is_taken() -> None:
    """BY's frames came in one message; the roster changes while the first is being taken."""
    members = addresses("AM", "BY", "KZ")
    am = Node("AM", members)
    am.gate.clear()
    async with running(am), dialled("BY", members) as ws:
        await ws.send_bytes(hello(UNION, "BY", FrameClass.URGENT))
        await ws.send_bytes(b"".join(pack(">I", 1) + b"%d" % n for n in range(5)))
        await until(lambda: am.network.counters["BY"].frames_received == 1)
        await am.network.change_roster(identity("AM"), without(members, "BY"))
        am.gate.set()
        assert await refusal(ws) == (4006, "no longer the certificate of a member")
        await until(lambda: not am.network.heard)
        assert am.received == [("BY", b"0")]


async def test_who_left_in_the_middle_of_the_greeting_gets_no_link() -> None:
    members = addresses("AM", "BY", "KZ")
    am = Node("AM", members)
    async with running(am), dialled("BY", members) as ws:
        await am.network.change_roster(identity("AM"), without(members, "BY"))
        await ws.send_bytes(hello(UNION, "BY", FrameClass.URGENT))
        assert await refusal(ws) == (4006, "no longer the certificate of a member")
        assert am.network.heard == frozenset()


async def test_a_handshake_under_the_roster_before_opens_nothing() -> None:
    members = addresses("AM", "BY", "KZ")
    am = Node("AM", members)
    context = client_context(identity("BY"), [members["AM"].certificate])
    async with running(am):
        reader, writer = await asyncio.open_connection(
            HOST, members["AM"].port, ssl=context, server_hostname="am"
        )
        await am.network.change_roster(identity("AM"), without(members, "BY"))
        writer.write(f"GET {PATH} HTTP/1.1\r\nHost: am\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            assert b"403 Forbidden" in await reader.readline()
        writer.close()
        assert am.refusals == [Refusal.CERTIFICATE]


async def test_a_replaced_certificate_is_refused_and_the_new_one_gets_what_waits() -> None:
    members = addresses("AM", "BY")
    after = rotated(members, "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am):
        async with running(by):
            await until(lambda: all_up(am, by))
            await am.network.change_roster(identity("AM"), after)
            am.network.send("BY", b"for the new key only", urgent=True)
            by.network.send("AM", b"by the old key", urgent=True)
            await until(lambda: not by.network.connected["AM"] and not am.network.heard)
            await until(lambda: len(am.refusals) > 1)
            assert am.network.connected == {"BY": False}
            assert by.received == []
        renewed = Node("BY", after, own=identity("BY", 1))
        async with running(renewed):
            renewed.network.send("AM", b"by the new key", urgent=True)
            await until(lambda: am.received and renewed.received)
            assert am.received == [("BY", b"by the new key")]
            assert renewed.received == [("AM", b"for the new key only")]


async def test_a_member_that_moved_gets_what_waits_at_its_new_address() -> None:
    members = addresses("AM", "BY")
    am = Node("AM", members)
    async with running(am):
        for number in range(3):
            am.network.send("BY", b"%d" % number, urgent=True)
        after = {**members, "BY": replace(members["BY"], port=free_ports(1)[0])}
        await am.network.change_roster(identity("AM"), after)
        by = Node("BY", after)
        async with running(by):
            await until(lambda: len(by.received) == 3)
            assert [frame for _, frame in by.received] == [b"0", b"1", b"2"]


async def test_a_node_that_moves_listens_at_its_new_address_and_keeps_its_links() -> None:
    members = addresses("AM", "BY")
    after = {**members, "AM": replace(members["AM"], port=free_ports(1)[0])}
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        await am.network.change_roster(identity("AM"), after)
        by.network.send("AM", b"on the link there was", urgent=True)
        await until(lambda: am.received)
        assert by.network.counters["AM"].links_up == 2
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(HOST, members["AM"].port)
        await by.network.change_roster(identity("BY"), after)
        by.network.send("AM", b"at the new address", urgent=True)
        await until(lambda: len(am.received) == 2)


async def test_our_own_new_certificate_costs_no_link_before_the_others_go_over() -> None:
    members = addresses("AM", "BY")
    after = rotated(members, "AM")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        await am.network.change_roster(identity("AM", 1), after)
        am.network.send("BY", b"before BY went over", urgent=True)
        by.network.send("AM", b"to AM as it was", urgent=True)
        await until(lambda: am.received and by.received)
        assert am.network.counters["BY"].links_up == by.network.counters["AM"].links_up == 2
        await by.network.change_roster(identity("BY"), after)
        am.network.send("BY", b"after", urgent=True)
        by.network.send("AM", b"to AM as it is", urgent=True)
        await until(lambda: by.network.counters["AM"].links_up == 4)
        await until(lambda: am.network.counters["BY"].links_up == 4)
        await until(lambda: ("BY", b"to AM as it is") in am.received)


async def test_a_node_behind_the_others_is_taken_in_by_its_coming_certificate() -> None:
    """BY replaced its keys, and was away when the others went over."""
    members = addresses("AM", "BY")
    after = rotated(members, "BY")
    am = Node("AM", after)
    by = Node("BY", members, successor=identity("BY", 1))
    async with running(am, by):
        am.network.send("BY", b"how the epoch ended", urgent=True)
        by.network.send("AM", b"what did I miss?", urgent=False)
        await until(lambda: am.received and by.received)
        assert (am.received, by.received) == (
            [("BY", b"what did I miss?")],
            [("AM", b"how the epoch ended")],
        )
        await by.network.change_roster(identity("BY", 1), after)
        await until(lambda: all_up(am, by))
        assert am.network.counters["BY"].links_up == 2


async def test_the_same_roster_again_changes_nothing() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        await until(lambda: all_up(am, by))
        await am.network.change_roster(identity("AM"), dict(members))
        am.network.send("BY", b"on", urgent=True)
        await until(lambda: by.received)
        assert am.links == [("BY", True)]
        assert by.links == [("AM", True)]


async def test_a_new_address_in_use_is_reported() -> None:
    members = addresses("AM", "BY")
    am, by = (Node(member, members) for member in members)
    async with running(am, by):
        taken = {**members, "AM": replace(members["AM"], port=members["BY"].port)}
        with pytest.raises(OSError, match="in use"):
            await am.network.change_roster(identity("AM"), taken)


async def test_tls_itself_refuses_the_certificate_of_who_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    members = addresses("AM", "BY", "KZ")
    am = Node("AM", members)
    async with running(am):
        await am.network.change_roster(identity("AM"), without(members, "BY"))
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            async with dialled("BY", members):
                raise AssertionError("BY was let in")
        await until(lambda: am.refusals)
        assert set(am.refusals) == {Refusal.CERTIFICATE}
    reasons = [r.reason for r in caplog.records if r.message == "turned away at the peer port"]
    assert [reason.partition(":")[0] for reason in reasons] == ["no member's certificate"]
