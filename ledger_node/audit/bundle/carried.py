"""Contract sets that a bundle carries, and when their code is executed.

A bundle can hold the sources of the sets that judged its blocks, so that it can be executed where
they were never installed. Their digests are computed here. Code is loaded only when a block is to
be judged by a set with that digest: the one that the union's genesis names, or that the union's
members voted for, as the state says that execution has reached by then. So it comes from the union
that the auditor's policy or genesis stands for, and from nobody else who had a hand in the file. It
must also pass the guard that members use (contract_sets.determinism). No more is promised: the
guard is no sandbox (docs/decisions/0013), and an auditor who would not run what the union's members
voted for leaves carried sets out and gives sets that he has read.
"""

from dataclasses import dataclass
from pathlib import Path

from ledger_node.audit.bundle.form import Frame
from ledger_node.audit.bundle.refusal import Step
from ledger_node.codec import Digest
from ledger_node.contract_sets.determinism import contract_problems
from ledger_node.contract_sets.loading import ContractSetUnusable, load_contract_set
from ledger_node.contract_sets.packing import PackedSetRefused, read_bare
from ledger_node.ledger.contract_set import contract_set_digest
from ledger_node.ledger.entries import BlockEntry
from ledger_node.ledger.execution import ContractSet, ContractSetMissing, ContractShelf


@dataclass(frozen=True, slots=True)
class Judge:
    """A contract set that judged blocks, from a height on. carried: whether the one in the bundle
    was executed, for want of another."""

    digest: Digest
    from_height: int
    carried: bool


class CarriedSets:
    """Those of one bundle, on disk until they are needed. A ContractShelf."""

    def __init__(
        self, own: ContractShelf | None, directory: Path | None, *, usable: bool = True
    ) -> None:
        """own: sets that the auditor has, asked first; directory: to keep carried ones in; both
        None where nothing is executed; usable: whether carried sets may be."""
        self._own = own
        self._directory = directory
        self._usable = usable
        self._carried: dict[Digest, Frame] = {}
        self._loaded: dict[Digest, ContractSet] = {}
        self._judged: list[tuple[Digest, int]] = []

    def take(self, frame: Frame) -> None:
        """A CONTRACTS frame. Raises BundleRefused."""
        try:
            digest = contract_set_digest(read_bare(frame.payload))
        except PackedSetRefused as error:
            raise frame.refused(str(error), Step.CONTRACTS) from error
        if digest in self._carried:
            found = f"contract set {digest.hex()} is carried twice"
            raise frame.refused(found, Step.CONTRACTS)
        if self._directory is not None:
            (self._directory / digest.hex()).write_bytes(frame.payload)
        self._carried[digest] = Frame(frame.kind, b"", frame.offset)

    def judged(self, entry: BlockEntry) -> None:
        """A block says which set judged it."""
        digest = Digest(entry.contract_set)
        if not self._judged or self._judged[-1][0] != digest:
            self._judged.append((digest, entry.height))

    @property
    def judges(self) -> tuple[Judge, ...]:
        """The sets by which the blocks so far were judged, in order."""
        return tuple(Judge(each, height, each in self._loaded) for each, height in self._judged)

    def check_needed(self) -> None:
        """Nothing is carried for nothing. Raises BundleRefused."""
        needed = {digest for digest, _ in self._judged}
        for digest, frame in self._carried.items():
            if digest not in needed:
                found = f"contract set {digest.hex()} is carried and judged no block here"
                raise frame.refused(found, Step.CONTRACTS)

    def get(self, digest: bytes, from_height: int) -> ContractSet:
        """See ContractShelf. The auditor's own first."""
        assert self._own is not None, "asked only where contracts are executed"
        try:
            return self._own.get(digest, from_height)
        except ContractSetMissing as error:
            if Digest(digest) not in self._carried:
                raise
            if not self._usable:
                reason = "the bundle carries it, and carried sets are not to be executed"
                raise ContractSetMissing(digest, from_height, reason) from error
        return self._loaded.get(Digest(digest)) or self._load(Digest(digest), from_height)

    def _load(self, digest: Digest, from_height: int) -> ContractSet:
        """Checked, compiled and kept: every block that it judges asks for it."""
        assert self._directory is not None, "asked only where contracts are executed"
        sources = read_bare((self._directory / digest.hex()).read_bytes())
        for path, source in sources.items():
            problems = contract_problems(path, source)
            if problems:
                reason = f"{path} does what no contract may: {problems[0]}"
                raise ContractSetMissing(digest, from_height, reason)
        try:
            loaded = load_contract_set(sources)
        except ContractSetUnusable as error:
            raise ContractSetMissing(digest, from_height, str(error)) from error
        self._loaded[digest] = loaded
        return loaded
