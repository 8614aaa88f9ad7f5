"""docs/audit-bundles.md is enough to write a verifier: here is one, that uses nothing of ours.

It knows msgpack, SHA-256 and the document, and follows a bundle from the frames to the block ids.
"""

import hashlib
import re
import struct
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest

from ledger_node.audit.bundle.refusal import Step
from ledger_node.audit.bundle.selection import Blocks, Concerning, Everything, Selection
from tests.contracts.sample_union import MRN
from tests.ledger_node.audit.bundle.audited_union import journey

DOCUMENT = Path(__file__).parents[4] / "docs" / "audit-bundles.md"
UNION = journey()


def test_the_document_lists_the_checks_in_their_order() -> None:
    listed = re.search("<!-- steps -->\n(.*?)<!-- /steps -->", DOCUMENT.read_text(), re.DOTALL)
    assert listed is not None
    lines = [re.sub(r"^\d+\. ", "", line) for line in listed[1].splitlines()]
    assert lines == [step.value for step in Step]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    magic = b"ctl/audit-bundle/v2\n"
    assert data.startswith(magic)
    at = len(magic)
    while at < len(data):
        kind, length = struct.unpack_from(">BI", data, at)
        yield kind, data[at + 5 : at + 5 + length]
        at += 5 + length


def subtree(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [sha256(b"\x01" + hashes[at] + hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def edge_root(tiles: list[list[bytes]]) -> bytes:
    """Of partial tiles, the highest level first."""
    roots = []
    for hashes in tiles:
        for size in (128, 64, 32, 16, 8, 4, 2, 1):
            if len(hashes) & size:
                roots.append(subtree(hashes[:size]))
                hashes = hashes[size:]
    root = roots.pop()
    while roots:
        root = sha256(b"\x01" + roots.pop() + root)
    return root


def tile_of(payload: bytes) -> tuple[tuple[int, int], list[bytes]]:
    level, index = struct.unpack_from(">BQ", payload)
    return (level, index), [payload[at : at + 32] for at in range(9, len(payload), 32)]


def entries_of(payload: bytes) -> Iterator[tuple[int, bytes]]:
    index, count = struct.unpack_from(">QH", payload)
    at = 10
    for offset in range(count):
        length = int.from_bytes(payload[at : at + 2], "big")
        yield index + offset, payload[at + 2 : at + 2 + length]
        at += 2 + length
    assert at == len(payload)


def verified_entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Entries that lead to the root of the checkpoint, whose signatures are left to others."""
    given = frames(data)
    assert next(given)[0] == 1
    kind, document = next(given)
    assert kind == 7
    kind, note = next(given)
    while kind == 8:
        kind, note = next(given)
    assert kind == 2
    size, root = int(note.split(b"\n")[1]), note.split(b"\n")[2]
    levels = [level for level in range(7, -1, -1) if (size >> 8 * level) % 256]
    tiles = {}
    for level in levels:
        kind, payload = next(given)
        place, hashes = tile_of(payload)
        assert (kind, place) == (3, (level, size >> 8 * (level + 1)))
        assert len(hashes) == (size >> 8 * level) % 256
        tiles[place] = hashes
    assert edge_root(list(tiles.values())) == b64decode(root)
    seen = 0
    for kind, payload in given:
        if kind == 3:
            (level, index), hashes = tile_of(payload)
            assert tiles[level + 1, index // 256][index % 256] == subtree(hashes)
            tiles[level, index] = hashes
        elif kind == 4:
            for index, entry in entries_of(payload):
                assert tiles[0, index // 256][index % 256] == sha256(b"\x00" + entry)
                seen += 1
                assert index or msgpack.unpackb(entry) == [0, document]
                yield index, entry
        elif kind == 6:
            assert int.from_bytes(payload[:8], "big") == seen


def digest(thing: str, data: bytes) -> bytes:
    return sha256(b"ctl/" + thing.encode() + b"/v1\x00" + data)


@pytest.mark.parametrize("selection", [Everything(), Blocks(4, 9), Concerning("movement", MRN)])
def test_a_verifier_written_from_the_document_follows_our_bundles(selection: Selection) -> None:
    union, parent, last, ids, blocks = b"", None, -1, [], 0
    for index, data in verified_entries(UNION.bundle(selection)):
        entry: list[Any] = msgpack.unpackb(data)
        resumes = index != last + 1
        last = index
        match entry:
            case [0, document]:
                union = digest("genesis", document)
            case [1, header, signature]:
                ids.append(digest("submission", header + signature))
            case [2, submission, *_]:
                assert submission == ids[-1]
            case [3, epoch, height, view, block, above, time_ms, proposer, _, _]:
                if not resumes and parent is not None:
                    before = parent[3] if parent[1] == epoch else 0
                    head = [union, epoch, height, view, before, above, time_ms, proposer]
                    head.append(digest("payload", b"".join(ids)))
                    assert block == digest("block", msgpack.packb(head))
                    assert (above, height) == (parent[4], parent[2] + 1)
                    blocks += 1
                parent, ids = entry, []
    assert union == UNION.union
    assert blocks >= 6
