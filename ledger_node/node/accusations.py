"""Members that contradict themselves: each proof is kept once, counted, and told to everyone.

The disk is waited for by a task of its own. Nothing is counted, shown or told before it is durable.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from consensus.votes import Evidence
from ledger_node.node.evidence import Equivocation, EvidenceStore, encoded
from ledger_node.node.frames import EvidenceFrame
from ledger_node.node.peering import Peering

log = logging.getLogger(__name__)

MOST_OF_ONE: Final = 256
"""Proofs against one member in one epoch: who contradicts itself more often has long been proven
guilty, and must not take up the room for proofs against others."""


class Accusations:
    """Owned by the event loop's thread; `run` must be running."""

    def __init__(
        self, store: EvidenceStore, peering: Peering, on_proof: Callable[[str], None]
    ) -> None:
        """on_proof: told whom each new proof is about."""
        self._store = store
        self._peering = peering
        self._on_proof = on_proof
        self._known = set(store.names)
        self._count = Counter(map(_whose, self._known))
        self._waiting: asyncio.Queue[Equivocation] = asyncio.Queue()

    def found(self, evidence: Evidence) -> None:
        """The core met two votes that contradict each other."""
        first, second = encoded(evidence.first, evidence.second)
        self.heard(EvidenceFrame(first, second))

    def heard(self, frame: EvidenceFrame) -> None:
        """Evidence, checked here whoever it is from.

        Of another epoch it cannot be, without the keys of then; whoever was in that epoch has it.
        Raises MessageRefused when it proves nothing.
        """
        proven = self._peering.equivocation(frame.first, frame.second)
        if proven is None or proven.name in self._known:
            return
        if self._count[_whose(proven.name)] >= MOST_OF_ONE:
            return
        self._known.add(proven.name)
        self._count[_whose(proven.name)] += 1
        self._waiting.put_nowait(proven)

    async def run(self) -> None:
        """Keep what comes, until cancelled. Raises StorageFailed."""
        while True:
            proven = await self._waiting.get()
            await asyncio.to_thread(self._store.add, proven)
            self._tell(proven)

    def _tell(self, proven: Equivocation) -> None:
        self._on_proof(proven.member)
        log.error(
            "a member contradicts itself: its two signed votes are kept",
            extra={"peer": proven.member, "epoch": proven.epoch, "view": proven.view},
        )
        self._peering.broadcast_frame(EvidenceFrame(proven.first, proven.second))


def _whose(name: str) -> str:
    """Member and epoch of a proof, by its name."""
    return name.rpartition("-")[0]
