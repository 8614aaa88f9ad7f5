"""Members with all their keys, for tests that need a genesis."""

from dataclasses import dataclass
from functools import cache

from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.genesis import MemberCard, SignedGenesis, draft, sign, sign_card

ORIGIN = "ledger.example.org/union"
FIVE = ("AM", "BY", "KG", "KZ", "RU")


@dataclass(frozen=True)
class Founder:
    """A member state with the private halves of its keys."""

    card: MemberCard
    authority: SoftwareSigner
    tls: SoftwareSigner


@cache
def founder(member: str) -> Founder:
    keys = [SoftwareSigner.generate() for _ in range(5)]
    tls = SoftwareSigner.generate(Suite.ECDSA_P256)
    authority, registrar, consensus, cosigner, log = keys
    card = MemberCard(
        format=1,
        member=member,
        authority=authority.public,
        registrar=registrar.public,
        consensus=consensus.public,
        cosigner=cosigner.public,
        log=log.public,
        tls_certificate=make_certificate(tls, member),
        peer_host=f"{member.lower()}.example.org",
        peer_port=7000,
        api_url="",
    )
    return Founder(card, authority, tls)


def drafted(*members: str) -> SignedGenesis:
    """A genesis of these members that nobody has signed."""
    founders = [founder(member) for member in members or FIVE]
    return draft(
        [sign_card(f.card, f.authority) for f in founders],
        name="Союз таможен",
        origin=ORIGIN,
        created_ms=1_790_000_000_000,
        contract_set=bytes(range(32)),
    )


def signed(*members: str) -> SignedGenesis:
    """A genesis that all of these members have signed."""
    document = drafted(*members)
    for card in document.genesis.members:
        document = sign(document, founder(card.member).authority, own_card=card)
    return document
