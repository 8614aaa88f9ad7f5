"""Proofs of what the state holds under a key, or does not hold."""

from aiohttp import web

from ledger_node.api.answers import plain_text
from ledger_node.api.entries import covering
from ledger_node.api.problems import come_back
from ledger_node.api.requests import Query, object_key
from ledger_node.api.services import services_of
from ledger_node.ledger.state_proof import build_state_proof
from ledger_node.log.merkle import inclusion_path
from ledger_node.log.proof import build_proof
from ledger_node.log.tiles import TileHashes
from ledger_node.state import prove as prove_state
from ledger_node.storage.snapshot import Snapshot


async def prove(request: web.Request) -> web.Response:
    """GET /v1/state-proofs/{key}: a state proof file, of the state that is final now."""
    key = object_key(request)
    wait_s = Query(request, "wait").wait_s()
    services = services_of(request)
    # One state from here on: a node keeps the tree of its newest block alone.
    state = services.node.database.latest
    tip = state.tip
    checkpoint = await covering(services, tip.tree_size, wait_s)
    if checkpoint is None:
        detail = "no published checkpoint covers the newest block yet: a quorum must cosign first"
        raise come_back("not-yet-published", detail)
    policy = services.node.policy

    def question(now: Snapshot) -> bytes:
        size, index = checkpoint.checkpoint.size, tip.tree_size - 1
        entry = now.log_entry(index)
        assert entry is not None, "what a checkpoint covers is final here"
        path = inclusion_path(index, size, TileHashes(now, size))
        block = build_proof(entry, index, path, checkpoint, policy)
        found = prove_state(state, tip.state_root, key.encode(), state.entry)
        return build_state_proof(key, state.object(key), found, block).format()

    name = f'attachment; filename="{_file_name(key)}.state-proof"'
    return plain_text((await services.read(question)).decode(), Content_Disposition=name)


def _file_name(key: str) -> str:
    return "".join(char if char.isalnum() or char in "-." else "-" for char in key)
