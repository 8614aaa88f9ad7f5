"""A node's place in an epoch: the committee, its own index and keys in it, and whom it talks to.

A member of the committee votes and cosigns. An observer has links and serves the log, and so may a
node whose card no roster holds (yet, or any more): that one only follows, as far as it is let.
"""

import logging
from dataclasses import dataclass
from typing import Final

from consensus.block import Block, Member
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.messages import Finalization, MessageRefused
from consensus.pacing import PacingParameters
from consensus.state import Parameters
from ledger_node.genesis.card import MemberCard
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.epochs import committee_of
from ledger_node.genesis.policy import policy_of
from ledger_node.genesis.roster import Roster
from ledger_node.ledger.finality import certified
from ledger_node.log.policy import Policy
from ledger_node.network.peers import Identity, PeerAddress
from ledger_node.node.epochs import Epoch, KeyMissing, KeyRing, NodeKeys
from ledger_node.node.journal import decode_journal
from ledger_node.storage.database import Database
from ledger_node.storage.wal import WriteAheadLog

log = logging.getLogger(__name__)

RECENT_BLOCKS: Final = 64
"""Final blocks that a core is given when it starts. They are read, so not as many as it keeps."""


class NodeError(Exception):
    """A node that cannot start. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a node was given beside its ledger. member: its code.

    handed_in: its card for while no roster holds one; coming: one that is to replace the roster's;
    ahead: the newest roster there is proof of, for a ledger that is not there yet.
    """

    member: str
    handed_in: MemberCard | None = None
    coming: MemberCard | None = None
    ahead: Roster | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """card: this node's, as peers know it; listed: whether the roster holds it.

    coming: as what peers know it whose roster is ahead, when this node's keys are being replaced;
    ahead: a later roster, if one is known. It says who has links now, and under which certificates;
    who votes in this epoch, and with which keys, it does not.
    """

    roster: Roster
    committee: Committee
    me: Member | None
    card: MemberCard
    listed: bool
    keys: NodeKeys
    policy: Policy
    coming: Identity | None = None
    ahead: Roster | None = None

    @property
    def identity(self) -> Identity:
        """As what peers know this node."""
        return Identity(self.card.member, self.card.tls_certificate, self.keys.tls)

    @property
    def peers(self) -> tuple[str, ...]:
        """Codes of the other nodes of the union, voting first: their order is their index."""
        return tuple(name for name in self.names if name != self.card.member)

    @property
    def names(self) -> tuple[str, ...]:
        """Codes by index: the committee's, then the observers', then our own if unlisted."""
        known = (*self.committee.names, *self.roster.observers)
        return known if self.listed else (*known, self.card.member)

    def addresses(self) -> dict[str, PeerAddress]:
        """Where everyone listens, ourselves included."""
        known = {card.member: card for card in (self.ahead or self.roster).cards}
        known.setdefault(self.card.member, self.card)
        return {
            member: PeerAddress(card.peer_host, card.peer_port, card.tls_certificate)
            for member, card in known.items()
        }


def take_seat(founding: VerifiedGenesis, roster: Roster, given: Given, ring: KeyRing) -> Seat:
    """This node's place under a roster.

    A node that starts anew with nothing but keys that a later roster names follows without a vote
    until then. Raises NodeError for a node that has no card anywhere, KeyMissing for a card whose
    keys are not here.
    """
    member = given.member
    ahead = given.ahead if given.ahead and given.ahead.epoch > roster.epoch else None
    later = given.coming or (ahead.find(member) if ahead else None)
    listed = roster.find(member)
    card = listed or given.handed_in
    if card is None:
        codes = ", ".join(each.member for each in roster.cards)
        raise NodeError(f"{member} is not a member of this union ({codes}), and has no card.json")
    committee = committee_of(roster, founding.union)
    me = Member(committee.names.index(member)) if member in committee.names else None
    try:
        keys = ring.keys_of(card)
    except KeyMissing:
        if ahead is None or later is None:
            raise
        card, keys, me = later, ring.keys_of(later), None
    return Seat(
        roster,
        committee,
        me,
        card,
        listed is not None,
        keys,
        policy_of(founding.genesis, roster),
        _coming(card, later, ring),
        ahead,
    )


def _coming(card: MemberCard, later: MemberCard | None, ring: KeyRing) -> Identity | None:
    if later is None or later.tls_certificate == card.tls_certificate:
        return None
    try:
        keys = ring.keys_of(later)
    except KeyMissing as error:
        log.warning("the card that is to follow is of no use yet", extra={"reason": str(error)})
        return None
    return Identity(later.member, later.tls_certificate, keys.tls)


def parameters_of(roster: Roster) -> Parameters:
    """What the roster says of consensus."""
    given = roster.parameters
    return Parameters(
        PacingParameters(given.delta_ms, given.heartbeat_ms),
        given.max_block_submissions,
        given.max_unexecuted_blocks,
    )


def seated_core(seat: Seat, epoch: Epoch, database: Database) -> Simplex:
    """The core at the head of the ledger, without what its journal knows."""
    found = None if epoch.begins else database.latest.certificate_from(epoch.head.height)
    finalization: Finalization | None = None if found is None else certified(found[1]).finalization
    return Simplex(
        seat.committee,
        seat.me,
        parameters_of(seat.roster),
        epoch.head,
        finalization,
        seat.keys.consensus.sign,
        epoch.last_height,
        _recent_blocks(seat.roster, database),
    )


def _recent_blocks(roster: Roster, database: Database) -> list[Block]:
    """The last final blocks of the epoch, by which the core knows a fork that is told late."""
    ledger = database.latest
    first = max(ledger.tip.header.height - RECENT_BLOCKS, 0) + 1
    if ledger.gap is not None:
        first = max(first, ledger.gap.end_height)
    recent = [final.block for final in ledger.blocks(first - 1)]
    return [block for block in recent if block.header.epoch == roster.epoch]


def closing_of(roster: Roster, database: Database) -> Finalization | None:
    """What finalised the last block of the epoch before; None in the founding epoch."""
    if roster.from_height == 0:
        return None
    found = database.latest.certificate_from(roster.from_height)
    return None if found is None else certified(found[1]).finalization


def recovered_core(seat: Seat, epoch: Epoch, database: Database, journal: WriteAheadLog) -> Simplex:
    """The core as ledger and journal left it. Raises NodeError for a damaged journal."""
    core = seated_core(seat, epoch, database)
    try:
        core.recover([decode_journal(payload) for payload in journal.replay.payloads])
    except MessageRefused as error:
        raise NodeError(f"write-ahead log: {error}") from error
    final = [view for view, known in core.rounds.items() if known.finalization is not None]
    if final:
        # After a crash by a block; by more if the ledger's disk lost what it had acknowledged.
        log.warning(
            "the ledger is behind what was final here: it catches up before it votes on",
            extra={"height": epoch.head.height, "view": epoch.head.view, "final_view": max(final)},
        )
    return core
