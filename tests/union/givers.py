"""Peers that give a snapshot and hold some of it back, and what the node that takes it asks for.

givers = Givers(node, other)
givers.enough[ChunkKind.OBJECTS] = 20    # no more objects than that, until `give_all`
Questions.of_the_state(new_node)         # (kind, name) of what it asked for, in order
"""

from collections.abc import Callable, Iterator, Sequence

from ledger_node.node.frames import ChunkFrame, ChunkWanted, Frame, SnapshotOffer
from ledger_node.node.node import Node
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import ChunkKind
from ledger_node.state.walk import PageRef, walk
from ledger_node.storage import schema
from ledger_node.storage.snapshot import Snapshot
from ledger_node.storage.staging import Staging
from tests.patience import PATIENCE_S

Piece = tuple[ChunkKind, bytes]
"""What is asked for: its kind and its name."""

OF_THE_STATE = (ChunkKind.PAGES, ChunkKind.OBJECTS)


class Questions(Exchange):
    """An exchange in which no answer comes too late, and which remembers what was asked."""

    def __init__(self, send: Callable[[str, Frame], None]) -> None:
        super().__init__(send, answer_s=PATIENCE_S)
        self.asked: list[Piece] = []

    async def ask(
        self, peer: str, height: int, kind: ChunkKind, names: Sequence[bytes]
    ) -> tuple[bytes, ...] | None:
        self.asked += [(kind, name) for name in names]
        return await super().ask(peer, height, kind, names)

    @classmethod
    def of_the_state(cls, node: Node) -> list[Piece]:
        """The pages and objects that a node asked for, in order, as often as it did."""
        exchange = node.snapshots.exchange
        assert isinstance(exchange, cls)
        return [(kind, name) for kind, name in exchange.asked if kind in OF_THE_STATE]


class Givers:
    """Mutable. enough: items of a kind after which no more of it are given; mute: nothing is
    offered; given: items so far; unanswered: how often somebody asked in vain for an offer."""

    def __init__(self, *nodes: Node) -> None:
        """nodes: the peers, in this process."""
        self.enough: dict[ChunkKind, int] = {}
        self.mute = False
        self.given = dict.fromkeys(ChunkKind, 0)
        self.unanswered = 0
        self._held: list[Callable[[], None]] = []
        for node in nodes:
            self._watch(node)

    def give_all(self) -> None:
        """Give what was held back, and hold nothing back any more."""
        self.enough.clear()
        self.mute = False
        held, self._held = self._held, []
        for give in held:
            give()

    def forget(self) -> None:
        """Whoever asked so far is dead: hold nothing back any more, and drop what was held."""
        self.enough.clear()
        self._held.clear()

    def _watch(self, node: Node) -> None:
        giving = node.snapshots.giving
        give, send = giving.give, giving.send
        kinds: dict[tuple[str, int], ChunkKind] = {}

        async def asked(peer: str, wanted: ChunkWanted) -> None:
            kinds[peer, wanted.request] = ChunkKind(wanted.kind)
            await give(peer, wanted)

        def answered(peer: str, frame: Frame) -> None:
            match frame:
                case ChunkFrame():
                    kind = kinds.pop((peer, frame.request))
                    self._give(kind, len(frame.items), lambda: send(peer, frame))
                case SnapshotOffer() if self.mute:
                    self.unanswered += 1
                case _:
                    send(peer, frame)

        vars(giving).update(give=asked, send=answered)

    def _give(self, kind: ChunkKind, items: int, give: Callable[[], None]) -> None:
        if kind in self.enough and self.given[kind] >= self.enough[kind]:
            self._held.append(give)
        else:
            self.given[kind] += items
            give()


def pieces_in(staging: Staging) -> dict[Piece, bytes]:
    """The pages and objects of a state that is on its way in."""
    pages = {(ChunkKind.PAGES, row[1:]): page for row, page in staging.rows(schema.PAGE)}
    return pages | _objects(staging.rows)


def pieces_of(view: Snapshot) -> dict[Piece, bytes]:
    """The pages and objects of the state of a ledger."""
    found = walk(view, view.tip.state_root)
    pages = {(ChunkKind.PAGES, ref.key): page for ref, page in found if isinstance(ref, PageRef)}
    return pages | _objects(view.rows)


def _objects(rows: Callable[[bytes], Iterator[tuple[bytes, bytes]]]) -> dict[Piece, bytes]:
    objects = dict(rows(schema.OBJECT))
    return {
        (ChunkKind.OBJECTS, row[1:]): objects[schema.OBJECT + key] for row, key in rows(schema.LEAF)
    }
