"""The founding ceremony on the command line, from keys to a policy, and what stops it."""

import json
from pathlib import Path

import pytest

from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.log.policy import parse_policy
from tests.ledger_node.cli import ceremony
from tests.ledger_node.cli.terminal import Terminal


def altered(source: str, target: str, path: list[str | int], value: object) -> str:
    """A copy of a JSON file with one value changed."""
    document = json.loads(Path(source).read_text())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    Path(target).write_text(json.dumps(document))
    return target


def test_two_members_sign_apart_and_their_copies_are_merged(terminal: Terminal) -> None:
    cards = [ceremony.make_card("KG", port=7001), ceremony.make_card("AM")]
    ceremony.draft(*cards)
    for member in ("AM", "KG"):
        Path(f"{member}.json").write_bytes(Path("genesis.json").read_bytes())
        ceremony.sign(member, f"{member}.json")
        assert f"{member}: has not signed" not in terminal.fails(
            1, "genesis", "verify", f"{member}.json"
        )
    merged = terminal.run("genesis", "merge", "AM.json", "KG.json", "--out", "both.json")
    assert merged.code == 0
    verified = terminal.run("genesis", "verify", "both.json")
    assert verified.code == 0
    assert "AM          signed" in verified.out
    assert "KG          signed" in verified.out
    assert "no fault is tolerated" in verified.out
    assert terminal.run("genesis", "policy", "both.json", "--out", "union.policy").code == 0
    policy = parse_policy(Path("union.policy").read_bytes())
    assert [witness.name for witness in policy.witnesses] == ["AM", "KG"]
    assert {log.key.name for log in policy.logs} == {ceremony.ORIGIN}


def test_verify_tells_programs_too(founded: Terminal) -> None:
    report = json.loads(founded.run("genesis", "verify", "--json", "genesis.json").out)
    assert report["members"] == ["AM"]
    assert report["contract_set"] == installed_contracts().digest.hex()


def test_what_is_shown_fits_a_terminal(founded: Terminal) -> None:
    for file in ("genesis.json", "AM.card"):
        lines = founded.run("genesis", "show", file).out.splitlines()
        assert lines
        assert [line for line in lines if len(line) > 80 and " " in line.strip()[13:]] == []


def test_parameters_are_options(founded: Terminal) -> None:
    terminal, card = founded, "AM.card"
    Path("genesis.json").unlink()
    ceremony.draft(card, **{"delta-ms": "250"})
    assert json.loads(Path("genesis.json").read_text())["genesis"]["parameters"]["delta_ms"] == 250
    asked = ("--name", "T", "--origin", "o.example", "--out", "x", "--delta-ms", "1", card)
    assert "parameters.delta_ms" in terminal.fails(2, "genesis", "draft", *asked)
    for name, origin, field in (("", "o.example", "name"), ("T", "HTTP://x", "origin")):
        given = ("--name", name, "--origin", origin, "--out", "x", card)
        assert field in terminal.fails(2, "genesis", "draft", *given)
    assert not Path("x").exists()


def test_the_policy_of_an_unsigned_genesis_is_not_written(founded: Terminal) -> None:
    Path("genesis.json").unlink()
    ceremony.draft("AM.card")
    assert "AM: has not signed" in founded.fails(1, "genesis", "policy", "genesis.json")


def test_a_genesis_changed_after_signing_is_refused(founded: Terminal) -> None:
    altered("genesis.json", "changed.json", ["genesis", "name"], "Another union")
    assert "AM: its signature does not verify" in founded.fails(
        1, "genesis", "verify", "changed.json"
    )


def test_a_draft_with_another_card_than_one_gave_is_not_signed(founded: Terminal) -> None:
    altered("genesis.json", "moved.json", ["genesis", "members", 0, "peer_port"], 7001)
    before = Path("moved.json").read_bytes()
    asked = ("moved.json", "--key", "AM-keys/authority.key", "--card", "AM.card")
    assert "AM's card is not the one it gave" in founded.fails(1, "genesis", "sign", *asked)
    assert Path("moved.json").read_bytes() == before


def test_only_an_authority_key_of_a_member_signs(founded: Terminal) -> None:
    asked = ("genesis", "sign", "genesis.json", "--key")
    assert "a registrar key, not a authority" in founded.fails(4, *asked, "AM-keys/registrar.key")
    made = ("--purpose", "authority", "--owner", "KG", "--out", "stranger.key")
    assert founded.run("keys", "new", *made).code == 0
    assert "none has this authority key" in founded.fails(1, *asked, "stranger.key")


def test_a_card_changed_by_another_is_refused(founded: Terminal) -> None:
    altered("AM.card", "forged.card", ["card", "peer_host"], "evil.example")
    asked = ("--name", "T", "--origin", "o.example", "--out", "x", "forged.card")
    assert "does not verify" in founded.fails(2, "genesis", "draft", *asked)


def test_a_card_of_keys_that_belong_to_another_is_refused(founded: Terminal) -> None:
    asked = ("--member", "KG", "--keys", "AM-keys", "--host", "h", "--port", "1", "--out", "x")
    assert "belongs to AM, not to KG" in founded.fails(4, "genesis", "card", *asked)


@pytest.mark.parametrize(
    ("host", "port", "field"), [("not a host", "1", "peer_host"), ("h", "99999", "peer_port")]
)
def test_a_card_with_an_impossible_address_is_refused(
    founded: Terminal, host: str, port: str, field: str
) -> None:
    asked = ("--member", "AM", "--keys", "AM-keys", "--host", host, "--port", port, "--out", "x")
    assert field in founded.fails(2, "genesis", "card", *asked)


def test_nothing_is_written_over_a_file_that_exists(founded: Terminal) -> None:
    asked = ("--name", "T", "--origin", "o.example", "--out", "genesis.json", "AM.card")
    assert "exists" in founded.fails(2, "genesis", "draft", *asked)
    assert founded.run("genesis", "verify", "genesis.json").code == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff\xfe", b"{", b'{"card": {}, "signature": ""}', b"[" * 100_000, b"{}"],
)
def test_a_file_that_is_no_genesis_is_refused_with_the_field(
    terminal: Terminal, content: bytes
) -> None:
    Path("bad").write_bytes(content)
    for command in ("verify", "show", "policy"):
        assert "bad: " in terminal.fails(2, "genesis", command, "bad")


def test_fields_beyond_any_bound_are_refused(founded: Terminal) -> None:
    altered("genesis.json", "big.json", ["genesis", "parameters", "delta_ms"], 2**80)
    assert "parameters.delta_ms" in founded.fails(2, "genesis", "show", "big.json")
    altered("AM.card", "big.card", ["card", "peer_port"], 2**80)
    assert "peer_port" in founded.fails(2, "genesis", "show", "big.card")


def test_copies_of_different_drafts_are_not_merged(founded: Terminal) -> None:
    altered("genesis.json", "other.json", ["genesis", "name"], "Another union")
    asked = ("genesis", "merge", "genesis.json", "other.json", "--out", "x")
    assert "not of one document" in founded.fails(1, *asked)
    assert not Path("x").exists()
