"""What made blocks final, and the rules they were judged by: what auditors take beside the log.

Both are for whoever verifies, e.g. in an audit bundle: certificates under the committee of their
epoch, contract sets by their digest.
"""

from collections.abc import Iterator

from aiohttp import web

from ledger_node.api.answers import answer
from ledger_node.api.forms import CertificatePage, CertificateView
from ledger_node.api.problems import not_found
from ledger_node.api.requests import Query, contract_set_digest
from ledger_node.api.services import services_of
from ledger_node.contract_sets.packing import pack
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.storage.snapshot import Snapshot

SET_CACHE = "private, max-age=31536000, immutable"


async def certificates(request: web.Request) -> web.Response:
    """GET /v1/certificates: a page of those that this node keeps, by height."""
    query = Query(request, "after", "limit")
    after, limit = max(query.after_index(), 0), query.limit()

    def question(ledger: Snapshot) -> CertificatePage:
        found = list(_kept(ledger, after, limit))
        more = bool(found) and ledger.certificate_from(found[-1].height + 1) is not None
        following = found[-1].height if more else None
        return CertificatePage(tuple(found), following, ledger.tip.header.height)

    return answer(await services_of(request).read(question))


async def contract_set(request: web.Request) -> web.Response:
    """GET /v1/contract-sets/{digest}: a packed contract set that this node has."""
    Query(request)
    digest = contract_set_digest(request)
    services = services_of(request)
    sets = ContractSets(services.node.directory.contract_sets)

    def packed() -> bytes | None:
        sources = sets.sources(digest)
        return None if sources is None else pack(sources)

    content = await services.in_thread(packed)
    if content is None:
        raise not_found("contract-set-unknown", f"this node has no contract set {digest.hex()}")
    name = f'attachment; filename="{digest.hex()}.zip"'
    headers = {"Cache-Control": SET_CACHE, "Content-Disposition": name}
    return web.Response(body=content, content_type="application/zip", headers=headers)


def _kept(ledger: Snapshot, after: int, limit: int) -> Iterator[CertificateView]:
    height = after + 1
    for _ in range(limit):
        found = ledger.certificate_from(height)
        if found is None:
            return
        yield CertificateView(found[0], found[1].hex())
        height = found[0] + 1
