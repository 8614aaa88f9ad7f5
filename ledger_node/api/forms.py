"""The JSON of the API as types: what handlers answer with and what the client package returns.

Bytes are lower-case hex, times are milliseconds since 1970 (UTC), indexes count log entries from
0. A field that does not apply is null. Fields may be added; readers ignore what they do not know.
"""

from typing import Any, Literal, TypeAlias

import msgspec

Stage: TypeAlias = Literal["pending", "final"]
Judgement: TypeAlias = Literal["accepted", "rejected"]


class RecordView(msgspec.Struct, frozen=True):
    """What became of one record. A rejected one cites its rule and the values that failed."""

    log_index: int
    outcome: Judgement
    rule: str | None = None
    text: str | None = None
    source: str | None = None
    values: dict[str, str] = {}

    @property
    def accepted(self) -> bool:
        """Whether its changes are part of the state."""
        return self.outcome == "accepted"


class SubmissionView(msgspec.Struct, frozen=True):
    """How far a submission has come. All but id and stage is known once it is final.

    height, time_ms: of its block; log_index: of its submission entry, the records' follow.
    """

    id: str
    stage: Stage
    height: int | None = None
    time_ms: int | None = None
    log_index: int | None = None
    records: tuple[RecordView, ...] = ()

    @property
    def final(self) -> bool:
        """Whether it stands on the ledger for good."""
        return self.stage == "final"

    @property
    def accepted(self) -> bool:
        """Whether it is final and every record of it was accepted."""
        return self.final and all(record.accepted for record in self.records)

    @property
    def rejections(self) -> tuple[RecordView, ...]:
        """The records that were rejected."""
        return tuple(record for record in self.records if not record.accepted)


class StreamAnswer(msgspec.Struct, frozen=True):
    """What became of one submission of a stream: final, or not taken.

    number: which, counted over the stream from 0.
    """

    number: int
    submission: SubmissionView | None = None
    problem: "ProblemView | None" = None


class ObjectView(msgspec.Struct, frozen=True):
    """One object of the state. value: its fields by name; raw: its canonical bytes."""

    key: str
    value: dict[str, Any]
    raw: str
    log_size: int
    """Entries in the log when the state was read."""


class ObjectPage(msgspec.Struct, frozen=True):
    """Objects in order of key. next: give it as `after` for the next page, null at the end."""

    objects: tuple[ObjectView, ...]
    next: str | None
    log_size: int


class ChangeView(msgspec.Struct, frozen=True):
    """One entry that changed an object. kind: of the record or deadline, or "genesis"; author: who
    signed, null if nobody did."""

    log_index: int
    kind: str
    author: str | None
    time_ms: int
    height: int
    outcome: Judgement
    submission: str | None


class HistoryPage(msgspec.Struct, frozen=True):
    """What changed an object, in order. next: as in ObjectPage, a log index."""

    key: str
    entries: tuple[ChangeView, ...]
    next: int | None
    log_size: int


class EntryView(msgspec.Struct, frozen=True):
    """One log entry. content: its fields for people; raw: the exact bytes that were hashed."""

    log_index: int
    kind: Literal["genesis", "submission", "record", "block", "deadline"]
    content: dict[str, Any]
    raw: str
    leaf_hash: str


class CertificateView(msgspec.Struct, frozen=True):
    """What made a block final: canonical bytes of a finalization, or of the run of empty blocks
    with one that ended an epoch. It covers every block below."""

    height: int
    certificate: str


class CertificatePage(msgspec.Struct, frozen=True):
    """Certificates by height, those that the node keeps: of each commit's last block. next: give
    it as `after` for the next page, null at the end; height: of the last final block."""

    certificates: tuple[CertificateView, ...]
    next: int | None
    height: int


class RuleView(msgspec.Struct, frozen=True):
    """One rule. source: the article or practice it comes from; text_ru: the text in Russian.

    severity: what a breach says of its author: formal, material or grave.
    """

    id: str
    text: str
    source: str
    text_ru: str
    severity: str = "formal"


class RulePage(msgspec.Struct, frozen=True):
    """Every rule that this node's contracts and its door know, by id."""

    contract_set: str
    rules: tuple[RuleView, ...]


class HaltView(msgspec.Struct, frozen=True):
    """Why a node stopped: the block whose outcome here is not the one a quorum certified."""

    height: int
    block: str
    ours: str
    certified: str


class MempoolView(msgspec.Struct, frozen=True):
    """Submissions that wait to be ordered, and their size in bytes."""

    submissions: int
    bytes: int


class EvidenceView(msgspec.Struct, frozen=True):
    """Two signed votes by which a member contradicted itself. first, second: canonical, hex.

    said: what each vote says, in words.
    """

    member: str
    epoch: int
    view: int
    first: str
    second: str
    said: tuple[str, str]


class FinalizationView(msgspec.Struct, frozen=True):
    """A quorum's certificate that a block is final. certificate: canonical, hex; signers: codes of
    those whose votes it is made of, "" for one outside the present committee.
    """

    epoch: int
    view: int
    block: str
    outcome: str
    signers: tuple[str, ...]
    certificate: str


class ForkView(msgspec.Struct, frozen=True):
    """Two finalizations that no one chain holds both of. ours: of this node's own chain; None if
    its head ended the epoch before."""

    ours: FinalizationView | None
    theirs: FinalizationView


class EvidencePage(msgspec.Struct, frozen=True):
    """All that this node keeps, by member, epoch and view. fork: why it votes no more, if so."""

    evidence: tuple[EvidenceView, ...]
    fork: ForkView | None = None


class UpgradeView(msgspec.Struct, frozen=True):
    """A contract set that was voted and does not judge yet. from_height: of its first block;
    installed: whether its code is at this node; problem: what to do if it is not.
    """

    contract_set: str
    from_height: int
    installed: bool
    problem: str = ""


class SnapshotView(msgspec.Struct, frozen=True):
    """A snapshot that a node takes because it is far behind. height: of the block it is of; peers:
    that give it; pages, objects, ids, bytes: what has come so far from them."""

    height: int
    peers: tuple[str, ...]
    pages: int
    objects: int
    ids: int
    bytes: int


class MissingView(msgspec.Struct, frozen=True):
    """Log entries that a node which began with a snapshot still has to fetch, the first included,
    the end not; blocks likewise by height."""

    first_entry: int
    end_entry: int
    first_height: int
    end_height: int


class StatusView(msgspec.Struct, frozen=True):
    """How a node is doing. peers: for each other member, whether our link to it is up.

    joining: it is finding out how far it is behind, or takes a snapshot; missing: see there.

    time_ms: of the last final block; checkpoint_size: entries under the published checkpoint;
    evidence: proofs of equivocation this node has seen since it started; contract_set: judges the
    next block.
    """

    version: str
    member: str
    union: str
    name: str
    origin: str
    members: tuple[str, ...]
    quorum: int
    running: bool
    started_at_ms: int
    height: int
    view: int
    time_ms: int
    log_size: int
    log_root: str
    state_root: str
    checkpoint_size: int
    contract_set: str
    peers: dict[str, bool]
    mempool: MempoolView
    evidence: int
    halted: HaltView | None = None
    forked: ForkView | None = None
    joining: bool = False
    snapshot: SnapshotView | None = None
    missing: MissingView | None = None
    upgrade: UpgradeView | None = None


class PayloadView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Particulars in clear, with what opens their commitment. salt, plaintext: hex."""

    group: str
    salt: str
    plaintext: str

    def __repr__(self) -> str:
        """Without salt and plaintext, so that neither reaches a log by way of a debug line."""
        return f"PayloadView({self.group})"


class ProblemView(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details. Extensions: rule and its source when one was broken, the field
    concerned, and for a contracts' rule the values that failed."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    rule: str | None = None
    source: str | None = None
    field: str | None = None
    values: dict[str, str] = {}
