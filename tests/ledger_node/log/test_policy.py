"""Policies: the spec's grammar and every error in it; quorums; checkpoints under a policy."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.log.checkpoint import Checkpoint, SignedCheckpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.note import NoteSignature, SignatureType, VerifierKey
from ledger_node.log.policy import (
    MAX_LINES_OF_A_KIND,
    MAX_POLICY,
    Policy,
    PolicyError,
    PolicyRule,
    parse_policy,
    union_policy,
)
from ledger_node.log.verified import CheckpointRefused, CheckpointStep, verify_checkpoint
from tests.ledger_node.log.sample_union import (
    MEMBERS,
    ORIGIN,
    TIME,
    SampleLog,
    cosigner_key,
    log_key,
    policy,
    sign,
    signer,
)

LOG = f"log {log_key('AM').format()}\n"
W1, W2, W3, W4, W5 = (
    f"witness {name} {cosigner_key(name).format()}\n" for name in ("X1", "X2", "X3", "Y1", "Y2")
)
SPEC_SHAPE = f"""# two organizations
{LOG}
{W1}{W2}{W3}  group\tX-witnesses 2   X1 X2\tX3 \t
\t# and the other
{W4}{W5}group Y-witnesses any Y1 Y2

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def parse(text: str) -> Policy:
    return parse_policy(text.encode("utf-8", "surrogateescape"))


def test_the_two_level_policy_of_the_spec_decides_as_it_says() -> None:
    rules = parse(SPEC_SHAPE)
    assert [group.threshold for group in rules.groups] == [2, 1, 2]
    for count in range(6):
        for names in combinations(("X1", "X2", "X3", "Y1", "Y2"), count):
            met = sum(name[0] == "X" for name in names) >= 2 and any(n[0] == "Y" for n in names)
            assert rules.quorum_met(set(names)) == met


def test_a_policy_formats_and_reads_back() -> None:
    url = LOG.replace("\n", " https://log.example/\n") + W1.replace("\n", " https://пример.рф/\n")
    for text in (SPEC_SHAPE, "quorum none\n", f"{url}quorum X1\n", f"{LOG}quorum none\n"):
        rules = parse(text)
        assert parse_policy(rules.format()) == rules
    assert parse(f"{url}quorum X1\n").format().decode() == f"{url}quorum X1\n"


def test_no_quorum_asks_for_no_witness() -> None:
    assert parse("quorum none\n").quorum_met(set())


def test_a_single_witness_can_be_the_quorum() -> None:
    rules = parse(f"{W1}{W2}quorum X2\n")
    assert not rules.quorum_met({"X1"})
    assert rules.quorum_met({"X2"})


def test_names_are_opaque_octets() -> None:
    kelvin, latin = b"\xe2\x84\xaa", b"K"
    key = cosigner_key("X1").format().encode()
    with pytest.raises(PolicyError) as refusal:
        parse_policy(b"witness " + latin + b" " + key + b"\nquorum " + kelvin + b"\n")
    assert refusal.value.rule is PolicyRule.NAME_UNKNOWN
    for name in (kelvin, latin, b"\xff\xfe", b"#", b"all", b"2"):
        data = b"witness " + name + b" " + key + b"\nquorum " + name + b"\n"
        rules = parse_policy(data)
        assert rules.format() == data
        assert rules.quorum_met({rules.witnesses[0].name})


SAME_KEY = VerifierKey("other.example", SignatureType.COSIGNATURE_V1, cosigner_key("X1").public)
SAME_LOG = VerifierKey("other.example", SignatureType.ED25519, log_key("AM").public)


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("", PolicyRule.QUORUM_MISSING, 0),
        (LOG, PolicyRule.QUORUM_MISSING, 0),
        ("quorum none", PolicyRule.FINAL_NEWLINE, 1),
        ("quorum none\n# end", PolicyRule.FINAL_NEWLINE, 2),
        ("quorum none\r\n", PolicyRule.OCTET, 1),
        ("\n# a\x00\nquorum none\n", PolicyRule.OCTET, 2),
        ("# \x7f\nquorum none\n", PolicyRule.OCTET, 1),
        ("quorum none\x0b\n", PolicyRule.OCTET, 1),
        ("quorum none\nquorum none\n", PolicyRule.QUORUM_TWICE, 2),
        ("quorum\n", PolicyRule.FIELDS, 1),
        ("quorum none none\n", PolicyRule.FIELDS, 1),
        ("quorum none # comment\n", PolicyRule.FIELDS, 1),
        (f"quorum X1\n{W1}", PolicyRule.NAME_UNKNOWN, 1),
        ("Quorum none\n", PolicyRule.KEYWORD, 1),
        ("witnesses\n", PolicyRule.KEYWORD, 1),
        ("quorum\u00a0none\n", PolicyRule.KEYWORD, 1),
        ("log\n", PolicyRule.FIELDS, 1),
        (LOG.replace("\n", " a b\n"), PolicyRule.FIELDS, 1),
        ("log x\n", PolicyRule.KEY, 1),
        (LOG.replace("\n", "=\n"), PolicyRule.KEY, 1),
        ("log \udcff+00000000+AAAA\n", PolicyRule.KEY_TYPE, 1),
        (f"log {cosigner_key('X1').format()}\n", PolicyRule.KEY_TYPE, 1),
        (f"witness X1 {log_key('AM').format()}\n", PolicyRule.KEY_TYPE, 1),
        (f"{LOG}{LOG}", PolicyRule.DUPLICATE_LOG, 2),
        (f"{LOG}log {SAME_LOG.format()}\n", PolicyRule.DUPLICATE_LOG, 2),
        (f"witness X1\n{LOG}", PolicyRule.FIELDS, 1),
        (W1.replace("\n", " a b\n"), PolicyRule.FIELDS, 1),
        (f"{W1}witness X9 {SAME_KEY.format()}\n", PolicyRule.DUPLICATE_WITNESS, 2),
        (f"{W1}{W2.replace('witness X2', 'witness X1')}", PolicyRule.NAME_TAKEN, 2),
        (W1.replace("witness X1", "witness none"), PolicyRule.NAME_TAKEN, 1),
        (f"{W1}group X1 any X1\n", PolicyRule.NAME_TAKEN, 2),
        (f"{W1}group none any X1\n", PolicyRule.NAME_TAKEN, 2),
        (f"{W1}group g any X1\n{W2}group g any X2\n", PolicyRule.NAME_TAKEN, 4),
        (f"{W1}group g any\n", PolicyRule.FIELDS, 2),
        (f"{W1}group g\n", PolicyRule.FIELDS, 2),
        (f"{W1}group g any none\n", PolicyRule.NAME_UNKNOWN, 2),
        (f"{W1}group g any g\n", PolicyRule.NAME_UNKNOWN, 2),
        (f"group g any X1\n{W1}", PolicyRule.NAME_UNKNOWN, 1),
        (f"{W1}group g 2 X1 X1\n", PolicyRule.MEMBER_TWICE, 2),
        (f"{W1}group g any X1\ngroup h any X1\n", PolicyRule.MEMBER_TWICE, 3),
        (f"{W1}group g any X1\ngroup h all g X1\n", PolicyRule.MEMBER_TWICE, 3),
        *(
            (f"{W1}{W2}group g {bad} X1 X2\n", PolicyRule.THRESHOLD, 3)
            for bad in ("0", "3", "-1", "+1", "01", "1.0", "most", "ALL", "\u0661", "9" * 5000)
        ),
    ],
)
def test_every_breach_is_refused_with_its_rule_and_line(
    text: str, rule: PolicyRule, line: int
) -> None:
    with pytest.raises(PolicyError) as refusal:
        parse(text)
    assert (refusal.value.rule, refusal.value.line) == (rule, line)
    assert str(refusal.value).isascii()


def test_keys_a_signature_line_could_not_tell_apart_are_refused() -> None:
    """Two keys whose 32-bit ids collide, found by counting up."""
    keys = [VerifierKey(ORIGIN, SignatureType.ED25519, at.to_bytes(32)) for at in (76362, 149987)]
    assert keys[0].key_id == keys[1].key_id
    with pytest.raises(PolicyError) as refusal:
        parse("".join(f"log {key.format()}\n" for key in keys) + "quorum none\n")
    assert refusal.value.rule is PolicyRule.AMBIGUOUS_KEY


def test_limits_are_enforced_and_generous() -> None:
    keys = [
        VerifierKey(f"w{at}", SignatureType.COSIGNATURE_V1, at.to_bytes(32))
        for at in range(MAX_LINES_OF_A_KIND + 1)
    ]
    lines = [f"witness w{at} {key.format()}\n" for at, key in enumerate(keys)]
    assert len(parse("".join(lines[:-1]) + "quorum none\n").witnesses) == MAX_LINES_OF_A_KIND
    with pytest.raises(PolicyError) as refusal:
        parse("".join(lines) + "quorum none\n")
    assert refusal.value.rule is PolicyRule.TOO_MANY
    with pytest.raises(PolicyError) as refusal:
        parse_policy(b"#" * MAX_POLICY + b"\nquorum none\n")
    assert refusal.value.rule is PolicyRule.TOO_LARGE


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_a_policy_or_an_error(data: bytes) -> None:
    try:
        rules = parse_policy(data)
    except PolicyError:
        return
    assert parse_policy(rules.format()) == rules


@pytest.mark.parametrize("quorum", [0, 6])
def test_a_union_cannot_ask_for_none_or_for_more_than_it_has(quorum: int) -> None:
    with pytest.raises(PolicyError):
        policy(quorum)


def test_a_union_policy_is_logs_witnesses_and_one_group() -> None:
    text = policy(4).format().decode().splitlines()
    assert [line.split()[0] for line in text] == ["log"] * 5 + ["witness"] * 5 + ["group", "quorum"]
    assert text[-2:] == ["group union 4 AM BY KZ KG RU", "quorum union"]
    with pytest.raises(PolicyError) as refusal:
        union_policy([log_key("AM")] * 2, [("AM", cosigner_key("AM"))], 1)
    assert refusal.value.rule is PolicyRule.DUPLICATE_LOG


HEAD = SampleLog(9).checkpoint()


def refused(lines: tuple[NoteSignature, ...], rules: Policy, head: Checkpoint = HEAD) -> str:
    with pytest.raises(CheckpointRefused) as refusal:
        verify_checkpoint(SignedCheckpoint(head, lines), rules)
    return refusal.value.step.name


def test_a_checkpoint_with_a_quorum_is_verified_with_all_its_witnesses() -> None:
    verified = verify_checkpoint(sign(HEAD, "KG"), policy(4))
    assert verified.checkpoint == HEAD
    assert verified.log.key == log_key("KG")
    assert [each.witness.name for each in verified.cosignatures] == list(MEMBERS)
    assert [each.timestamp for each in verified.cosignatures] == [TIME + at for at in range(5)]
    assert verified.signed() == sign(HEAD, "KG")


def test_order_duplicates_and_strangers_do_not_matter_to_a_checkpoint() -> None:
    lines = sign(HEAD).signatures
    stranger = cosign(HEAD, cosigner_key("UZ"), signer("cosigner UZ"), TIME)
    again = cosign(HEAD, cosigner_key("RU"), signer("cosigner RU"), TIME + 60)
    shuffled = SignedCheckpoint(HEAD, (again, stranger, *reversed(lines)))
    verified = verify_checkpoint(shuffled, policy(5))
    assert [each.witness.name for each in verified.cosignatures] == list(MEMBERS)
    assert verified.cosignatures[-1].timestamp == TIME + 60


def test_a_checkpoint_is_refused_at_the_failing_step() -> None:
    lines = sign(HEAD).signatures
    broken = NoteSignature(lines[1].name, lines[1].key_id, bytes(72))
    forged = NoteSignature(lines[0].name, lines[0].key_id, bytes(64))
    step = CheckpointStep
    assert refused(lines[1:], policy()) == step.LOG_SIGNATURE.name
    assert refused((forged, *lines[1:]), policy()) == step.LOG_SIGNATURE.name
    assert refused((*lines, forged), policy()) == step.LOG_SIGNATURE.name
    assert refused((lines[0], broken, *lines[2:]), policy(3)) == step.COSIGNATURE.name
    assert refused(lines[:4], policy(4)) == step.QUORUM.name
    assert refused((lines[0], lines[1], lines[1], lines[1]), policy(3)) == step.QUORUM.name
    assert refused(lines, policy(2, ("BY", "KZ"))) == step.LOG_SIGNATURE.name
    assert refused(lines, policy(), SampleLog(8).checkpoint()) == step.LOG_SIGNATURE.name


def test_a_listed_key_signs_for_the_origin_it_is_named_as_and_no_other() -> None:
    other = Checkpoint("ledger.example/other", HEAD.size, HEAD.root)
    line = NoteSignature(ORIGIN, log_key("AM").key_id, signer("log AM").sign(other.text().encode()))
    cosignatures = sign(HEAD).signatures[1:]
    assert refused((line, *cosignatures), policy(), other) == CheckpointStep.LOG_SIGNATURE.name
