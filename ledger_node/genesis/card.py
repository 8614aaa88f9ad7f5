"""A member card: what one member state tells the others before a union is founded.

It holds the public halves of the member's keys, the certificate its node shows to peers, and where
its node listens; the authority key signs it. Cards travel by whatever channel members trust, and
are compared by fingerprint.
"""

from typing import Final

import msgspec

from ledger_node.codec import Digest, encode, tagged_digest
from ledger_node.crypto.signatures import Signer, Suite, verify
from ledger_node.crypto.tls import CertificateError, certificate_key
from ledger_node.genesis.rules import (
    GenesisError,
    check_api_url,
    check_host,
    check_key,
    check_member,
    check_range,
)

CARD_FORMAT: Final = 1
_SIGNED: Final = b"ctl/member-card/v1\x00"


class MemberCard(msgspec.Struct, frozen=True, array_like=True):
    """One member's entry. Keys are suite-tagged; cosigner and log are Ed25519, as C2SP asks."""

    format: int
    member: str
    authority: bytes
    """Offline: certifies the other keys by signing this card and the genesis."""
    registrar: bytes
    """Signs the first registrations of the member's offices and participants."""
    consensus: bytes
    cosigner: bytes
    log: bytes
    tls_certificate: bytes
    """DER; see ledger_node/crypto/tls.py."""
    peer_host: str
    peer_port: int
    api_url: str

    def keys(self) -> dict[str, bytes]:
        """Every public key of the card by its purpose, that of the certificate as `tls`.

        Raises GenesisError when the certificate cannot be the member's.
        """
        try:
            tls = certificate_key(self.tls_certificate, self.member)
        except CertificateError as error:
            raise GenesisError("tls_certificate", error.reason) from error
        return {
            "authority": self.authority,
            "registrar": self.registrar,
            "consensus": self.consensus,
            "cosigner": self.cosigner,
            "log": self.log,
            "tls": tls,
        }

    def fingerprint(self) -> Digest:
        """What members read to each other to know that a card arrived as it was sent."""
        return tagged_digest("member-card", encode(self))


class SignedCard(msgspec.Struct, frozen=True, array_like=True):
    """A card and the signature of its own authority key."""

    card: MemberCard
    signature: bytes


def sign_card(card: MemberCard, authority: Signer) -> SignedCard:
    """The card, checked and signed. Raises GenesisError, also for another member's authority."""
    check_card_fields(card)
    if authority.public != card.authority:
        raise GenesisError("authority", "not the key that is to sign the card")
    return SignedCard(card, authority.sign(_SIGNED + encode(card)))


def check_card(signed: SignedCard) -> MemberCard:
    """The card, once its fields and its signature hold. Raises GenesisError."""
    check_card_fields(signed.card)
    if not verify(signed.card.authority, _SIGNED + encode(signed.card), signed.signature):
        raise GenesisError("signature", "does not verify under the card's authority key")
    return signed.card


def check_card_fields(card: MemberCard) -> None:
    """Everything about a card but its signature. Raises GenesisError naming the field."""
    check_range("format", card.format, CARD_FORMAT, CARD_FORMAT)
    check_member("member", card.member)
    check_key("authority", card.authority)
    check_key("registrar", card.registrar)
    check_key("consensus", card.consensus)
    check_key("cosigner", card.cosigner, Suite.ED25519)
    check_key("log", card.log, Suite.ED25519)
    check_host("peer_host", card.peer_host)
    check_range("peer_port", card.peer_port, 1, 65535)
    check_api_url("api_url", card.api_url)
    seen: dict[bytes, str] = {}
    for purpose, public in card.keys().items():
        if public in seen:
            raise GenesisError(purpose, f"the same key as {seen[public]}; each has one purpose")
        seen[public] = purpose
