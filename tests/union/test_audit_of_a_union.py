"""A real union changes keys and rules, and an auditor with its genesis alone checks all of it."""

import asyncio
import io
import json
from contextlib import AsyncExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from ledger_node.api.tokens import write_token
from ledger_node.cli.main import main
from ledger_node.genesis.readable import write_json
from tests.ledger_node.cli.terminal import Answer
from tests.union.changed_rules import changed_rules, shell
from tests.union.founding import FoundedUnion, found_union
from tests.union.governing import FIVE, Nodes, loaded
from tests.union.test_policy_history import next_card, replace_keys
from tests.union.test_upgrades import decide, install, until_height

FOUR = FIVE[:4]
NEW = changed_rules()


async def command(*arguments: str | Path) -> Answer:
    """`ledger-node audit …` in a thread, while the nodes go on in theirs."""

    def run() -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["audit", *map(str, arguments)])
        return Answer(code, out.getvalue(), err.getvalue())

    return await asyncio.to_thread(run)


async def verified(bundle: Path, genesis: Path, *options: str) -> dict[str, Any]:
    answer = await command("verify", "--genesis", genesis, "--json", *options, bundle)
    assert answer.code == 0, answer
    found: dict[str, Any] = json.loads(answer.out)
    return found


def settled(union: FoundedUnion, code: str, api: str) -> Path:
    """A member's data directory as commands find it: with settings, token and genesis."""
    member = union.members[code]
    settings = msgspec.structs.replace(member.settings, api_listen=api)
    written = "".join(
        f"{name} = {json.dumps(value)}\n"
        for name, value in msgspec.structs.asdict(settings).items()
        if isinstance(value, str | int)
    )
    member.directory.settings.write_text(written)
    if not member.directory.api_token.exists():
        write_token(member.directory.api_token)
    return member.directory.root


async def test_bundles_of_a_running_and_a_stopped_node_prove_everything_from_the_genesis(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FOUR)
    genesis = tmp_path / "founding.json"
    genesis.write_text(write_json(union.document))
    for member in union.members.values():
        install(member.directory)
    cards = {"BY": next_card(union, tmp_path, "BY")}
    async with AsyncExitStack() as stack:
        nodes = Nodes(union, stack)
        await nodes.start(*FOUR)
        assert (await nodes.registrar("AM").act(shell("BEFORE"))).accepted
        async with loaded(nodes.registrar("KG")):
            await replace_keys(nodes, cards, 2)
            from_height = await decide(nodes, *FOUR[:3])
            await until_height(nodes, from_height + 3, *FOUR)
        after = await nodes.registrar("AM").act(shell("AFTER"))
        assert after.rejections
        await nodes.node("AM").checkpoints.covering(after.records[0].log_index + 2)
        api = nodes.running["AM"].server.url
        token = tmp_path / "token"
        token.write_text(union.members["AM"].token)
        token.chmod(0o600)
        node = ("--node", api, "--token-file", token)

        made = await command("export", *node, "--out", tmp_path / "all.bundle")
        assert made.code == 0, made
        found = await verified(tmp_path / "all.bundle", genesis)
        assert found["executed_from"] == 0
        assert [each["epoch"] for each in found["epochs"]] == [1, 2]
        assert found["policy_epoch"] == 2
        assert [each["carried"] for each in found["contract_sets"]] == [False, True]
        assert found["contract_sets"][1]["contract_set"] == NEW.digest.hex()
        assert found["contract_sets"][1]["from_block"] == from_height
        assert found["certified_height"] == found["last_block"]
        assert found["certificates"] > 10

        # A range over the change of rules, whose state the exporter finds by executing.
        packed = tmp_path / "new.zip"
        packed.write_bytes(await nodes.clients["AM"].contract_set(NEW.digest))
        heights = f"{from_height - 2}-{from_height + 2}"
        part = ("--blocks", heights, "--with-state", "--contracts", packed)
        made = await command("export", *node, *part, "--out", tmp_path / "part.bundle")
        assert made.code == 0, made
        ranged = await verified(tmp_path / "part.bundle", genesis)
        assert ranged["executed_from"] == from_height - 3
        assert (ranged["first_block"], ranged["last_block"]) == (from_height - 2, from_height + 2)

        # Without a token only the log is public, and executing it is enough for an auditor.
        made = await command("export", "--url", api, "--out", tmp_path / "public.bundle")
        assert made.code == 0, made
        assert "0 certificates" in made.out
        policy = tmp_path / "union.policy"
        policy.write_text(await nodes.clients["AM"].policy())
        given = ("--policy", policy, "--contracts", packed)
        answer = await command("verify", *given, tmp_path / "public.bundle")
        assert answer.code == 0, answer
        given = ("--genesis", genesis, "--contracts", packed)
        refused = await command("verify", *given, tmp_path / "public.bundle")
        assert "nothing but the policy of epoch 1 is proven" in " ".join(refused.out.split())

        # Another member's node kept other certificates of the same log.
        other = nodes.running["KZ"].server.url
        token.write_text(union.members["KZ"].token)
        made = await command(
            "export", "--node", other, "--token-file", token, "--out", tmp_path / "kz.bundle"
        )
        assert made.code == 0, made
        both = (tmp_path / "all.bundle", tmp_path / "kz.bundle")
        assert (await command("diff", "--genesis", genesis, *both)).code == 0

    # The node has stopped: its directory gives the same, under the checkpoint it published last.
    stopped = settled(union, "AM", "127.0.0.1:1")
    made = await command("export", "--data", stopped, "--out", tmp_path / "stopped.bundle")
    assert made.code == 0, made
    again = await verified(tmp_path / "stopped.bundle", genesis)
    assert again["executed_from"] == 0
    assert again["last_block"] >= found["last_block"]
