"""Messages of other systems."""

from ledger_node.interop.ncts.importer import import_message
from ledger_node.interop.refusal import InteropError
from ledger_node.interop.translation import Translation
from tests.fuzz.target import Target
from tests.ledger_node.interop.ncts_samples import CountingSalts, manifest

TARGETS = (
    Target(
        "ncts",
        lambda data: import_message(data, salts=CountingSalts()),
        (InteropError,),
        lambda: [sample.xml for sample in manifest() if sample.kind == "CC015C"][:3],
        16_384,
    ),
    Target(
        "translation",
        Translation.from_json,
        (InteropError,),
        lambda: [b'{"offices": {"departure": {"GB000060": "BY112001"}}}'],
    ),
)
