"""Epochs as the state tells them: when one ends, who forms the next, and whose votes count in it.

The charter in the state says that an epoch was decided and at which height, and the roster that
follows is a function of the roster before. So nodes, and whoever executes or checks the ledger
later, agree on it as they agree on everything else.
"""

from collections.abc import Callable
from typing import Final

from consensus.committee import Committee
from contracts.governance.objects import CHARTER, EPOCH_DOCUMENT, UNION, Charter
from ledger_node.genesis.roster import Roster, next_roster

FOUNDING_EPOCH: Final = 1

ReadObject = Callable[[str], bytes | None]
"""An object of one state, by key."""


def charter_key() -> str:
    """Key of the charter in the state."""
    return CHARTER.key(UNION)


def document_key(epoch: int) -> str:
    """Key of the document that `epoch` follows."""
    return EPOCH_DOCUMENT.key(str(epoch))


def charter_of(read: ReadObject) -> Charter:
    """The charter in a state."""
    value = read(charter_key())
    assert value is not None, "a union has a charter from its genesis on"
    return CHARTER.decode(charter_key(), value)


def last_height(read: ReadObject, roster: Roster) -> int | None:
    """Height of the last block of the roster's epoch, once a state says that it ends.

    `max_unexecuted_blocks` above the block that decided it: see consensus.events.Executed.
    """
    charter = charter_of(read)
    if charter.epoch <= roster.epoch:
        return None
    return charter.epoch_from + roster.parameters.max_unexecuted_blocks


def following_roster(read: ReadObject, before: Roster, height: int) -> tuple[Roster, str]:
    """The roster that the state at an epoch's last block gives the next one, and why its document
    was not followed, if so."""
    charter = charter_of(read)
    key = document_key(charter.epoch)
    stored = read(key)
    document = b"" if stored is None else EPOCH_DOCUMENT.decode(key, stored).document
    return next_roster(before, charter.epoch, height, charter.members, charter.committee, document)


def committee_of(roster: Roster, union: bytes) -> Committee:
    """Those who vote, by code."""
    cards = roster.committee
    return Committee(
        union,
        roster.epoch,
        tuple(card.member for card in cards),
        tuple(card.consensus for card in cards),
    )
