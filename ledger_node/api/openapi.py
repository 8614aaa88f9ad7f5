"""The API as an OpenAPI 3.1 document, made from the table of routes and the forms themselves.

Source: OpenAPI Specification 3.1.0.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from ledger_node.api import forms
from ledger_node.api.described import IN_PATHS, JSON, Answer, Body, Parameter, Route, Schema
from ledger_node.api.requests import Query
from ledger_node.api.status import VERSION

Json = dict[str, Any]

DOCUMENT: Final = web.AppKey("openapi", bytes)
"""Of the application: the document as it is served."""

_BESIDE_ROUTES: Final = (forms.StreamAnswer, forms.ProblemView)
"""Forms that stand in no table: what a stream sends, and every refusal."""

_IN_PATH: Final = re.compile(r"{(\w+)}")


async def show(request: web.Request) -> web.Response:
    """GET /v1/openapi.json"""
    Query(request)
    return web.Response(body=request.app[DOCUMENT], content_type=JSON)


def document(routes: Iterable[Route]) -> Json:
    """The whole document of these routes."""
    routes = tuple(routes)
    kinds = {*_BESIDE_ROUTES, *_forms(routes)}
    _, schemas = msgspec.json.schema_components(
        sorted(kinds, key=lambda kind: kind.__name__), ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route)
    problem = {"application/problem+json": {"schema": _schema(forms.ProblemView)}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Customs Trust Ledger, node API",
            "version": VERSION,
            "summary": "Submit signed records, follow them to finality, prove what became of them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "Refused, with the reason and the rule.",
                    "content": problem,
                }
            },
        },
    }


def _forms(routes: Iterable[Route]) -> Iterable[type]:
    for route in routes:
        contents = [answer.content for answer in route.answers]
        contents += [route.body.content] if route.body else []
        for content in contents:
            yield from (kind for kind in content.values() if isinstance(kind, type))


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": {str(each.status): _answer(each) for each in route.answers},
    }
    for status in route.all_refusals:
        operation["responses"][str(status)] = {"$ref": "#/components/responses/Problem"}
    parameters = [_in_path(name) for name in _IN_PATH.findall(route.template)]
    parameters += [_in_query(each) for each in route.query]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = _body(route.body)
    if route.public:
        operation["security"] = []
    return operation


def _answer(answer: Answer) -> Json:
    made: Json = {"description": answer.description}
    if answer.content:
        made["content"] = _content(answer.content)
    if answer.headers:
        made["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    return made


def _body(body: Body) -> Json:
    made: Json = {"required": True, "content": _content(body.content)}
    return made | ({"description": body.description} if body.description else {})


def _content(content: Mapping[str, type | Schema]) -> Json:
    return {media: {"schema": _schema(kind)} if kind else {} for media, kind in content.items()}


def _schema(kind: type | Schema) -> Schema:
    return {"$ref": f"#/components/schemas/{kind.__name__}"} if isinstance(kind, type) else kind


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": IN_PATHS[name]}


def _in_query(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": "query",
        "schema": parameter.schema,
        "description": parameter.description,
    }
