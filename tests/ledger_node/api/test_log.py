"""Entries, proofs, checkpoint and tiles: what a node says about the log, and can be held to."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from ledger_node.api.static import CHECKPOINT_CACHE, TILE_CACHE
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.merkle import leaf_hash, root_of
from ledger_node.log.policy import Policy, parse_policy
from ledger_node.log.proof import verify_proof
from ledger_node.log.tiles import decode_entry_bundle
from ledger_node.log.verified import VerifiedCheckpoint, verify_checkpoint
from tests.independent import WHY_ABSENT, go_verifier
from tests.ledger_node.api.served import Served, registration
from tests.patience import PATIENCE_S


async def _policy(api: Served) -> Policy:
    return parse_policy((await api.ask("/v1/policy")).body)


async def _checkpoint(api: Served) -> VerifiedCheckpoint:
    signed = parse_signed_checkpoint((await api.ask("/checkpoint", token="")).body)
    return verify_checkpoint(signed, await _policy(api))


async def test_each_kind_of_entry_is_decoded_and_shown_in_full(api: Served) -> None:
    view = await api.registrar.act(registration("AM-1"), registration("AM-1"))
    assert view.log_index is not None
    first, at = 0, view.log_index
    entries = [(await api.ask(f"/v1/entries/{i}")).json() for i in (first, at, at + 1, at + 2)]
    block = (await api.ask(f"/v1/entries/{at + 3}")).json()
    kinds = [entry["kind"] for entry in [*entries, block]]
    assert kinds == ["genesis", "submission", "record", "record", "block"]
    genesis, submission, accepted, rejected = (entry["content"] for entry in entries)
    assert genesis["members"][0]["member"] == "AM"
    assert (submission["id"], submission["header"]["author"]) == (view.id, "AM")
    assert accepted["record"]["kind"] == "registry.register"
    assert accepted["keys"] == ["participant/AM-1"]
    assert (rejected["rule"], rejected["index"]) == ("RE-006", 1)
    assert block["content"]["height"] == 1
    for entry in [*entries, block]:
        assert leaf_hash(bytes.fromhex(entry["raw"])).hex() == entry["leaf_hash"]


async def test_a_record_that_is_none_is_shown_as_rejected_bytes(api: Served) -> None:
    view = await api.registrar.act(b"\x91\xa7unknown")
    content = (await api.ask(f"/v1/entries/{view.records[0].log_index}")).json()["content"]
    assert (content["record"], content["rule"]) == (None, "REC-001")


@pytest.mark.parametrize(
    ("index", "status"), [("9999", 404), ("-1", 400), ("x", 400), ("01", 400), (str(2**63), 400)]
)
async def test_an_entry_that_is_not_there(api: Served, index: str, status: int) -> None:
    assert (await api.ask(f"/v1/entries/{index}")).status == status
    assert (await api.ask(f"/v1/proofs/{index}")).status == status


async def test_every_entry_is_proven_offline_under_the_policy(api: Served) -> None:
    await api.registrar.act(registration("AM-1"), registration("AM-1"))
    policy = await _policy(api)
    size = (await api.ask("/v1/status")).json()["log_size"]
    for index in range(size):
        proof = verify_proof((await api.ask(f"/v1/proofs/{index}?wait=5")).body, policy)
        entry = (await api.ask(f"/v1/entries/{index}")).json()
        assert (proof.index, proof.entry.hex()) == (index, entry["raw"])


async def test_a_verifier_of_the_specs_alone_accepts_the_proofs(
    api: Served, tmp_path: Path
) -> None:
    program = go_verifier()
    if program is None:
        print(WHY_ABSENT)
        pytest.skip(WHY_ABSENT)
    view = await api.registrar.act(registration("AM-1"), registration("AM-1"))
    policy = tmp_path / "union.policy"
    policy.write_bytes((await api.ask("/v1/policy")).body)
    files = []
    for record in view.records:
        files.append(tmp_path / f"{record.log_index}.tlog-proof")
        files[-1].write_bytes((await api.ask(f"/v1/proofs/{record.log_index}?wait=5")).body)
    command = [program, policy, *files]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout.count(b"ok ")) == (0, 2)


async def test_an_entry_no_checkpoint_covers_yet_has_no_proof_yet(api: Served) -> None:
    published, api.node.checkpoints._latest = api.node.checkpoints.latest, None
    answer = await api.ask("/v1/proofs/0")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.problem().type.endswith(":not-yet-published")
    waiting = asyncio.create_task(api.ask("/v1/proofs/0?wait=10"))
    assert (await api.ask("/checkpoint")).status == 503
    assert (await api.ask("/tile/0/000.p/1")).status == 404
    api.node.checkpoints._latest = published
    await api.registrar.act(registration("AM-1"))
    assert (await waiting).status == 200


async def test_the_checkpoint_satisfies_the_policy_and_covers_the_head(api: Served) -> None:
    await api.registrar.act(registration("AM-1"))
    checkpoint = (await _checkpoint(api)).checkpoint
    status = (await api.ask("/v1/status")).json()
    assert (checkpoint.size, checkpoint.root.hex()) == (status["log_size"], status["log_root"])
    answer = await api.ask("/checkpoint", token="")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == CHECKPOINT_CACHE


async def test_tiles_and_bundles_rebuild_the_published_root(api: Served) -> None:
    for start in range(0, 300, 100):
        await api.registrar.act(*(registration(f"AM-{start + i}") for i in range(100)))
    head = (await _checkpoint(api)).checkpoint
    assert 256 < head.size < 512
    hashes = b""
    entries: list[bytes] = []
    for index, width in ((0, 256), (1, head.size - 256)):
        suffix = "" if width == 256 else f".p/{width}"
        tile = await api.ask(f"/tile/0/{index:03}{suffix}", token="")
        bundle = await api.ask(f"/tile/entries/{index:03}{suffix}", token="")
        assert tile.headers["Cache-Control"] == bundle.headers["Cache-Control"] == TILE_CACHE
        assert tile.headers["Content-Type"] == "application/octet-stream"
        hashes += tile.body
        entries += decode_entry_bundle(bundle.body, width)
    leaves = [leaf_hash(entry) for entry in entries]
    assert b"".join(leaves) == hashes
    assert root_of(leaves) == head.root
    assert (await api.ask("/tile/1/000.p/1", token="")).body == root_of(leaves[:256])


async def test_bundles_are_compressed_for_who_takes_it_and_hashes_are_not(api: Served) -> None:
    await api.registrar.act(*(registration(f"AM-{at}") for at in range(100)))
    size = (await _checkpoint(api)).checkpoint.size
    paths = (f"/tile/entries/000.p/{size}", f"/tile/0/000.p/{size}")
    for coding in ("identity", "gzip", "deflate"):
        bundle, tile = [await api.ask(each, headers={"Accept-Encoding": coding}) for each in paths]
        assert bundle.headers.get("Content-Encoding", "identity") == coding
        assert bundle.headers["Vary"] == "Accept-Encoding"
        assert len(decode_entry_bundle(bundle.body, size)) == size
        assert "Content-Encoding" not in tile.headers
        assert len(tile.body) == 32 * size


async def test_a_narrower_tile_of_an_older_tree_is_still_served(api: Served) -> None:
    before = (await api.ask("/tile/0/000.p/2")).body
    await api.registrar.act(registration("AM-1"))
    assert (await api.ask("/tile/0/000.p/2")).body == before
    assert (await api.ask("/tile/0/000.p/4")).body[:64] == before


@pytest.mark.parametrize(
    "path",
    [
        "0/000",
        "0/000.p/200",
        "0/000.p/0",
        "0/000.p/256",
        "0/001.p/1",
        "1/000.p/1",
        "64/000",
        "99/000",
        "0/0",
        "0/x000/000",
        "00/000.p/1",
        "entries/000",
        "entries/000.p/200",
        "entries/x999/x999/x999/x999/x999/x999/999",
        "-1/000",
        "..%2F..%2Fnode.toml",
        "../../node.toml",
        "0/%2e%2e/000.p/1",
        "0/00%30.p/1",
        "0/000.p/1/",
        "0//000.p/1",
    ],
)
async def test_a_path_of_no_published_tile_is_not_found(api: Served, path: str) -> None:
    answer = await api.ask(f"/tile/{path}", token="")
    assert answer.status == 404
    assert answer.problem().status == 404


async def test_a_wait_for_a_checkpoint_that_is_given_up_leaves_nothing_behind(api: Served) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await api.node.checkpoints.covering(1_000_000)
    assert api.node.checkpoints._waiting == []
