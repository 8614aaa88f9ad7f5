"""The signed genesis in a node's data directory."""

from pathlib import Path

from ledger_node.cli.files import read_up_to
from ledger_node.cli.outcome import local
from ledger_node.genesis import (
    CeremonyError,
    GenesisError,
    SignedGenesis,
    VerifiedGenesis,
    read_json,
    verify,
)
from ledger_node.genesis.readable import MAX_JSON


def read_founding(path: Path) -> VerifiedGenesis:
    """The genesis in a file, every signature checked. Raises CommandError: the directory is at
    fault, not the command line."""
    try:
        return verify(read_json(SignedGenesis, read_up_to(path, MAX_JSON)))
    except OSError as error:
        raise local(f"{path}: {error.strerror}") from error
    except CeremonyError as error:
        raise local(f"{path}: not signed by every member", *error.problems) from error
    except GenesisError as error:
        raise local(f"{path}: {error}") from error
