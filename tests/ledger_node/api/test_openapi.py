"""The OpenAPI document and the routes say the same."""

import json
import re
from pathlib import Path
from typing import Any

from aiohttp import web

from ledger_node.api.openapi import document
from ledger_node.api.routes import PUBLIC, ROUTES, add_routes
from tests.ledger_node.api.served import Served

MANUAL = Path(__file__).parents[3] / "docs" / "api.md"


def _documented() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, item in document(ROUTES)["paths"].items()
        for method, operation in item.items()
    }


def test_every_route_is_documented_and_nothing_else() -> None:
    assert set(_documented()) == {(route.method, route.template) for route in ROUTES}


def test_the_table_of_routes_is_all_that_is_routed() -> None:
    app = web.Application()
    add_routes(app)
    found = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert found == set(_documented())


def test_exactly_the_public_routes_ask_for_no_token() -> None:
    without = {path for (_, path), operation in _documented().items() if "security" in operation}
    assert without == PUBLIC


def test_path_parameters_are_those_of_the_path() -> None:
    for (_, path), operation in _documented().items():
        declared = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
        assert declared == re.findall(r"{(\w+)}", path), path


def test_the_manual_knows_every_route() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    for method, path in _documented():
        assert f"`{method} {path}`" in manual.replace("…", "{path}"), path


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in _documented().values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere() -> None:
    whole = document(ROUTES)
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(whole))):
        target: Any = whole
        for part in reference.split("/"):
            target = target[part]
        assert target


async def test_the_document_is_served(api: Served) -> None:
    answer = await api.ask("/v1/openapi.json")
    assert answer.json() == json.loads(json.dumps(document(ROUTES)))
    assert answer.json()["openapi"] == "3.1.0"
