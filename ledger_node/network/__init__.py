"""Peer links: frames of bytes between the members of a union, authenticated and bounded.

`PeerNetwork` is what the node holds; it knows members and bytes, nothing of their meaning. A link
is one-way: a member dials a peer to speak to it, and is dialled to be spoken to, so nobody has to
settle which of two connections survives. Consensus and the rest have links of their own, so
neither waits behind the other. docs/decisions/0004 tells why.
"""

from ledger_node.network.limits import Limits
from ledger_node.network.link import FrameRefused, LinkCounters
from ledger_node.network.peer_network import PeerNetwork
from ledger_node.network.peers import Identity, PeerAddress
from ledger_node.network.strangers import Refusal

__all__ = [
    "FrameRefused",
    "Identity",
    "Limits",
    "LinkCounters",
    "PeerAddress",
    "PeerNetwork",
    "Refusal",
]
