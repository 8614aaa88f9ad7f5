"""Which contract set judges a block: a reading of the state before it, at every height."""

from hashlib import sha256

import pytest

from contracts.genesis import SET_OF_GENESIS
from contracts.governance.objects import CONTRACT_SET
from contracts.governance.objects import ContractSet as Kept
from contracts.kernel.state import Ledger
from ledger_node.codec import Digest
from ledger_node.ledger.contracts_in_force import CONTRACT_SET_KEY, ContractsInForce, Following
from ledger_node.ledger.entries import BlockEntry, decode_entry
from ledger_node.ledger.execution import (
    ContractSet,
    ContractSetMissing,
    execute,
    execute_genesis,
)
from tests.ledger_node.ledger.builders import (
    START_MS,
    UNION,
    block_on,
    in_memory,
    put,
    simple_contract,
    submission,
)

OLD, NEW = Digest(sha256(b"old").digest()), Digest(sha256(b"new").digest())


class NoState:
    def get(self, key: str) -> bytes | None:
        return None


def state(kept: Kept) -> dict[str, bytes | None]:
    ledger = Ledger(NoState())
    ledger.put(CONTRACT_SET, kept)
    return dict(ledger.changes())


def nothing_voted() -> Kept:
    return Kept(SET_OF_GENESIS, 0, None, 0)


def voted_for(height: int) -> Kept:
    return Kept(SET_OF_GENESIS, 0, NEW, height)


class Shelf:
    """Sets by digest, and what was asked of it."""

    def __init__(self, *digests: Digest) -> None:
        self.sets = {digest: ContractSet(digest, simple_contract) for digest in digests}

    def get(self, digest: bytes, from_height: int) -> ContractSet:
        found = self.sets.get(Digest(digest))
        if found is None:
            raise ContractSetMissing(digest, from_height)
        return found


UNION_CONTRACTS = ContractsInForce(Shelf(OLD, NEW), OLD)


def test_the_set_of_the_genesis_judges_until_another_was_voted() -> None:
    read = state(nothing_voted()).get
    assert UNION_CONTRACTS.digest_at(read, 1) == OLD
    assert UNION_CONTRACTS.digest_at(read, 10**9) == OLD
    assert UNION_CONTRACTS.following(read, 1) is None


@pytest.mark.parametrize(("height", "digest"), [(49, OLD), (50, NEW), (51, NEW)])
def test_a_voted_set_judges_from_its_height_on(height: int, digest: Digest) -> None:
    assert UNION_CONTRACTS.digest_at(state(voted_for(50)).get, height) == digest


def test_what_follows_is_known_until_it_judges() -> None:
    read = state(voted_for(50)).get
    assert UNION_CONTRACTS.following(read, 49) == Following(NEW, 50)
    assert UNION_CONTRACTS.following(read, 50) is None


def test_a_union_may_vote_its_way_back() -> None:
    read = state(Kept(NEW, 50, OLD, 80)).get
    assert UNION_CONTRACTS.digest_at(read, 79) == NEW
    assert UNION_CONTRACTS.digest_at(read, 80) == OLD


def test_code_that_is_not_here_is_named_with_the_block_it_is_needed_for() -> None:
    lacking = ContractsInForce(Shelf(OLD), OLD)
    read = state(voted_for(50)).get
    assert lacking.judging(read, 49).digest == OLD
    with pytest.raises(ContractSetMissing) as missing:
        lacking.judging(read, 50)
    assert (missing.value.digest, missing.value.from_height) == (NEW, 50)


def test_each_block_names_the_set_that_judged_it() -> None:
    """The vote, an object like any other, is read in the state before each block."""
    objects = [(key, value) for key, value in state(voted_for(2)).items() if value is not None]
    blocks = [execute_genesis(UNION, START_MS, b"document", objects, UNION_CONTRACTS.founding())]
    for nonce in range(3):
        parent = in_memory(*blocks)
        sent = submission(put("a/1", "x"), nonce=nonce)
        blocks.append(execute(block_on(parent.tip, [sent]), [sent], parent, UNION_CONTRACTS))
    closings = [decode_entry(block.entries[-1]) for block in blocks]
    named = [entry.contract_set for entry in closings if isinstance(entry, BlockEntry)]
    assert named == [OLD, OLD, NEW, NEW]
    assert CONTRACT_SET_KEY == "contract-set/union"
