"""docs/consensus/protocol.md names the code that upholds each step: that code must exist."""

import importlib
import re
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "consensus" / "protocol.md"
WHERE = {
    "Simplex": "consensus.core",
    "Rules": "consensus.rules",
    "MemberState": "consensus.state",
    "Listener": "consensus.listening",
    "Forks": "consensus.forks",
    "FinalViews": "consensus.finality",
    "Answers": "consensus.answers",
    "Round": "consensus.votes",
    "Pacer": "consensus.pacing",
    "Silence": "consensus.pacing",
    "Chain": "consensus.chain",
    "Committee": "consensus.committee",
    "Wants": "consensus.wants",
    "BlockWork": "ledger_node.node.block_work",
    "PeerNetwork": "ledger_node.network.peer_network",
    "Peering": "ledger_node.node.peering",
}


def test_every_method_that_the_protocol_names_exists() -> None:
    named = re.findall(r"`([A-Z]\w+)\.(\w+)", DOCUMENT.read_text())
    assert len(named) > 30
    for owner, attribute in named:
        module = importlib.import_module(WHERE[owner])
        found = getattr(module, owner)
        fields = getattr(found, "__dataclass_fields__", {})
        assert hasattr(found, attribute) or attribute in fields, f"{owner}.{attribute}"


def test_every_rule_is_written_down() -> None:
    rules = re.findall(r"^(\d)\. \*\*", DOCUMENT.read_text(), re.MULTILINE)
    assert rules == list("12345678")
