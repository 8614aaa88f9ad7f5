"""GET /v1/backup: the whole ledger at the last final block, as one file, while the node goes on.

One at a time, at the pace of whoever reads it; one who stops reading for a while is cut off. What
is sent says where it ends, so a file that was cut short is known for it.
"""

import asyncio
from typing import Final

from aiohttp import web

from ledger_node.api.problems import come_back
from ledger_node.api.requests import Query
from ledger_node.api.services import Services, services_of
from ledger_node.node.snapshot.backup import MAGIC, backup_frames
from ledger_node.storage.errors import NotYetHere

STALLED_S: Final = 60.0
"""A reader that takes nothing for so long is gone."""


async def stream(request: web.Request) -> web.StreamResponse:
    """GET /v1/backup"""
    Query(request)
    services = services_of(request)
    if services.backup.locked():
        raise come_back("busy", "a backup is being taken already")
    async with services.backup:
        return await _stream(request, services)


async def _stream(request: web.Request, services: Services) -> web.StreamResponse:
    view = services.node.database.latest
    if view.gap is not None:
        raise NotYetHere(services.node.directory.ledger, "a whole ledger")
    height = view.tip.header.height
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="ledger-{height}.backup"',
        }
    )
    response.enable_chunked_encoding()
    frames = backup_frames(view)
    await response.prepare(request)
    data: bytes | None = MAGIC
    while data is not None:
        async with asyncio.timeout(STALLED_S):
            await response.write(data)
        data = await services.in_thread(lambda: next(frames, None))
    await response.write_eof()
    return response
