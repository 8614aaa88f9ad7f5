"""What a command that verifies is told to trust: a policy, or the genesis that every policy follows
from.

With a genesis, proofs of any epoch are checked: each under the policy of its time, which the policy
history proves. Reads files and nothing else.
"""

import argparse
from pathlib import Path

from ledger_node.cli.outcome import usage
from ledger_node.cli.policy_file import read_policy
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
    # The genesis holds X.509 certificates. Who gives a policy needs nothing that could connect.
    from ledger_node.cli.trusted_genesis import policies_since

    return policies_since(options.genesis, options.history)
