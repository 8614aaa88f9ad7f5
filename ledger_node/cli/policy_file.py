"""A policy named on the command line: what a command is told to trust."""

import argparse
from pathlib import Path

from ledger_node.cli.files import read_bounded
from ledger_node.cli.outcome import usage
from ledger_node.log.policy import MAX_POLICY, Policy, PolicyError, parse_policy


def add_policy_option(parser: argparse.ArgumentParser) -> None:
    """--policy, for commands that make proofs."""
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="the policy that the proof is to satisfy, where it asks for more than the union's",
    )


def read_policy(path: Path) -> Policy:
    """The policy in the file of --policy."""
    try:
        return parse_policy(read_bounded(path, MAX_POLICY))
    except PolicyError as error:
        raise usage(f"--policy {path}: {error}") from error
