"""Opening a ledger: from its directory, or from the genesis when there is none.

What on disk contradicts the genesis or this program is refused with the reason, before the node
says a word to anyone.
"""

from pathlib import Path

from contracts import GenesisMember
from ledger_node.codec import encode
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.card import MemberCard, SignedCard, check_card
from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.policy_history import MAX_HISTORY, HistoryRefused, verify_history
from ledger_node.genesis.readable import read_json
from ledger_node.genesis.roster import Roster
from ledger_node.genesis.rules import GenesisError
from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.contracts_in_force import ContractsInForce
from ledger_node.ledger.execution import ContractSetMissing, execute_genesis
from ledger_node.log.policy import Policy, PolicyError
from ledger_node.node.config import DataDirectory, Settings
from ledger_node.node.seat import NodeError
from ledger_node.node.witnesses import OutsideWitnesses
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageMissing
from ledger_node.storage.staging import finish_interrupted


def contracts_of(directory: DataDirectory, founding: VerifiedGenesis) -> ContractsInForce:
    """The union's contracts, of which this program's and those in the directory are here."""
    return ContractsInForce(ContractSets(directory.contract_sets), founding.genesis.contract_set)


def read_card(path: Path) -> MemberCard | None:
    """A card of this node's member, if it is kept there. Raises NodeError for a damaged one."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return check_card(read_json(SignedCard, data))
    except GenesisError as error:
        raise NodeError(f"{path}: {error}") from error


def read_newest_roster(path: Path, founding: VerifiedGenesis) -> Roster | None:
    """The last roster of a policy history, if one is kept there. Raises NodeError for a bad one."""
    try:
        if path.stat().st_size > MAX_HISTORY:
            raise NodeError(f"{path}: more than {MAX_HISTORY} bytes")
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return verify_history(data, founding)[-1]
    except HistoryRefused as error:
        raise NodeError(f"{path}: {error}") from error


def outside_witnesses(settings: Settings, policy: Policy, database: Database) -> OutsideWitnesses:
    """Those that the settings name. Raises NodeError where one clashes with the union's policy."""
    places = [each.place() for each in settings.witnesses]
    witnesses = OutsideWitnesses(places, lambda: database.latest, None)
    try:
        witnesses.widened(policy)
    except PolicyError as error:
        raise NodeError(f"node.toml: witnesses: {error}") from error
    return witnesses


def open_ledger(
    directory: DataDirectory, founding: VerifiedGenesis, contracts: ContractsInForce
) -> Database:
    """The ledger in the directory, made from genesis when there is none.

    Raises StorageError, NodeError for a ledger without the journal that goes with it, and when
    contracts that are needed are not here: those of the genesis to make the ledger, those that
    judge the next block to go on.
    """
    database = _opened(directory, founding, contracts)
    try:
        _require_contracts(directory, database, contracts)
    except NodeError:
        database.close()
        raise
    return database


def _opened(
    directory: DataDirectory, founding: VerifiedGenesis, contracts: ContractsInForce
) -> Database:
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
            "Put the journal back; if it is lost, have the member's keys replaced and begin with "
            "an empty data directory (`ledger-node init --card NEW.card --history FILE`)"
        )
    return database


def executed_genesis(founding: VerifiedGenesis, contracts: ContractsInForce) -> ExecutedBlock:
    """What every ledger of the union begins with.

    Raises NodeError when the contracts of the genesis are not here.
    """
    try:
        judge = contracts.founding()
    except ContractSetMissing as error:
        raise NodeError(_this_program(error)) from error
    genesis = founding.genesis
    members = [GenesisMember(card.member, card.member, card.registrar) for card in genesis.members]
    return execute_genesis(
        founding.union,
        genesis.created_ms,
        encode(genesis),
        judge.first_state(members),
        judge,
    )


def _require_contracts(
    directory: DataDirectory, database: Database, contracts: ContractsInForce
) -> None:
    """See that the next block can be judged here; sets that judge no more are not asked for.

    This program's contracts are kept packed: after an upgrade of the program they are still here,
    for the blocks up to the vote and whenever history is executed again. Raises NodeError.
    """
    snapshot = database.latest
    try:
        contracts.judging(snapshot.object, snapshot.tip.header.height + 1)
    except ContractSetMissing as error:
        raise NodeError(_this_program(error)) from error
    ContractSets(directory.contract_sets).keep_installed()


def _this_program(error: ContractSetMissing) -> str:
    return f"{error}; this program comes with contract set {installed_contracts().digest.hex()}"
