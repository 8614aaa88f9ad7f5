"""Status, readiness, rules, policy, metrics and particulars."""

import json
from typing import Any

import pytest

from consensus.events import Halt
from contracts import RULES
from ledger_node.genesis import policy_text
from ledger_node.ledger.particulars import (
    MAX_PLAINTEXT,
    ParticularGroup,
    Particulars,
    commitment_of,
)
from ledger_node.ledger.refusal import SubmissionRule
from tests.ledger_node.api.served import Served, registration

PARTICULARS = Particulars(ParticularGroup.GOODS, bytes(range(32)), b"120 cartons of apples")
PATH = f"/v1/payloads/{commitment_of(PARTICULARS).hex()}"


def _payload(**changed: Any) -> bytes:
    form = {
        "group": PARTICULARS.group.value,
        "salt": PARTICULARS.salt.hex(),
        "plaintext": PARTICULARS.plaintext.hex(),
    }
    return json.dumps(form | changed).encode()


async def _put(api: Served, body: bytes, path: str = PATH, kind: str = "application/json") -> Any:
    return await api.ask(path, "PUT", data=body, headers={"Content-Type": kind})


async def test_the_status_tells_where_the_ledger_stands(api: Served) -> None:
    await api.registrar.act(registration("AM-1"))
    status = (await api.ask("/v1/status")).json()
    tip = api.node.database.latest.tip
    assert status["member"] == "AM"
    assert status["union"] == api.union.id.hex()
    assert (status["height"], status["log_size"]) == (1, tip.tree_size)
    assert (status["log_root"], status["state_root"]) == (tip.log_root.hex(), tip.state_root.hex())
    assert status["checkpoint_size"] == tip.tree_size
    assert (status["members"], status["peers"], status["quorum"]) == (["AM"], {}, 1)
    assert (status["running"], status["halted"], status["evidence"]) == (True, None, 0)
    assert status["mempool"] == {"submissions": 0, "bytes": 0}


async def test_a_running_node_is_alive_and_ready(api: Served) -> None:
    assert (await api.ask("/healthz", token="")).status == 200
    assert (await api.ask("/readyz", token="")).status == 200


async def test_a_node_that_is_starting_is_alive_but_not_ready(api: Served) -> None:
    api.node.running = False
    answer = await api.ask("/readyz", token="")
    assert (answer.status, answer.problem().detail) == (503, "starting or stopping")
    assert (await api.ask("/healthz", token="")).status == 200


async def test_a_halted_node_is_not_ready_and_says_where_it_halted(api: Served) -> None:
    block = api.node.database.latest.block(0)
    assert block is not None
    api.node.halting.take(Halt(block.block, ours=bytes(32), certified=b"\1" * 32))
    answer = await api.ask("/readyz", token="")
    assert (answer.status, answer.problem().detail) == (503, "halted at height 0: outcomes differ")
    halted = (await api.ask("/v1/status")).json()["halted"]
    assert (halted["height"], halted["block"]) == (0, block.block_id.hex())
    assert halted["ours"] != halted["certified"]


async def test_the_policy_is_that_of_the_genesis(api: Served) -> None:
    answer = await api.ask("/v1/policy")
    assert answer.body.decode() == policy_text(api.union.founding.genesis)


async def test_every_rule_is_listed_with_text_and_source(api: Served) -> None:
    page = (await api.ask("/v1/rules")).json()
    listed = [rule["id"] for rule in page["rules"]]
    assert listed == sorted([*RULES, *(rule.id for rule in SubmissionRule)])
    assert all(rule["text"] and rule["source"] for rule in page["rules"])
    assert page["contract_set"] == api.node.contract_set().hex()


async def test_a_rule_is_found_by_its_id(api: Served) -> None:
    assert (await api.ask("/v1/rules/RE-006")).json()["text_ru"]
    assert (await api.ask("/v1/rules/SUB-009")).json()["id"] == "SUB-009"
    assert (await api.ask("/v1/rules/XX-001")).status == 404


async def test_metrics_are_in_the_prometheus_format(api: Served) -> None:
    await api.registrar.act(registration("AM-1"), registration("AM-1"))
    answer = await api.ask("/metrics", token="")
    lines = answer.body.decode().splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "ledger_height 1.0" in lines
    assert 'ledger_records_total{outcome="accepted"} 1.0' in lines
    assert 'ledger_rejections_total{rule="RE-006"} 1.0' in lines
    assert "ledger_finality_seconds_count 1.0" in lines
    assert f"ledger_view {float(api.node.core.view)}" in lines


async def test_particulars_are_kept_under_their_commitment(api: Served) -> None:
    assert (await api.ask(PATH)).status == 404
    assert [(await _put(api, _payload())).status for _ in range(2)] == [204, 204]
    assert (await api.ask(PATH)).json() == json.loads(_payload())


async def test_the_largest_particulars_fit(api: Served) -> None:
    large = Particulars(ParticularGroup.GOODS, bytes(32), bytes(MAX_PLAINTEXT))
    body = _payload(salt=large.salt.hex(), plaintext=large.plaintext.hex())
    answer = await _put(api, body, f"/v1/payloads/{commitment_of(large).hex()}")
    assert answer.status == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (_payload(plaintext=b"119 cartons of apples".hex()), "commitment"),
        (_payload(group="consignor"), "commitment"),
        (_payload(salt="00"), "commitment"),
        (_payload(group="gods"), "group"),
        (_payload(salt="AA" * 32), "salt"),
        (_payload(plaintext="0"), "plaintext"),
        (_payload(more=1), "body"),
        (_payload(salt=None), "salt"),
        (_payload()[:-1], "body"),
        (b"", "body"),
        (b"[" * 100_000, "body"),
        (b"\xff", "body"),
    ],
)
async def test_particulars_that_open_nothing_are_refused(
    api: Served, body: bytes, field: str
) -> None:
    answer = await _put(api, body)
    assert (answer.status, answer.problem().field) == (400, field)
    assert (await api.ask(PATH)).status == 404


async def test_particulars_of_another_type_or_size_are_refused(api: Served) -> None:
    assert (await _put(api, _payload(), kind="text/plain")).status == 415
    assert (await _put(api, bytes(2 * MAX_PLAINTEXT + 5000))).status == 413
    assert (await _put(api, _payload(), "/v1/payloads/00")).status == 400
