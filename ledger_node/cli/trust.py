"""What a command that verifies is told to trust: a policy, or the genesis that every policy follows
from.

With a genesis, proofs of any epoch are checked: each under the policy of its time, which the policy
history proves. Reads files and nothing else.
"""

import argparse
from pathlib import Path

from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import refused, usage
from ledger_node.cli.policy_file import read_policy
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


def add_trust_options(parser: argparse.ArgumentParser) -> None:
    """--policy, or --genesis with --history."""
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--policy", type=Path, metavar="FILE", help="the union's trust policy")
    given.add_argument(
        "--genesis",
        type=Path,
        metavar="FILE",
        help="instead of a policy: the genesis that every founder signed",
    )
    parser.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="with --genesis: the union's policy history, for proofs of later epochs",
    )


def trusted(options: argparse.Namespace) -> tuple[Policy, ...]:
    """The policies that a proof may satisfy, the newest first."""
    if options.policy is not None:
        if options.history is not None:
            raise usage("--history: goes with --genesis, not with --policy")
        return (read_policy(options.policy),)
    founding = _read_founding(options.genesis)
    rosters = _rosters(founding, options.history)
    return tuple(policy_of(founding.genesis, roster) for roster in reversed(rosters))


def _read_founding(path: Path) -> VerifiedGenesis:
    try:
        return verify(read_json(SignedGenesis, read_bounded(path, MAX_JSON)))
    except (CeremonyError, GenesisError) as error:
        raise usage(f"--genesis {path}: {error}") from error


def _rosters(founding: VerifiedGenesis, history: Path | None) -> list[Roster]:
    if history is None:
        return [founding_roster(founding.genesis, 1)]
    try:
        return verify_history(read_bounded(history, MAX_HISTORY), founding)
    except HistoryRefused as error:
        raise refused(f"--history {history}: {error}") from error
