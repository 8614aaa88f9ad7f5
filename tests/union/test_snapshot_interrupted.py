"""A node dies while it takes a snapshot: it goes on from what it had, if that is any good."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger_node.client import LedgerClient, Participant
from ledger_node.node.frames import ChunkFrame, Frame
from ledger_node.node.node import Node
from ledger_node.node.snapshot import forms
from ledger_node.node.snapshot.forms import ChunkKind
from tests.ledger_node.api.served import registration
from tests.union.founding import FoundedUnion
from tests.union.running import RunningMember, running
from tests.union.snapshots import GAP, LEDGER, NEW, agree, history, rows, until

ENOUGH = 20
"""Objects that have come when the node dies, of some seventy."""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.PAGES, 2)
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.OBJECTS, 2)


class Watched:
    """Counts the chunks that peers give."""

    def __init__(self, *nodes: Node) -> None:
        self.items = 0
        for node in nodes:
            self._watch(node)

    def _watch(self, node: Node) -> None:
        giving = node.snapshots.giving
        honest = giving.send

        def counted(peer: str, frame: Frame) -> None:
            if isinstance(frame, ChunkFrame):
                self.items += len(frame.items)
            # Slow enough to be killed in the middle.
            asyncio.get_running_loop().call_later(0.01, honest, peer, frame)

        giving.send = counted


async def killed_in_the_middle(union: FoundedUnion) -> Path:
    """The new node's incoming ledger as a crash in the middle leaves it on disk."""
    incoming = union.members[NEW].directory.incoming
    image = incoming.with_name("image")
    async with running(union, NEW) as new:
        await until(lambda: taken(new.node) >= ENOUGH)
        # What is on disk at this instant is what SIGKILL would leave: nothing is flushed first.
        shutil.copytree(incoming, image)
        assert new.node.joining, "it was killed in the middle"
    shutil.rmtree(incoming)
    image.rename(incoming)
    return incoming


def taken(node: Node) -> int:
    progress = node.snapshots.progress
    return 0 if progress is None else progress.taken.objects


async def ends_well(union: FoundedUnion, old: dict[str, RunningMember]) -> None:
    async with running(union, NEW) as new:
        await until(lambda: new.node.running)
        await until(lambda: new.node.database.latest.gap is None)
        await until(lambda: agree(new.node, old["AM"].node))
        assert rows(new.node, *LEDGER) == rows(old["AM"].node, *LEDGER)
    assert not union.members[NEW].directory.incoming.exists()


async def test_what_was_there_is_not_asked_for_again(union: FoundedUnion) -> None:
    async with history(union, objects=60) as old:
        watched = Watched(*(member.node for member in old.values()))
        incoming = await killed_in_the_middle(union)
        first = watched.items
        async with running(union, NEW) as new:
            await until(lambda: new.node.running)
            second = watched.items - first
        shutil.rmtree(incoming, ignore_errors=True)
        state = len(rows(old["AM"].node, b"O")) + len(rows(old["AM"].node, b"N"))
        assert second < state - ENOUGH // 2, (first, second, state)


async def test_it_goes_on_though_the_union_has_moved_on(union: FoundedUnion) -> None:
    async with history(union, objects=60) as old:
        Watched(*(member.node for member in old.values()))
        await killed_in_the_middle(union)
        url, token = old["AM"].server.url, union.members["AM"].token
        async with LedgerClient(url, token) as client:
            registrar = Participant(client, union.id, "AM", union.registrar("AM"))
            for number in range(GAP):
                view = await registrar.act(registration(f"AM-LATER-{number}"))
                assert view.accepted
        await ends_well(union, old)


def last_bytes_lost(incoming: Path) -> None:
    log = max(incoming.glob("*.log"), key=lambda path: path.stat().st_size)
    log.write_bytes(log.read_bytes()[:-37])


def a_file_of_noise(incoming: Path) -> None:
    for path in incoming.glob("*.log"):
        path.write_bytes(bytes(range(256)) * 64)


def without_manifest(incoming: Path) -> None:
    (incoming / "CURRENT").unlink()


def of_nonsense(incoming: Path) -> None:
    (incoming / "CURRENT").write_text("MANIFEST-999999\n")


@pytest.mark.parametrize(
    "damage", [last_bytes_lost, a_file_of_noise, without_manifest, of_nonsense]
)
async def test_a_torn_directory_is_no_obstacle(
    union: FoundedUnion, damage: Callable[[Path], None]
) -> None:
    async with history(union, objects=60) as old:
        Watched(*(member.node for member in old.values()))
        damage(await killed_in_the_middle(union))
        await ends_well(union, old)
