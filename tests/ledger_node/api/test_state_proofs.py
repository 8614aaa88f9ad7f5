"""State proofs as a node makes them: of what is there, what is not, and each state in turn."""

import asyncio

import pytest

from contracts.registry.objects import Participant
from ledger_node.audit.verify import Proven, StateFact, examine
from ledger_node.log.policy import parse_policy
from tests.ledger_node.api.served import Served, registration


async def _state(api: Served, key: str) -> StateFact:
    answer = await api.ask(f"/v1/state-proofs/{key}?wait=10")
    assert answer.status == 200, answer
    finding = examine(answer.body, parse_policy((await api.ask("/v1/policy")).body))
    assert isinstance(finding, Proven)
    assert isinstance(finding.fact, StateFact)
    return finding.fact


async def test_an_object_and_its_absence_before_are_proven(api: Served) -> None:
    key = "participant/AM-1"
    before = await _state(api, key)
    assert before.raw is None
    await api.registrar.act(registration("AM-1"))
    after = await _state(api, key)
    assert isinstance(after.value, Participant)
    assert (after.value.id, after.newest) == ("AM-1", True)
    assert after.block.height > before.block.height
    assert after.raw is not None
    assert (await api.client.object(key)).raw == after.raw.hex()
    assert (await api.ask("/v1/status")).json()["state_root"] == after.block.state_root.hex()


async def test_every_object_of_the_state_is_proven(api: Served) -> None:
    await api.registrar.act(*[registration(f"AM-{at}") for at in range(20)])
    async for view in api.client.objects():
        fact = await _state(api, view.key.replace("/", "%2F"))
        assert fact.raw == bytes.fromhex(view.raw)


async def test_the_file_has_a_name_and_is_the_same_for_the_client(api: Served) -> None:
    answer = await api.ask("/v1/state-proofs/member/AM?wait=10")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="member-AM.state-proof"'
    assert await api.client.state_proof("member/AM") == answer.body


@pytest.mark.parametrize("key", ["a%20b", "%D0%96", "a" * 129])
async def test_what_is_no_key_is_refused(api: Served, key: str) -> None:
    answer = await api.ask(f"/v1/state-proofs/{key}")
    assert (answer.status, answer.problem().field) == (400, "key")


async def test_a_state_that_no_checkpoint_covers_yet_is_waited_for(api: Served) -> None:
    published, api.node.checkpoints._latest = api.node.checkpoints.latest, None
    answer = await api.ask("/v1/state-proofs/member/AM")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.problem().type.endswith(":not-yet-published")
    waiting = asyncio.create_task(api.ask("/v1/state-proofs/member/AM?wait=10"))
    api.node.checkpoints._latest = published
    await api.registrar.act(registration("AM-1"))
    assert (await waiting).status == 200
