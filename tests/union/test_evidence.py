"""A member that signs two contradicting votes is caught, proven everywhere, and put on record."""

import asyncio
from pathlib import Path

import pytest

from consensus.messages import Finalize, Notarize, Nullify, Vote, finalize_bytes, notarize_bytes
from consensus.messages import nullify_bytes as nullify_statement
from ledger_node.cli.main import main
from ledger_node.crypto.keyfiles import KeyPurpose, UnlockedKey, write_key_file
from ledger_node.node.node import Node
from tests.patience import until
from tests.union.founding import PASSPHRASE, WEAKEST_SCRYPT, found_union
from tests.union.governing import Nodes, nodes_of

FOUR = ("AM", "BY", "KG", "KZ")
ONE, OTHER = b"\x01" * 32, b"\x02" * 32


def contradictions(liar: Node, union: bytes) -> dict[str, tuple[Vote, Vote]]:
    """One pair of each form, in views far enough ahead not to disturb the present one."""
    me, epoch = liar.core.me, liar.committee.epoch
    assert me is not None
    sign, view = liar.seat.keys.consensus.sign, liar.core.view + 10

    def notarize(at: int, block: bytes) -> Notarize:
        signature = sign(notarize_bytes(union, epoch, at, at - 1, block))
        return Notarize(epoch, at, at - 1, block, me, signature)

    def finalize(at: int, block: bytes) -> Finalize:
        signature = sign(finalize_bytes(union, epoch, at, block, ONE))
        return Finalize(epoch, at, block, ONE, me, signature)

    nullify = Nullify(epoch, view + 2, me, sign(nullify_statement(union, epoch, view + 2)))
    return {
        "two notarize": (notarize(view, ONE), notarize(view, OTHER)),
        "two finalize": (finalize(view + 1, ONE), finalize(view + 1, OTHER)),
        "nullify and finalize": (nullify, finalize(view + 2, ONE)),
    }


async def everyone_has(nodes: Nodes, count: int) -> None:
    async def there() -> bool:
        return all(len(nodes.node(code).evidence) == count for code in FOUR)

    await until(there)


async def test_each_form_of_equivocation_is_proven_everywhere_and_survives_a_restart(
    tmp_path: Path,
) -> None:
    union = found_union(tmp_path, *FOUR)
    async with nodes_of(union) as nodes:
        liar = nodes.node("KZ")

        async def linked() -> bool:
            return all(liar.network.connected.values())

        await until(linked)
        for first, second in contradictions(liar, union.id).values():
            # Each half goes to one member only: neither could know alone without gossip of proof.
            liar.peering.send(liar.peering.index("AM"), first)
            liar.peering.send(liar.peering.index("AM"), second)
        await everyone_has(nodes, 3)
        page = await nodes.clients["BY"].evidence()
        assert {each.member for each in page.evidence} == {"KZ"}
        assert [each.said[0].split()[0] for each in page.evidence] == [
            "notarize",
            "finalize",
            "nullify",
        ]
    async with nodes_of(union) as nodes:
        assert all(len(nodes.node(code).evidence) == 3 for code in FOUR)


async def test_evidence_of_each_form_is_shown_and_put_on_the_ledger_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    union = found_union(tmp_path, *FOUR)
    key = tmp_path / "registrar.key"
    write_key_file(
        key,
        UnlockedKey(KeyPurpose.REGISTRAR, "AM", union.registrar("AM")),
        PASSPHRASE,
        n=WEAKEST_SCRYPT,
    )
    passphrase = tmp_path / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_bytes(PASSPHRASE)
    async with nodes_of(union) as nodes:
        liar = nodes.node("KZ")

        async def linked() -> bool:
            return all(liar.network.connected.values())

        await until(linked)
        forms = contradictions(liar, union.id)
        for pair in forms.values():
            for vote in pair:
                liar.peering.broadcast(vote)

        async def am_has_them() -> bool:
            return len(nodes.node("AM").evidence) == len(forms) == 3

        await until(am_has_them)
        token = tmp_path / "token"
        token.touch(mode=0o600)
        token.write_text(union.members["AM"].token + "\n")
        where = ["--node", nodes.running["AM"].server.url, "--token-file", str(token)]
        signing = ["--key", str(key), "--passphrase-file", str(passphrase)]
        arguments = ["evidence", "--report", *signing, *where]
        assert await asyncio.to_thread(main, ["evidence", *where]) == 0
        shown = capsys.readouterr().out
        assert shown.count("KZ, epoch 1, view") == 3
        assert await asyncio.to_thread(main, arguments) == 0
        await nodes.agree("AM", "BY")
        assert await asyncio.to_thread(main, arguments) == 0
        for first, _ in forms.values():
            name = f"equivocation/KZ/{first.epoch}/{first.view}"
            assert (await nodes.clients["BY"].object(name)).value["reported_by"] == "AM"
            history = [each async for each in nodes.clients["BY"].history(name)]
            assert len(history) == 1
