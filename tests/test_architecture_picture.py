"""The picture in docs/architecture.md shows the imports as they are.

It has an arrow from A to B where A imports B and nothing between them does it for A: the transitive
reduction of the imports between packages, which says the same with a fifth of the arrows. Print the
picture as it should be with `python -m tests.test_architecture_picture`.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "architecture.md"
ARROW = re.compile(r"^ {4}([a-z_]+) --> ([a-z_]+)$", re.MULTILINE)

Arrows = frozenset[tuple[str, str]]


def package_of(dotted: str) -> str | None:
    """The box of the picture that a dotted module name belongs to."""
    first, _, rest = dotted.partition(".")
    if first in ("consensus", "contracts", "ctl_verify"):
        return first
    if first == "ledger_node" and rest:
        return rest.partition(".")[0]
    return None


def imports() -> Arrows:
    """Every (importer, imported) between boxes."""
    found = set()
    for top in ("consensus", "contracts", "ctl_verify", "ledger_node"):
        for module in (ROOT / top).rglob("*.py"):
            here = package_of(".".join(module.relative_to(ROOT).with_suffix("").parts))
            for node in ast.walk(ast.parse(module.read_text())):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                else:
                    continue
                for name in names:
                    there = package_of(name)
                    if here and there and here != there:
                        found.add((here, there))
    return frozenset(found)


def reduced(arrows: Arrows) -> Arrows:
    """The arrows that no longer way round replaces. Needs arrows without circles."""
    below = {a: {b for x, b in arrows if x == a} for a, _ in arrows}

    def reach(start: str) -> set[str]:
        return below.get(start, set()).union(*(reach(b) for b in below.get(start, set())))

    return frozenset(
        (a, b) for a, b in arrows if not any(b in reach(c) for c in below[a] if c != b)
    )


def test_the_picture_shows_the_imports_as_they_are() -> None:
    drawn = frozenset(ARROW.findall(DOCUMENT.read_text()))
    actual = reduced(imports())
    assert drawn - actual == set(), "arrows drawn that no import makes"
    assert actual - drawn == set(), "imports that the picture lacks"


if __name__ == "__main__":
    print("\n".join(f"    {a} --> {b}" for a, b in sorted(reduced(imports()))))
