"""The objects of the state as they are final now, and what changed them."""

from aiohttp import web

from ledger_node.api.answers import answer, change_view, object_view
from ledger_node.api.forms import HistoryPage, ObjectPage, ObjectView
from ledger_node.api.problems import not_found
from ledger_node.api.requests import Query, object_key
from ledger_node.api.services import services_of
from ledger_node.storage.snapshot import Snapshot


async def show(request: web.Request) -> web.Response:
    """GET /v1/objects/{key}"""
    Query(request)
    key = object_key(request)

    def question(ledger: Snapshot) -> ObjectView | None:
        raw = ledger.object(key)
        return None if raw is None else object_view(key, raw, ledger.tip.tree_size)

    found = await services_of(request).read(question)
    if found is None:
        raise not_found("object-unknown", f"the state holds no object {key}")
    return answer(found)


async def listing(request: web.Request) -> web.Response:
    """GET /v1/objects: a page of those whose key starts with a prefix."""
    query = Query(request, "prefix", "after", "limit")
    prefix, limit = query.prefix(), query.limit()
    after = query.after_key(prefix)

    def question(ledger: Snapshot) -> ObjectPage:
        size = ledger.tip.tree_size
        found = ledger.objects(prefix, after, limit + 1)
        page = tuple(object_view(key, raw, size) for key, raw in found[:limit])
        return ObjectPage(page, page[-1].key if len(found) > limit else None, size)

    return answer(await services_of(request).read(question))


async def history(request: web.Request) -> web.Response:
    """GET /v1/objects/{key}/history: a page of the entries that changed an object."""
    query = Query(request, "after", "limit")
    key, after, limit = object_key(request), query.after_index(), query.limit()

    def question(ledger: Snapshot) -> HistoryPage | None:
        found = ledger.history(key, after, limit + 1)
        if not found and not ledger.history(key, limit=1):
            return None
        changes = tuple(change_view(ledger, index) for index in found[:limit])
        following = changes[-1].log_index if len(found) > limit else None
        return HistoryPage(key, changes, following, ledger.tip.tree_size)

    page = await services_of(request).read(question)
    if page is None:
        raise not_found("object-unknown", f"nothing ever changed an object {key}")
    return answer(page)
