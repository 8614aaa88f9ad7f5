"""Of a file of any kind, no byte can be changed and no line dropped, doubled or moved unnoticed.

The policy is such a file too, as far as it is no comment: whoever checks a proof with a policy that
was spoilt on its way is told so.
"""

from collections.abc import Iterable

import pytest

from ledger_node.audit.verify import NotProven, examine
from ledger_node.log.head import PublishedHead
from ledger_node.log.policy import PolicyError, parse_policy
from tests.ledger_node.audit.proof_files import FILES, ProofFile, cut, flipped, rearranged
from tests.ledger_node.log.sample_union import SampleLog, policy, sign

EVERY_KIND = pytest.mark.parametrize("file", FILES, ids=str)
EVERY_TEXT = pytest.mark.parametrize("file", [each for each in FILES if each.text], ids=str)


def all_refused(changes: Iterable[bytes], file: ProofFile) -> int:
    """How many changes there were; each was refused, at a step that has a name."""
    count = 0
    for changed in changes:
        count += 1
        found = examine(changed, file.policy)
        assert isinstance(found, NotProven), changed
        assert found.step
        assert found.reason
    return count


@EVERY_KIND
def test_the_file_itself_is_proven(file: ProofFile) -> None:
    assert not isinstance(examine(file.data, file.policy), NotProven)


@EVERY_KIND
def test_a_flip_in_any_byte_is_refused(file: ProofFile) -> None:
    assert all_refused(flipped(file.data), file) == len(file.data)


@EVERY_KIND
def test_a_file_without_any_one_byte_or_cut_short_is_refused(file: ProofFile) -> None:
    # An editor may end the text of a code with a newline, or not.
    data = file.data.rstrip(b"\n") if file.kind.startswith("text of") else file.data
    assert all_refused(cut(data), file) == 2 * len(data)


@EVERY_TEXT
def test_a_line_dropped_doubled_or_swapped_is_refused(file: ProofFile) -> None:
    assert all_refused(rearranged(file.data), file) > len(file.data.splitlines())


@EVERY_KIND
def test_what_is_added_at_the_end_is_refused(file: ProofFile) -> None:
    ends = (b"\n", b" ", b"\x00", b"=", b"A", file.data)
    allowed = (b"\n",) if file.kind.startswith("text of") else ()
    all_refused((file.data + end for end in ends if end not in allowed), file)


ACCEPTED = next(file for file in FILES if file.kind == "accepted record")


def test_a_flip_in_any_byte_of_the_policy_is_told() -> None:
    for changed in flipped(policy().format()):
        refused_under(changed)


def test_a_line_of_the_policy_dropped_doubled_or_misplaced_changes_no_finding() -> None:
    """What can be done unnoticed: a log left out that did not serve the file, an order changed on
    which nothing depends. Whose cosignatures are asked for, and how many, stays."""
    good = policy().format()
    asked = sorted(line for line in good.splitlines() if not line.startswith(b"log "))
    whole = examine(ACCEPTED.data, policy())
    harmless = 0
    for changed in rearranged(good):
        try:
            found = examine(ACCEPTED.data, parse_policy(changed))
        except PolicyError:
            continue
        if not isinstance(found, NotProven):
            harmless += 1
            assert found == whole
            left = changed.splitlines()
            assert sorted(line for line in left if not line.startswith(b"log ")) == asked
    assert 0 < harmless < 30


def refused_under(rules: bytes) -> None:
    try:
        found = examine(ACCEPTED.data, parse_policy(rules))
    except PolicyError:
        return
    assert isinstance(found, NotProven), rules


def test_of_a_checkpoint_with_cosignatures_to_spare_none_can_be_changed_unnoticed() -> None:
    """One that is taken away leaves a checkpoint that says less; nothing else can be done to it."""
    data = sign(SampleLog(11).checkpoint()).format()
    whole = examine(data, policy())
    assert isinstance(whole, PublishedHead)
    assert len(whole.head.cosignatures) == 5
    for changed in (*flipped(data), *cut(data), *rearranged(data)):
        found = examine(changed, policy())
        if isinstance(found, NotProven):
            continue
        assert isinstance(found, PublishedHead)
        assert found.head.checkpoint == whole.head.checkpoint
        assert len(found.head.cosignatures) == 4
