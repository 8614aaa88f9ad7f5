"""docs/consensus/protocol.md names the code that upholds each step: that code must exist."""

import importlib
import re
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "consensus" / "protocol.md"
WHERE = {
    "Simplex": "core",
    "Rules": "rules",
    "MemberState": "state",
    "Listener": "listening",
    "Forks": "forks",
    "FinalViews": "finality",
    "Answers": "answers",
    "Pacer": "pacing",
    "Silence": "pacing",
    "Chain": "chain",
    "Committee": "committee",
    "Wants": "wants",
}


def test_every_method_that_the_protocol_names_exists() -> None:
    named = re.findall(r"`([A-Z]\w+)\.(\w+)", DOCUMENT.read_text())
    assert len(named) > 30
    for owner, attribute in named:
        module = importlib.import_module(f"consensus.{WHERE[owner]}")
        found = getattr(module, owner)
        fields = getattr(found, "__dataclass_fields__", {})
        assert hasattr(found, attribute) or attribute in fields, f"{owner}.{attribute}"


def test_every_rule_is_written_down() -> None:
    rules = re.findall(r"^(\d)\. \*\*", DOCUMENT.read_text(), re.MULTILINE)
    assert rules == list("12345678")
