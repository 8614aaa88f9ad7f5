"""The options by which a command is told which node to talk to; `connection` acts on them.

Apart from it, so that commands that need no node can be set up without what a node is made of.
"""

import argparse
from pathlib import Path
from typing import Final

URL_VARIABLE: Final = "LEDGER_NODE_URL"
TOKEN_VARIABLE: Final = "LEDGER_NODE_TOKEN_FILE"  # noqa: S105 - a name, not a token


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """--node, --data and --token-file."""
    group = parser.add_argument_group("which node")
    group.add_argument("--node", metavar="URL", help=f"API of the node; else ${URL_VARIABLE}")
    group.add_argument(
        "--data", type=Path, metavar="DIR", help="data directory of a node on this machine"
    )
    group.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"the API token; else the one in --data, else ${TOKEN_VARIABLE}",
    )
