"""Members that contradict themselves: each proof is kept once, counted, and told to everyone."""

import logging
from collections.abc import Callable

from consensus.votes import Evidence
from ledger_node.node.evidence import Equivocation, EvidenceStore, encoded
from ledger_node.node.frames import EvidenceFrame
from ledger_node.node.peering import Peering

log = logging.getLogger(__name__)


class Accusations:
    """Owned by the event loop's thread."""

    def __init__(
        self, store: EvidenceStore, peering: Peering, on_proof: Callable[[str], None]
    ) -> None:
        """on_proof: told whom each new proof is about."""
        self._store = store
        self._peering = peering
        self._on_proof = on_proof

    def found(self, evidence: Evidence) -> None:
        """The core met two votes that contradict each other. Raises StorageFailed."""
        first, second = encoded(evidence.first, evidence.second)
        self.heard(EvidenceFrame(first, second))

    def heard(self, frame: EvidenceFrame) -> None:
        """Evidence, checked here whoever it is from.

        Of another epoch it cannot be, without the keys of then; whoever was in that epoch has it.
        Raises MessageRefused when it proves nothing, StorageFailed.
        """
        proven = self._peering.equivocation(frame.first, frame.second)
        if proven is not None and self._store.add(proven):
            self._tell(proven)

    def _tell(self, proven: Equivocation) -> None:
        self._on_proof(proven.member)
        log.error(
            "a member contradicts itself: its two signed votes are kept",
            extra={"peer": proven.member, "epoch": proven.epoch, "view": proven.view},
        )
        self._peering.broadcast_frame(EvidenceFrame(proven.first, proven.second))
