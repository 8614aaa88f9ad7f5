"""The stand-alone verifier finds what `ledger-node verify` finds: the same words for what is
proven, the same step for what is not. The two share no code."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctl_verify.examine import authors_of as their_authors_of
from ctl_verify.examine import examine as their_examine
from ctl_verify.policy import Policy as TheirPolicy
from ctl_verify.policy import parse_policy as their_parse_policy
from ctl_verify.refusal import Malformed, Refused
from ctl_verify.words import headline as their_headline
from ctl_verify.words import rows as their_rows
from ctl_verify.words import together as their_together
from ledger_node.audit.explain import headline, rows, together
from ledger_node.audit.verify import Finding, NotProven, authors_of, examine
from ledger_node.ledger.state_proof import StateProofStep
from ledger_node.log.policy import Policy, PolicyError, parse_policy
from tests.contracts.sample_union import SampleUnion
from tests.ledger_node.audit.proof_files import FILES, ProofFile, flipped, rearranged
from tests.ledger_node.ledger.sample_state import (
    GUARANTEE_KEY,
    RESERVATION_KEY,
    SampleState,
    state_entries,
)
from tests.ledger_node.log.sample_union import SampleLog, policy, sign

EVERY_KIND = pytest.mark.parametrize("file", FILES, ids=str)

ONE_STEP = {StateProofStep.ICS23.value, StateProofStep.STATE.value}
"""Of an ICS-23 proof in another form one program tells on reading, the other on checking."""


def their(rules: Policy) -> TheirPolicy:
    return their_parse_policy(rules.format())


def same_words(files: Sequence[bytes], rules: Policy) -> list[Finding]:
    """What both find, having compared every word of it."""
    ours = [examine(data, rules) for data in files]
    theirs = [their_examine(data, their(rules)) for data in files]
    authors, their_authors = authors_of(ours), their_authors_of(theirs)
    assert set(authors) == set(their_authors)
    for one, other in zip(ours, theirs, strict=True):
        assert headline(one) == their_headline(other)
        found = rows(one, rules, authors)
        told = their_rows(other, their(rules), their_authors)
        if isinstance(one, NotProven):
            # What was found is told in words of their own.
            found, told = found[:1], told[:1]
        assert found == told
    assert together(ours) == their_together(theirs)
    return ours


def same_verdict(data: bytes, rules: Policy, theirs: TheirPolicy) -> None:
    one, other = examine(data, rules), their_examine(data, theirs)
    assert isinstance(one, NotProven) == isinstance(other, Refused), (one, other)
    if isinstance(one, NotProven) and isinstance(other, Refused):
        assert one.step == other.step or {one.step, other.step} == ONE_STEP, (one, other)


@EVERY_KIND
def test_a_good_file_is_told_in_the_same_words(file: ProofFile) -> None:
    (found,) = same_words([file.data], file.policy)
    assert not isinstance(found, NotProven)


def test_files_that_belong_together_are_told_together() -> None:
    found = same_words([file.data for file in FILES[:8]], policy())
    assert len(authors_of(found)) == 1
    state = SampleState()
    same_words(
        [state.proof(GUARANTEE_KEY).format(), state.proof(RESERVATION_KEY).format()], policy()
    )


def test_every_object_of_a_union_is_told_in_the_same_words() -> None:
    union = SampleUnion().completed()
    state = SampleState(state_entries() | union.state)
    same_words([state.proof(key).format() for key in union.state], policy())


@EVERY_KIND
def test_changed_files_fail_at_the_same_step(file: ProofFile) -> None:
    theirs = their(file.policy)
    changes = [*flipped(file.data)][::9]
    if file.text:
        changes += [*rearranged(file.data)][::5]
    for changed in changes:
        same_verdict(changed, file.policy, theirs)


@EVERY_KIND
def test_other_policies_refuse_at_the_same_step(file: ProofFile) -> None:
    for rules in (policy(5), policy(3), policy(3, ("BY", "KZ", "KG")), policy(1, ("AM",))):
        same_verdict(file.data, rules, their(rules))


def test_policies_are_understood_alike() -> None:
    good = policy().format()
    for changed in (*flipped(good), *rearranged(good)):
        try:
            ours: Policy | None = parse_policy(changed)
        except PolicyError:
            ours = None
        try:
            theirs: TheirPolicy | None = their_parse_policy(changed)
        except Malformed:
            theirs = None
        assert (ours is None) == (theirs is None), changed
        if ours is not None and theirs is not None:
            assert [log.key.format() for log in ours.logs] == [key.text for key in theirs.logs]
            assert [each.name for each in ours.witnesses] == list(theirs.witnesses)
            assert (ours.quorum or "none") == theirs.quorum


def test_checkpoints_with_lines_to_spare_are_told_in_the_same_words() -> None:
    signed = sign(SampleLog(11).checkpoint())
    same_words([signed.format()], policy())
    same_words([signed.format()], policy(3, ("AM", "BY", "KZ")))
    for changed in rearranged(signed.format()):
        same_verdict(changed, policy(), their(policy()))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (policy().format(), "--policy"),
        (b"# a union\n" + policy().format(), "--policy"),
        (b'{\n  "genesis": {\n    "format": 1,', "--genesis"),
        (b"customs-trust-ledger/policy-history@v1\n", "--history"),
        (b"ctl/audit-bundle/v9\n", "of a form that this program does not know"),
        (b"ctl/audit-bundle/v2\r\n", "CR LF"),
        (b"\xef\xbb\xbf" + FILES[0].data, "byte order mark"),
        *((each.data.replace(b"\n", b"\r\n"), "CR LF") for each in FILES if each.text),
    ],
)
def test_what_is_no_proof_or_was_changed_on_its_way_is_told_alike(data: bytes, told: str) -> None:
    (found,) = same_words([data], policy())
    assert isinstance(found, NotProven)
    assert told in found.reason


OPENINGS = st.sampled_from(
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"customs-trust-ledger/state-proof@v1\n",
        b"customs-trust-ledger/fork-evidence@v1\n",
        b"customs-trust-ledger/policy-history@v1\n",
        b"\x93\xa9ctlproof1",
        b"CTL1:",
        b"ledger.example/union\n1\n",
    ]
)


@settings(deadline=None)
@given(OPENINGS, st.binary(max_size=200))
def test_no_bytes_make_it_raise(opening: bytes, noise: bytes) -> None:
    same_verdict(opening + noise, policy(), their(policy()))
