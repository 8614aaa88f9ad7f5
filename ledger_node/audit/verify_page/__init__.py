"""The verification page: one HTML file that checks certificates in a browser, without a server.

Put together of its parts beside this module: a verifier that shares no code with the ledger, a
reader of QR codes, the page around them, and the names of what the ledger holds. The page loads
nothing and can send nothing; its policy admits its own scripts alone, each by its hash.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

from contracts.names import catalogue

_SCRIPTS: Final = ("verifier", "scanner", "page")


def verification_page(policy: bytes | None = None) -> str:
    """The page. policy: a trust policy that it opens with, so that its readers need not have it."""
    scripts = {name: _part(f"{name}.js") for name in _SCRIPTS}
    scripts["verifier"] = f"globalThis.CtlCatalogue = {_names()};\n{scripts['verifier']}"
    text = _part("page.html")
    for name, content in (
        ("style", _part("style.css")),
        ("hashes", " ".join(_hash(_inner(script)) for script in scripts.values())),
        ("policy", escape("" if policy is None else policy.decode("utf-8", "replace"))),
        ("scripts", "\n".join(_script(name, script) for name, script in scripts.items())),
    ):
        text = text.replace("{{" + name + "}}", content)
    return text


def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _inner(script: str) -> str:
    assert "</script" not in script, "it would end there"
    return f"\n{script}"


def _script(name: str, script: str) -> str:
    return f'<script id="{name}">{_inner(script)}</script>'


def _hash(script: str) -> str:
    """As Content Security Policy names a script: by every character between its tags."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _names() -> str:
    """Names of objects and their fields, as JavaScript; the page shows no records or rules."""
    everything = json.loads(catalogue())
    names = json.dumps(
        {each: everything[each] for each in ("objects", "parts")}, separators=(",", ":")
    )
    return names.replace("</", r"<\/")
