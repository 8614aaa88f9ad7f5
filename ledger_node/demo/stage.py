"""What a person sees: chapters, acts with the time each took, refusals with their rule.

On a terminal a line lives while it is being done; elsewhere each line is printed once, done.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule as Line
from rich.table import Table

_WHO_WIDTH = 14


@dataclass(slots=True)
class Act:
    """One line in the making. `note` is shown behind it when it is done."""

    note: str = ""


def shown(path: Path) -> str:
    """A path as short as it can be from where the person stands."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


class Stage:
    """Prints; knows nothing of the ledger."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._chapter = 0
        self._began = time.monotonic()

    def title(self, text: str, below: str) -> None:
        """The opening lines."""
        self.console.print()
        self.console.print(f"[bold]{escape(text)}[/bold]")
        self.console.print(f"[dim]{escape(below)}[/dim]")

    def chapter(self, text: str) -> None:
        """A new chapter, numbered."""
        self._chapter += 1
        self.console.print()
        self.console.print(Line(f"{self._chapter} · {text}", align="left", style="cyan"))

    @contextmanager
    def act(self, who: str, what: str) -> Iterator[Act]:
        """A line that is alive while its block runs, and done when it ends without an error."""
        line = f"[bold]{escape(who):<{_WHO_WIDTH}}[/bold] {escape(what)}"
        act = Act()
        began = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(line, spinner="dots"):
                yield act
        else:
            yield act
        took = (time.monotonic() - began) * 1000
        note = f"  [dim]{escape(act.note)}[/dim]" if act.note else ""
        self._print(f"  [green]✓[/green] {line}{note}  [dim]{took:.0f} ms[/dim]")

    def refused(self, who: str, what: str, rule: str, why: str) -> None:
        """Something that the ledger did not allow, as it should."""
        line = f"[bold]{escape(who):<{_WHO_WIDTH}}[/bold] {escape(what)}"
        self._print(f"  [yellow]✗[/yellow] {line}  [yellow]{escape(rule)}[/yellow]")
        self._print(f"    [dim]{escape(why)}[/dim]")

    def say(self, text: str) -> None:
        """A plain line."""
        self._print(f"    [dim]{escape(text)}[/dim]")

    def command(self, line: str) -> None:
        """A command to copy, whole on one line."""
        self._print(f"      {escape(line)}")

    def table(self, table: Table) -> None:
        """A table, indented."""
        self.console.print(table)

    def _print(self, line: str) -> None:
        """A line that the terminal may break, we do not: it can be copied whole."""
        self.console.print(line, soft_wrap=True)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the curtain rose."""
        return time.monotonic() - self._began
