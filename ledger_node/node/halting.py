"""What makes this member vote no more: said aloud, and shown to whoever asks how the node is."""

import logging
from pathlib import Path
from typing import Final

from consensus.core import Simplex
from consensus.events import Forked, Halt
from ledger_node.node.kept_fork import keep_fork, kept_fork

log = logging.getLogger(__name__)

FORKED: Final = "halted: two histories are final: more members lied than the protocol survives"


class Halting:
    """Owned by the event loop's thread.

    halted: executing a block gave another outcome here than a quorum certified; forked: two
    histories were certified, and the proof of it is on disk: a restart does not undo it.
    """

    def __init__(self, proof: Path) -> None:
        """proof: file for that of a fork. Raises StorageCorrupt for a damaged one."""
        self.halted: Halt | None = None
        self.forked = kept_fork(proof)
        self._proof = proof

    def take(self, reason: Halt | Forked) -> None:
        """The core stopped. Raises StorageFailed."""
        if isinstance(reason, Forked):
            self._fork(reason)
            return
        self.halted = reason
        log.critical(
            "halted: executing this block gives another outcome here than a quorum certified",
            extra={
                "height": reason.block.header.height,
                "ours": reason.ours.hex(),
                "certified": reason.certified.hex(),
            },
        )

    def still(self, core: Simplex) -> Simplex:
        """The core, which says nothing if this node has seen a fork before."""
        if self.forked is not None:
            log.critical(FORKED, extra={"proof": str(self._proof)})
            core.stay_halted(self.forked)
        return core

    def _fork(self, fork: Forked) -> None:
        self.forked = fork
        keep_fork(self._proof, fork)
        log.critical(
            FORKED,
            extra={
                "proof": str(self._proof),
                "view": fork.theirs.view,
                "block": fork.theirs.block.hex(),
                "outcome": fork.theirs.outcome.hex(),
            },
        )
