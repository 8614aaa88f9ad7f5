"""What can be wrong with a state tree, its pages on disk, or a proof about it.

One hierarchy: everything raised by `ledger_node.state` is a `StateTreeError`. Errors carry
fields; the text is for people who read logs, programs look at the fields.
"""

from enum import Enum


class StateTreeError(Exception):
    """Root of the errors of this package."""


class CorruptPage(StateTreeError):
    """A stored page is missing, malformed, or does not hash to what its parent committed to.

    key: the page's key in the tree's key space; reason: the rule that was broken.
    """

    def __init__(self, key: bytes, reason: str) -> None:
        super().__init__(f"state page {key.hex()}: {reason}")
        self.key = key
        self.reason = reason


class EmptyEntry(StateTreeError):
    """A key or value of no bytes, which no ICS-23 proof can speak about.

    field: "key" or "value"; key: the key concerned (empty if that is what is wrong).
    """

    def __init__(self, field: str, key: bytes) -> None:
        super().__init__(f"a state {field} must not be empty (key {key!r})")
        self.field = field
        self.key = key


class EmptyTree(StateTreeError):
    """Absence was to be proven in a tree without entries.

    ICS-23 knows no such proof: the root of 32 zero bytes says by itself that nothing is there.
    """

    def __init__(self) -> None:
        super().__init__("the tree is empty: its root of zero bytes is the proof")


class EntryMismatch(StateTreeError):
    """The entry lookup answered with nothing, or with other bytes than the tree committed to.

    path: SHA-256 of the key looked up; reason: text for people.
    """

    def __init__(self, path: bytes, reason: str) -> None:
        super().__init__(f"entry at path {path.hex()}: {reason}")
        self.path = path
        self.reason = reason


class MalformedProof(StateTreeError):
    """Bytes that are not the canonical encoding of an ICS-23 `CommitmentProof`.

    field: the protobuf field concerned, e.g. "exist.leaf.hash"; reason: the rule broken.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class ProofStep(Enum):
    """The checks of proof verification, in the order they are made."""

    ROOT_SIZE = "the root is 32 bytes"
    KIND = "the proof is of the kind asked for"
    KEY = "the proof speaks of this key"
    VALUE = "the proof speaks of this value"
    LEAF_OP = "the leaf is hashed as the specification says"
    DEPTH = "the path is as deep as the specification allows"
    INNER_OP = "each inner node is hashed as the specification says"
    SHAPE = "operations have the only form the state tree produces"
    POSITION = "the path turns where the hash of the key turns"
    ROOT = "the proof leads to the root"
    NEIGHBOURS = "at least one neighbour is given"
    LEFT_ORDER = "the left neighbour lies left of the key"
    RIGHT_ORDER = "the right neighbour lies right of the key"
    ADJACENCY = "nothing lies between the neighbours"


class InvalidProof(StateTreeError):
    """A well-formed proof that does not prove what is claimed.

    step: the check that failed; detail: what was found; side: "left" or "right" when the
    check was made on that neighbour of a non-existence proof, else None.
    """

    def __init__(self, step: ProofStep, detail: str, side: str | None = None) -> None:
        where = f"{side} neighbour: " if side else ""
        super().__init__(f"{where}{detail} (rule: {step.value})")
        self.step = step
        self.detail = detail
        self.side = side
