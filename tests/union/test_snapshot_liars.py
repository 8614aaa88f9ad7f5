"""One of three peers lies to a node that takes a snapshot: it is found out, and nothing else."""

from collections.abc import Callable

import msgspec
import pytest

from consensus.messages import Finalization, decode_message, encode_message
from ledger_node.codec import decode, encode
from ledger_node.log.merkle import Frontier
from ledger_node.node.frames import ChunkFrame, Frame, SnapshotOffer
from ledger_node.node.node import Node
from ledger_node.node.snapshot import forms
from ledger_node.node.snapshot.exchange import Exchange
from ledger_node.node.snapshot.forms import ChunkKind, Manifest, ObjectItem
from tests.patience import until
from tests.union.founding import FoundedUnion
from tests.union.running import RunningMember, running
from tests.union.snapshots import LEDGER, NEW, agree, history, rows

LIAR = "BY"

Twist = Callable[[Frame], Frame]


def lies(node: Node, twist: Twist) -> None:
    """From now on, what the node says about snapshots is twisted."""
    giving = node.snapshots.giving
    truthful = giving.send
    giving.send = lambda peer, frame: truthful(peer, twist(frame))


def honest(old: dict[str, RunningMember]) -> list[Node]:
    return [member.node for code, member in old.items() if code != LIAR]


class Reserve:
    """Honest peers that answer a few questions and keep the rest until the liar has lied.

    So the liar is asked, whoever else there is and however busy the machine.
    """

    def __init__(self, *nodes: Node, enough: int, kind: type[Frame]) -> None:
        """enough: answers of the kind that each of the nodes gives before."""
        self._kept: list[Callable[[], None]] | None = []
        for node in nodes:
            self._keep(node, enough, kind)

    def give(self) -> None:
        """The liar has lied: answer everything."""
        kept, self._kept = self._kept or [], None
        for answer in kept:
            answer()

    def _keep(self, node: Node, enough: int, kind: type[Frame]) -> None:
        giving, given = node.snapshots.giving, 0
        prompt = giving.send

        def send(peer: str, frame: Frame) -> None:
            nonlocal given
            if self._kept is None or not isinstance(frame, kind) or given < enough:
                given += isinstance(frame, kind)
                prompt(peer, frame)
            else:
                self._kept.append(lambda: prompt(peer, frame))

        giving.send = send


# ---------------------------------------------------------------- lies about the head


def of_manifest(change: Callable[[Manifest], Manifest]) -> Twist:
    def twist(frame: Frame) -> Frame:
        if not isinstance(frame, SnapshotOffer) or not frame.manifest:
            return frame
        manifest = decode(Manifest, frame.manifest)
        return msgspec.structs.replace(frame, manifest=encode(change(manifest)))

    return twist


def another_frontier(manifest: Manifest) -> Manifest:
    frontier = Frontier.decode(manifest.frontier)
    hashes = tuple(bytes(32) for _ in frontier.hashes)
    return msgspec.structs.replace(manifest, frontier=encode((frontier.size, hashes)))


def another_state(manifest: Manifest) -> Manifest:
    return msgspec.structs.replace(manifest, state_root=bytes(32))


def a_forged_signature(manifest: Manifest) -> Manifest:
    certificate = decode_message(manifest.certificate)
    assert isinstance(certificate, Finalization)
    forged = tuple((member, bytes(64)) for member, _ in certificate.signatures)
    twisted = msgspec.structs.replace(certificate, signatures=forged)
    return msgspec.structs.replace(manifest, certificate=encode_message(twisted))


def another_tile(manifest: Manifest) -> Manifest:
    level, index, hashes = manifest.tiles[0]
    twisted = (level, index, bytes(32) + hashes[32:])
    return msgspec.structs.replace(manifest, tiles=(twisted, *manifest.tiles[1:]))


def not_a_manifest(frame: Frame) -> Frame:
    if isinstance(frame, SnapshotOffer):
        return msgspec.structs.replace(frame, manifest=b"\xc1 no manifest")
    return frame


class OldCertificate:
    """The certificate of an earlier block under a later one: both are real."""

    def __init__(self, node: Node) -> None:
        found = node.database.latest.certificate_from(1)
        assert found is not None
        self.certificate = found[1]

    def __call__(self, manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, certificate=self.certificate)


@pytest.mark.parametrize(
    "lie",
    [
        of_manifest(another_frontier),
        of_manifest(another_state),
        of_manifest(a_forged_signature),
        of_manifest(another_tile),
        not_a_manifest,
        "old certificate",
    ],
    ids=["frontier", "state root", "signatures", "tile", "no manifest", "old certificate"],
)
async def test_a_false_offer_is_refused_and_the_others_are_taken(
    union: FoundedUnion, lie: Twist | str
) -> None:
    async with history(union) as old:
        liar = old[LIAR].node
        lies(liar, of_manifest(OldCertificate(liar)) if isinstance(lie, str) else lie)
        reserve = Reserve(*honest(old), enough=0, kind=SnapshotOffer)
        async with running(union, NEW) as new:
            await until(lambda: blamed(new.node) == {LIAR})
            reserve.give()
            await until(lambda: new.node.running)
            assert blamed(new.node) == {LIAR}
            await until(lambda: agree(new.node, old["AM"].node))


# ---------------------------------------------------------------- lies about what is below


class Once:
    """Twists items of one kind, known by what they look like, and counts how often."""

    def __init__(self, change: Callable[[bytes], bytes | None]) -> None:
        self.change = change
        self.count = 0

    def __call__(self, frame: Frame) -> Frame:
        if not isinstance(frame, ChunkFrame):
            return frame
        items = tuple(self._twisted(item) for item in frame.items)
        return msgspec.structs.replace(frame, items=items)

    def _twisted(self, item: bytes) -> bytes:
        changed = self.change(item)
        if changed is None:
            return item
        self.count += 1
        return changed


def flipped(item: bytes) -> bytes:
    return bytes((*item[:-1], item[-1] ^ 1))


def another_value(item: bytes) -> bytes | None:
    try:
        found = decode(ObjectItem, item)
    except ValueError:
        return None
    return encode(msgspec.structs.replace(found, value=found.value + b"!"))


@pytest.mark.parametrize("change", [flipped, another_value], ids=["last bit", "values"])
async def test_a_corrupt_chunk_costs_the_liar_its_part_and_nobody_else(
    union: FoundedUnion, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes | None]
) -> None:
    # Small chunks, so that each peer is asked for some.
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.PAGES, 1)
    monkeypatch.setitem(forms.MAX_NAMES, ChunkKind.OBJECTS, 2)
    async with history(union, objects=60) as old:
        twist = Once(change)
        lies(old[LIAR].node, twist)
        reserve = Reserve(*honest(old), enough=8, kind=ChunkFrame)
        async with running(union, NEW) as new:
            await until(lambda: twist.count > 0)
            reserve.give()
            await until(lambda: new.node.running)
            assert blamed(new.node) == {LIAR}
            await until(lambda: new.node.database.latest.gap is None)
            await until(lambda: agree(new.node, old["AM"].node))
            assert rows(new.node, *LEDGER) == rows(old["AM"].node, *LEDGER)


async def test_a_peer_that_says_nothing_is_done_without(
    union: FoundedUnion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_node.node.snapshot.part.Exchange", quick_exchange)
    async with history(union) as old:
        giving = old[LIAR].node.snapshots.giving
        talkative = giving.send

        def silent(peer: str, frame: Frame) -> None:
            if not isinstance(frame, ChunkFrame):
                talkative(peer, frame)

        giving.send = silent
        async with running(union, NEW) as new:
            await until(lambda: new.node.running)
            assert not blamed(new.node), "silence is no proof of anything"
            await until(lambda: agree(new.node, old["AM"].node))


def quick_exchange(send: Callable[[str, Frame], None]) -> Exchange:
    return Exchange(send, answer_s=0.2)


def blamed(node: Node) -> set[str]:
    (faults,) = node.metrics.peer_faults.collect()
    return {
        sample.labels["member"]
        for sample in faults.samples
        if sample.name.endswith("_total") and sample.value
    }
