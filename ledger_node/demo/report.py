"""What the demonstration measured: report.json for programs, a table for people."""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from ledger_node.demo.union import Ledgered


@dataclass(frozen=True, slots=True)
class Report:
    """Everything here was read from the nodes or timed from outside them.

    finality_ms: from the call to submit until the client knows that the record is final.
    """

    members: tuple[str, ...]
    ledgered: Ledgered
    proofs_verified: int
    log_size: int
    log_root: str
    state_root: str

    @property
    def p50(self) -> float:
        """Median time to finality in ms."""
        return statistics.median(self.ledgered.finality_ms)

    @property
    def p95(self) -> float:
        """95th percentile of the time to finality in ms."""
        return statistics.quantiles(self.ledgered.finality_ms, n=20)[-1]

    def write(self, path: Path) -> None:
        """report.json."""
        document = {
            "members": list(self.members),
            "records_accepted": self.ledgered.accepted,
            "records_rejected": self.ledgered.rejected,
            "proofs_verified": self.proofs_verified,
            "log_size": self.log_size,
            "log_root": self.log_root,
            "state_root": self.state_root,
            "finality_ms": {
                "p50": round(self.p50, 1),
                "p95": round(self.p95, 1),
                "samples": len(self.ledgered.finality_ms),
            },
        }
        path.write_text(json.dumps(document, indent=2) + "\n")

    def table(self) -> Table:
        """The same for people."""
        table = Table(show_header=False, box=None, pad_edge=True)
        table.add_column(style="dim")
        table.add_column()
        table.add_row("members", " ".join(self.members))
        table.add_row(
            "records", f"{self.ledgered.accepted} accepted, {self.ledgered.rejected} rejected"
        )
        table.add_row(
            "finality",
            f"{self.p50:.0f} ms median, {self.p95:.0f} ms 95th percentile, "
            f"{len(self.ledgered.finality_ms)} submissions",
        )
        table.add_row("log", f"{self.log_size} entries, root {self.log_root}")
        table.add_row("proofs", f"{self.proofs_verified} verified without any node")
        return table
