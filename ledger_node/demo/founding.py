"""The ceremony: five members make keys and cards, agree on one genesis, and set up their nodes.

Each member's things lie in its own directory, as on five machines: keys, passphrase, card, and the
node's data directory. Only cards and the genesis pass from one to another.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_node.api.tokens import write_token
from ledger_node.crypto.keyfiles import KeyPurpose, UnlockedKey, write_key_file
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.genesis.card import CARD_FORMAT, MemberCard, SignedCard, sign_card
from ledger_node.genesis.ceremony import VerifiedGenesis, draft, sign, verify
from ledger_node.genesis.document import Parameters, SignedGenesis
from ledger_node.genesis.policy import policy_text
from ledger_node.genesis.readable import write_json
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.node.config import DataDirectory

MEMBERS: Final = ("AM", "BY", "KG", "KZ", "RU")
ORIGIN: Final = "demo.customs-union.example/ledger"
NAME: Final = "Demonstration customs union"
HOST: Final = "127.0.0.1"
PARAMETERS: Final = Parameters(delta_ms=500, heartbeat_ms=10_000)

ONLINE: Final = (KeyPurpose.CONSENSUS, KeyPurpose.COSIGNER, KeyPurpose.LOG, KeyPurpose.TLS)


@dataclass(frozen=True, slots=True)
class Household:
    """What one member has after the ceremony, all below its own directory."""

    member: str
    root: Path
    api_port: int
    peer_port: int
    authority: SoftwareSigner
    registrar: SoftwareSigner
    token: str

    @property
    def data(self) -> DataDirectory:
        """The node's data directory."""
        return DataDirectory(self.root / "node")

    @property
    def passphrase_file(self) -> Path:
        """What unlocks the member's key files."""
        return self.root / "passphrase"

    @property
    def api_url(self) -> str:
        """Where its node serves clients."""
        return f"http://{HOST}:{self.api_port}"


@dataclass(slots=True)
class Ceremony:
    """The founding, step by step, so that each can be shown."""

    root: Path
    households: dict[str, Household]
    cards: dict[str, SignedCard]
    document: SignedGenesis | None = None

    @classmethod
    def begin(cls, root: Path) -> "Ceremony":
        """Nothing is there yet but an empty directory."""
        root.mkdir(parents=True, exist_ok=True)
        return cls(root, {}, {})

    def make_member(self, member: str, api_port: int, peer_port: int) -> None:
        """A member makes its keys, encrypted with its own passphrase, and signs its card."""
        home = self.root / member
        keys_dir = home / "node" / "keys"
        keys_dir.mkdir(parents=True)
        (home / "offline").mkdir()
        passphrase = secrets.token_hex(16)
        _write_private(home / "passphrase", passphrase + "\n")
        signers: dict[KeyPurpose, SoftwareSigner] = {}
        for purpose in (KeyPurpose.AUTHORITY, KeyPurpose.REGISTRAR, *ONLINE):
            suite = Suite.ECDSA_P256 if purpose is KeyPurpose.TLS else Suite.ED25519
            signer = signers[purpose] = SoftwareSigner.generate(suite)
            where = keys_dir if purpose in ONLINE else home / "offline"
            write_key_file(
                where / f"{purpose}.key",
                UnlockedKey(purpose, member, signer),
                passphrase.encode(),
            )
        card = MemberCard(
            format=CARD_FORMAT,
            member=member,
            authority=signers[KeyPurpose.AUTHORITY].public,
            registrar=signers[KeyPurpose.REGISTRAR].public,
            consensus=signers[KeyPurpose.CONSENSUS].public,
            cosigner=signers[KeyPurpose.COSIGNER].public,
            log=signers[KeyPurpose.LOG].public,
            tls_certificate=make_certificate(signers[KeyPurpose.TLS], member),
            peer_host=HOST,
            peer_port=peer_port,
            api_url=f"http://{HOST}:{api_port}",
        )
        self.cards[member] = sign_card(card, signers[KeyPurpose.AUTHORITY])
        (home / "card.json").write_text(write_json(self.cards[member]))
        data = DataDirectory(home / "node")
        data.settings.write_text(f'member = "{member}"\napi_listen = "{HOST}:{api_port}"\n')
        self.households[member] = Household(
            member,
            home,
            api_port,
            peer_port,
            signers[KeyPurpose.AUTHORITY],
            signers[KeyPurpose.REGISTRAR],
            write_token(data.api_token),
        )

    def draft(self) -> None:
        """One member drafts the genesis from everyone's cards."""
        self.document = draft(
            self.cards.values(),
            name=NAME,
            origin=ORIGIN,
            created_ms=time.time_ns() // 1_000_000,
            contract_set=installed_contracts().digest,
            parameters=PARAMETERS,
        )

    def sign(self, member: str) -> None:
        """A member compares the draft with the card it gave, and signs."""
        assert self.document is not None, "draft comes first"
        household = self.households[member]
        self.document = sign(self.document, household.authority, own_card=self.cards[member].card)

    def conclude(self) -> VerifiedGenesis:
        """Everyone verifies every signature and keeps the document; the policy is published."""
        assert self.document is not None, "draft comes first"
        founding = verify(self.document)
        text = write_json(self.document)
        for household in self.households.values():
            household.data.genesis.write_text(text)
        (self.root / "union.policy").write_text(policy_text(founding.genesis))
        return founding

    def in_order(self) -> Sequence[Household]:
        """Households by member code."""
        return [self.households[member] for member in sorted(self.households)]


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
