"""Four real nodes on loopback, each with its API: the least union that outlives a fault."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ledger_node.client import LedgerClient, Participant, StatusView
from ledger_node.log.policy import parse_policy
from ledger_node.log.proof import verify_proof
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.union.founding import FoundedUnion, found_union
from tests.union.running import running

FOUR = ("AM", "BY", "KG", "KZ")


@asynccontextmanager
async def _member(union: FoundedUnion, code: str) -> AsyncIterator[LedgerClient]:
    async with (
        running(union, code) as member,
        LedgerClient(member.server.url, union.members[code].token) as client,
    ):
        await until(client.ready)
        yield client


@asynccontextmanager
async def _members(union: FoundedUnion, *codes: str) -> AsyncIterator[dict[str, LedgerClient]]:
    """Started all at once: a node is ready only when it sees a quorum."""
    async with AsyncExitStack() as stack:
        clients = await asyncio.gather(
            *(stack.enter_async_context(_member(union, code)) for code in codes)
        )
        yield dict(zip(codes, clients, strict=True))


def _act(union: FoundedUnion, client: LedgerClient, code: str) -> Participant:
    return Participant(client, union.id, code, union.registrar(code))


async def _agreed(clients: list[LedgerClient]) -> bool:
    def head(status: StatusView) -> tuple[object, ...]:
        return status.height, status.log_root, status.state_root, status.checkpoint_size

    return len({head(await client.status()) for client in clients}) == 1


async def test_acts_at_every_members_node_lead_to_one_ledger(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    async with _members(union, *FOUR) as clients:
        acts = [
            _act(union, client, code).act(registration(f"{code}-{number}", member=code))
            for code, client in clients.items()
            for number in range(10)
        ]
        assert all(view.accepted for view in await asyncio.gather(*acts))
        await until(lambda: _agreed(list(clients.values())))
        policy = parse_policy((await clients["AM"].policy()).encode())
        for client in clients.values():
            index = (await client.history_page("participant/KZ-3")).entries[0].log_index
            proof = verify_proof(await client.proof(index), policy)
            assert len(proof.checkpoint.cosignatures) >= 3


async def test_what_one_node_takes_can_be_awaited_at_another(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    async with _members(union, *FOUR) as clients:
        submission = _act(union, clients["BY"], "BY").sign(registration("BY-1", member="BY"))
        waiting = asyncio.create_task(clients["KZ"].wait_final(submission.id.hex()))
        await clients["BY"].submit(submission)
        assert (await waiting).accepted


async def test_three_go_on_without_the_fourth_which_then_catches_up(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    async with _members(union, "AM", "BY", "KG") as clients:
        async with _member(union, "KZ"):
            await _act(union, clients["AM"], "AM").act(registration("AM-1"))
        for number in range(2, 6):
            view = await _act(union, clients["AM"], "AM").act(registration(f"AM-{number}"))
            assert view.accepted
        async with _member(union, "KZ") as returned:
            await until(lambda: _agreed([*clients.values(), returned]))
            assert (await returned.object("participant/AM-5")).value["id"] == "AM-5"


async def test_two_of_four_are_not_ready_and_say_so(tmp_path: Path) -> None:
    union = found_union(tmp_path, *FOUR)
    async with running(union, "AM") as one, running(union, "BY") as other:
        for member in (one, other):
            code = member.node.member
            async with LedgerClient(member.server.url, union.members[code].token) as client:
                assert not await client.ready()

                async def runs(asked: LedgerClient = client) -> bool:
                    return (await asked.status()).running

                await until(runs)
