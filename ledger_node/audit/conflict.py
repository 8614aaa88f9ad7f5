"""Evidence that two blocks, or two outcomes of one, were made final at one height of a union.

    customs-trust-ledger/conflicting-finality@v1
    culprits AM BY                    members that signed both in one view, by code; or: none
    genesis <base64>                  the founding document
    step <base64>                     how epoch 1 ended; a line for each epoch before that meant
    …
    branch <base64>                   headers from the height in question up, and the finalization
    branch <base64>                   the same of the other history

The steps lead from the genesis to the committee of the epoch, whose quorum signed both
finalizations; a header names its parent, so each finalization covers the block at the bottom of its
branch. Two finalizations of one view name the culprits: whoever signed both cast two finalize votes
in one view, which no correct member does (docs/consensus/protocol.md, rule 8). Of different views
they prove that more than f members broke the protocol, but not which: correct ones may have been
shown that the earlier view was given up. Then the log's cosignatures tell (log/fork.py).

A file has one spelling: the branch of the lower view stands first, of one view that with the lower
block id, then outcome. Format: docs/formats.md, "Conflicting finality".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

from consensus.authentication import claims
from consensus.block import BlockHeader, block_id
from consensus.committee import Committee
from consensus.messages import Finalization, MessageRefused, decode_message, encode_message
from consensus.quorum import max_faulty
from ledger_node.codec import DecodeError, Digest, decode, encode
from ledger_node.genesis.document import Genesis, check_genesis, union_id
from ledger_node.genesis.epochs import FOUNDING_EPOCH, committee_of
from ledger_node.genesis.lineage import StepRefused, follow_step
from ledger_node.genesis.roster import founding_roster
from ledger_node.genesis.rules import GenesisError
from ledger_node.ledger.entries import MAX_ENTRY_BYTES
from ledger_node.ledger.finality import checker
from ledger_node.log.note import NoteError, decode_base64, encode_base64

HEADER: Final = "customs-trust-ledger/conflicting-finality@v1"
MAX_CONFLICT: Final = 64 * 1024 * 1024
"""Bytes of a file: a hundred epochs, each with the largest document there is."""
MAX_HEADERS: Final = 4096
"""On a branch: far more blocks than ever became final at once."""

_NOBODY: Final = "none"


class ConflictStep(StrEnum):
    """The checks of evidence, in their order."""

    FORMAT = f"the file is evidence of conflicting finality, its first line {HEADER}"
    UNION = "the founding document is that of the union"
    EPOCHS = "the steps lead from it to the epoch that both finalizations are of"
    BRANCHES = "the headers of each branch follow each other up to the block it finalises"
    SIGNATURES = "a quorum of the epoch's committee signed each finalization"
    CONFLICT = "both cannot be: at one height they have different blocks, or outcomes of one block"
    ORDER = "the branches stand in their order"
    CULPRITS = "the culprits are the members that signed both in one view"


class ConflictRefused(ValueError):
    """Evidence that shows nothing. step: the failing check; reason: text."""

    def __init__(self, step: ConflictStep, reason: str) -> None:
        super().__init__(f"evidence refused at: {step.value}; {reason}")
        self.step = step
        self.reason = reason


class Branch(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[headers, finalization]: upwards from the height in question, the last the one finalised.

    finalization: canonical message.
    """

    headers: tuple[BlockHeader, ...]
    finalization: bytes

    @staticmethod
    def of(headers: Sequence[BlockHeader], finalization: Finalization) -> "Branch":
        """Of headers that follow each other up to the one finalised."""
        return Branch(tuple(headers), encode_message(finalization))


@dataclass(frozen=True, slots=True)
class Signer:
    """A member that signed both. key: its consensus key; signatures: on the first, the second."""

    member: str
    key: bytes
    signatures: tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class ProvenConflict:
    """Made by this module alone. document: the founding one; steps: to the epoch.

    least: how many members broke the protocol, at least.
    """

    union: Digest
    document: bytes
    steps: tuple[bytes, ...]
    committee: Committee
    branches: tuple[Branch, Branch]
    finalizations: tuple[Finalization, Finalization]

    @property
    def epoch(self) -> int:
        """Of both."""
        return self.committee.epoch

    @property
    def height(self) -> int:
        """At which they part."""
        return self.branches[0].headers[0].height

    @property
    def one_view(self) -> bool:
        """Whether both are of one view, so that who signed both is a culprit."""
        return self.finalizations[0].view == self.finalizations[1].view

    @property
    def signed_both(self) -> tuple[Signer, ...]:
        """Members that signed both finalizations."""
        other = dict(self.finalizations[1].signatures)
        return tuple(
            Signer(
                self.committee.names[member],
                self.committee.keys[member],
                (signature, other[member]),
            )
            for member, signature in self.finalizations[0].signatures
            if member in other
        )

    @property
    def culprits(self) -> tuple[Signer, ...]:
        """Members that these two finalizations alone convict."""
        return self.signed_both if self.one_view else ()

    @property
    def at_least(self) -> int:
        """How many members broke the protocol, at least: more than it tolerates."""
        return max_faulty(len(self.committee)) + 1

    def format(self) -> bytes:
        """The file."""
        lines = [HEADER, f"culprits {self._named()}", f"genesis {encode_base64(self.document)}"]
        lines += [f"step {encode_base64(step)}" for step in self.steps]
        lines += [f"branch {encode_base64(encode(branch))}" for branch in self.branches]
        return "".join(f"{line}\n" for line in lines).encode()

    def _named(self) -> str:
        return " ".join(each.member for each in self.culprits) or _NOBODY


def is_conflict_evidence(data: bytes) -> bool:
    """Whether a file says it is one, so that it is judged as one."""
    return data.startswith(f"{HEADER}\n".encode())


def prove_conflict(
    document: bytes, steps: Sequence[bytes], one: Branch, other: Branch
) -> ProvenConflict:
    """Evidence made of two branches. Raises ConflictRefused: there is no conflict.

    steps: of the epochs before the one the branches are of.
    """
    first, second = sorted((one, other), key=_order)
    return _checked(document, _founding(document), tuple(steps), (first, second))


def verify_conflict(data: bytes, union: bytes) -> ProvenConflict:
    """What an evidence file shows about the union with that id. Raises ConflictRefused alone."""
    culprits, document, steps, branches = _parse(data)
    genesis = _founding(document)
    if union_id(genesis) != union:
        raise ConflictRefused(ConflictStep.UNION, f"it founds the union {union_id(genesis).hex()}")
    found = _checked(document, genesis, steps, branches)
    if _order(branches[0]) > _order(branches[1]):
        raise ConflictRefused(ConflictStep.ORDER, "they do not")
    if found.format() != data:
        named = " ".join(each.member for each in found.culprits) or _NOBODY
        step = ConflictStep.FORMAT if named == culprits else ConflictStep.CULPRITS
        raise ConflictRefused(step, f"the culprits are {named}, and the file has one spelling")
    return found


def _order(branch: Branch) -> tuple[int, bytes, bytes]:
    signed = _finalization(branch)
    return signed.view, signed.block, signed.outcome


def _founding(document: bytes) -> Genesis:
    try:
        genesis = decode(Genesis, document, what="genesis")
        check_genesis(genesis)
    except (DecodeError, GenesisError) as error:
        raise ConflictRefused(ConflictStep.UNION, str(error)) from error
    return genesis


def _checked(
    document: bytes, genesis: Genesis, steps: tuple[bytes, ...], branches: tuple[Branch, Branch]
) -> ProvenConflict:
    union = union_id(genesis)
    committee = _committee(genesis, union, steps)
    finalizations = (_finalization(branches[0]), _finalization(branches[1]))
    for branch, signed in zip(branches, finalizations, strict=True):
        _check_branch(branch, signed, union, committee)
    _check_conflict(branches, finalizations)
    return ProvenConflict(union, document, steps, committee, branches, finalizations)


def _committee(genesis: Genesis, union: bytes, steps: tuple[bytes, ...]) -> Committee:
    roster = founding_roster(genesis, FOUNDING_EPOCH)
    for step in steps:
        try:
            roster = follow_step(step, roster, union)
        except StepRefused as error:
            reason = f"after epoch {roster.epoch}: {error.reason}"
            raise ConflictRefused(ConflictStep.EPOCHS, reason) from error
    return committee_of(roster, union)


def _finalization(branch: Branch) -> Finalization:
    try:
        message = decode_message(branch.finalization)
    except MessageRefused as error:
        raise ConflictRefused(ConflictStep.SIGNATURES, str(error)) from error
    if not isinstance(message, Finalization):
        raise ConflictRefused(ConflictStep.SIGNATURES, f"a {type(message).__name__}")
    return message


def _check_branch(branch: Branch, signed: Finalization, union: bytes, committee: Committee) -> None:
    headers = branch.headers
    if not 1 <= len(headers) <= MAX_HEADERS:
        raise ConflictRefused(ConflictStep.BRANCHES, f"{len(headers)} headers")
    if any((h.union, h.epoch) != (union, committee.epoch) for h in headers):
        reason = f"a header is of another union or epoch than {committee.epoch}"
        raise ConflictRefused(ConflictStep.EPOCHS, reason)
    for below, above in pairwise(headers):
        if above.parent != block_id(below) or above.height != below.height + 1:
            reason = f"block {above.height} does not follow block {below.height}"
            raise ConflictRefused(ConflictStep.BRANCHES, reason)
    if (signed.block, signed.view) != (block_id(headers[-1]), headers[-1].view):
        raise ConflictRefused(ConflictStep.BRANCHES, "another block was finalised than the last")
    try:
        if not checker(committee)(claims(signed, committee)):
            raise ConflictRefused(ConflictStep.SIGNATURES, "one does not hold")
    except MessageRefused as error:
        raise ConflictRefused(ConflictStep.SIGNATURES, str(error)) from error


def _check_conflict(
    branches: tuple[Branch, Branch], signed: tuple[Finalization, Finalization]
) -> None:
    one, other = branches[0].headers[0], branches[1].headers[0]
    if one.height != other.height:
        reason = f"the branches begin at heights {one.height} and {other.height}"
        raise ConflictRefused(ConflictStep.CONFLICT, reason)
    if block_id(one) != block_id(other):
        return
    # One block with two outcomes: then nothing but the block itself has a place on the branches.
    alone = len(branches[0].headers) == len(branches[1].headers) == 1
    if not alone or signed[0].outcome == signed[1].outcome:
        raise ConflictRefused(ConflictStep.CONFLICT, "both begin with the same block")


def _parse(data: bytes) -> tuple[str, bytes, tuple[bytes, ...], tuple[Branch, Branch]]:
    lines = data.decode("ascii", "replace").split("\n")
    if len(data) > MAX_CONFLICT or lines[0] != HEADER or len(lines) < 6 or lines[-1]:
        raise ConflictRefused(ConflictStep.FORMAT, f"{len(data)} bytes in {len(lines) - 1} lines")
    names = ["culprits", "genesis", *["step"] * (len(lines) - 6), "branch", "branch"]
    values = []
    for number, (name, line) in enumerate(zip(names, lines[1:-1], strict=True), start=2):
        word, _, value = line.partition(" ")
        if word != name:
            raise ConflictRefused(ConflictStep.FORMAT, f"line {number} is no {name}")
        values.append(value)
    try:
        document, *rest = (decode_base64(each, "line") for each in values[1:])
    except NoteError as error:
        raise ConflictRefused(ConflictStep.FORMAT, str(error)) from error
    if len(document) > MAX_ENTRY_BYTES:
        raise ConflictRefused(ConflictStep.FORMAT, "a founding document beyond all bounds")
    return values[0], document, tuple(rest[:-2]), (_branch(rest[-2]), _branch(rest[-1]))


def _branch(data: bytes) -> Branch:
    try:
        return decode(Branch, data, what="branch")
    except DecodeError as error:
        raise ConflictRefused(ConflictStep.FORMAT, str(error)) from error
