"""Opening a ledger: from its directory, or from the genesis when there is none.

What on disk contradicts the genesis or this program is refused with the reason, before the node
says a word to anyone.
"""

from contracts import GenesisMember, genesis_state
from ledger_node.codec import encode
from ledger_node.genesis.card import MemberCard, SignedCard, check_card
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.document import Genesis
from ledger_node.genesis.readable import read_json
from ledger_node.genesis.rules import GenesisError
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import ContractSet, execute_genesis
from ledger_node.node.config import DataDirectory
from ledger_node.node.seat import NodeError
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageMissing
from ledger_node.storage.staging import finish_interrupted


def active_contracts(genesis: Genesis) -> ContractSet:
    """This program's contracts, if the union agreed on them. Raises NodeError."""
    installed = installed_contracts()
    if installed.digest != genesis.contract_set:
        raise NodeError(
            f"this program's contracts are {installed.digest.hex()}, the union's are "
            f"{genesis.contract_set.hex()}: install the version that the union agreed on"
        )
    return installed


def own_card(directory: DataDirectory) -> MemberCard | None:
    """The card this node's member handed in, if it is kept here; a joining member's is.

    Raises NodeError for a damaged one.
    """
    try:
        data = directory.card.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return check_card(read_json(SignedCard, data))
    except GenesisError as error:
        raise NodeError(f"{directory.card}: {error}") from error


def open_ledger(
    directory: DataDirectory, founding: VerifiedGenesis, contracts: ContractSet
) -> Database:
    """The ledger in the directory, made from genesis when there is none.

    Raises StorageError, and NodeError for a ledger without the journal that goes with it.
    """
    finish_interrupted(directory.ledger, directory.incoming)
    try:
        database = Database.open(directory.ledger, founding.union)
    except StorageMissing:
        return Database.create(directory.ledger, executed_genesis(founding, contracts))
    height = database.latest.tip.header.height
    if height > 0 and not directory.journal.exists():
        database.close()
        raise NodeError(
            f"{directory.journal}: missing, though the ledger holds blocks up to {height}: what "
            "this node has voted is not known, and by voting again it might contradict itself. "
            "Put the journal back; if it is lost, have the member's consensus key rotated and "
            "begin with an empty data directory"
        )
    return database


def executed_genesis(founding: VerifiedGenesis, contracts: ContractSet) -> ExecutedBlock:
    """What every ledger of the union begins with."""
    genesis = founding.genesis
    members = [GenesisMember(card.member, card.member, card.registrar) for card in genesis.members]
    return execute_genesis(
        founding.union,
        genesis.created_ms,
        encode(genesis),
        genesis_state(members),
        contracts,
    )
