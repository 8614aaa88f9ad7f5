"""The rosters from the founding one on, each proven by the end of the epoch before it.

They are what certificates are checked under. Those that this node saw begin, and those whose steps
it was shown: both are followed in the same way, from the genesis.
"""

from collections.abc import Callable

from consensus.committee import Committee
from ledger_node.codec import encode
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.epochs import FOUNDING_EPOCH, committee_of
from ledger_node.genesis.lineage import StepRefused, follow_step
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.ledger.finality import CheckClaims
from ledger_node.node.peering import ClaimChecker
from ledger_node.node.snapshot.forms import SnapshotRefused
from ledger_node.node.snapshot.verify import VerifiedSnapshot, epoch_of
from ledger_node.node.snapshot.verify import verify_manifest as verify
from ledger_node.storage.staging import LedgerHead


class Rosters:
    """Owned by one task. Steps are kept once they were followed."""

    def __init__(
        self, founding: VerifiedGenesis, kept: Callable[[int], bytes | None] | None = None
    ) -> None:
        """kept: the step of an epoch that this node's own ledger holds."""
        self.union = bytes(founding.union)
        self._rosters = {FOUNDING_EPOCH: founding_roster(founding.genesis, FOUNDING_EPOCH)}
        self.steps: dict[int, bytes] = {}
        """Proof of how an epoch ended, by epoch."""
        self._checkers: dict[int, ClaimChecker] = {}
        if kept is not None:
            while (step := kept(self.newest)) is not None:
                self.follow(step)

    @property
    def newest(self) -> int:
        """The last epoch whose roster is known."""
        return max(self._rosters)

    def of(self, epoch: int) -> Roster | None:
        """The roster of an epoch, if it is known."""
        return self._rosters.get(epoch)

    def follow(self, step: bytes) -> None:
        """Learn the roster after the newest one. Raises SnapshotRefused."""
        before = self._rosters[self.newest]
        try:
            after = follow_step(step, before, self.union, self.checker)
        except StepRefused as error:
            raise SnapshotRefused("epoch step", error.reason) from error
        self.steps[before.epoch] = step
        self._rosters[after.epoch] = after

    def verify(self, manifest: bytes) -> VerifiedSnapshot | None:
        """The snapshot that a manifest announces; None while its epoch's roster is unknown.

        Raises SnapshotRefused.
        """
        roster = self.of(epoch_of(manifest))
        return None if roster is None else verify(manifest, roster, self.union, self.checker)

    def committee(self, epoch: int) -> Committee | None:
        """Who votes in an epoch, if it is known."""
        roster = self.of(epoch)
        return None if roster is None else committee_of(roster, self.union)

    def head(self, snapshot: VerifiedSnapshot) -> LedgerHead:
        """What a snapshot says of the head of the ledger that is made of it."""
        manifest, epoch = snapshot.manifest, snapshot.roster.epoch
        return LedgerHead(
            block=manifest.block,
            certificate=manifest.certificate,
            frontier=snapshot.frontier,
            state_root=manifest.state_root,
            entry=manifest.entry,
            tiles=snapshot.tiles,
            roster=None if epoch == FOUNDING_EPOCH else encode(snapshot.roster),
            steps={e: step for e, step in self.steps.items() if e < epoch},
        )

    def checker(self, committee: Committee) -> CheckClaims:
        """Checks signatures of a committee, each once."""
        return self._checkers.setdefault(committee.epoch, ClaimChecker(committee))
