"""More than f members certify another history: a correct node says so, keeps it, and stops."""

import asyncio
import json
from pathlib import Path

import pytest

from consensus.messages import Finalization, encode_message, finalize_bytes
from ledger_node.cli.main import main
from ledger_node.cli.outcome import ExitCode
from ledger_node.node.kept_fork import kept_fork
from ledger_node.storage.errors import StorageCorrupt
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.union.founding import FoundedUnion, found_union
from tests.union.governing import Nodes, nodes_of

FOUR = ("AM", "BY", "KG", "KZ")
LIARS = ("BY", "KG", "KZ")
BLOCK, OUTCOME = b"\x0b" * 32, b"\x0c" * 32


def denial(nodes: Nodes, union: bytes) -> Finalization:
    """Of another block in the view of AM's head, under the keys of a quorum."""
    node = nodes.node("AM")
    last = node.core.last_finalization
    assert last is not None
    text = finalize_bytes(union, last.epoch, last.view, BLOCK, OUTCOME)
    signatures = tuple(
        (index, nodes.node(code).seat.keys.consensus.sign(text))
        for index, code in enumerate(node.committee.names)
        if code in LIARS
    )
    return Finalization(last.epoch, last.view, BLOCK, OUTCOME, signatures)


async def all_forked(nodes: Nodes) -> None:
    async def so() -> bool:
        return all(nodes.node(code).forked is not None for code in FOUR)

    await until(so)


async def fork(nodes: Nodes, union: FoundedUnion) -> Finalization:
    """One record becomes final; then BY, KG and KZ certify something else, and AM is told."""
    assert (await nodes.registrar("AM").act(registration("AM-1"))).accepted
    await nodes.agree(*FOUR)
    theirs = denial(nodes, union.id)
    sender = nodes.node("BY")
    sender.peering.send(sender.peering.index("AM"), theirs)
    return theirs


async def test_a_fork_is_seen_shown_to_all_and_outlives_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    union = found_union(tmp_path, *FOUR)
    async with nodes_of(union) as nodes:
        theirs = await fork(nodes, union)
        await all_forked(nodes)
        kept = kept_fork(union.members["AM"].directory.fork)
        assert kept is not None
        assert kept.ours is not None
        assert kept.theirs == theirs
    async with nodes_of(union) as nodes:
        await all_forked(nodes)
        assert all(nodes.node(code).core.halted for code in FOUR)
        page = await nodes.clients["AM"].evidence()
        assert page.fork is not None
        assert page.fork.ours is not None
        assert page.fork.ours.view == page.fork.theirs.view
        assert page.fork.ours.block != page.fork.theirs.block == BLOCK.hex()
        assert page.fork.theirs.signers == LIARS
        assert bytes.fromhex(page.fork.theirs.certificate) == encode_message(theirs)
        assert (await nodes.clients["AM"].status()).forked == page.fork
        token = tmp_path / "token"
        token.touch(mode=0o600)
        token.write_text(union.members["AM"].token + "\n")
        where = ["--node", nodes.running["AM"].server.url, "--token-file", str(token)]
        assert await asyncio.to_thread(main, ["evidence", *where]) == ExitCode.FORK
        shown = capsys.readouterr().out
        assert "BY KG KZ\n" in shown
        assert page.fork.ours.certificate[:40] in shown.replace("\n", "").replace(" ", "")
        assert await asyncio.to_thread(main, ["evidence", "--json", *where]) == ExitCode.FORK
        assert json.loads(capsys.readouterr().out)["fork"]["theirs"]["block"] == BLOCK.hex()
        assert await asyncio.to_thread(main, ["status", *where]) == ExitCode.REFUSED
        assert "FORKED" in capsys.readouterr().out


async def test_a_union_goes_on_once_its_people_removed_the_proof(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    async with nodes_of(union) as nodes:
        await fork(nodes, union)
        await all_forked(nodes)
    for code in FOUR:
        union.members[code].directory.fork.unlink()
    async with nodes_of(union) as nodes:
        assert (await nodes.registrar("BY").act(registration("BY-1", member="BY"))).accepted
        await nodes.agree(*FOUR)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"ours": null}', '{"ours": null, "theirs": "c0"}', '{"ours": 1, "theirs": ""}'],
)
def test_a_damaged_proof_is_no_permission_to_vote(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fork.json"
    path.write_text(text)
    with pytest.raises(StorageCorrupt, match="proof of a fork"):
        kept_fork(path)
