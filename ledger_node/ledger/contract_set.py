"""The contract set: which code judges records, named by one digest over its source files.

The digest stands in every block entry, so the log says under which code each record was judged,
and two members running different contracts can tell before they disagree. Only Python sources
count, in order of path and with line ends of one kind, so that a checkout on any system agrees.
Format: docs/formats.md, "Contract set".
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import contracts
from ledger_node.codec import Digest, encode, tagged_digest
from ledger_node.ledger.execution import ContractSet


def contract_set_digest(sources: Mapping[str, bytes]) -> Digest:
    """The digest of a set of source files.

    sources: contents by path relative to the package, with "/" between parts.
    """
    return tagged_digest("contract-set", contract_set_bytes(sources))


def contract_set_bytes(sources: Mapping[str, bytes]) -> bytes:
    """The canonical bytes that the digest is taken over."""
    return encode(
        [(path, content.replace(b"\r\n", b"\n")) for path, content in sorted(sources.items())]
    )


@cache
def installed_sources() -> Mapping[str, bytes]:
    """The sources of this program's contracts, as contract_set_digest takes them."""
    (root,) = contracts.__path__
    return package_sources(Path(root))


def package_sources(root: Path) -> dict[str, bytes]:
    """The Python files of the package in `root`, by relative path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.py"))
    }


@cache
def installed_contracts() -> ContractSet:
    """The contract set of this program, read from disk once."""
    return ContractSet(
        contract_set_digest(installed_sources()),
        contracts.apply,
        contracts.due_acts,
        contracts.genesis_state,
        contracts.author_problem,
    )
