"""The rules a record or submission may be refused under, with text and source.

The text is that of the installed contracts: a node's program is as new as the rules, and past sets
differ from it in few. `contract_set` of the page names whose text it is.
"""

from functools import cache

from aiohttp import web

from contracts import RULES
from ledger_node.api.answers import answer
from ledger_node.api.forms import RulePage, RuleView
from ledger_node.api.problems import ENVELOPE_SOURCE, not_found
from ledger_node.api.requests import Query
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.refusal import SubmissionRule


@cache
def _book() -> dict[str, RuleView]:
    envelope = [
        RuleView(rule.id, rule.text, ENVELOPE_SOURCE, rule.text_ru) for rule in SubmissionRule
    ]
    contracts = [
        RuleView(rule.id, rule.text, rule.source, rule.text_ru, rule.severity.value)
        for rule in RULES.values()
    ]
    return {rule.id: rule for rule in sorted([*envelope, *contracts], key=lambda rule: rule.id)}


async def listing(request: web.Request) -> web.Response:
    """GET /v1/rules"""
    Query(request)
    contract_set = installed_contracts().digest.hex()
    return answer(RulePage(contract_set, tuple(_book().values())))


async def show(request: web.Request) -> web.Response:
    """GET /v1/rules/{rule}"""
    Query(request)
    rule = _book().get(request.match_info["rule"])
    if rule is None:
        raise not_found("rule-unknown", "no rule has this id; /v1/rules lists all")
    return answer(rule)
