"""Unions founded for tests: real keys, cards and ceremony; a directory a member.

    union = found_union(tmp_path, "AM", "BY", "KZ", "KG")
    node = union.node("AM")                     # in this process, keys in memory
    registrar = union.registrar("AM")           # may register participants of AM

`write_keys` puts the online keys on disk as well, for tests that start node processes.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from ledger_node.api.tokens import write_token
from ledger_node.crypto.keyfiles import KeyPurpose, UnlockedKey, write_key_file
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.crypto.tls import make_certificate
from ledger_node.genesis import (
    MemberCard,
    Parameters,
    SignedGenesis,
    VerifiedGenesis,
    draft,
    sign,
    sign_card,
    verify,
    write_json,
)
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.node.config import DataDirectory, Settings
from ledger_node.node.epochs import KeyRing, NodeKeys
from ledger_node.node.node import Node
from tests.ports import HOST, free_ports

ORIGIN = "ledger.example.org/test-union"
PASSPHRASE = b"of these tests only"
QUICK = Parameters(delta_ms=100, heartbeat_ms=10_000)
"""Loopback is fast; a short bound keeps tests that lose a member short as well."""

WEAKEST_SCRYPT = 2**14
"""The cheapest that key files allow."""


@dataclass(frozen=True)
class FoundedMember:
    """One member: private keys, and the data directory its node would run in."""

    card: MemberCard
    authority: SoftwareSigner
    registrar: SoftwareSigner
    keys: NodeKeys
    directory: DataDirectory
    settings: Settings
    token: str


@dataclass(frozen=True)
class FoundedUnion:
    """A union whose every member signed the genesis. members: by code, in order of code."""

    founding: VerifiedGenesis
    document: SignedGenesis
    members: dict[str, FoundedMember]
    rings: dict[str, KeyRing] = field(default_factory=dict)
    """Key rings of members that have more than the keys of their card."""

    @property
    def id(self) -> bytes:
        """The union's 32-byte identity."""
        return self.founding.union

    def registrar(self, member: str) -> SoftwareSigner:
        """Signs for the participant whose id is the member's code."""
        return self.members[member].registrar

    def node(self, member: str) -> Node:
        """The member's node, opened, not yet running. Needs a running event loop."""
        one = self.members[member]
        ring = self.rings.get(member, KeyRing.of(one.keys))
        return Node(one.directory, one.settings, self.founding, ring)


def found_union(
    root: Path, *members: str, parameters: Parameters = QUICK, api_port: int = 0
) -> FoundedUnion:
    """A union of `members` (AM alone when none is named), each with a directory below `root`.

    api_port: 0 binds a free port when the API starts, which tests in this process can ask for.
    """
    codes = sorted(members) or ["AM"]
    ports = free_ports(len(codes))
    made = {
        code: make_member(root / code, code, port, api_port)
        for code, port in zip(codes, ports, strict=True)
    }
    document = draft(
        [sign_card(one.card, one.authority) for one in made.values()],
        name="Union of these tests",
        origin=ORIGIN,
        created_ms=time.time_ns() // 1_000_000,
        contract_set=installed_contracts().digest,
        parameters=parameters,
    )
    for one in made.values():
        document = sign(document, one.authority, own_card=one.card)
    for one in made.values():
        one.directory.genesis.write_text(write_json(document))
    return FoundedUnion(verify(document), document, made)


def write_keys(member: FoundedMember, passphrase: bytes = PASSPHRASE) -> None:
    """The online keys as key files of the data directory, for a node in a process of its own."""
    member.directory.keys.mkdir()
    for purpose, signer in (
        (KeyPurpose.CONSENSUS, member.keys.consensus),
        (KeyPurpose.COSIGNER, member.keys.cosigner),
        (KeyPurpose.LOG, member.keys.log),
        (KeyPurpose.TLS, member.keys.tls),
    ):
        write_key_file(
            member.directory.keys / f"{purpose}.key",
            UnlockedKey(purpose, member.card.member, signer),
            passphrase,
            n=WEAKEST_SCRYPT,
        )


def make_member(root: Path, code: str, peer_port: int, api_port: int) -> FoundedMember:
    directory = DataDirectory(root)
    root.mkdir(parents=True)
    authority, registrar, consensus, cosigner, log = (SoftwareSigner.generate() for _ in range(5))
    tls = SoftwareSigner.generate(Suite.ECDSA_P256)
    card = MemberCard(
        format=1,
        member=code,
        authority=authority.public,
        registrar=registrar.public,
        consensus=consensus.public,
        cosigner=cosigner.public,
        log=log.public,
        tls_certificate=make_certificate(tls, code),
        peer_host=HOST,
        peer_port=peer_port,
        api_url="",
    )
    settings = Settings(member=code, api_listen=f"{HOST}:{api_port}")
    directory.settings.write_text(f'member = "{code}"\napi_listen = "{settings.api_listen}"\n')
    return FoundedMember(
        card=card,
        authority=authority,
        registrar=registrar,
        keys=NodeKeys(consensus, cosigner, log, tls),
        directory=directory,
        settings=settings,
        token=write_token(directory.api_token),
    )
