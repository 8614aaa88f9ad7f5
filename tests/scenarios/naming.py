"""Names for blocks and results: b3 for the block of view 3, result(b3) for what it gives."""

import re
from collections.abc import Iterable

from consensus.block import Block, block_id
from consensus.chain import Head
from tests.simulation.member import SimulatedMember

_HEX = re.compile(r"\b[0-9a-f]{6}\b")


class Naming:
    """Learns the blocks that members come to hold, in the order in which they appear."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._blocks: dict[str, Block] = {}
        self._views: dict[int, int] = {}

    def learn(self, members: Iterable[SimulatedMember]) -> None:
        """Look at what members hold now."""
        for member in members:
            for block, _ in member.disk.final:
                self.call(block)
            for round_ in member.core.rounds.values():
                if round_.proposal is not None:
                    self.call(round_.proposal.block)
            for block in member.core.chain.blocks.values():
                self.call(block)
            for name, outcome in member.work.ledger.outcomes():
                known = self._names.get(name.hex()[:6])
                if known is not None:
                    self._names.setdefault(outcome.hex()[:6], f"result({known})")

    def call(self, block: Block) -> None:
        """Give a block its name, if it has none."""
        short = block_id(block.header).hex()[:6]
        if short not in self._names:
            view = block.header.view
            name = "genesis" if view == 0 else f"b{view}" + "'" * self._views.get(view, 0)
            self._views[view] = self._views.get(view, 0) + 1
            self._names[short] = name
            self._blocks[name] = block

    def block(self, name: str) -> Block:
        """The block that has a name."""
        return self._blocks[name]

    def head(self, name: str) -> Head:
        """Where it stands."""
        return Head.of(self._blocks[name])

    def renamed(self, line: str) -> str:
        """`line` with names for digests."""
        return _HEX.sub(lambda m: self._names.get(m[0], m[0]), line)
