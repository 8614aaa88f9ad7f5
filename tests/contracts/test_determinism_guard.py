"""A guard over the syntax of the pure packages: what could differ between nodes is not written.

Contracts and consensus must give the same answer on every machine, Python version, hash seed and
clock. So neither uses floats, clocks, randomness, the environment, object addresses or hashes, and
imports come from an allow-list. Contracts do not use sets at all: their order is arbitrary.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTRACT_IMPORTS = {
    "collections.abc",
    "contracts",
    "dataclasses",
    "enum",
    "functools",
    "msgspec",
    "operator",
    "re",
    "types",
    "typing",
    "unicodedata",
}
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
# Writes the documentation and is imported by nothing that executes records.
DOCUMENT_MAKER = ROOT / "contracts" / "rulebook.py"
DOCUMENT_IMPORTS = CONTRACT_IMPORTS | {"pathlib", "sys"}

# SHA-256 is a function of its bytes: one module checks Merkle proofs with it.
ALLOWED_IMPORTS = {ROOT / "contracts" / "ecommerce" / "parcels.py": {"hashlib"}}

FORBIDDEN_CALLS = {
    "__import__",
    "compile",
    "eval",
    "exec",
    "float",
    "globals",
    "hash",
    "id",
    "input",
    "locals",
    "open",
    "print",
    "round",
    "vars",
}
FORBIDDEN_SETS = {"set", "frozenset"}
# Reads the names a module of rules defines, in the order of its text.
ALLOWED_CALLS = {(ROOT / "contracts" / "kernel" / "rule.py", "vars")}


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def indeterminate(tree: ast.AST, *, sets: bool) -> Iterator[str]:
    """What in a module could give different answers on different nodes."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"line {node.lineno}: a float"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"line {node.lineno}: true division makes floats"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"call:{name}"
            case ast.Call(func=ast.Name(id=name)) if sets and name in FORBIDDEN_SETS:
                yield f"line {node.lineno}: a set"
            case ast.Set() | ast.SetComp() if sets:
                yield f"line {node.lineno}: a set"
            case ast.AsyncFunctionDef() | ast.Await() | ast.Global():
                yield f"line {node.lineno}: {type(node).__name__}"


def allowed(name: str, among: set[str]) -> bool:
    return name in among or name.split(".")[0] in among - {"collections.abc"}


CONTRACTS = sorted((ROOT / "contracts").rglob("*.py"))
CONSENSUS = sorted((ROOT / "consensus").rglob("*.py"))


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_contracts_are_deterministic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    permitted = DOCUMENT_IMPORTS if path == DOCUMENT_MAKER else CONTRACT_IMPORTS
    permitted = permitted | ALLOWED_IMPORTS.get(path, set())
    assert [name for name in imports(tree) if not allowed(name, permitted)] == []
    if path != DOCUMENT_MAKER:
        found = [
            finding
            for finding in indeterminate(tree, sets=True)
            if (path, finding.removeprefix("call:")) not in ALLOWED_CALLS
        ]
        assert found == []


@pytest.mark.parametrize("path", CONSENSUS, ids=lambda path: str(path.relative_to(ROOT)))
def test_consensus_is_deterministic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [name for name in imports(tree) if name.split(".")[0] in CONSENSUS_FORBIDDEN] == []
    assert list(indeterminate(tree, sets=False)) == []


def test_nothing_that_executes_imports_the_document_maker() -> None:
    importers = [
        path
        for path in CONTRACTS
        if "contracts.rulebook" in imports(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert importers == []


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
        "open('x')",
        "async def f(): pass",
    ],
)
def test_the_guard_sees(source: str) -> None:
    assert list(indeterminate(ast.parse(source), sets=True)) != []


@pytest.mark.parametrize(
    "name", ["time", "random", "os", "ledger_node.codec", "consensus", "hashlib", "collections"]
)
def test_the_guard_refuses_imports(name: str) -> None:
    assert [
        found
        for found in imports(ast.parse(f"import {name}"))
        if not allowed(found, CONTRACT_IMPORTS)
    ]
