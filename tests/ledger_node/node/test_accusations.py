"""Evidence on its way to the disk: nothing is shown before it is there, nothing is kept twice."""

import asyncio
import errno
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from ledger_node.node import accusations, evidence
from ledger_node.node.accusations import Accusations
from ledger_node.node.evidence import Equivocation, EvidenceStore
from ledger_node.node.frames import EvidenceFrame
from ledger_node.node.peering import Peering
from ledger_node.storage.errors import StorageFailed
from tests.patience import until


def found(view: int, member: str = "KZ", epoch: int = 1) -> Equivocation:
    first = f"first of {member} {epoch} {view}".encode()
    return Equivocation(member, epoch, view, first, b"second")


def proven(first: bytes, second: bytes) -> Equivocation:
    """In the place of the check of signatures, which tests of peering and of unions do."""
    member, epoch, view = first.decode().split()[2:]
    return found(int(view), member, int(epoch))


class Keeping:
    """A store, what is on its way there, and what the others were told of it."""

    def __init__(self, directory: Path) -> None:
        self.store = EvidenceStore(directory)
        self.told: list[EvidenceFrame] = []
        self.culprits: list[str] = []
        peering = SimpleNamespace(equivocation=proven, broadcast_frame=self.told.append)
        self.accusations = Accusations(self.store, cast("Peering", peering), self.culprits.append)

    def accuse(self, view: int, member: str = "KZ", epoch: int = 1) -> None:
        each = found(view, member, epoch)
        self.accusations.heard(EvidenceFrame(each.first, each.second))

    @property
    def kept(self) -> list[Equivocation]:
        """In the order in which the others were told."""
        assert self.culprits == ["KZ"] * len(self.told)
        return [proven(each.first, each.second) for each in self.told]

    async def __aenter__(self) -> "Keeping":
        self._task = asyncio.create_task(self.accusations.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_what_is_kept_is_found_again_and_not_kept_twice(tmp_path: Path) -> None:
    async with Keeping(tmp_path) as keeping:
        for view in (7, 5, 7):
            keeping.accuse(view)
        await until(lambda: len(keeping.store) == 2)
        assert keeping.kept == [found(7), found(5)]
    async with Keeping(tmp_path) as again:
        again.accuse(5)
        again.accuse(6)
        await until(lambda: again.kept)
        assert again.kept == [found(6)]
    assert EvidenceStore(tmp_path).all() == [found(5), found(6), found(7)]


async def test_nothing_is_shown_before_it_is_durable_and_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, may_sync = asyncio.Event(), threading.Event()
    loop, write = asyncio.get_running_loop(), evidence.write_proof

    def slowly(path: Path, document: Mapping[str, object]) -> None:
        write(path, document)
        loop.call_soon_threadsafe(written.set)
        assert may_sync.wait(60)

    monkeypatch.setattr(evidence, "write_proof", slowly)
    async with Keeping(tmp_path) as keeping:
        keeping.accuse(7)
        await written.wait()  # by the event loop, which therefore is free
        assert (len(keeping.store), keeping.store.all(), keeping.kept) == (0, [], [])
        may_sync.set()
        await until(lambda: keeping.kept)
        assert keeping.store.all() == [found(7)]


async def test_a_liar_leaves_room_for_proofs_against_others_and_against_itself_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accusations, "MOST_OF_ONE", 3)
    async with Keeping(tmp_path) as keeping:
        for view in range(10):
            keeping.accuse(view)
        await until(lambda: len(keeping.kept) == 3)
    async with Keeping(tmp_path) as again:
        again.accuse(11)
        again.accuse(1, "RU")
        again.accuse(1, epoch=2)
        await until(lambda: len(again.told) == 2)
    assert again.culprits == ["RU", "KZ"]
    assert len(EvidenceStore(tmp_path)) == 5


async def test_a_disk_that_takes_no_evidence_stops_the_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(evidence, "write_proof", full)
    keeping = Keeping(tmp_path)
    keeping.accuse(7)
    with pytest.raises(StorageFailed, match="No space left on device"):
        await keeping.accusations.run()
    assert len(keeping.store) == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    EvidenceStore(tmp_path).add(found(7))
    (tmp_path / "KZ-1-7.json").write_text("{")
    with pytest.raises(ValueError, match=r"KZ-1-7\.json: is not evidence"):
        EvidenceStore(tmp_path).all()
