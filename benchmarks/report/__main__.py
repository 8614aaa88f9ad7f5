"""Writes the tables and pictures of a run again, or puts them into the documents.

    python -m benchmarks.report [DIR] [--publish]

DIR: where `make bench` left report.json, var/bench by default. --publish: pictures and figures go
to docs/performance/, the tables between their marks in docs/performance.md.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.report.pictures import pictures
from benchmarks.report.tables import markdown

DOCUMENT: Final = Path("docs/performance.md")
FOLDER: Final = "performance/"
BEGIN: Final = "<!-- figures: written by python -m benchmarks.report --publish -->"
END: Final = "<!-- figures end -->"


def write(report: dict[str, Any], out: Path) -> None:
    """report.json, report.md and the pictures."""
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    drawn = pictures(report)
    for name, picture in drawn.items():
        (out / name).write_text(picture)
    (out / "report.md").write_text("# Benchmarks\n\n" + markdown(report, list(drawn)))


def publish(report: dict[str, Any]) -> None:
    """Into the documents."""
    folder = DOCUMENT.parent / FOLDER
    folder.mkdir(exist_ok=True)
    drawn = pictures(report)
    for name, picture in drawn.items():
        (folder / name).write_text(picture)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    before, found, rest = DOCUMENT.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    assert found, f"{DOCUMENT} has the first mark"
    assert ended, f"{DOCUMENT} has the last mark"
    tables = markdown(report, list(drawn), FOLDER)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report")
    parser.add_argument("directory", nargs="?", type=Path, default=Path("var/bench"))
    parser.add_argument("--publish", action="store_true")
    arguments = parser.parse_args()
    report = json.loads((arguments.directory / "report.json").read_text())
    write(report, arguments.directory)
    if arguments.publish:
        publish(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
