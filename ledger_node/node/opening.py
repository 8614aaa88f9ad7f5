"""Opening a node: its ledger, its journal, and the consensus core as they left off.

Nothing here runs yet. Whatever on disk contradicts the genesis, the keys or itself is refused
with the reason, before the node says a word to anyone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consensus.block import Member, View
from consensus.chain import Head
from consensus.committee import Committee
from consensus.core import Simplex
from consensus.messages import Finalization, MessageRefused, decode_message
from consensus.pacing import PacingParameters
from consensus.state import Parameters
from contracts import GenesisMember, genesis_state
from ledger_node.codec import encode
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.document import Genesis
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import ContractSet, execute_genesis
from ledger_node.node.config import DataDirectory
from ledger_node.node.journal import decode_journal
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageMissing
from ledger_node.storage.wal import WriteAheadLog

EPOCH = 1
"""The founding epoch; membership changes will open others."""


class NodeError(Exception):
    """A node that cannot start. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The online keys of a member's node."""

    consensus: SoftwareSigner
    cosigner: SoftwareSigner
    log: SoftwareSigner
    tls: SoftwareSigner


def check_keys(genesis: Genesis, member: str, keys: NodeKeys) -> None:
    """Whether the keys are those of the member's card. Raises NodeError."""
    card = next((c for c in genesis.members if c.member == member), None)
    if card is None:
        codes = ", ".join(c.member for c in genesis.members)
        raise NodeError(f"{member} is not a member of this union ({codes})")
    expected = card.keys()
    for purpose in ("consensus", "cosigner", "log", "tls"):
        if getattr(keys, purpose).public != expected[purpose]:
            raise NodeError(f"the {purpose} key is not the one in {member}'s card in the genesis")


def active_contracts(genesis: Genesis) -> ContractSet:
    """This program's contracts, if the union agreed on them. Raises NodeError."""
    installed = installed_contracts()
    if installed.digest != genesis.contract_set:
        raise NodeError(
            f"this program's contracts are {installed.digest.hex()}, the union's are "
            f"{genesis.contract_set.hex()}: install the version that the union agreed on"
        )
    return installed


def open_ledger(
    directory: DataDirectory, founding: VerifiedGenesis, contracts: ContractSet
) -> Database:
    """The ledger in the directory, made from genesis when there is none. Raises StorageError."""
    try:
        return Database.open(directory.ledger, founding.union)
    except StorageMissing:
        genesis = founding.genesis
        members = [
            GenesisMember(card.member, card.member, card.registrar) for card in genesis.members
        ]
        first = execute_genesis(
            founding.union,
            genesis.created_ms,
            encode(genesis),
            genesis_state(members),
            contracts,
        )
        return Database.create(directory.ledger, first)


def committee_of(founding: VerifiedGenesis) -> Committee:
    """The founding epoch's committee: members by code."""
    cards = founding.genesis.members
    return Committee(
        founding.union,
        EPOCH,
        tuple(card.member for card in cards),
        tuple(card.consensus for card in cards),
    )


def recovered_core(
    committee: Committee,
    member: str,
    genesis: Genesis,
    database: Database,
    journal: WriteAheadLog,
    sign: Callable[[bytes], bytes],
) -> Simplex:
    """The consensus core as ledger and journal left it. Raises NodeError for a damaged journal."""
    snapshot = database.latest
    header = snapshot.tip.header
    head = Head(View(header.view), header.height, snapshot.tip.block_id, header.time_ms)
    certified = snapshot.certificate_from(header.height)
    finalization = None if certified is None else decode_message(certified[1])
    assert finalization is None or isinstance(finalization, Finalization)
    core = Simplex(
        committee,
        Member(committee.names.index(member)),
        parameters_of(genesis),
        head,
        finalization,
        sign,
    )
    try:
        core.recover([decode_journal(payload) for payload in journal.replay.payloads])
    except MessageRefused as error:
        raise NodeError(f"write-ahead log: {error}") from error
    return core


def parameters_of(genesis: Genesis) -> Parameters:
    """What the genesis says of consensus."""
    given = genesis.parameters
    return Parameters(
        PacingParameters(given.delta_ms, given.heartbeat_ms),
        given.max_block_submissions,
        given.max_unexecuted_blocks,
    )
