"""What a node counts, in Prometheus terms. Names start with `ledger_`; units are in the name.

Counters count when it happens; gauges say what is so, and are set when someone asks.
"""

from collections import Counter as Counts
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ledger_node.ledger.chain import ExecutedBlock
from ledger_node.ledger.outcome import RecordRejected

_FINALITY_BUCKETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """One registry a node, so that several nodes in one process do not mix."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        self.ready = Gauge(
            "ledger_ready", "1 if what is submitted here can become final", registry=registry
        )
        self.height = Gauge("ledger_height", "Height of the last final block", registry=registry)
        self.epoch = Gauge("ledger_epoch", "Epoch this member is in", registry=registry)
        self.view = Gauge("ledger_view", "Consensus view this member is in", registry=registry)
        self.log_entries = Gauge("ledger_log_entries", "Entries in the log", registry=registry)
        self.checkpoint_entries = Gauge(
            "ledger_checkpoint_entries", "Entries under the published checkpoint", registry=registry
        )
        self.pending = Gauge(
            "ledger_pending_submissions", "Submissions waiting to be ordered", registry=registry
        )
        self.links_up = Gauge("ledger_links_up", "Links to other members", registry=registry)
        self.blocks = Counter("ledger_blocks", "Blocks made final", registry=registry)
        self.records = Counter(
            "ledger_records", "Records made final", ["outcome"], registry=registry
        )
        self.rejections = Counter(
            "ledger_rejections", "Records rejected", ["rule"], registry=registry
        )
        self.refusals = Counter(
            "ledger_refusals", "Submissions refused at the door", ["rule"], registry=registry
        )
        self.peer_faults = Counter(
            "ledger_peer_faults", "Frames no correct member sends", ["member"], registry=registry
        )
        self.strangers = Counter(
            "ledger_strangers",
            "Connections turned away at the peer port",
            ["why"],
            registry=registry,
        )
        self.contract_set_missing = Gauge(
            "ledger_contract_set_missing",
            "1 if a contract set was voted whose code is not here",
            registry=registry,
        )
        self.evidence = Counter(
            "ledger_evidence", "Proofs of equivocation seen", ["member"], registry=registry
        )
        self.dissents = Counter(
            "ledger_dissents",
            "Votes for another outcome than a quorum certified",
            ["member"],
            registry=registry,
        )
        self.finality_s = Histogram(
            "ledger_finality_seconds",
            "From a client's submission at this node to its finality on this node's disk",
            buckets=_FINALITY_BUCKETS,
            registry=registry,
        )

    def count_final(self, run: Sequence[ExecutedBlock]) -> None:
        """Blocks that became final, with what became of their records."""
        self.blocks.inc(len(run))
        rejected: Counts[str] = Counts()
        records = 0
        for outcomes in (each for executed in run for each in executed.outcomes.values()):
            records += len(outcomes)
            rejected.update(each.rule for each in outcomes if isinstance(each, RecordRejected))
        for rule, times in rejected.items():
            self.rejections.labels(rule).inc(times)
        for outcome, times in (
            ("accepted", records - rejected.total()),
            ("rejected", rejected.total()),
        ):
            if times:
                self.records.labels(outcome).inc(times)

    def expose(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self.registry)
