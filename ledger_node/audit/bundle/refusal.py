"""Why a bundle is refused: the check that failed, the place, and what was found there.

Checks are listed in the order in which they are made. The stream is checked as it comes, so the
place is that of the first failure in the file.
"""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The checks of a bundle. docs/audit-bundles.md lists them with the same words."""

    FORM = "the file is a whole audit bundle"
    EPOCHS = "the members and keys of each epoch follow from the epoch before, from genesis on"
    CHECKPOINT = "the policy accepts the checkpoint"
    TILES = "the hash tiles lead to the checkpoint's root"
    INCLUSION = "each entry is the one that stands in the log at its index"
    ENTRY_FORM = "each entry is of a known kind and stands where its kind may stand"
    FOUNDING = "the bundle opens with the genesis block of the union"
    SUBMISSION = "each submission is whole, keeps its rules, and its author's signature holds"
    RECORDS = "each submission is followed by its records, all of them, in their order"
    BLOCK = "each block follows the one before and its id covers its submissions in their order"
    PAYLOAD = "no submission is ordered twice, out of its time, or beyond the union's limits"
    CERTIFICATE = "each consensus certificate is by a quorum, for this block and this outcome"
    STATE_BEFORE = "the state given for the start of a range is the one under its state root"
    UNCHANGED = "where blocks are left out, the object in question is after them what it was before"
    CONTRACTS = "the contracts that judged the records are here and are those that were voted"
    OUTCOME = "executing the records again gives the outcomes and changes that the log states"
    STATE_ROOT = "executing the records again gives the state root that the log states"
    COMPLETENESS = "the bundle holds all of what it says it holds"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in log or file. entry: log index; height: of the block; byte: offset in the file."""

    entry: int | None = None
    height: int | None = None
    byte: int | None = None

    def __str__(self) -> str:
        parts = [
            f"{name} {value}"
            for name, value in (
                ("block", self.height),
                ("entry", self.entry),
                ("byte", self.byte),
            )
            if value is not None
        ]
        return ", ".join(parts) or "the bundle"


class BundleRefused(Exception):
    """A bundle that does not hold what it claims. found: text for people."""

    def __init__(self, step: Step, place: Place, found: str) -> None:
        super().__init__(f"{place}: {found} (check: {step.value})")
        self.step = step
        self.place = place
        self.found = found
