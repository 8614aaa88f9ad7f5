"""Ports of a demonstration stay its own until its nodes listen on them, and while one is down."""

import asyncio
import errno
import os
import socket

import pytest

from ledger_node.demo.ports import HeldPorts

HOST = "127.0.0.1"


def ask_for(port: int) -> None:
    with socket.socket() as other:
        other.bind((HOST, port))


def test_ports_are_different_and_nobody_else_gets_one() -> None:
    with HeldPorts(HOST, 20) as held:
        assert len(set(held.ports)) == 20
        with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
            ask_for(held.ports[0])
        assert not set(HeldPorts(HOST, 20).ports) & set(held.ports)
    ask_for(held.ports[0])


async def test_a_server_may_listen_on_a_held_port_and_come_back_to_it() -> None:
    with HeldPorts(HOST, 1) as held:
        for _ in range(2):
            server = await asyncio.start_server(
                lambda _, writer: writer.close(), HOST, held.ports[0]
            )
            reader, writer = await asyncio.open_connection(HOST, held.ports[0])
            assert await reader.read() == b""
            writer.close()
            server.close()
            await server.wait_closed()


def test_nobody_answers_on_a_held_port() -> None:
    with HeldPorts(HOST, 1) as held, pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, held.ports[0]), timeout=5)
