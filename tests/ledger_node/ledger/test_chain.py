"""The speculative chain keeps what may still win, and drops what lost."""

import pytest

from ledger_node.ledger.chain import SpeculativeChain, UnknownParent
from tests.ledger_node.ledger.builders import (
    executed_on,
    genesis,
    in_memory,
    put,
    record,
    submission,
)

FIRST = genesis()
BASE = in_memory(FIRST)
SENT = submission(put("a", "1"))


def test_a_new_chain_stands_on_the_final_block() -> None:
    chain = SpeculativeChain(BASE)
    assert len(chain) == 0
    assert chain.path(FIRST.tip.block_id) == ()
    assert chain.view(FIRST.tip.block_id).tip == FIRST.tip


def test_a_view_shows_the_blocks_up_to_its_own_and_no_sibling() -> None:
    chain = SpeculativeChain(BASE)
    left = executed_on(BASE, SENT, view=1)
    right = executed_on(BASE, submission(put("a", "2"), nonce=1), view=2)
    chain.add(left)
    chain.add(right)
    above = executed_on(
        chain.view(right.tip.block_id), submission(record("append", "a", "3"), nonce=2)
    )
    chain.add(above)
    assert chain.view(above.tip.block_id).object("a") == b"23"
    assert chain.view(left.tip.block_id).object("a") == b"1"
    assert chain.view(FIRST.tip.block_id).object("a") is None
    assert chain.view(left.tip.block_id).ordered(SENT.id)
    assert not chain.view(above.tip.block_id).ordered(SENT.id)


def test_settling_keeps_descendants_and_forgets_the_rest() -> None:
    chain = SpeculativeChain(BASE)
    winner = executed_on(BASE, SENT, view=1)
    loser = executed_on(BASE, view=2)
    chain.add(winner)
    chain.add(loser)
    child = executed_on(chain.view(winner.tip.block_id))
    orphan = executed_on(chain.view(loser.tip.block_id))
    chain.add(child)
    chain.add(orphan)
    before = chain.view(child.tip.block_id)

    chain.settle(in_memory(FIRST, winner))

    assert len(chain) == 1
    assert chain.path(child.tip.block_id) == (child,)
    assert chain.view(child.tip.block_id).object("a") == b"1"
    assert before.object("a") == b"1", "views given out stay valid"
    for gone in (winner, loser, orphan):
        assert chain.get(gone.tip.block_id) is None


def test_a_block_on_an_unknown_parent_is_refused() -> None:
    chain = SpeculativeChain(BASE)
    left = executed_on(BASE)
    orphan = executed_on(in_memory(FIRST, left))
    with pytest.raises(UnknownParent) as caught:
        chain.add(orphan)
    assert caught.value.block_id == left.tip.block_id
    with pytest.raises(UnknownParent):
        chain.view(orphan.tip.block_id)
