"""An outside witness from node.toml to a proof that a stricter policy accepts."""

from pathlib import Path

import pytest

from ledger_node.genesis import SignedGenesis, read_json
from ledger_node.genesis.policy import log_key
from tests.ledger_node.cli.node_process import NodeProcess, free_address
from tests.ledger_node.cli.terminal import Terminal
from tests.ledger_node.node.witness_server import WitnessServer, serving


def test_proofs_satisfy_a_policy_that_requires_the_witness(founded: Terminal) -> None:
    genesis = read_json(SignedGenesis, Path("genesis.json").read_bytes()).genesis
    founded.run("genesis", "policy", "genesis.json", "--out", "union.policy")
    where = ("--keys", "AM-keys", "--api", free_address(), "--peer", "127.0.0.1:0")
    given = ("--data", "node", "--member", "AM", "--genesis", "genesis.json")
    assert founded.run("init", *given, *where).code == 0
    with serving(WitnessServer([log_key(genesis.origin, genesis.card("AM"))])) as server:
        with Path("node", "node.toml").open("a") as settings:
            settings.write(f'[[witnesses]]\nkey = "{server.key.format()}"\nurl = "{server.url}"\n')
        strict = ("--require", "association", server.key.format(), "--out", "strict.policy")
        assert founded.run("policy", "union.policy", *strict).code == 0
        with NodeProcess(Path("node")):
            own = ("--policy", "strict.policy", "--data", "node")
            files = ("entry.tlog-proof", "key.state-proof")
            assert founded.run("proof", "0", "--out", files[0], *own).code == 0
            assert founded.run("state-proof", "member/AM", "--out", files[1], *own).code == 0
            founded.run("proof", "0", "--out", "union.tlog-proof", "--data", "node")
    told = founded.run("verify", "--policy", "strict.policy", *files)
    assert told.code == 0
    assert told.out.count("association at 2026-09-21") == 2
    assert founded.run("verify", "--policy", "union.policy", "union.tlog-proof").code == 0
    assert founded.run("verify", "--policy", "strict.policy", "union.tlog-proof").code == 1


@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("a b", "", "one word"),
        ("a", "nonsense", "name+id+base64"),
        ("union", "", "already defined"),
        ("AM", "", "already defined"),
    ],
)
def test_a_witness_that_fits_no_policy_is_refused(
    founded: Terminal, name: str, key: str, reason: str
) -> None:
    founded.run("genesis", "policy", "genesis.json", "--out", "union.policy")
    given = ("policy", "union.policy", "--out", "out", "--require", name)
    assert reason in founded.fails(2, *given, key or WitnessServer([]).key.format())
    Path("out").write_text("")
    assert "exists" in founded.fails(2, *given, WitnessServer([]).key.format())
