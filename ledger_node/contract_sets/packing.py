"""A contract set as one file: a zip of the `contracts` package's sources, and nothing else.

What makes a set is the digest over its sources, so two zips of one set are equally good, whoever
made them. A zip from elsewhere is bounded before it is unpacked and holds only paths such as
`contracts/guarantee/rules.py`: no other files, no way out of the directory, nothing twice. It is
never unpacked to disk. Where every byte has to count, a set travels bare instead, as the canonical
bytes that its digest is taken over. Format: docs/formats.md, "Packed contract set".
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from ledger_node.codec import DecodeError, decode

MAX_PACKED: Final = 4 * 1024 * 1024
MAX_FILES: Final = 1_000
MAX_SOURCE: Final = 512 * 1024
MAX_SOURCES: Final = 8 * 1024 * 1024
"""Bytes: the zip; files; each source; all sources. The present set has a tenth of each."""

MAX_BARE: Final = MAX_SOURCES + 512 * MAX_FILES
"""Bytes of a set that is not zipped: its sources, and a path for each."""

_PREFIX: Final = "contracts/"
_PATH: Final = re.compile(r"contracts/(?:[a-z][a-z0-9_]{0,63}/){0,4}[a-z_][a-z0-9_]{0,63}\.py")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNSOUND: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises for a file that is none, or of a kind it does not read (a RuntimeError)."""

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class PackedSetRefused(ValueError):
    """A file that is no packed contract set. place: in it; reason: text for people."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason


def pack(sources: Mapping[str, bytes]) -> bytes:
    """The sources as a zip, the same bytes for the same sources.

    sources: by path in the package, as contract_set_digest takes them. Raises PackedSetRefused for
    what `unpack` would refuse.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path, source in sorted(sources.items()):
            entry = zipfile.ZipInfo(_PREFIX + path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, source.replace(b"\r\n", b"\n"))
    packed = out.getvalue()
    unpack(packed)
    return packed


def unpack(packed: bytes) -> dict[str, bytes]:
    """The sources in a zip, by path in the package. Raises PackedSetRefused."""
    if len(packed) > MAX_PACKED:
        raise PackedSetRefused("", f"more than {MAX_PACKED} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            return _unpack(file)
    except PackedSetRefused:
        raise
    except _UNSOUND as error:
        raise PackedSetRefused("", f"not a sound zip: {error}") from error


def read_bare(data: bytes) -> dict[str, bytes]:
    """The sources in the bytes that a digest is taken over. Raises PackedSetRefused."""
    try:
        given = decode(tuple[tuple[str, bytes], ...], data, what="contract set", limit=MAX_BARE)
    except DecodeError as error:
        raise PackedSetRefused("", str(error)) from error
    if len(given) > MAX_FILES:
        raise PackedSetRefused("", f"more than {MAX_FILES} files")
    paths = [path for path, _ in given]
    if paths != sorted(set(paths)) or any(b"\r\n" in content for _, content in given):
        raise PackedSetRefused("", "not the bytes that a digest is taken over")
    for path, content in given:
        _check_path(_PREFIX + path)
        if len(content) > MAX_SOURCE:
            raise PackedSetRefused(path, f"more than {MAX_SOURCE} bytes")
        _check_text(path, content)
    if sum(len(content) for _, content in given) > MAX_SOURCES:
        raise PackedSetRefused("", f"more than {MAX_SOURCES} bytes of sources")
    return _with_its_package(dict(given))


def _unpack(file: zipfile.ZipFile) -> dict[str, bytes]:
    entries = file.infolist()
    if len(entries) > MAX_FILES:
        raise PackedSetRefused("", f"more than {MAX_FILES} files")
    sources: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        _check_entry(entry, sources)
        total += entry.file_size
        if total > MAX_SOURCES:
            raise PackedSetRefused("", f"more than {MAX_SOURCES} bytes of sources")
        with file.open(entry) as source:
            content = source.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            raise PackedSetRefused(entry.filename, "not of the length it states")
        _check_text(entry.filename, content)
        sources[entry.filename.removeprefix(_PREFIX)] = content
    return _with_its_package(sources)


def _with_its_package(sources: dict[str, bytes]) -> dict[str, bytes]:
    if "__init__.py" not in sources:
        raise PackedSetRefused("", "contracts/__init__.py is not in it")
    return sources


def _check_entry(entry: zipfile.ZipInfo, before: Mapping[str, bytes]) -> None:
    name = entry.filename
    _check_path(name)
    if name.removeprefix(_PREFIX) in before:
        raise PackedSetRefused(name, "is in it twice")
    if entry.compress_type not in _METHODS or entry.flag_bits & 0x1:
        raise PackedSetRefused(name, "is encrypted, or packed in another way than stored, deflated")
    if entry.file_size > MAX_SOURCE:
        raise PackedSetRefused(name, f"more than {MAX_SOURCE} bytes")


def _check_path(name: str) -> None:
    if not _PATH.fullmatch(name):
        shown = ascii(name[:100])
        raise PackedSetRefused(shown, "only contracts/…/name.py belongs into a contract set")


def _check_text(name: str, content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackedSetRefused(name, "is not UTF-8") from error
