"""Ports for the nodes of tests: held while their test runs, so that nobody else takes them."""

from collections import deque
from typing import Final

from ledger_node.demo.ports import HeldPorts

HOST: Final = "127.0.0.1"
_HELD: Final[deque[HeldPorts]] = deque(maxlen=64)
"""The last ones asked for. Older ones are let go: their tests are over, and sockets are few."""


def free_ports(count: int) -> tuple[int, ...]:
    """Ports nobody listens on, all different."""
    if len(_HELD) == _HELD.maxlen:
        _HELD.popleft().let_go()
    _HELD.append(HeldPorts(HOST, count))
    return _HELD[-1].ports
