"""f + 1 colluding members fork a union, and two bundles, or a monitor, name them.

Both histories come out of the real consensus core and execution (forked_union), and each passes
every check by itself. What convicts the culprits are their own signatures.
"""

import io
from pathlib import Path

import pytest

from consensus.messages import finalize_bytes
from ledger_node.audit.bundle.diff import Comparison, Relation, compare
from ledger_node.audit.bundle.selection import Blocks
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.conflict import (
    Branch,
    ConflictRefused,
    ConflictStep,
    prove_conflict,
    verify_conflict,
)
from ledger_node.audit.fork_words import comparison_json, conflict_json, conflict_rows
from ledger_node.audit.monitor import Followed, Forked, Memory, Watch, look
from ledger_node.audit.tile_directory import TileDirectory
from ledger_node.codec import encode
from ledger_node.crypto.signatures import verify
from ledger_node.ledger.finality import certified
from ledger_node.log.cosignature import verify_cosignature
from ledger_node.log.fork import verify_fork
from tests.ledger_node.audit.bundle.forked_union import (
    COLLUDING,
    FOUR,
    History,
    bundle_of,
    forked,
)
from tests.ledger_node.audit.bundle.frames import flip
from tests.ledger_node.audit.bundle.test_export_bundle import static_files

ONE, OTHER = forked()
POLICY = ONE.union.policy
UNION = ONE.union.union


def compared(one: bytes, other: bytes) -> Comparison:
    return compare(io.BytesIO(one), io.BytesIO(other), POLICY)


FOUND = compared(bundle_of(ONE), bundle_of(OTHER))


@pytest.mark.parametrize("history", [ONE, OTHER])
def test_each_history_passes_every_check_by_itself(history: History) -> None:
    found = verify_bundle(io.BytesIO(bundle_of(history)), POLICY, history.union.contracts)
    assert found.executed
    assert found.certified is not None
    assert found.certified.height == found.last.closing.height, "final to its last block"
    assert set(found.certified.signers) <= set(history.half)
    assert {each.witness.name for each in found.checkpoint.cosignatures} == set(history.half)


def test_two_exchanged_bundles_show_where_the_histories_part() -> None:
    assert FOUND.relation is Relation.FORKED
    assert FOUND.divergence is not None
    assert (FOUND.divergence.index, FOUND.divergence.height) == (2, 1), "right after the genesis"


def test_the_log_evidence_names_the_colluding_members_with_both_cosignatures() -> None:
    assert tuple(culprit.name for culprit in FOUND.culprits) == COLLUDING
    witnesses = {each.name: each for each in POLICY.witnesses}
    for culprit in FOUND.culprits:
        for head, line in zip(FOUND.heads, culprit.lines, strict=True):
            verify_cosignature(head.checkpoint, witnesses[culprit.name].key, line)
    assert FOUND.fork is not None
    again = verify_fork(FOUND.fork.format(), POLICY)
    assert tuple(each.name for each in again.culprits) == COLLUDING


def test_the_consensus_evidence_names_them_with_both_finalize_votes() -> None:
    conflict = FOUND.conflict
    assert conflict is not None
    assert (conflict.epoch, conflict.height, conflict.one_view) == (1, 1, True)
    assert tuple(signer.member for signer in conflict.culprits) == COLLUDING
    for signer in conflict.culprits:
        assert signer.key == ONE.union.committee.keys[FOUR.index(signer.member)]
        for signed, signature in zip(conflict.finalizations, signer.signatures, strict=True):
            statement = finalize_bytes(UNION, 1, signed.view, signed.block, signed.outcome)
            assert verify(signer.key, statement, signature)
    again = verify_conflict(conflict.format(), UNION)
    assert again.culprits == conflict.culprits


def test_neither_honest_member_is_named_anywhere() -> None:
    said = [*conflict_rows(FOUND.conflict)] if FOUND.conflict else []
    culprits = said[next(at for at, (label, _) in enumerate(said) if label == "culprits") :]
    assert not any(name in text for name in ("KG", "KZ") for _, text in culprits)
    plain = comparison_json(FOUND)
    assert [each["witness"] for each in plain["signed_both"]] == list(COLLUDING)
    assert plain["conflict"]["culprits"] == list(COLLUDING)


async def test_a_monitor_that_saw_one_history_is_shown_the_other(tmp_path: Path) -> None:
    short, long = sorted((ONE, OTHER), key=lambda history: history.union.size)
    for name, history in (("short", short), ("long", long)):
        (tmp_path / name).mkdir()
        static_files(tmp_path / name, history.source(), history.union.size)
    memory = Memory()
    first = await look(TileDirectory(tmp_path / "short"), POLICY, memory, Watch(), 1)
    assert isinstance(first[0], Followed)
    (event,) = await look(TileDirectory(tmp_path / "long"), POLICY, memory, Watch(), 2)
    assert isinstance(event, Forked)
    assert tuple(each.name for each in event.fork.culprits) == COLLUDING
    assert verify_fork(event.fork.format(), POLICY).culprits == event.fork.culprits


def test_in_different_views_members_are_not_named_by_what_does_not_convict_them() -> None:
    """An honest member may sign in both views, if it was shown that the first was given up."""
    one, other = forked(in_one_view=False)
    found = compare(io.BytesIO(bundle_of(one)), io.BytesIO(bundle_of(other)), one.union.policy)
    conflict = found.conflict
    assert conflict is not None
    assert not conflict.one_view
    assert conflict.culprits == ()
    assert conflict.at_least == 2
    assert tuple(each.member for each in conflict.signed_both) == COLLUDING
    assert conflict_json(conflict)["broke_the_protocol_at_least"] == 2
    assert any("do not tell which" in text for _, text in conflict_rows(conflict))
    assert verify_conflict(conflict.format(), one.union.union).at_least == 2
    assert tuple(each.name for each in found.culprits) == COLLUDING, "the cosignatures convict"


def test_bundles_of_a_few_blocks_hold_the_evidence_as_well() -> None:
    found = compared(bundle_of(ONE, Blocks(1, 2)), bundle_of(OTHER, Blocks(1, 2)))
    assert found.conflict is not None
    assert tuple(signer.member for signer in found.conflict.culprits) == COLLUDING


# ------------------------------------------------------------ evidence that shows nothing

DOCUMENT = encode(ONE.union.genesis)
EVIDENCE = FOUND.conflict.format() if FOUND.conflict is not None else b""


def refused(data: bytes, union: bytes = UNION) -> ConflictStep:
    with pytest.raises(ConflictRefused) as error:
        verify_conflict(data, union)
    return error.value.step


def test_every_byte_of_the_evidence_matters() -> None:
    for at in range(len(EVIDENCE)):
        refused(flip(EVIDENCE, at))


def test_lines_dropped_doubled_or_swapped_are_refused() -> None:
    lines = EVIDENCE.splitlines(keepends=True)
    for at in range(len(lines)):
        refused(b"".join([*lines[:at], *lines[at + 1 :]]))
        refused(b"".join([*lines[:at], lines[at], *lines[at:]]))
    swapped = [*lines[:-2], lines[-1], lines[-2]]
    assert refused(b"".join(swapped)) is ConflictStep.ORDER


def test_another_union_is_not_concerned() -> None:
    assert refused(EVIDENCE, bytes(32)) is ConflictStep.UNION


@pytest.mark.parametrize("names", [b"none", b"AM", b"AM BY KG", b"BY AM"])
def test_other_culprits_than_the_signatures_tell_are_refused(names: bytes) -> None:
    changed = EVIDENCE.replace(b"culprits AM BY", b"culprits " + names)
    assert refused(changed) is ConflictStep.CULPRITS


def branch(history: History, bottom: int = 1, top: int = 1) -> Branch:
    finalization = certified(history.certificates[top]).finalization
    return Branch.of(history.headers[bottom : top + 1], finalization)


def why_not(one: Branch, other: Branch) -> ConflictStep:
    with pytest.raises(ConflictRefused) as error:
        prove_conflict(DOCUMENT, (), one, other)
    return error.value.step


def test_one_history_does_not_contradict_itself() -> None:
    assert why_not(branch(ONE), branch(ONE)) is ConflictStep.CONFLICT
    assert why_not(branch(ONE), branch(ONE, 2, 2)) is ConflictStep.CONFLICT
    assert why_not(branch(ONE), branch(ONE, 1, 2)) is ConflictStep.CONFLICT


def test_headers_that_do_not_lead_to_the_finalised_block_are_refused() -> None:
    wrong = Branch((ONE.headers[1], OTHER.headers[2]), branch(OTHER, 1, 2).finalization)
    assert why_not(wrong, branch(OTHER)) is ConflictStep.BRANCHES
    assert why_not(Branch((), branch(ONE).finalization), branch(OTHER)) is ConflictStep.BRANCHES
    other_block = Branch((ONE.headers[1],), branch(ONE, 1, 2).finalization)
    assert why_not(other_block, branch(OTHER)) is ConflictStep.BRANCHES


def test_a_branch_of_several_blocks_convicts_as_well() -> None:
    found = prove_conflict(DOCUMENT, (), branch(ONE, 1, 2), branch(OTHER, 1, 2))
    assert found.height == 1
    assert verify_conflict(found.format(), UNION).signed_both == found.signed_both
