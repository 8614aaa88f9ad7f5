"""Contract sets as files: the same bytes each time, and nothing hostile gets in."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.contract_sets.packing import (
    MAX_FILES,
    MAX_PACKED,
    MAX_SOURCE,
    MAX_SOURCES,
    PackedSetRefused,
    pack,
    unpack,
)
from ledger_node.ledger.contract_set import installed_sources

SOURCES = {"__init__.py": b"from contracts.a import x\n", "a.py": b"x = 1\n", "b/__init__.py": b""}


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for entry, content in entries:
            file.writestr(entry, content)
    return out.getvalue()


INIT = ("contracts/__init__.py", b"")


def test_what_was_packed_comes_out_again() -> None:
    assert unpack(pack(SOURCES)) == SOURCES
    assert unpack(pack(installed_sources())) == dict(installed_sources())


def test_one_set_makes_one_file_whatever_the_order_and_line_ends() -> None:
    windows = {path: source.replace(b"\n", b"\r\n") for path, source in SOURCES.items()}
    assert pack(dict(reversed(SOURCES.items()))) == pack(SOURCES) == pack(windows)


def test_the_present_set_is_far_from_every_limit() -> None:
    sources = installed_sources()
    assert 4 * len(pack(sources)) < MAX_PACKED
    assert 4 * len(sources) < MAX_FILES
    assert 4 * max(map(len, sources.values())) < MAX_SOURCE
    assert 4 * sum(map(len, sources.values())) < MAX_SOURCES


@pytest.mark.parametrize(
    "name",
    [
        "a.py",
        "/contracts/a.py",
        "contracts/../a.py",
        "contracts/b/../../a.py",
        "contracts\\a.py",
        "contracts//a.py",
        "contracts/",
        "contracts/b/",
        "contracts/a.pyc",
        "contracts/a.so",
        "contracts/a.py/b.py",
        "contracts/A.py",
        "contracts/a b.py",
        "contracts/ä.py",
        "contracts/1/2/3/4/5/6.py",
        "contracts/c/c/c/c/c/c.py",
        "Contracts/a.py",
        "contracts2/a.py",
        "contracts/a.py\n",
        "contracts/" + 65 * "a" + ".py",
    ],
)
def test_only_sources_of_the_package_are_let_in(name: str) -> None:
    with pytest.raises(PackedSetRefused, match="only contracts/"):
        unpack(zipped(INIT, (name, b"")))


def test_a_file_that_is_in_it_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        packed = zipped(INIT, INIT)
    with pytest.raises(PackedSetRefused, match="twice"):
        unpack(packed)


def test_a_zip_without_the_package_itself_is_refused() -> None:
    with pytest.raises(PackedSetRefused, match=r"__init__\.py is not in it"):
        unpack(zipped(("contracts/a.py", b"")))


def test_a_source_that_is_not_text_is_refused() -> None:
    with pytest.raises(PackedSetRefused, match="UTF-8"):
        unpack(zipped(INIT, ("contracts/a.py", b"\xff")))


@pytest.mark.parametrize(
    "packed",
    [
        bytes(MAX_PACKED + 1),
        zipped(INIT, ("contracts/a.py", bytes(MAX_SOURCE + 1)), method=zipfile.ZIP_DEFLATED),
        zipped(
            *((f"contracts/a{n}.py", bytes(MAX_SOURCE)) for n in range(17)),
            method=zipfile.ZIP_DEFLATED,
        ),
        zipped(*((f"contracts/a{n}.py", b"") for n in range(MAX_FILES + 1))),
    ],
    ids=["packed", "one source", "all sources", "files"],
)
def test_too_much_is_refused_before_it_is_unpacked(packed: bytes) -> None:
    with pytest.raises(PackedSetRefused, match="more than"):
        unpack(packed)


def test_a_length_that_lies_is_found() -> None:
    # A megabyte of zeros in a kilobyte, which claims to be four bytes long.
    bomb = zipped(INIT, ("contracts/a.py", bytes(1 << 20)), method=zipfile.ZIP_DEFLATED)
    true = struct.pack("<I", 1 << 20)
    assert bomb.count(true) == 2
    with pytest.raises(PackedSetRefused):
        unpack(bomb.replace(true, struct.pack("<I", 4)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_common_packing_is_taken(method: int) -> None:
    with pytest.raises(PackedSetRefused, match="stored, deflated"):
        unpack(zipped(INIT, method=method))


def test_an_encrypted_file_is_refused() -> None:
    packed = bytearray(zipped(INIT))
    central = packed.index(b"PK\x01\x02")
    packed[6] |= 1
    packed[central + 8] |= 1
    with pytest.raises(PackedSetRefused, match="encrypted"):
        unpack(bytes(packed))


@pytest.mark.parametrize("packed", [b"", b"PK", b"no zip at all", zipped(INIT)[:-5]])
def test_what_is_no_zip_is_refused(packed: bytes) -> None:
    with pytest.raises(PackedSetRefused, match="not a sound zip"):
        unpack(packed)


@given(st.data())
def test_a_damaged_zip_is_refused_or_holds_sources(data: st.DataObject) -> None:
    packed = bytearray(pack(SOURCES))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpack(bytes(packed))
    except PackedSetRefused:
        return
    assert "__init__.py" in found


def test_sources_that_would_not_be_taken_are_not_packed() -> None:
    with pytest.raises(PackedSetRefused):
        pack({"__init__.py": b"", "../a.py": b""})
