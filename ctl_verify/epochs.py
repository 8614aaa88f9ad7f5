"""How members, keys and parameters changed, epoch by epoch. Sources: docs/formats.md, "Policy
history"; docs/audit-bundles.md for certificates.

Each roster is believed for a quorum of the one before, which finalized the state that says who
comes next.
"""

import contextlib
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from ctl_verify import ics23, keys
from ctl_verify.canonical import Value, decode, encode, tagged_digest
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
            rosters.append(_next(unbase64(line[5:]), rosters[-1], union.id))
        except Malformed as error:
            raise Refused(STEP, f"line {number}: {error}") from error
    return rosters


# ---------------------------------------------------------------- how an epoch ended


def _next(step: bytes, before: Roster, union: bytes) -> Roster:
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
            outcome = _finalized(block, certificate, before, union)
            if tagged_digest("outcome", encode([size, log_root, state_root])) != outcome:
                raise Malformed("its roots are not those that the certificate names")
            height = _header(block)[2]
        case _:
            raise Malformed("a step has other fields")
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
            numbers = [each for each in parameters if type(each) is int]
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


# ---------------------------------------------------------------- certificates


def _finalized(block: list[Value], certificate: bytes, roster: Roster, union: bytes) -> bytes:
    """The outcome that a quorum finalized with the block, or with empty blocks above it."""
    match decode(certificate):
        case [6, *finalization]:
            above: list[list[Value]] = []
        case [10, list(blocks), [6, *finalization]]:
            above = [each for each in blocks if isinstance(each, list)]
            if len(above) != len(blocks) or any(len(each) != 2 or each[1] for each in above):
                raise Malformed("the certificate is for a later block that orders something")
        case _:
            raise Malformed("the certificate finalizes nothing")
    run = [block, *above]
    ids = [_checked_block(each, roster, union) for each in run]
    for at, each in enumerate(run[1:]):
        below = _header(run[at])
        if _header(each)[5] != ids[at] or _header(each)[2] != below[2] + 1:
            raise Malformed("blocks of the certificate do not follow each other")
    return check_finalization(finalization, ids[-1], _header(run[-1])[3], roster, union)


def check_finalization(
    fields: list[Value], block: bytes, view: int, roster: Roster, union: bytes
) -> bytes:
    """The outcome that a finalization of the block names, once a quorum signed it.

    Raises Malformed.
    """
    match fields:
        case [int(epoch), int(voted), bytes(named), bytes(outcome), list(signatures)]:
            pass
        case _:
            raise Malformed("a certificate has other fields")
    if (epoch, voted, named) != (roster.epoch, view, block) or len(outcome) != 32:
        raise Malformed("the certificate is for another block")
    committee = roster.committee
    statement = b"ctl/finalize/v1\0" + encode([union, epoch, voted, named, outcome])
    last, count = -1, 0
    for each in signatures:
        match each:
            case [int(member), bytes(signature)] if last < member < len(committee):
                last, count = member, count + 1
                if not keys.verify(committee[member].consensus, statement, signature):
                    raise Malformed(f"the vote of {committee[member].member} does not hold")
            case _:
                raise Malformed("votes of a certificate are not by members in ascending order")
    if count < roster.quorum:
        raise Malformed(f"{count} votes are no quorum")
    return outcome


def leader(union: bytes, epoch: int, view: int, members: int) -> int:
    """The member whose proposal counts in a view."""
    seed = b"ctl/rotation/v1\0" + union + epoch.to_bytes(8)
    rotation = sorted(range(members), key=lambda n: sha256(seed + n.to_bytes(4)).digest())
    return rotation[view % members]


def _header(block: list[Value]) -> tuple[bytes, int, int, int, int, bytes, int, int, bytes]:
    match block:
        case [
            [
                bytes(union),
                int(epoch),
                int(height),
                int(view),
                int(parent_view),
                bytes(parent),
                int(time_ms),
                int(proposer),
                bytes(payload_root),
            ],
            list(),
        ]:
            return union, epoch, height, view, parent_view, parent, time_ms, proposer, payload_root
        case _:
            raise Malformed("a block has other fields")


def _checked_block(block: list[Value], roster: Roster, union: bytes) -> bytes:
    """The id of a block that is well formed. Raises Malformed."""
    header = _header(block)
    of_union, epoch, height, view, parent_view, parent, _, proposer, payload_root = header
    payload = block[1]
    ids = [each for each in payload if isinstance(each, bytes)] if isinstance(payload, list) else []
    if (of_union, epoch) != (union, roster.epoch) or payload != ids:
        raise Malformed("a block is of another union or epoch, or holds no ids")
    if view < 1 or not 0 <= parent_view < view or height < 1 or len(parent) != 32:
        raise Malformed("a block's place is not what it must be")
    if any(len(each) != 32 for each in ids) or payload_root != tagged_digest(
        "payload", b"".join(ids)
    ):
        raise Malformed("a block's payload root differs")
    if proposer != leader(union, epoch, view, len(roster.committee)):
        raise Malformed("a block's proposer does not lead its view")
    return tagged_digest("block", encode(list(header)))
