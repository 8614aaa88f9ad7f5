"""The roster: whose nodes form the union in an epoch, with which keys, under which parameters.

The first roster is the genesis. A later one follows from the one before, the charter that the
members voted (contracts.governance) and, where keys or parameters change, the document they voted
on: the cards of all members and observers, each signed by its own authority key. The step is a
function, the same at every node. A document that is unsound changes nothing: members check it
before they vote (`ledger-node epoch check`), and if a quorum votes for one unseen, the union goes
on with the cards it has.

An observer has links and follows, but does not vote: a member that is to join first observes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ledger_node.codec import DecodeError, decode, encode
from ledger_node.genesis.card import MemberCard, SignedCard, check_card
from ledger_node.genesis.document import (
    Genesis,
    Parameters,
    check_distinct,
    check_parameters,
)
from ledger_node.genesis.rules import GenesisError

MAX_DOCUMENT: Final = 32 * 1024
"""Bytes, as the contracts bound it."""


class EpochDocument(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What members vote on: [parameters, cards]. cards: of all members and observers, by code.

    A card that the roster before holds already needs no signature (b""): it was checked then.
    """

    parameters: Parameters
    cards: tuple[SignedCard, ...]


class Roster(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who forms the union in an epoch.

    from_height: of the block it stands on, the last of the epoch before; voting: codes of those in
    the committee, sorted; cards: theirs and the observers', sorted.
    """

    epoch: int
    from_height: int
    voting: tuple[str, ...]
    parameters: Parameters
    cards: tuple[MemberCard, ...]

    def find(self, member: str) -> MemberCard | None:
        """The card of a member or observer."""
        return next((card for card in self.cards if card.member == member), None)

    @property
    def committee(self) -> tuple[MemberCard, ...]:
        """Cards of those who vote, by code."""
        return tuple(card for card in self.cards if card.member in self.voting)

    @property
    def observers(self) -> tuple[str, ...]:
        """Codes of those who follow without a vote."""
        return tuple(card.member for card in self.cards if card.member not in self.voting)


def founding_roster(genesis: Genesis, epoch: int) -> Roster:
    """The roster of the first epoch."""
    codes = tuple(card.member for card in genesis.members)
    return Roster(epoch, 0, codes, genesis.parameters, genesis.members)


def next_roster(
    before: Roster,
    epoch: int,
    from_height: int,
    members: Sequence[str],
    voting: Sequence[str],
    document: bytes,
) -> tuple[Roster, str]:
    """The roster of `epoch`, and why its document was not followed, "" if it was.

    members, voting: codes from the charter; document: b"" when only standing changed.
    """
    parameters, cards, problem = before.parameters, before.cards, ""
    if document:
        try:
            voted = _checked(before, members, document)
        except GenesisError as error:
            problem = str(error)
        else:
            parameters = voted.parameters
            cards = tuple(signed.card for signed in voted.cards)
    else:
        # Whoever left has no part any more; observers stay until a document leaves them out.
        gone = set(before.voting) - set(members)
        cards = tuple(card for card in cards if card.member not in gone)
    carded = {card.member for card in cards}
    seats = tuple(code for code in voting if code in carded) or before.voting
    return Roster(epoch, from_height, seats, parameters, cards), problem


def draft_document(
    before: Roster, signed: Iterable[SignedCard], parameters: Parameters | None = None
) -> bytes:
    """The bytes to be voted on. Raises GenesisError for what would be unsound."""
    cards = tuple(sorted(signed, key=lambda each: each.card.member))
    document = encode(EpochDocument(parameters or before.parameters, cards))
    _checked(before, (), document)
    return document


def _checked(before: Roster, members: Sequence[str], data: bytes) -> EpochDocument:
    try:
        document = decode(EpochDocument, data, what="epoch document", limit=MAX_DOCUMENT)
    except DecodeError as error:
        raise GenesisError("document", error.reason) from error
    check_parameters(document.parameters)
    cards = tuple(
        signed.card if signed.card == before.find(signed.card.member) else check_card(signed)
        for signed in document.cards
    )
    codes = [card.member for card in cards]
    if codes != sorted(set(codes)):
        raise GenesisError("cards", "codes must be unique and sorted")
    check_distinct(cards)
    for card in cards:
        known = before.find(card.member)
        if known is not None and known.authority != card.authority:
            raise GenesisError(f"card {card.member}", "is signed by another authority key")
    missing = [code for code in members if code not in codes]
    if missing:
        raise GenesisError("cards", f"none for {', '.join(missing)}")
    return document
