"""A genesis and a policy history named on the command line: the policies that follow from them."""

from pathlib import Path

from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import usage
from ledger_node.genesis import (
    CeremonyError,
    GenesisError,
    SignedGenesis,
    VerifiedGenesis,
    read_json,
    verify,
)
from ledger_node.genesis.policy import policy_of
from ledger_node.genesis.policy_history import MAX_HISTORY, HistoryRefused, verify_history
from ledger_node.genesis.readable import MAX_JSON
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.log.policy import Policy


def policies_since(genesis: Path, history: Path | None) -> tuple[Policy, ...]:
    """The policies of every epoch, the newest first; of the founding one without a history."""
    founded = founding(genesis)
    rosters = _rosters(founded, history)
    return tuple(policy_of(founded.genesis, roster) for roster in reversed(rosters))


def founding(path: Path) -> VerifiedGenesis:
    """The genesis in the file of --genesis, which every founder signed."""
    try:
        return verify(read_json(SignedGenesis, read_bounded(path, MAX_JSON)))
    except (CeremonyError, GenesisError) as error:
        raise usage(f"--genesis {path}: {error}") from error


def _rosters(founded: VerifiedGenesis, history: Path | None) -> list[Roster]:
    if history is None:
        return [founding_roster(founded.genesis, 1)]
    try:
        return verify_history(read_bounded(history, MAX_HISTORY), founded)
    except HistoryRefused as error:
        raise usage(f"--history {history}: {error}") from error
