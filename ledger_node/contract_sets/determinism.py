"""A guard over the syntax of the pure packages: what could differ between nodes is not written.

Contracts and consensus must give the same answer on every machine, Python version, hash seed and
clock. So neither uses floats, clocks, randomness, the environment, object addresses or hashes, and
imports come from an allow-list. Contracts do not use sets at all, whose order is arbitrary, and
import only at the top of a module. The guard finds mistakes; it is no sandbox: members read what
they vote for.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Final

CONTRACT_IMPORTS: Final = frozenset(
    {
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
)

MORE_IMPORTS: Final[Mapping[str, frozenset[str]]] = {
    # SHA-256 is a function of its bytes: one module checks Merkle proofs with it.
    "ecommerce/parcels.py": frozenset({"hashlib"}),
    # Writes the documentation and is imported by nothing that executes records.
    "rulebook.py": frozenset({"pathlib", "sys"}),
}
"""What single modules may import besides, by path in the package."""

DOCUMENT_MAKER: Final = "rulebook.py"

FORBIDDEN_CALLS: Final = frozenset(
    {
        "__import__",
        "breakpoint",
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
)
FORBIDDEN_SETS: Final = frozenset({"set", "frozenset"})

# Reads the names a module of rules defines, in the order of its text.
ALLOWED_CALLS: Final = frozenset({("kernel/rule.py", "vars")})


def contract_problems(path: str, source: bytes) -> tuple[str, ...]:
    """What keeps a module of contracts from being deterministic, each with its line; () if nothing.

    path: relative to the package, "/" between parts.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return (f"is not Python: {error}",)
    permitted = CONTRACT_IMPORTS | MORE_IMPORTS.get(path, frozenset())
    found = [f"imports {name}" for name in imports(tree) if not allowed(name, permitted)]
    if path == DOCUMENT_MAKER:
        return tuple(found)
    found += [f"line {line}: an import within a function" for line in late_imports(tree)]
    if "contracts.rulebook" in imports(tree):
        found.append("imports the document maker")
    calls = frozenset(name for place, name in ALLOWED_CALLS if place == path)
    found += indeterminate(tree, sets=True, permitted=calls)
    return tuple(found)


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def allowed(name: str, among: frozenset[str]) -> bool:
    """Whether an import is on an allow-list, itself or by its top package."""
    return name in among or name.split(".")[0] in among - {"collections.abc"}


def late_imports(tree: ast.AST) -> Iterator[int]:
    """Lines of imports that are not made when the module is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield inner.lineno


def indeterminate(
    tree: ast.AST, *, sets: bool, permitted: frozenset[str] = frozenset()
) -> Iterator[str]:
    """What in a module could give different answers on different nodes.

    sets: whether sets count; permitted: calls that do not.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"line {node.lineno}: a float"
            case ast.BinOp(op=ast.Div()):
                yield f"line {node.lineno}: true division makes floats"
            case ast.AugAssign(op=ast.Div()):
                yield f"line {node.lineno}: true division makes floats"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS - permitted:
                yield f"line {node.lineno}: calls {name}"
            case ast.Call(func=ast.Name(id=name)) if sets and name in FORBIDDEN_SETS:
                yield f"line {node.lineno}: a set"
            case ast.Set() | ast.SetComp() if sets:
                yield f"line {node.lineno}: a set"
            case ast.AsyncFunctionDef() | ast.Await() | ast.Global():
                yield f"line {node.lineno}: {type(node).__name__}"
            case _:
                pass
