"""The founding ceremony: draft from cards, sign by every authority, verify.

One member drafts the document from the cards of all. Each member checks it against the card it
gave, and signs, in turn or on copies that are merged. A node starts only from a `VerifiedGenesis`,
which nothing but `verify` makes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from consensus.quorum import max_faulty
from ledger_node.codec import Digest
from ledger_node.crypto.signatures import Signer
from ledger_node.crypto.signatures import verify as verify_signature
from ledger_node.genesis.card import MemberCard, SignedCard, check_card
from ledger_node.genesis.document import (
    GENESIS_FORMAT,
    AuthoritySignature,
    Genesis,
    Parameters,
    SignedGenesis,
    check_genesis,
    signed_bytes,
    union_id,
)
from ledger_node.genesis.rules import GenesisError


class CeremonyError(ValueError):
    """A genesis that cannot be relied on. problems: one line of text each, by member."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class VerifiedGenesis:
    """A genesis that every member's authority signed, and the id of the union it founds."""

    genesis: Genesis
    union: Digest
    warnings: tuple[str, ...]


def draft(
    cards: Iterable[SignedCard],
    *,
    name: str,
    origin: str,
    created_ms: int,
    contract_set: bytes,
    parameters: Parameters | None = None,
) -> SignedGenesis:
    """A genesis of the members of `cards`, in any order, without signatures yet.

    Raises GenesisError naming the card or field that cannot be part of it.
    """
    checked: list[MemberCard] = []
    for signed in cards:
        try:
            checked.append(check_card(signed))
        except GenesisError as error:
            field = f"card {signed.card.member[:8]!r}.{error.field}"
            raise GenesisError(field, error.reason) from error
    genesis = Genesis(
        format=GENESIS_FORMAT,
        name=name,
        origin=origin,
        created_ms=created_ms,
        parameters=parameters or Parameters(),
        contract_set=contract_set,
        members=tuple(sorted(checked, key=lambda card: card.member)),
    )
    check_genesis(genesis)
    return SignedGenesis(genesis, ())


def sign(
    document: SignedGenesis, authority: Signer, *, own_card: MemberCard | None = None
) -> SignedGenesis:
    """The document with the signature of the member whose authority key this is.

    own_card: the card that member gave, compared when at hand. Raises GenesisError: the document
    is unsound, has no member with this authority key, or holds another card for it.
    """
    check_genesis(document.genesis)
    card = next((c for c in document.genesis.members if c.authority == authority.public), None)
    if card is None:
        raise GenesisError("members", "none has this authority key")
    if own_card is not None and own_card != card:
        raise GenesisError("members", f"{card.member}'s card is not the one it gave")
    signature = AuthoritySignature(card.member, authority.sign(signed_bytes(document.genesis)))
    others = [s for s in document.signatures if s.member != card.member]
    return _with_signatures(document.genesis, [*others, signature])


def merge(first: SignedGenesis, *others: SignedGenesis) -> SignedGenesis:
    """The signatures of copies of one document put together; of a member's two, a valid one.

    Raises GenesisError when the copies differ in anything but signatures.
    """
    for other in others:
        if other.genesis != first.genesis:
            raise GenesisError("genesis", "the copies are not of one document")
    chosen: dict[str, AuthoritySignature] = {}
    for signature in (s for copy in (first, *others) for s in copy.signatures):
        if signature.member not in chosen or _holds(first.genesis, signature):
            chosen[signature.member] = signature
    return _with_signatures(first.genesis, chosen.values())


def missing(document: SignedGenesis) -> tuple[str, ...]:
    """Codes of the members whose valid signature is not there yet, sorted."""
    signed = {s.member for s in document.signatures if _holds(document.genesis, s)}
    return tuple(c.member for c in document.genesis.members if c.member not in signed)


def verify(document: SignedGenesis) -> VerifiedGenesis:
    """The genesis, once all of it holds: every field, card and signature.

    Raises GenesisError naming a field, or CeremonyError listing what is wrong by member.
    """
    genesis = document.genesis
    check_genesis(genesis)
    codes = [card.member for card in genesis.members]
    signers = [signature.member for signature in document.signatures]
    problems = [f"{c[:8]!r}: signs but is not a member" for c in signers if c not in codes]
    problems += [f"{code}: signs more than once" for code in codes if signers.count(code) > 1]
    for signature in document.signatures:
        if signature.member in codes and not _holds(genesis, signature):
            problems.append(f"{signature.member}: its signature does not verify")
    problems += [f"{code}: has not signed" for code in codes if code not in signers]
    if problems:
        raise CeremonyError(tuple(problems))
    return VerifiedGenesis(genesis, union_id(genesis), tuple(_warnings(len(codes))))


def _warnings(members: int) -> Iterable[str]:
    if max_faulty(members) == 0:
        plural = "s" if members > 1 else ""
        yield f"{members} member{plural}: no fault is tolerated; a union for use needs at least 4"
    if members > 32:
        yield f"{members} members: a verifier need not take policies of more than 32 witnesses"


def _holds(genesis: Genesis, signature: AuthoritySignature) -> bool:
    return any(
        card.member == signature.member
        and verify_signature(card.authority, signed_bytes(genesis), signature.signature)
        for card in genesis.members
    )


def _with_signatures(genesis: Genesis, signatures: Iterable[AuthoritySignature]) -> SignedGenesis:
    return SignedGenesis(genesis, tuple(sorted(signatures, key=lambda s: s.member)))
