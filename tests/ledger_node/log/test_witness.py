"""The add-checkpoint call as bytes, and policies that witnesses are added to."""

import pytest

from ledger_node.log.checkpoint import SignedCheckpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import PolicyError, PolicyRule, parse_policy
from ledger_node.log.proof import build_proof, verify_proof
from ledger_node.log.verified import CheckpointRefused, verify_checkpoint
from ledger_node.log.witness import (
    WitnessAnswerError,
    WitnessRule,
    add_checkpoint,
    conflicting_size,
    cosignature_in,
    requiring_witnesses,
    with_witnesses,
)
from tests.ledger_node.log.sample_union import TIME, SampleLog, cosigner_key, policy, sign, signer

LOG = SampleLog(11)
HEAD = LOG.checkpoint()
KEY = VerifierKey(
    "witness.example/w1", SignatureType.COSIGNATURE_V1, signer("witness 1").public[1:]
)
LINE = cosign(HEAD, KEY, signer("witness 1"), TIME)


def lines(*each: object) -> bytes:
    signed = SignedCheckpoint(HEAD, each)  # type: ignore[arg-type] # any line formats
    return signed.format().partition(b"\n\n")[2]


def test_the_call_is_as_the_specification_writes_it() -> None:
    signed = sign(HEAD)
    assert add_checkpoint(0, (), signed) == b"old 0\n\n" + signed.format()
    body = add_checkpoint(4, LOG.path(3), signed)
    head, _, rest = body.partition(b"\n\n")
    assert head.startswith(b"old 4\n")
    assert len(head.splitlines()) == 1 + len(LOG.path(3))
    assert rest == signed.format()


def test_the_witness_line_is_found_among_those_of_others() -> None:
    stranger = cosign(HEAD, cosigner_key("UZ"), signer("cosigner UZ"), TIME)
    assert cosignature_in(lines(LINE), HEAD, KEY) == LINE
    assert cosignature_in(lines(stranger, LINE), HEAD, KEY) == LINE


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", WitnessRule.NOTE),
        (b"ok\n", WitnessRule.NOTE),
        (b"\n" + lines(LINE), WitnessRule.NOTE),
        (lines(LINE)[:-1], WitnessRule.NOTE),
        (lines(cosign(HEAD, cosigner_key("UZ"), signer("cosigner UZ"), TIME)), WitnessRule.ABSENT),
        (
            lines(cosign(SampleLog(12).checkpoint(), KEY, signer("witness 1"), TIME)),
            WitnessRule.INVALID,
        ),
    ],
)
def test_an_answer_without_a_good_line_is_refused(body: bytes, rule: WitnessRule) -> None:
    with pytest.raises(WitnessAnswerError) as refused:
        cosignature_in(body, HEAD, KEY)
    assert refused.value.rule is rule


def test_a_conflict_names_a_size() -> None:
    assert conflicting_size(b"0\n") == 0
    assert conflicting_size(b"20852014\n") == 20852014
    for body in (b"", b"1", b"01\n", b"-1\n", b"1\n\n", b"x\n", b"9" * 30 + b"\n"):
        with pytest.raises(WitnessAnswerError):
            conflicting_size(body)


def test_witnesses_beside_a_policy_are_kept_but_not_asked_for() -> None:
    widened = with_witnesses(policy(), [KEY])
    with_line = verify_checkpoint(sign(HEAD).with_signatures(LINE), widened)
    assert with_line.cosignatures[-1].witness.name == KEY.name
    assert len(verify_checkpoint(sign(HEAD), widened).cosignatures) == 5
    with pytest.raises(CheckpointRefused):
        verify_checkpoint(sign(HEAD, witnesses=("AM", "BY", "KZ")).with_signatures(LINE), widened)


def test_a_policy_may_require_them_beyond_the_quorum() -> None:
    strict = requiring_witnesses(policy(), [("association", KEY)])
    assert strict == parse_policy(strict.format())
    signed = sign(HEAD).with_signatures(LINE)
    verified = verify_checkpoint(signed, strict)
    proof = build_proof(LOG.entry(6), 6, LOG.path(6), verified, strict).format()
    assert verify_proof(proof, strict).index == 6
    for wrong in (sign(HEAD), sign(HEAD, witnesses=("AM", "BY", "KZ")).with_signatures(LINE)):
        with pytest.raises(CheckpointRefused):
            verify_checkpoint(wrong, strict)
    alone = requiring_witnesses(
        parse_policy(policy().format().replace(b"quorum union", b"quorum none")), [("a", KEY)]
    )
    assert verify_checkpoint(sign(HEAD, witnesses=()).with_signatures(LINE), alone)


def test_names_and_keys_that_are_taken_are_refused() -> None:
    taken = VerifierKey("AM", SignatureType.COSIGNATURE_V1, KEY.public)
    group = VerifierKey("union", SignatureType.COSIGNATURE_V1, KEY.public)
    for key, rule in (
        (taken, PolicyRule.NAME_TAKEN),
        (group, PolicyRule.NAME_TAKEN),
        (cosigner_key("AM"), PolicyRule.DUPLICATE_WITNESS),
    ):
        with pytest.raises(PolicyError) as refused:
            with_witnesses(policy(), [key])
        assert refused.value.rule is rule
    with pytest.raises(PolicyError):
        requiring_witnesses(policy(), [("union", KEY)])
