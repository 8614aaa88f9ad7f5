"""One long history of the sample union, reduced to the two roots that a ledger signs.

Imports nothing but the contracts, the trees of the ledger and what they need, so that any Python
with msgspec can execute it: `python -m tests.contracts.history ORDER [texts]` prints the roots and,
if asked, a digest over the first planes of Unicode of which texts may stand on the ledger.
"""

import hashlib
import platform
import sys
from collections.abc import Callable, Iterable

import msgspec

from contracts import Accepted, DueAct, Record, Rejected
from contracts.kernel.text import is_plain_text
from contracts.references.time import DAY
from ledger_node.log.merkle import leaf_hash, root_of
from ledger_node.state.stored import NoRows
from ledger_node.state.tree import NO_TREE, update
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_union import SampleUnion

ORDERS: dict[str, Callable[[Iterable[str]], list[str]]] = {
    "reversed": lambda keys: list(keys)[::-1],
    "sorted": sorted,
    "by digest": lambda keys: sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest()),
}
AS_MADE = "as made"
"""Orders in which a dictionary may hold the state."""


class OrderedUnion(SampleUnion):
    """The sample union, its state laid out anew before every record."""

    def __init__(self, order: str) -> None:
        self.order = ORDERS.get(order, list)
        super().__init__()

    def apply(
        self, author: str, record: Record | bytes, signer: bytes | None = None
    ) -> Accepted | Rejected:
        self.state = {key: self.state[key] for key in self.order(self.state)}
        return super().apply(author, record, signer)


def roots(order: str = AS_MADE) -> tuple[str, str]:
    """(log root, state root) after every sample act: tried by a namesake, by an auditor and by the
    one it takes, and three years of what time then does by itself."""
    leaves: list[bytes] = []
    for act in SAMPLE_ACTS:
        union = act.stage(OrderedUnion(order))
        for author in (act.namesake, "AUDIT", act.author):
            leaves.append(_leaf(union.apply(author, act.record)))
        union.now += 1_000 * DAY
        while acts := union.begin_block():
            leaves += [_leaf(due) for due in acts]
        leaves.append(bytes.fromhex(_state_root(union)))
    return root_of(leaf_hash(leaf) for leaf in leaves).hex(), _state_root(union)


def _leaf(outcome: Accepted | Rejected | DueAct) -> bytes:
    match outcome:
        case Rejected():
            return msgspec.msgpack.encode(["rejected", outcome.rule, outcome.values])
        case Accepted():
            return msgspec.msgpack.encode(["accepted", outcome.changes])
        case DueAct():
            return msgspec.msgpack.encode([outcome.act, outcome.reference, outcome.changes])


def _state_root(union: SampleUnion) -> str:
    state = {key.encode(): value for key, value in union.state.items()}
    return update(NoRows(), NO_TREE, state).tree.root.hex()


def texts() -> str:
    """A digest over characters: alone, after a letter, and before a combining accent."""
    answers = bytearray()
    for point in range(0x20000):
        if not 0xD800 <= point < 0xE000:
            character = chr(point)
            answers.append(
                is_plain_text(character)
                | is_plain_text(f"a{character}") << 1
                | is_plain_text(f"{character}\u0301") << 2
            )
    return hashlib.sha256(answers).hexdigest()


if __name__ == "__main__":
    print(platform.python_version(), *roots(sys.argv[1]), texts() if "texts" in sys.argv else "")
