"""Outside witnesses: asked as the specification says, never waited for long, never believed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from msgspec import structs

from ledger_node.genesis.policy import cosigner_key
from ledger_node.genesis.policy import log_key as genesis_log_key
from ledger_node.log.merkle import leaf_hash
from ledger_node.log.note import encode_base64
from ledger_node.log.tiles import tile_updates
from ledger_node.log.verified import VerifiedCheckpoint, verify_checkpoint
from ledger_node.log.witness import requiring_witnesses
from ledger_node.node import witnesses as module
from ledger_node.node.config import DataDirectory, SettingsError, WitnessSettings, read_settings
from ledger_node.node.seat import NodeError
from ledger_node.node.witnesses import OutsideWitness, OutsideWitnesses, WitnessPlace
from tests.ledger_node.log.sample_union import (
    MEMBERS,
    SampleLog,
    StoredTiles,
    log_key,
    policy,
    sign,
)
from tests.ledger_node.node.witness_server import WitnessServer, serving
from tests.patience import PATIENCE_S
from tests.union.founding import FoundedUnion, found_union
from tests.union.running import running

RULES = policy()


def head(size: int) -> VerifiedCheckpoint:
    return verify_checkpoint(sign(SampleLog(size).checkpoint()), RULES)


@dataclass
class Asking:
    """One witness asked without a network, at a time the test sets."""

    server: WitnessServer
    now: float = 0.0

    def __post_init__(self) -> None:
        self.tiles = StoredTiles()
        log = SampleLog(600)
        hashes = [leaf_hash(log.entry(at)) for at in range(600)]
        self.tiles.content.update(tile_updates(self.tiles, 0, hashes))
        self.witness = self.make()

    def make(self) -> OutsideWitness:
        async def post(url: str, body: bytes) -> tuple[int, bytes]:
            assert url == "https://w.example/add-checkpoint"
            return self.server.add_checkpoint(body)

        place = WitnessPlace(self.server.key, "https://w.example")
        return OutsideWitness(place, post, lambda: self.now)

    async def ask(self, size: int) -> bool:
        line = await self.witness.cosign(head(size), self.tiles)
        return line is not None and line.is_by(self.server.key)


@pytest.fixture
def asking() -> Asking:
    return Asking(WitnessServer([log_key(member) for member in MEMBERS]))


async def test_each_head_is_shown_to_continue_the_one_before(asking: Asking) -> None:
    for size in (3, 4, 255, 256, 600):
        assert await asking.ask(size)
    assert asking.server.asked == [(0, 3), (3, 4), (4, 255), (255, 256), (256, 600)]


async def test_what_the_witness_saw_last_is_learned_from_it(asking: Asking) -> None:
    assert await asking.ask(200)
    asking.witness = asking.make()
    assert await asking.ask(300)
    assert asking.server.asked[1:] == [(0, 300), (200, 300)]


async def test_a_head_cosigned_once_is_not_asked_for_again(asking: Asking) -> None:
    assert await asking.ask(5)
    assert await asking.ask(5)
    assert len(asking.server.asked) == 1


async def test_a_witness_that_is_ahead_is_left_until_this_node_is_as_far(asking: Asking) -> None:
    assert await asking.ask(500)
    asking.witness = asking.make()
    assert not await asking.ask(300)
    assert not await asking.ask(400)
    assert asking.server.asked[1:] == [(0, 300)]
    assert await asking.ask(500)
    assert await asking.ask(600)


async def test_a_witness_that_saw_another_history_does_not_cosign_this_one(asking: Asking) -> None:
    assert await asking.ask(300)
    other = SampleLog(300)
    object.__setattr__(other, "entry", lambda at: f"other {at}".encode())
    asking.server.last = other.checkpoint()
    asking.witness = asking.make()
    assert not await asking.ask(300)
    asking.now = 100
    assert not await asking.ask(400)


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (404, b""), (200, b""), (200, b"nonsense\n"), (409, b"many\n"), (409, b"7\n")],
)
async def test_a_failing_witness_is_asked_less_and_less(
    asking: Asking, answer: tuple[int, bytes]
) -> None:
    asking.server.answer_with = answer
    times = []
    for second in range(130):
        asking.now = second
        before = len(asking.server.asked)
        assert not await asking.ask(9)
        if len(asking.server.asked) > before:
            times.append(second)
    assert times == [0, 1, 3, 7, 15, 31, 63, 123]
    asking.server.answer_with = None
    asking.now = 200
    assert await asking.ask(9)


async def test_a_forged_line_is_not_taken(asking: Asking) -> None:
    true = WitnessServer([log_key("AM")])
    _, answer = true.add_checkpoint(b"old 0\n\n" + sign(SampleLog(9).checkpoint()).format())
    key = asking.server.key
    raw = encode_base64(key.key_id + bytes(72))
    for body in (answer, f"— {key.name} {raw}\n".encode()):
        asking.server.answer_with = (200, body)
        assert not await asking.ask(9)


# ------------------------------------------------------------ several, over HTTP


@pytest.fixture
async def published() -> AsyncIterator[Callable[..., Awaitable[list[VerifiedCheckpoint]]]]:
    tasks: list[asyncio.Task[None]] = []
    asking = Asking(WitnessServer([log_key("AM")]))

    async def run(places: list[WitnessPlace], *sizes: int) -> list[VerifiedCheckpoint]:
        outside = OutsideWitnesses(places, lambda: asking.tiles, None)
        tasks.append(asyncio.create_task(outside.run()))
        found: list[VerifiedCheckpoint] = []
        done = asyncio.Event()

        def publish(checkpoint: VerifiedCheckpoint) -> None:
            found.append(checkpoint)
            done.set()

        for size in sizes:
            done.clear()
            outside.offer(head(size), RULES, publish)
            async with asyncio.timeout(PATIENCE_S):
                await done.wait()
        return found

    yield run
    for task in tasks:
        task.cancel()


async def test_what_witnesses_add_is_published_with_the_members_lines(
    published: Callable[..., Awaitable[list[VerifiedCheckpoint]]],
) -> None:
    with serving(WitnessServer([log_key("AM")])) as server:
        found = await published([WitnessPlace(server.key, server.url)], 3, 300)
    strict = requiring_witnesses(RULES, [("w", server.key)])
    for checkpoint in found:
        assert len(checkpoint.cosignatures) == 6
        verify_checkpoint(checkpoint.signed(), strict)
        verify_checkpoint(checkpoint.signed(), RULES)


async def test_a_witness_that_is_gone_or_silent_holds_nothing_back_for_long(
    published: Callable[..., Awaitable[list[VerifiedCheckpoint]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(5), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with serving(WitnessServer([log_key("AM")])) as server:
        gone = WitnessServer([])
        places = [
            WitnessPlace(WitnessServer([]).key, f"http://127.0.0.1:{port}"),
            WitnessPlace(server.key, server.url),
        ]
        found = await published(places[1:], 3)
        slow = await published([WitnessPlace(gone.key, "http://127.0.0.1:9")], 3)
        monkeypatch.setattr(module, "ANSWER_S", 0.2)
        mute = await published(places[:1], 3)
    silent.close()
    assert [len(each.cosignatures) for each in (*found, *slow, *mute)] == [6, 5, 5]


async def test_without_witnesses_a_head_is_published_at_once(
    published: Callable[..., Awaitable[list[VerifiedCheckpoint]]],
) -> None:
    assert await published([], 3) == [head(3)]


# ------------------------------------------------------------ a node


def ask(union: FoundedUnion, witness: WitnessSettings) -> None:
    """Have AM's node ask this witness."""
    am = union.members["AM"]
    settings = structs.replace(am.settings, witnesses=(witness,))
    union.members["AM"] = replace(am, settings=settings)


async def test_a_node_publishes_what_its_witness_cosigned(tmp_path: Path) -> None:
    union = found_union(tmp_path, "AM")
    am = union.members["AM"]
    origin = union.founding.genesis.origin
    with serving(WitnessServer([genesis_log_key(origin, am.card)])) as server:
        ask(union, WitnessSettings(server.key.format(), server.url))
        async with running(union, "AM") as member:
            published = await member.node.checkpoints.covering(2)
            strict = requiring_witnesses(member.node.policy, [("outside", server.key)])
            verified = verify_checkpoint(published.signed(), strict)
            assert [each.witness.name for each in verified.cosignatures] == ["AM", "outside"]


async def test_a_witness_that_claims_a_members_key_stops_the_node(tmp_path: Path) -> None:
    union = found_union(tmp_path, "AM")
    am = union.members["AM"]
    taken = cosigner_key(union.founding.genesis.origin, am.card).format()
    ask(union, WitnessSettings(taken, "https://w.example"))
    with pytest.raises(NodeError, match="witnesses"):
        union.node("AM")


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("nonsense", "https://w.example"),
        (log_key("AM").format(), "https://w.example"),
        (WitnessServer([]).key.format(), "ftp://w.example"),
        (WitnessServer([]).key.format(), "w.example"),
    ],
)
def test_settings_of_a_witness_are_checked_on_start(tmp_path: Path, key: str, url: str) -> None:
    text = f'member = "AM"\n[[witnesses]]\nkey = "{key}"\nurl = "{url}"\n'
    (tmp_path / "node.toml").write_text(text)
    with pytest.raises(SettingsError, match="witnesses"):
        read_settings(DataDirectory(tmp_path))


def test_settings_of_a_witness_are_read(tmp_path: Path) -> None:
    key = WitnessServer([]).key
    text = f'member = "AM"\n[[witnesses]]\nkey = "{key.format()}"\nurl = "https://w.example/"\n'
    (tmp_path / "node.toml").write_text(text)
    (found,) = read_settings(DataDirectory(tmp_path)).witnesses
    assert found.place() == WitnessPlace(key, "https://w.example")
