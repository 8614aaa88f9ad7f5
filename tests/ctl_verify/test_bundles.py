"""Audit bundles in the stand-alone verifier: what it finds is what the ledger's own audit finds
without executing, and what is changed is refused at the same check."""

import io
from collections.abc import Iterator

import pytest

from ctl_verify.bundle import ProvenBundle, verify_bundle
from ctl_verify.policy import parse_policy
from ctl_verify.refusal import Refused
from ctl_verify.union import Union, read_genesis
from ctl_verify.words import rows as their_rows
from ledger_node.audit.bundle.anchor import Anchor
from ledger_node.audit.bundle.form import FrameKind
from ledger_node.audit.bundle.refusal import BundleRefused, Step
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.statement import rows
from ledger_node.audit.bundle.verify import verify_bundle as audited
from ledger_node.genesis.readable import write_json
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit.bundle.audited_union import CREATED_MS, AuditedUnion, journey
from tests.ledger_node.audit.bundle.frames import (
    flip,
    join,
    positions,
    split,
    with_entry,
    with_payload,
)
from tests.ledger_node.audit.bundle.governed_union import governed

UNION = journey()
ALL = UNION.bundle(Everything())
LAST = len(UNION.blocks) - 1
SELECTIONS: tuple[Selection, ...] = (
    Everything(),
    Blocks(0, 3),
    Blocks(1, LAST),
    Blocks(3, 5),
    Period(CREATED_MS + 2_500, CREATED_MS + 4_500),
    Concerning("movement", MRN),
)


def alone(data: bytes, union: AuditedUnion = UNION, founded: Union | None = None) -> ProvenBundle:
    return verify_bundle(io.BytesIO(data), [parse_policy(union.policy.format())], founded)


def same_verdict(data: bytes, union: AuditedUnion = UNION, anchor: Anchor | None = None) -> str:
    """ "" when both find the bundle good, else the check at which both refuse it."""
    founded = None if anchor is None else read_genesis(write_json(union.document).encode())
    try:
        audited(io.BytesIO(data), anchor or union.policy, None)
        expected = ""
    except BundleRefused as error:
        expected = error.step.value
    try:
        alone(data, union, founded)
        found = ""
    except Refused as refused:
        found = refused.step
    # Of frames in a wrong place one says so, the other what is then wrong with their content.
    assert found == expected or (found and expected == Step.FORM.value)
    return found


@pytest.mark.parametrize("selection", SELECTIONS, ids=repr)
def test_a_good_bundle_is_told_in_the_same_words(selection: Selection) -> None:
    data = UNION.bundle(selection)
    found = audited(io.BytesIO(data), UNION.policy, None)
    ours = [row for row in rows(found) if row[0] != "judged by"]
    *theirs, left_out = their_rows(alone(data), parse_policy(UNION.policy.format()), {})
    assert left_out[0] == "left out"
    if isinstance(selection, Concerning):
        ours = [row for row in ours if row[0] != "complete"]
        theirs = [row for row in theirs if row[0] != "complete"]
    assert theirs == ours


@pytest.mark.parametrize("index", range(0, UNION.size, 3))
def test_a_changed_entry_is_found(index: int) -> None:
    step = same_verdict(with_entry(ALL, index, flip))
    assert step == Step.INCLUSION.value


def test_every_frame_matters() -> None:
    """Left out, doubled, changed in a byte, or in another's place."""
    frames = split(ALL)
    checks = set()
    for at, frame in enumerate(frames):
        for changed in (
            [*frames[:at], *frames[at + 1 :]],
            [*frames[: at + 1], *frames[at:]],
            [*frames[:at], *frames[at + 1 : at + 2], frame, *frames[at + 2 :]],
        ):
            if changed != frames:
                checks.add(same_verdict(join(changed)))
        if frame.kind is not FrameKind.CONTRACTS:
            checks.add(same_verdict(with_payload(ALL, at, flip)))
    assert "" not in checks
    assert len(checks) > 5


def test_yes_and_no_stand_for_no_number() -> None:
    """Not in a selection, nor in a certificate, whose numbers are in nothing that is hashed."""
    certificate, number = positions(ALL, FrameKind.CERTIFICATE)[-1], b"\x92\x01\xc4\x40"
    assert number in split(ALL)[certificate].payload, "member 1 voted"

    def vote(payload: bytes) -> bytes:
        return payload.replace(number, b"\x92\xc3\xc4\x40")

    assert same_verdict(with_payload(ALL, certificate, vote)) == Step.CERTIFICATE.value
    ranged = UNION.bundle(Blocks(1, LAST))
    assert split(ranged)[0].payload.startswith(b"\x93\x01\x01")
    kind = with_payload(ranged, 0, lambda payload: payload.replace(b"\x93\x01", b"\x93\xc3"))
    assert same_verdict(kind)
    first = with_payload(ranged, 0, lambda payload: payload.replace(b"\x01\x01", b"\x01\xc3"))
    assert same_verdict(first)


def cuts() -> Iterator[bytes]:
    for at in range(0, len(ALL), len(ALL) // 60):
        yield ALL[:at]
    yield ALL + b"\0"


def test_a_bundle_cut_short_or_longer_is_refused() -> None:
    assert {same_verdict(data) for data in cuts()} <= {each.value for each in Step}


@pytest.mark.parametrize(
    ("claimed", "held"),
    [
        (Everything(), Blocks(0, 3)),
        (Blocks(3, 6), Blocks(3, 5)),
        (Blocks(2, 5), Blocks(3, 5)),
        (Blocks(3, 4), Blocks(3, 5)),
        (Period(CREATED_MS + 500, CREATED_MS + 9_500), Blocks(3, 5)),
    ],
)
def test_a_bundle_that_holds_less_or_more_than_it_says_is_refused(
    claimed: Selection, held: Selection
) -> None:
    bundle, other = split(UNION.bundle(held)), split(UNION.bundle(claimed))
    step = same_verdict(join([other[0], *bundle[1:]]))
    assert step == Step.COMPLETENESS.value


def test_epochs_are_followed_from_the_genesis() -> None:
    union = governed()
    data = union.bundle(Everything())
    assert same_verdict(data, union, union.founding) == ""
    found = alone(data, union, read_genesis(write_json(union.document).encode()))
    assert [each.epoch for each in found.epochs] == [1, 2, 3, 4]
    steps = positions(data, FrameKind.STEP)
    assert same_verdict(with_payload(data, steps[0], flip), union, union.founding)


def test_of_another_union_nothing_is_believed() -> None:
    founded = read_genesis(write_json(UNION.document).encode())
    other = governed()
    with pytest.raises(Refused):
        alone(other.bundle(Everything()), other, founded)
