"""A node dies while it takes a snapshot: it goes on from what it had, if that is any good."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger_node.client import LedgerClient, Participant
from ledger_node.node.node import Node
from ledger_node.node.snapshot import forms, joining
from ledger_node.node.snapshot.forms import ChunkKind
from ledger_node.storage.staging import Staging
from tests.ledger_node.api.served import registration
from tests.patience import PATIENCE_S, until
from tests.union.founding import FoundedUnion
from tests.union.givers import Givers, Piece, Questions, pieces_in, pieces_of
from tests.union.running import RunningMember, running
from tests.union.snapshots import GAP, LEDGER, NEW, OLD, agree, history, rows


@dataclass(frozen=True)
class Killed:
    """A node died. incoming: its directory of what had come, as SIGKILL leaves it; old: the nodes
    that it took it from; givers: those, as they give."""

    incoming: Path
    old: dict[str, RunningMember]
    givers: Givers


ENOUGH = 20
"""Objects that have come when the node dies, of some seventy."""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.PAGES, 2)
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.OBJECTS, 2)


@asynccontextmanager
async def killed_in_the_middle(union: FoundedUnion) -> AsyncIterator[Killed]:
    """The new node has died in the middle; the others go on, and give all they are asked for."""
    incoming = union.members[NEW].directory.incoming
    image = incoming.with_name("image")
    async with history(union, objects=60) as old:
        givers = Givers(*(member.node for member in old.values()))
        givers.enough[ChunkKind.OBJECTS] = ENOUGH
        async with running(union, NEW) as new:
            await until(lambda: taken(new.node) == givers.given[ChunkKind.OBJECTS] >= ENOUGH)
            # What is on disk at this instant is what SIGKILL would leave: nothing is flushed first.
            shutil.copytree(incoming, image)
            assert new.node.joining, "it was killed in the middle"
        shutil.rmtree(incoming)
        image.rename(incoming)
        givers.forget()
        yield Killed(incoming, old, givers)


def taken(node: Node) -> int:
    progress = node.snapshots.progress
    return 0 if progress is None else progress.taken.objects


def held_in(incoming: Path, union: FoundedUnion) -> dict[Piece, bytes]:
    """The pages and objects that a dead node left."""
    copy = shutil.copytree(incoming, incoming.with_name("copy"))
    staging = Staging.open(copy, union.id, b"")
    try:
        return pieces_in(staging)
    finally:
        staging.close()


async def ends_well(union: FoundedUnion, old: dict[str, RunningMember]) -> None:
    async with running(union, NEW) as new:
        await until(lambda: new.node.running)
        await until(lambda: new.node.database.latest.gap is None)
        await until(lambda: agree(new.node, old["AM"].node))
        assert rows(new.node, *LEDGER) == rows(old["AM"].node, *LEDGER)
    assert not union.members[NEW].directory.incoming.exists()


async def test_what_was_there_is_not_asked_for_again(union: FoundedUnion) -> None:
    async with killed_in_the_middle(union) as killed:
        held = held_in(killed.incoming, union)
        assert len(held) > ENOUGH
        async with running(union, NEW) as new:
            await until(lambda: new.node.running)
            needed = pieces_of(new.node.database.latest)
            lacking = [piece for piece, stored in needed.items() if held.get(piece) != stored]
            assert sorted(Questions.of_the_state(new.node)) == sorted(lacking)


async def test_what_was_there_is_kept_while_nobody_answers(
    union: FoundedUnion, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with killed_in_the_middle(union) as killed:
        held = held_in(killed.incoming, union)
        monkeypatch.setattr(joining, "PATIENCE_S", 0.02)
        killed.givers.mute = True
        async with running(union, NEW) as new:
            # Three peers, asked when they are reached and again at least twice.
            await until(lambda: killed.givers.unanswered >= 4 * len(OLD))
            assert new.node.joining
            monkeypatch.setattr(joining, "PATIENCE_S", PATIENCE_S)
            killed.givers.give_all()
            await until(lambda: new.node.running)
            assert not held.keys() & set(Questions.of_the_state(new.node))


async def test_it_goes_on_though_the_union_has_moved_on(union: FoundedUnion) -> None:
    async with killed_in_the_middle(union) as killed:
        url, token = killed.old["AM"].server.url, union.members["AM"].token
        async with LedgerClient(url, token) as client:
            registrar = Participant(client, union.id, "AM", union.registrar("AM"))
            for number in range(GAP):
                view = await registrar.act(registration(f"AM-LATER-{number}"))
                assert view.accepted
        await ends_well(union, killed.old)


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
    async with killed_in_the_middle(union) as killed:
        damage(killed.incoming)
        await ends_well(union, killed.old)
