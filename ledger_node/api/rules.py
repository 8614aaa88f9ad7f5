"""The rules a record or submission may be refused under, with text and source."""

from functools import cache

from aiohttp import web

from contracts import RULES
from ledger_node.api.answers import answer
from ledger_node.api.forms import RulePage, RuleView
from ledger_node.api.problems import ENVELOPE_SOURCE, not_found
from ledger_node.api.requests import Query
from ledger_node.api.services import services_of
from ledger_node.ledger.refusal import SubmissionRule


@cache
def _book() -> dict[str, RuleView]:
    envelope = [RuleView(rule.id, rule.text, ENVELOPE_SOURCE) for rule in SubmissionRule]
    contracts = [RuleView(rule.id, rule.text, rule.source, rule.text_ru) for rule in RULES.values()]
    return {rule.id: rule for rule in sorted([*envelope, *contracts], key=lambda rule: rule.id)}


async def listing(request: web.Request) -> web.Response:
    """GET /v1/rules"""
    Query(request)
    contract_set = services_of(request).node.contracts.digest.hex()
    return answer(RulePage(contract_set, tuple(_book().values())))


async def show(request: web.Request) -> web.Response:
    """GET /v1/rules/{id}"""
    Query(request)
    rule = _book().get(request.match_info["id"])
    if rule is None:
        raise not_found("rule-unknown", "no rule has this id; /v1/rules lists all")
    return answer(rule)
