"""How members, keys and parameters changed, epoch by epoch. Sources: docs/formats.md, "Policy
history"; docs/audit-bundles.md for certificates.

Each roster is believed for a quorum of the one before, which finalized the state that says who
comes next.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ctl_verify import ics23, keys
from ctl_verify.canonical import Value, decode, encode, tagged_digest
from ctl_verify.finality import check_final, header_of
from ctl_verify.note import unbase64
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.union import (
    Card,
    Roster,
    Union,
    check_card,
    check_cards,
    check_parameters,
    read_card,
)

HEADER: Final = "customs-trust-ledger/policy-history@v1"
MAX_HISTORY: Final = 256 * 1024 * 1024
MAX_STEP: Final = 512 * 1024
MAX_DOCUMENT: Final = 32 * 1024

STEP: Final = "each line of the history is a step that a quorum of the epoch before finalized"


def read_history(data: bytes, union: Union) -> list[Roster]:
    """The rosters of every epoch, the founding one first. Raises Refused."""
    if len(data) > MAX_HISTORY or not data.endswith(b"\n"):
        raise Refused(STEP, "the file does not end in a newline, or is too long")
    lines = data[:-1].decode("ascii", "replace").split("\n")
    if lines[0] != HEADER:
        raise Refused(STEP, f"line 1: it is not {HEADER}")
    rosters = [union.founding]
    for number, line in enumerate(lines[1:], start=2):
        try:
            if not line.startswith("step ") or len(line) > 2 * MAX_STEP:
                raise Malformed("it is no step")
            rosters.append(read_step(unbase64(line[5:]), rosters[-1], union.id).after)
        except Malformed as error:
            raise Refused(STEP, f"line {number}: {error}") from error
    return rosters


# ---------------------------------------------------------------- how an epoch ended


@dataclass(frozen=True)
class Step:
    """How an epoch ended: its last block, what the log and the state were then, and who follows."""

    block: bytes
    height: int
    size: int
    log_root: bytes
    state_root: bytes
    after: Roster


def read_step(step: bytes, before: Roster, union: bytes) -> Step:
    """How the epoch of `before` ended. Raises Malformed."""
    match decode(step):
        case [
            list(block),
            bytes(certificate),
            int(size),
            bytes(log_root),
            bytes(state_root),
            bytes(charter_proof),
            bytes(document_proof),
        ]:
            final = check_final(block, certificate, before, union)
            if tagged_digest("outcome", encode([size, log_root, state_root])) != final.outcome:
                raise Malformed("its roots are not those that the certificate names")
            height = header_of(block)[2]
        case _:
            raise Malformed("a step has other fields")
    after = _roster_after(before, height, state_root, charter_proof, document_proof)
    return Step(final.block, height, size, log_root, state_root, after)


def _roster_after(
    before: Roster, height: int, state_root: bytes, charter_proof: bytes, document_proof: bytes
) -> Roster:
    charter = _proven(state_root, b"charter/union", charter_proof)
    name = f"epoch-document/{before.epoch + 1}".encode()
    stored = _proven(state_root, name, document_proof)
    match None if charter is None else decode(charter):
        case [list(members), list(suspended), int(epoch), int(epoch_from), int()]:
            pass
        case _:
            raise Malformed("it shows no charter")
    if epoch != before.epoch + 1 or epoch_from + before.parameters[5] != height:
        raise Malformed(f"the charter does not say that epoch {before.epoch} ends at {height}")
    codes = [code for code in members if isinstance(code, str)]
    voting = [code for code in codes if code not in suspended]
    return _following(before, height, codes, voting, _document(stored))


def _document(stored: bytes | None) -> bytes:
    match None if stored is None else decode(stored):
        case None:
            return b""
        case [int(), int(), bytes(document)]:
            return document
        case _:
            raise Malformed("what the epoch follows is no document")


def _proven(root: bytes, key: bytes, data: bytes) -> bytes | None:
    proof = ics23.parse_proof(data)
    value = proof.value if isinstance(proof, ics23.Presence) else None
    ics23.check(root, key, value, proof)
    return value


def _following(
    before: Roster, height: int, members: list[str], voting: list[str], document: bytes
) -> Roster:
    parameters, cards = before.parameters, before.cards
    if document:
        # An unsound document changes nothing: the union goes on with the cards it has.
        with contextlib.suppress(Malformed):
            parameters, cards = _voted(document, before, members)
    else:
        gone = set(before.voting) - set(members)
        cards = tuple(card for card in cards if card.member not in gone)
    carded = {card.member for card in cards}
    seats = tuple(code for code in voting if code in carded) or before.voting
    return Roster(before.epoch + 1, height, seats, parameters, cards)


def _voted(
    document: bytes, before: Roster, members: list[str]
) -> tuple[tuple[int, ...], tuple[Card, ...]]:
    if len(document) > MAX_DOCUMENT:
        raise Malformed("the document is too long")
    match decode(document):
        case [list(parameters), list(signed)]:
            numbers = [each for each in parameters if isinstance(each, int)]
        case _:
            raise Malformed("the document has other fields")
    if len(numbers) != len(parameters):
        raise Malformed("a parameter is no number")
    check_parameters(numbers)
    known = {card.member: card for card in before.cards}
    cards = [_signed_card(each, known) for each in signed]
    check_cards(cards)
    if missing := set(members) - {card.member for card in cards}:
        raise Malformed(f"no card for {', '.join(sorted(missing))}")
    return tuple(numbers), tuple(cards)


def _signed_card(value: Value, known: Mapping[str, Card]) -> Card:
    match value:
        case [list(fields), bytes(signature)]:
            card = read_card(fields)
        case _:
            raise Malformed("a card has other fields")
    earlier = known.get(card.member)
    if earlier == card:
        return card
    check_card(card)
    if not keys.verify(card.authority, b"ctl/member-card/v1\0" + card.encoded, signature):
        raise Malformed(f"the signature of card {card.member} does not hold")
    if earlier is not None and earlier.authority != card.authority:
        raise Malformed(f"card {card.member} is signed by another authority key")
    return card
