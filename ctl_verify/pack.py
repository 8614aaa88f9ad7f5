"""The program in one file: `python -m ctl_verify.pack ctl-verify.pyz`.

The file depends on the sources alone, not on when or where it is made, so whoever makes it of the
same sources gets the same bytes and can compare their SHA-256 with what others publish.
"""

import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_SHEBANG: Final = b"#!/usr/bin/env python3\n"
_MAIN: Final = "__main__.py"
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file knows."""


def packed() -> bytes:
    """The bytes of ctl-verify.pyz."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for source in _sources():
            _add(archive, f"ctl_verify/{source.name}", source.read_bytes())
            if source.name == _MAIN:
                _add(archive, _MAIN, source.read_bytes())
    return _SHEBANG + out.getvalue()


def _sources() -> list[Traversable]:
    """Modules and the catalogue; not what Python or an editor left beside them."""
    found = [each for each in files("ctl_verify").iterdir() if each.is_file()]
    kept = (each for each in found if each.name.endswith(".py") or each.name == "catalogue.json")
    return sorted(kept, key=lambda each: each.name)


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    entry = ZipInfo(name, _ALWAYS)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def main() -> int:
    """Write the file that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m ctl_verify.pack FILE\n")
        return 2
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(packed())
    out.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main())
