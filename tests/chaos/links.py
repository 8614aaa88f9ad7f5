"""The wires between members: a TCP relay in front of each member's peer port.

Member cards name the relays' ports; the nodes listen behind them (`peer_listen` in node.toml). A
relay finds out which member dialled by whose process holds the other end of the connection, so
that each direction between two members is a wire of its own: A's frames to B go over the
connections that A dials. Everything is TLS; a relay sees no content and can change none.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.chaos.member import MemberProcess
from tests.ports import HOST

_CHUNK: Final = 64 * 1024
_QUEUED: Final = 64


class WireState(StrEnum):
    """What happens to bytes from one member to another."""

    WHOLE = "whole"
    CUT = "cut"
    """Connections are reset, new ones refused."""
    SILENT = "silent"
    """Connections stay, nothing passes either way: a firewall that drops, an unplugged cable."""


@dataclass(slots=True)
class Wire:
    """From the member that dials to the one that listens."""

    state: WireState = WireState.WHOLE
    delay_s: float = 0.0
    passing: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def set(self, state: WireState, delay_s: float = 0.0) -> None:
        """Change it, for connections that there are and those to come."""
        self.state, self.delay_s = state, delay_s
        if state is WireState.SILENT:
            self.passing.clear()
        else:
            self.passing.set()
        if state is WireState.CUT:
            for writer in self.writers:
                writer.transport.abort()


class Links:
    """All wires of a union."""

    def __init__(
        self, members: Mapping[str, MemberProcess], ports: Mapping[str, tuple[int, int]]
    ) -> None:
        """ports: by member, the relay's and the one its node listens on."""
        self._members = members
        self._ports = ports
        self._servers: list[asyncio.Server] = []
        self._running: set[asyncio.Task[None]] = set()
        self.wires = {(a, b): Wire() for a in ports for b in ports if a != b}
        for wire in self.wires.values():
            wire.passing.set()

    async def open(self) -> None:
        """Listen on every relay's port."""
        for member, (relay, _) in self._ports.items():
            self._servers.append(await asyncio.start_server(self._relay_to(member), HOST, relay))

    async def close(self) -> None:
        """Let go of everything."""
        for server in self._servers:
            server.close()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def of(self, member: str) -> list[Wire]:
        """Every wire that begins or ends at a member."""
        return [wire for ends, wire in self.wires.items() if member in ends]

    def heal(self) -> None:
        """Every wire whole again."""
        for wire in self.wires.values():
            wire.set(WireState.WHOLE)

    def _relay_to(
        self, member: str
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._relay(member, reader, writer))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        return accept

    async def _relay(
        self, member: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        port: int = writer.get_extra_info("peername")[1]
        dialler = self._dialler(port)
        wire = None if dialler is None else self.wires.get((dialler, member))
        if wire is None or wire.state is WireState.CUT:
            writer.transport.abort()
            return
        wire.writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            back, there = await asyncio.open_connection(HOST, self._ports[member][1])
            wire.writers.add(there)
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(wire, reader, there))
                both.create_task(_carry(wire, back, writer))
        except* OSError:
            pass
        finally:
            for each in (writer, there):
                if each is not None:
                    wire.writers.discard(each)
                    each.transport.abort()

    def _dialler(self, port: int) -> str | None:
        """The member whose process holds the socket with this local port."""
        inode = _inode_of(port)
        for code, process in self._members.items():
            if inode in process.sockets():
                return code
        return None


async def _carry(wire: Wire, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Bytes one way, in order, each as late as the wire says. Ends as the connection does."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUED)

    async def deliver() -> None:
        while True:
            due, data = await under_way.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            await wire.passing.wait()
            if not data:
                with suppress(OSError):
                    sink.write_eof()
                return
            sink.write(data)
            await sink.drain()

    delivering = asyncio.create_task(deliver())
    try:
        while True:
            data = await source.read(_CHUNK)
            await under_way.put((loop.time() + wire.delay_s, data))
            if not data:
                break
        await delivering
    finally:
        delivering.cancel()
    raise ConnectionResetError("the other end closed")


def _inode_of(port: int) -> int | None:
    """The inode of the loopback socket with a local port that is connected to another."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port and fields[3] == "01":
            return int(fields[9])
    return None
