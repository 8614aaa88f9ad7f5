"""Particulars of the member's own declarations, in clear: for the member's own clients only.

What is stored must open the commitment it is stored under, so whoever reads it later gets what
the ledger holds the commitment of.
"""

from http import HTTPStatus

import msgspec
from aiohttp import web

from ledger_node.api.answers import answer
from ledger_node.api.forms import PayloadView
from ledger_node.api.limits import PAYLOAD_BYTES
from ledger_node.api.problems import bad_request
from ledger_node.api.requests import Query, check_media_type, commitment, read_body, unhex
from ledger_node.api.services import services_of
from ledger_node.codec.wording import in_words
from ledger_node.ledger.particulars import ParticularGroup


async def store(request: web.Request) -> web.Response:
    """PUT /v1/payloads/{commitment}: 204 once it is on disk. Harmless to repeat."""
    Query(request)
    name = commitment(request)
    check_media_type(request, "application/json")
    body = await read_body(request, PAYLOAD_BYTES)
    try:
        given = msgspec.json.decode(body, type=PayloadView)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = in_words(PayloadView, error)
        raise bad_request(found.field or "body", str(found)) from error
    try:
        group = ParticularGroup(given.group)
    except ValueError as error:
        choices = ", ".join(ParticularGroup)
        raise bad_request("group", f"one of {choices} is asked for") from error
    salt, plaintext = _octets("salt", given.salt), _octets("plaintext", given.plaintext)
    services = services_of(request)
    await services.in_thread(lambda: services.node.payloads.put(name, group, salt, plaintext))
    return web.Response(status=HTTPStatus.NO_CONTENT.value)


async def show(request: web.Request) -> web.Response:
    """GET /v1/payloads/{commitment}"""
    Query(request)
    name = commitment(request)
    services = services_of(request)
    found = await services.in_thread(lambda: services.node.payloads.get(name))
    return answer(PayloadView(found.group.value, found.salt.hex(), found.plaintext.hex()))


def _octets(field: str, text: str) -> bytes:
    value = unhex(text)
    if value is None:
        raise bad_request(field, "bytes in lower-case hex are asked for")
    return value
