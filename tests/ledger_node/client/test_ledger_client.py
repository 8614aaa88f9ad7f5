"""The client against a real node: every call, and what it makes of refusals."""

import asyncio
from pathlib import Path

import pytest

from ledger_node.client import ApiProblem, LedgerClient, NodeUnreachable, NotFinal, Retries
from ledger_node.ledger.particulars import ParticularGroup, Particulars
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import verify_proof
from ledger_node.log.verified import verify_checkpoint
from tests.ledger_node.api.served import Served, registration
from tests.ports import free_ports


async def test_an_act_is_signed_submitted_and_seen_final(api: Served) -> None:
    view = await api.registrar.act(registration("AM-1"))
    assert view.accepted
    assert view.rejections == ()
    assert (view.height, len(view.records)) == (1, 1)


async def test_a_rejected_act_names_the_rule(api: Served) -> None:
    view = await api.registrar.act(registration("AM-1"), registration("BY-1", member="BY"))
    assert view.final
    assert not view.accepted
    (rejection,) = view.rejections
    assert (rejection.rule, rejection.values["member"]) == ("RE-005", "BY")


async def test_an_act_nobody_may_take_is_refused_at_the_door(api: Served) -> None:
    stranger = api.registrar
    stranger.author = "AM-NOBODY"
    with pytest.raises(ApiProblem) as refused:
        await stranger.act(registration("AM-1"))
    problem = refused.value
    assert (problem.status, problem.rule, problem.field) == (403, "RE-001", "author")
    assert problem.kind == "author-refused"
    assert problem.values == {"author": "AM-NOBODY"}


async def test_an_act_no_node_would_take_is_not_even_sent(api: Served) -> None:
    with pytest.raises(SubmissionRefused):
        await api.registrar.act()
    with pytest.raises(SubmissionRefused):
        await api.registrar.act(bytes(61_441))


async def test_many_acts_at_once_all_become_final(api: Served) -> None:
    views = await asyncio.gather(
        *(api.registrar.act(registration(f"AM-{number}")) for number in range(20))
    )
    assert all(view.accepted for view in views)
    assert len({view.id for view in views}) == 20


async def test_a_submission_is_followed_by_its_id(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    taken = await api.client.submit(submission)
    final = await api.client.wait_final(taken.id, 10)
    assert final == await api.client.submission(taken.id)
    assert final == await api.client.settle(submission)


async def test_what_never_arrives_is_not_final(api: Served) -> None:
    with pytest.raises(NotFinal) as missing:
        await api.client.wait_final(bytes(32).hex(), 0.1)
    assert missing.value.id == bytes(32).hex()


async def test_objects_and_histories_come_whole_however_many_pages(api: Served) -> None:
    await api.registrar.act(*(registration(f"AM-{number}") for number in range(7)))
    prefix = "participant/AM-"
    found = [each.key async for each in api.client.objects(prefix, page=2)]
    assert found == [f"participant/AM-{number}" for number in range(7)]
    one = await api.client.object("participant/AM-3")
    assert one.value["id"] == "AM-3"
    changes = [each.kind async for each in api.client.history(one.key, page=1)]
    assert changes == ["registry.register"]


async def test_a_key_with_dots_and_slashes_is_asked_for_as_it_is(api: Served) -> None:
    await api.registrar.act(registration("A/../B"))
    assert (await api.client.object("participant/A/../B")).value["id"] == "A/../B"
    assert (await api.client.history_page("participant/A/../B")).entries


async def test_a_missing_object_is_a_404(api: Served) -> None:
    with pytest.raises(ApiProblem) as missing:
        await api.client.object("participant/NOBODY")
    assert (missing.value.status, missing.value.kind) == (404, "object-unknown")


async def test_a_proof_and_the_policy_are_all_a_third_party_needs(api: Served) -> None:
    view = await api.registrar.act(registration("AM-1"))
    index = view.records[0].log_index
    policy = parse_policy((await api.client.policy()).encode())
    proof = verify_proof(await api.client.proof(index), policy)
    assert proof.entry.hex() == (await api.client.entry(index)).raw
    checkpoint = parse_signed_checkpoint(await api.client.checkpoint())
    assert verify_checkpoint(checkpoint, policy).checkpoint.size > index


async def test_the_node_tells_of_itself_and_its_rules(api: Served) -> None:
    status = await api.client.status()
    assert (status.member, status.union) == ("AM", api.union.id.hex())
    assert await api.client.ready()
    rules = await api.client.rules()
    assert await api.client.rule(rules.rules[0].id) == rules.rules[0]
    assert len(await api.client.tile("tile/0/000.p/1")) == 32


async def test_particulars_are_kept_and_given_back(api: Served) -> None:
    particulars = Particulars(ParticularGroup.HOLDER, bytes(32), b"Holder, Yerevan")
    commitment = await api.client.put_payload(particulars)
    kept = await api.client.payload(commitment)
    assert bytes.fromhex(kept.plaintext) == b"Holder, Yerevan"
    assert "Yerevan" not in repr(kept)
    assert particulars.plaintext.hex() not in repr(kept)


async def test_a_wrong_token_is_told_apart(api: Served) -> None:
    async with LedgerClient(api.server.url, "x" * 43, retries=Retries(0)) as stranger:
        with pytest.raises(ApiProblem) as refused:
            await stranger.status()
        assert refused.value.status == 401
        assert await stranger.checkpoint()


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    async with LedgerClient(f"http://127.0.0.1:{port}", retries=Retries(0.1)) as client:
        with pytest.raises(NodeUnreachable):
            await client.status()
        assert not await client.ready()
