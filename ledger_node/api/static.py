"""The log as static files for everyone: the published checkpoint, hash tiles and entry bundles.

Only what the published checkpoint covers is served, so that whoever reads tiles can verify them.
Tiles never change, whatever their width: caches may keep them for ever.
Source: c2sp.org/tlog-tiles.
"""

from typing import Final

from aiohttp import web

from ledger_node.api.answers import plain_text
from ledger_node.api.problems import Problem, come_back, not_found
from ledger_node.api.services import services_of
from ledger_node.storage.published import published_file

CHECKPOINT_CACHE: Final = "public, max-age=2"
BUNDLES: Final = "tile/entries/"
COMPRESSED_APART: Final = 16 * 1024
"""Bytes from which a body is compressed outside the event loop."""

TILE_CACHE: Final = "public, max-age=31536000, immutable"


async def checkpoint(request: web.Request) -> web.Response:
    """GET /checkpoint"""
    latest = services_of(request).node.checkpoints.latest
    if latest is None:
        raise come_back("not-yet-published", "a quorum has not yet cosigned a checkpoint")
    text = latest.signed().format().decode()
    return plain_text(text, Cache_Control=CHECKPOINT_CACHE, Access_Control_Allow_Origin="*")


async def tile(request: web.Request) -> web.Response:
    """GET /tile/{path}"""
    # The path as it was sent: a tile has one spelling, and an escaped one is not it.
    path = request.rel_url.raw_path.removeprefix("/")
    services = services_of(request)
    latest = services.node.checkpoints.latest
    size = 0 if latest is None else latest.checkpoint.size
    content = await services.read(lambda ledger: published_file(ledger, path, size))
    if content is None:
        raise _no_tile()
    response = web.Response(
        body=content,
        content_type="application/octet-stream",
        headers={"Cache-Control": TILE_CACHE, "Access-Control-Allow-Origin": "*"},
        zlib_executor_size=COMPRESSED_APART,
    )
    if path.startswith(BUNDLES):
        # Entries are much alike; hashes are not. Compressed as the client asks for it.
        response.headers["Vary"] = "Accept-Encoding"
        response.enable_compression()
    return response


def _no_tile() -> Problem:
    return not_found("tile-unknown", "no tile of the published checkpoint has this path")
