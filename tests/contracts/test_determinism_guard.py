"""The guard over the pure packages, and what it sees (ledger_node/contract_sets/determinism.py)."""

import ast
from pathlib import Path

import pytest

from ledger_node.contract_sets.determinism import (
    CONTRACT_IMPORTS,
    MORE_IMPORTS,
    allowed,
    contract_problems,
    imports,
    indeterminate,
)
from ledger_node.ledger.contract_set import package_sources

ROOT = Path(__file__).parent.parent.parent
CONSENSUS_FORBIDDEN = {
    "asyncio",
    "contracts",
    "datetime",
    "ledger_node",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sys",
    "threading",
    "time",
    "uuid",
}
CONTRACTS = package_sources(ROOT / "contracts")
CONSENSUS = sorted((ROOT / "consensus").rglob("*.py"))


@pytest.mark.parametrize("path", CONTRACTS)
def test_contracts_are_deterministic(path: str) -> None:
    assert contract_problems(path, CONTRACTS[path]) == ()


@pytest.mark.parametrize("path", CONSENSUS, ids=lambda path: str(path.relative_to(ROOT)))
def test_consensus_is_deterministic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [name for name in imports(tree) if name.split(".")[0] in CONSENSUS_FORBIDDEN] == []
    assert list(indeterminate(tree, sets=False)) == []


def test_modules_that_may_import_more_are_there() -> None:
    assert set(MORE_IMPORTS) <= set(CONTRACTS)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1.5",
        "x = a / b",
        "x /= 2",
        "for x in {1, 2}: pass",
        "x = [y for y in {z for z in w}]",
        "x = set(y)",
        "x = frozenset(y)",
        "x = hash(y)",
        "x = id(y)",
        "x = round(y)",
        "x = float(y)",
        "x = vars(y)",
        "open('x')",
        "async def f(): pass",
        "def f():\n    import re",
        "import contracts.rulebook",
        "from contracts.kernel import",
        "\0",
        "(" * 5000,
    ],
)
def test_the_guard_sees(source: str) -> None:
    assert contract_problems("transit/rules.py", source.encode()) != ()


@pytest.mark.parametrize(
    "name", ["time", "random", "os", "ledger_node.codec", "consensus", "hashlib", "collections"]
)
def test_the_guard_refuses_imports(name: str) -> None:
    assert not allowed(name, CONTRACT_IMPORTS)
    assert contract_problems("transit/rules.py", f"import {name}".encode())


def test_the_guard_names_line_and_cause() -> None:
    found = contract_problems("transit/rules.py", b"import re\n\nRATE = 1.5\n")
    assert found == ("line 3: a float",)
