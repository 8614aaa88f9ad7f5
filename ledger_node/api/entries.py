"""Log entries, decoded for people, and proofs of them for anyone."""

from aiohttp import web

from ledger_node.api.answers import answer, entry_view, plain_text
from ledger_node.api.forms import EntryView
from ledger_node.api.problems import Problem, come_back, not_found
from ledger_node.api.requests import Query, log_index
from ledger_node.api.services import Services, services_of
from ledger_node.log.merkle import inclusion_path
from ledger_node.log.proof import build_proof
from ledger_node.log.tiles import TileHashes
from ledger_node.log.verified import VerifiedCheckpoint
from ledger_node.storage.snapshot import Snapshot


async def show(request: web.Request) -> web.Response:
    """GET /v1/entries/{index}"""
    Query(request)
    index = log_index(request)

    def question(ledger: Snapshot) -> EntryView | None:
        data = ledger.log_entry(index)
        return None if data is None else entry_view(index, data)

    found = await services_of(request).read(question)
    if found is None:
        raise _beyond_log(index)
    return answer(found)


async def prove(request: web.Request) -> web.Response:
    """GET /v1/proofs/{index}: a c2sp.org/tlog-proof@v1 file under the newest checkpoint."""
    index = log_index(request)
    wait_s = Query(request, "wait").wait_s()
    services = services_of(request)
    if index >= services.node.database.latest.tip.tree_size:
        raise _beyond_log(index)
    checkpoint = await covering(services, index + 1, wait_s)
    if checkpoint is None:
        detail = f"no published checkpoint covers entry {index} yet: a quorum must cosign first"
        raise come_back("not-yet-published", detail)
    policy = services.node.policy

    def question(ledger: Snapshot) -> bytes:
        size = checkpoint.checkpoint.size
        entry = ledger.log_entry(index)
        assert entry is not None, "what a checkpoint covers is final here"
        path = inclusion_path(index, size, TileHashes(ledger, size))
        return build_proof(entry, index, path, checkpoint, policy).format()

    proof = await services.read(question)
    name = f'attachment; filename="entry-{index}.tlog-proof"'
    return plain_text(proof.decode(), Content_Disposition=name)


async def covering(services: Services, size: int, wait_s: float) -> VerifiedCheckpoint | None:
    """A published checkpoint of at least `size` entries; None if there is none in time."""
    checkpoints = services.node.checkpoints
    latest = checkpoints.latest
    if latest is not None and latest.checkpoint.size >= size:
        return latest
    if not wait_s:
        return None
    return await services.waits.wait(wait_s, checkpoints.covering(size))


def _beyond_log(index: int) -> Problem:
    return not_found("entry-unknown", f"the log has no entry {index} yet")
