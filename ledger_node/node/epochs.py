"""Epochs on a node: which one the ledger is in, when it ends, and whose keys count then.

All of it is read from final state: the charter says that an epoch was decided and at which height,
and the roster that follows is a function of the roster before. So members agree on it as they
agree on everything else, and a node that comes back or catches up finds it again.
"""

import logging
from dataclasses import dataclass, field

from consensus.block import View
from consensus.chain import Head
from ledger_node.codec import decode, encode
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.genesis.card import MemberCard
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.epochs import FOUNDING_EPOCH, following_roster, last_height
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.ledger.chain import Tip
from ledger_node.node.lineage import step_at
from ledger_node.storage.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Epoch:
    """The epoch that a node's ledger is in, and what consensus needs to begin or resume it."""

    roster: Roster
    head: Head
    last_height: int | None
    begins: bool
    """Whether the head is the last block of the epoch before."""


def current_epoch(database: Database, founding: VerifiedGenesis) -> Epoch:
    """The epoch at the database's head. Keeps the roster of one that begins there."""
    snapshot = database.latest
    tip = snapshot.tip
    kept = database.roster()
    if kept is None:
        roster = founding_roster(founding.genesis, FOUNDING_EPOCH)
    else:
        roster = decode(Roster, kept, what="roster")
    ending = last_height(snapshot.object, roster)
    if ending is not None and tip.header.height >= ending:
        roster, problem = following_roster(snapshot.object, roster, tip.header.height)
        if problem:
            log.error("the voted epoch document is not followed", extra={"reason": problem})
        database.keep_roster(encode(roster), tip.header.epoch, step_at(snapshot))
        ending = None
    begins = tip.header.epoch != roster.epoch
    return Epoch(roster, _head(tip, begins=begins), ending, begins)


def _head(tip: Tip, *, begins: bool) -> Head:
    """Views count from 1 in each epoch: the block it stands on is its view 0."""
    header = tip.header
    view = View(0) if begins else View(header.view)
    return Head(view, header.height, tip.block_id, header.time_ms)


class KeyMissing(Exception):
    """The roster names a key that this node does not have. purpose: which; member: whose card."""

    def __init__(self, member: str, purpose: str) -> None:
        super().__init__(
            f"the {purpose} key in {member}'s card is not among this node's key files: put it into "
            f"keys/next/{purpose}.key and start again"
        )
        self.member = member
        self.purpose = purpose


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The online keys of a member's node, those that one roster names."""

    consensus: SoftwareSigner
    cosigner: SoftwareSigner
    log: SoftwareSigner
    tls: SoftwareSigner


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All online keys this node has: those in use, and those of a card it has handed in."""

    signers: tuple[SoftwareSigner, ...] = field(repr=False)

    @classmethod
    def of(cls, *sets: NodeKeys) -> "KeyRing":
        """A ring of one or several sets."""
        return cls(tuple(s for k in sets for s in (k.consensus, k.cosigner, k.log, k.tls)))

    def keys_of(self, card: MemberCard) -> NodeKeys:
        """The keys a card names. Raises KeyMissing."""
        by_public = {signer.public: signer for signer in self.signers}
        named = card.keys()

        def find(purpose: str) -> SoftwareSigner:
            signer = by_public.get(named[purpose])
            if signer is None:
                raise KeyMissing(card.member, purpose)
            return signer

        return NodeKeys(find("consensus"), find("cosigner"), find("log"), find("tls"))
