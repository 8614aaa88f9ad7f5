"""Which way the layers depend: docs/architecture.md in a table, checked against every import.

`consensus` and `contracts` are pure and know neither each other nor the node around them. Inside
`ledger_node` a package imports only packages named before it.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PURE = frozenset(
    {
        "collections",
        "dataclasses",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "msgspec",
        "operator",
        "re",
        "types",
        "typing",
        "unicodedata",
    }
)
"""All that a pure package may import: nothing that reads a clock, a disk, a socket or a die."""

COMMANDS = {"contracts/rulebook.py": frozenset({"pathlib", "sys"})}
"""Modules that a person runs, to write documents. No other pure module imports them."""

ORDER = (
    "codec",
    "crypto",
    "log",
    "state",
    "ledger",
    "contract_sets",
    "genesis",
    "storage",
    "network",
    "node",
    "api",
    "client",
    "interop",
    "audit",
    "cli",
    "demo",
)
"""Packages of `ledger_node`, each above those before it."""

BESIDE = {
    "log": {"codec", "crypto"},
    "state": {"codec", "crypto"},
    "network": {"codec", "crypto"},
    "interop": {"codec", "crypto", "log", "state", "ledger", "genesis"},
    "audit": {"codec", "crypto", "log", "state", "ledger", "contract_sets", "genesis"},
}
"""Packages that may use less than everything before them: they stand beside the rest."""

LEAVES = {"leveldb"}
"""Modules beside the packages: they import nothing of ours, and any package may use them."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@cache
def imports(module: Path) -> tuple[str, ...]:
    """Dotted names that a module imports, anywhere in it."""
    return tuple(_imports(module))


def _imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inner(name: str) -> str | None:
    """The package of `ledger_node` that a dotted name is in."""
    parts = name.split(".")
    return parts[1] if parts[0] == "ledger_node" and len(parts) > 1 else None


@pytest.mark.parametrize("package", ["consensus", "contracts"])
def test_pure_packages_import_only_themselves_and_what_is_pure(package: str) -> None:
    for module in modules(package):
        name = str(module.relative_to(ROOT))
        allowed = PURE | {package} | COMMANDS.get(name, frozenset())
        commands = {command.removesuffix(".py").replace("/", ".") for command in COMMANDS}
        assert not commands & set(imports(module)), f"{name} imports a command"
        strangers = {found.split(".")[0] for found in imports(module)} - allowed
        assert not strangers, f"{name} imports {sorted(strangers)}"


def test_every_package_of_the_node_has_its_place() -> None:
    found = {path.parent.name for path in (ROOT / "ledger_node").glob("*/__init__.py")}
    assert found == set(ORDER)


@pytest.mark.parametrize("package", ORDER)
def test_arrows_inside_the_node_point_one_way(package: str) -> None:
    allowed = BESIDE.get(package, set(ORDER[: ORDER.index(package)])) | {package} | LEAVES
    for module in modules(f"ledger_node/{package}"):
        wrong = {target for name in imports(module) if (target := inner(name))} - allowed
        assert not wrong, f"{module.relative_to(ROOT)} imports {sorted(wrong)}"


def test_modules_beside_the_packages_import_nothing_of_ours() -> None:
    beside = {path.stem for path in (ROOT / "ledger_node").glob("*.py")} - {"__init__"}
    assert beside == LEAVES
    for name in LEAVES:
        assert not [n for n in imports(ROOT / "ledger_node" / f"{name}.py") if inner(n)]


def test_the_verifier_that_stands_alone_shares_no_code_with_what_it_judges() -> None:
    ours = {"consensus", "contracts", "ledger_node"}
    for module in modules("ctl_verify"):
        assert not {name.split(".")[0] for name in imports(module)} & ours, module


@pytest.mark.parametrize("package", ["consensus", "contracts", "ctl_verify", "ledger_node"])
def test_nothing_imports_the_tests(package: str) -> None:
    for module in modules(package):
        assert not any(name.split(".")[0] == "tests" for name in imports(module)), module


def test_the_allow_list_names_no_module_that_does_not_exist() -> None:
    assert PURE - {"msgspec"} <= sys.stdlib_module_names
    assert all((ROOT / name).exists() for name in COMMANDS)
