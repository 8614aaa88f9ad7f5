"""Evidence of conflicting finality in the stand-alone verifier: found, refused and told as by the
ledger's own audit."""

import io
from functools import cache
from pathlib import Path

import pytest

from ctl_verify.command import main
from ctl_verify.conflict import UNION, verify_conflict
from ctl_verify.policy import Policy
from ctl_verify.refusal import Refused
from ctl_verify.union import Union, read_document
from ctl_verify.words import headline
from ctl_verify.words import rows as their_rows
from ledger_node.audit.bundle.diff import compare
from ledger_node.audit.conflict import Branch, ConflictRefused, prove_conflict
from ledger_node.audit.conflict import verify_conflict as audited
from ledger_node.audit.fork_words import conflict_rows
from ledger_node.codec import encode
from ledger_node.genesis.readable import write_json
from ledger_node.ledger.finality import certified
from tests.ledger_node.audit.bundle.forked_union import History, bundle_of, forked
from tests.ledger_node.audit.proof_files import flipped, rearranged

ONE, OTHER = forked()
DOCUMENT = encode(ONE.union.genesis)
ID = ONE.union.union
FOUNDED = read_document(DOCUMENT)


@cache
def evidence(*, in_one_view: bool = True) -> bytes:
    one, other = forked(in_one_view=in_one_view)
    bundles = (io.BytesIO(bundle_of(one)), io.BytesIO(bundle_of(other)))
    conflict = compare(*bundles, one.union.policy).conflict
    assert conflict is not None
    return conflict.format()


def branch(history: History, top: int) -> Branch:
    return Branch.of(
        history.headers[1 : top + 1], certified(history.certificates[top]).finalization
    )


def refused_by_both(data: bytes, union: Union = FOUNDED) -> None:
    with pytest.raises(ConflictRefused) as expected:
        audited(data, union.id)
    with pytest.raises(Refused) as found:
        verify_conflict(data, union)
    assert found.value.step == expected.value.step.value, data[:80]


@pytest.mark.parametrize("in_one_view", [True, False])
def test_both_find_and_say_the_same(in_one_view: bool) -> None:
    union = read_document(encode(forked(in_one_view=in_one_view)[0].union.genesis))
    same(evidence(in_one_view=in_one_view), union)


def test_finalizations_of_blocks_upon_those_in_question_convict_as_well() -> None:
    same(prove_conflict(DOCUMENT, (), branch(ONE, 2), branch(OTHER, 2)).format(), FOUNDED)


def same(data: bytes, union: Union) -> None:
    found = verify_conflict(data, union)
    assert their_rows(found, Policy(), {}) == list(conflict_rows(audited(data, union.id)))
    assert headline(found) == "PROVEN: two histories were made final"


def test_a_flip_in_any_byte_is_refused() -> None:
    for changed in flipped(evidence()):
        with pytest.raises(Refused):
            verify_conflict(changed, FOUNDED)
    for changed in [*flipped(evidence())][::29]:
        refused_by_both(changed)


def test_lines_dropped_doubled_or_swapped_are_refused() -> None:
    for changed in rearranged(evidence()):
        refused_by_both(changed)


@pytest.mark.parametrize("names", [b"none", b"AM", b"AM BY KG", b"BY AM"])
def test_other_culprits_than_the_signatures_tell_are_refused(names: bytes) -> None:
    refused_by_both(evidence().replace(b"culprits AM BY", b"culprits " + names))


def test_the_command_judges_it_under_a_genesis_not_under_a_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "epoch-1.conflict-evidence").write_bytes(evidence())
    (tmp_path / "union.policy").write_bytes(ONE.union.policy.format())
    (tmp_path / "genesis.json").write_text(write_json(ONE.union.document))
    arguments = [str(tmp_path / "epoch-1.conflict-evidence")]
    assert main(["--policy", str(tmp_path / "union.policy"), *arguments]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert UNION in said
    assert "give --genesis in its place" in said
    assert main(["--genesis", str(tmp_path / "genesis.json"), *arguments]) == 0
    assert "AM, consensus key" in capsys.readouterr().out
