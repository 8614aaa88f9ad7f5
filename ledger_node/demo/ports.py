"""Ports for nodes that start later, which nobody else gets in the meantime.

A port that was free a moment ago may be given to another program, or to an outgoing connection,
before the node listens on it, and again while a killed node is down. So each is bound here and
kept, without listening. With SO_REUSEADDR on both sides a node binds beside us (as asyncio's
servers do), and the kernel gives a bound port to nobody who leaves the choice to it.
"""

import socket
from types import TracebackType
from typing import Self


class HeldPorts:
    """Ports of one address, all different, from now until `let_go`."""

    def __init__(self, host: str, count: int) -> None:
        """Raises OSError when there are not so many."""
        self._held: list[socket.socket] = []
        try:
            for _ in range(count):
                each = socket.socket()
                self._held.append(each)
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                each.bind((host, 0))
            self.ports: tuple[int, ...] = tuple(each.getsockname()[1] for each in self._held)
        except OSError:
            self.let_go()
            raise

    def let_go(self) -> None:
        """The ports are anyone's; nodes that listen on them keep them."""
        for each in self._held:
            each.close()
        self._held.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.let_go()
