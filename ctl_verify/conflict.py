"""Evidence that two blocks, or two outcomes of one, were made final at one height.

Source: docs/formats.md, "Conflicting finality".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ctl_verify.canonical import Value, decode, encode, tagged_digest
from ctl_verify.epochs import read_step
from ctl_verify.finality import Votes, check_votes, header_of, read_votes
from ctl_verify.note import unbase64
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.union import Roster, Union, read_document

HEADER: Final = "customs-trust-ledger/conflicting-finality@v1"
MAX_CONFLICT: Final = 64 * 1024 * 1024
MAX_HEADERS: Final = 4096

FORMAT: Final = f"the file is evidence of conflicting finality, its first line {HEADER}"
UNION: Final = "the founding document is that of the union"
EPOCHS: Final = "the steps lead from it to the epoch that both finalizations are of"
BRANCHES: Final = "the headers of each branch follow each other up to the block it finalises"
SIGNATURES: Final = "a quorum of the epoch's committee signed each finalization"
CONFLICT: Final = (
    "both cannot be: at one height they have different blocks, or outcomes of one block"
)
ORDER: Final = "the branches stand in their order"
CULPRITS: Final = "the culprits are the members that signed both in one view"


@dataclass(frozen=True)
class Side:
    """One of the two histories. block: its id at the height in question; top: the height of the
    block that was finalised, that one or one upon it."""

    block: bytes
    height: int
    top: int
    votes: Votes


@dataclass(frozen=True)
class ProvenConflict:
    """Two finalizations that cannot both be, and the committee that they are of."""

    union: bytes
    roster: Roster
    sides: tuple[Side, Side]

    @property
    def one_view(self) -> bool:
        """Whether both are of one view, so that who signed both is a culprit."""
        return self.sides[0].votes.view == self.sides[1].votes.view

    @property
    def signed_both(self) -> list[tuple[str, bytes, bytes, bytes]]:
        """Code, consensus key and both signatures of each member that signed both."""
        first, second = (side.votes.signatures for side in self.sides)
        return [
            (card.member, card.consensus, first[number], second[number])
            for number, card in enumerate(self.roster.committee)
            if number in first and number in second
        ]

    @property
    def culprits(self) -> str:
        """As the file names them."""
        named = [member for member, *_ in self.signed_both] if self.one_view else []
        return " ".join(named) or "none"

    @property
    def at_least(self) -> int:
        """How many members broke the protocol, at least."""
        return (len(self.roster.committee) - 1) // 3 + 1


def is_conflict(data: bytes) -> bool:
    """Whether a file says it is one."""
    return data.startswith(f"{HEADER}\n".encode())


def verify_conflict(data: bytes, union: Union | None) -> ProvenConflict:
    """What the evidence shows of the union that a genesis founds. Raises Refused."""
    culprits, document, steps, branches = _parse(data)
    if union is None:
        raise Refused(UNION, "a policy does not name the union: give --genesis in its place")
    roster = _committee(document, steps, union)
    votes = [_votes(branch) for branch in branches]
    first, second = (
        _side(branch, each, roster, union.id) for branch, each in zip(branches, votes, strict=True)
    )
    _check_conflict(first, second, branches)
    if _order(first.votes) > _order(second.votes):
        raise Refused(ORDER, "they do not")
    found = ProvenConflict(union.id, roster, (first, second))
    if found.culprits != culprits:
        raise Refused(CULPRITS, f"they are {found.culprits}")
    return found


@dataclass(frozen=True)
class _Branch:
    headers: list[Value]
    finalization: bytes


def _parse(data: bytes) -> tuple[str, bytes, list[bytes], list[_Branch]]:
    lines = data.decode("ascii", "replace").split("\n")
    if len(data) > MAX_CONFLICT or lines[0] != HEADER or len(lines) < 6 or lines[-1]:
        raise Refused(FORMAT, f"{len(data)} bytes in {len(lines) - 1} lines")
    names = ["culprits", "genesis", *["step"] * (len(lines) - 6), "branch", "branch"]
    for number, (name, line) in enumerate(zip(names, lines[1:-1], strict=True), start=2):
        if not line.startswith(f"{name} "):
            raise Refused(FORMAT, f"line {number} is no {name}")
    try:
        values = [unbase64(line.partition(" ")[2]) for line in lines[2:-1]]
        branches = [_branch(each) for each in values[-2:]]
    except Malformed as error:
        raise Refused(FORMAT, str(error)) from error
    return lines[1].partition(" ")[2], values[0], values[1:-2], branches


def _branch(data: bytes) -> _Branch:
    match decode(data):
        case [list(headers), bytes(finalization)]:
            for each in headers:
                header_of([each, []])
            return _Branch(headers, finalization)
        case _:
            raise Malformed("a branch has other fields")


def _committee(document: bytes, steps: Sequence[bytes], union: Union) -> Roster:
    if tagged_digest("genesis", document) != union.id:
        raise Refused(UNION, f"it founds the union {tagged_digest('genesis', document).hex()}")
    roster = read_document(document).founding
    for step in steps:
        try:
            roster = read_step(step, roster, union.id).after
        except Malformed as error:
            raise Refused(EPOCHS, f"after epoch {roster.epoch}: {error}") from error
    return roster


def _votes(branch: _Branch) -> Votes:
    try:
        match decode(branch.finalization):
            case [6, *fields]:
                return read_votes(fields)
            case _:
                raise Malformed("it finalizes nothing")
    except Malformed as error:
        raise Refused(SIGNATURES, str(error)) from error


def _side(branch: _Branch, votes: Votes, roster: Roster, union: bytes) -> Side:
    if not 1 <= len(branch.headers) <= MAX_HEADERS:
        raise Refused(BRANCHES, f"{len(branch.headers)} headers")
    headers = [header_of([each, []]) for each in branch.headers]
    ids = [tagged_digest("block", encode(each)) for each in branch.headers]
    if any((each[0], each[1]) != (union, roster.epoch) for each in headers):
        raise Refused(EPOCHS, f"a header is of another union or epoch than {roster.epoch}")
    for below, (one, other) in zip(ids, pairwise(headers), strict=False):
        if other[5] != below or other[2] != one[2] + 1:
            raise Refused(BRANCHES, f"block {other[2]} does not follow block {one[2]}")
    if (votes.block, votes.view) != (ids[-1], headers[-1][3]):
        raise Refused(BRANCHES, "another block was finalised than the last")
    try:
        check_votes(votes, roster, union)
    except Malformed as error:
        raise Refused(SIGNATURES, str(error)) from error
    return Side(ids[0], headers[0][2], headers[-1][2], votes)


def _check_conflict(first: Side, second: Side, branches: Sequence[_Branch]) -> None:
    if first.height != second.height:
        raise Refused(CONFLICT, f"the branches begin at heights {first.height} and {second.height}")
    if first.block != second.block:
        return
    # One block with two outcomes: then nothing but the block itself has a place on the branches.
    alone = all(len(each.headers) == 1 for each in branches)
    if not alone or first.votes.outcome == second.votes.outcome:
        raise Refused(CONFLICT, "both begin with the same block")


def _order(votes: Votes) -> tuple[int, bytes, bytes]:
    return votes.view, votes.block, votes.outcome
