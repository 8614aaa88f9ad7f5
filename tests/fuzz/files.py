"""What a node reads of its disk, and what operators hand to each other as files."""

from collections.abc import Iterable

from consensus.events import Forked
from consensus.messages import MessageRefused
from ledger_node.crypto.keyfiles import (
    KeyFileError,
    KeyPurpose,
    UnlockedKey,
    read_key_file,
    write_key_file,
)
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.genesis import CeremonyError, GenesisError, SignedCard, SignedGenesis, sign_card
from ledger_node.genesis import verify as verify_genesis
from ledger_node.genesis.card import check_card
from ledger_node.genesis.readable import read_json, write_json
from ledger_node.ledger.particulars import ParticularGroup, Particulars, commitment_of
from ledger_node.node.config import DataDirectory, SettingsError, read_settings
from ledger_node.node.evidence import EvidenceStore, encoded, equivocation
from ledger_node.node.journal import decode_journal
from ledger_node.node.kept_fork import keep_fork, kept_fork
from ledger_node.state.errors import StateTreeError
from ledger_node.state.page import open_page, page_key
from ledger_node.storage.errors import StorageError
from ledger_node.storage.payloads import PayloadStore
from ledger_node.storage.wal import WriteAheadLog
from tests.consensus.builders import Sayings, submission
from tests.fuzz import peers
from tests.fuzz.target import Target, private_file, scratch
from tests.ledger_node.audit.bundle.audited_union import journey
from tests.ledger_node.genesis.founders import founder, signed
from tests.ledger_node.state.naive_tree import Store
from tests.simulation.signing import committee_of
from tests.union.founding import WEAKEST_SCRYPT

_PASSPHRASE = b"for fuzzing only"
_PARTICULARS = Particulars(ParticularGroup.GOODS, bytes(32), b"two hundred tractors")


def _journal(data: bytes) -> None:
    with WriteAheadLog(private_file("journal.wal", data)) as journal:
        for payload in journal.replay.payloads:
            decode_journal(payload)


def _journals() -> Iterable[bytes]:
    path = scratch() / "seed.wal"
    path.unlink(missing_ok=True)
    with WriteAheadLog(path) as journal:
        for message in peers.messages()[:6]:
            journal.append(message)
            journal.sync()
    yield path.read_bytes()


def _page(data: bytes) -> None:
    """The first 32 bytes are the hash that the page is expected to have."""
    open_page(data[32:], 0, bytes(32), data[:32])


def _pages() -> Iterable[bytes]:
    store = Store()
    for block in journey().blocks[:8]:
        changes = {key.encode(): value for key, value in block.changes.items()}
        store.apply(changes, block.state)
        page = store.get(page_key(0, bytes(32)))
        assert page is not None, "every ledger has objects"
        yield block.tip.state_root + page


def _key(data: bytes) -> None:
    squeezed = data.replace(b" ", b"")
    if any(b'"n":%d' % n in squeezed for n in (2**15, 2**16, 2**17)):
        return  # takes a second each, as it is meant to
    read_key_file(private_file("some.key", data), _PASSPHRASE)


def _keys() -> Iterable[bytes]:
    for suite in (Suite.ED25519, Suite.ECDSA_P256):
        path = scratch() / f"seed-{int(suite)}.key"
        path.unlink(missing_ok=True)
        key = UnlockedKey(KeyPurpose.CONSENSUS, "AM", SoftwareSigner.generate(suite))
        write_key_file(path, key, _PASSPHRASE, n=WEAKEST_SCRYPT)
        yield path.read_bytes()


def _settings(data: bytes) -> None:
    private_file("node.toml", data)
    read_settings(DataDirectory(scratch()))


def _payload(data: bytes) -> None:
    store, name = PayloadStore(scratch() / "payloads"), commitment_of(_PARTICULARS)
    where = scratch() / "payloads" / name.hex()[:2]
    where.mkdir(exist_ok=True)
    (where / name.hex()).write_bytes(data)
    store.get(name)


def _payloads() -> Iterable[bytes]:
    store, name = PayloadStore(scratch() / "payloads"), commitment_of(_PARTICULARS)
    store.put(name, _PARTICULARS.group, _PARTICULARS.salt, _PARTICULARS.plaintext)
    yield (scratch() / "payloads" / name.hex()[:2] / name.hex()).read_bytes()


def _cards() -> Iterable[bytes]:
    one = founder("AM")
    yield write_json(sign_card(one.card, one.authority)).encode()


def _fork(data: bytes) -> None:
    kept_fork(private_file("fork.json", data))


def _forks() -> Iterable[bytes]:
    sayings, path = Sayings(committee_of(4, 7)), scratch() / "seed-fork.json"
    one, other = (sayings.finalization(sayings.block(1, None, [submission(n)])) for n in (1, 2))
    for ours in (one, None):
        path.unlink(missing_ok=True)
        keep_fork(path, Forked(ours, other))
        yield path.read_bytes()


def _evidence(data: bytes) -> None:
    where = scratch() / "evidence"
    where.mkdir(exist_ok=True)
    (where / "AM-1-1.json").write_bytes(data)
    EvidenceStore(where).all()


def _proofs() -> Iterable[bytes]:
    sayings, where = Sayings(committee_of(4, 7)), scratch() / "seed-evidence"
    block = sayings.block(1)
    found = equivocation(
        *encoded(sayings.nullify(1, 1), sayings.finalize(1, block)),
        sayings.committee,
        lambda _: True,
    )
    assert found is not None, "it is of the committee's epoch"
    EvidenceStore(where).add(found)
    yield (where / f"{found.name}.json").read_bytes()


TARGETS = (
    Target("journal", _journal, (StorageError, MessageRefused), _journals, 8192),
    Target("state-page", _page, (StateTreeError,), _pages, 16_384),
    Target("kept-fork", _fork, (StorageError,), _forks),
    Target("kept-evidence", _evidence, (ValueError,), _proofs),
    Target("payload", _payload, (StorageError,), _payloads),
    Target("key-file", _key, (KeyFileError,), _keys, 1024),
    Target(
        "settings",
        _settings,
        (SettingsError,),
        lambda: [b'member = "AM"\napi_listen = "127.0.0.1:1"\n'],
    ),
    Target(
        "genesis",
        lambda data: verify_genesis(read_json(SignedGenesis, data)),
        (GenesisError, CeremonyError),
        lambda: [write_json(signed("AM", "BY", "KZ")).encode()],
        16_384,
    ),
    Target(
        "member-card",
        lambda data: check_card(read_json(SignedCard, data)),
        (GenesisError,),
        _cards,
    ),
)
