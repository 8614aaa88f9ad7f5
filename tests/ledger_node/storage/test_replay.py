"""The same blocks give the same ledger, however they came: executed ahead, committed, replayed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.block import BlockId
from ledger_node.ledger.chain import ExecutedBlock, LedgerView, SpeculativeChain
from ledger_node.ledger.execution import execute
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.log.merkle import leaf_hash, root_of
from ledger_node.storage.database import Database
from tests.ledger_node.ledger.builders import (
    CONTRACTS,
    UNION,
    executed_on,
    genesis,
    in_memory,
    put,
    record,
    submission,
)

keys = st.sampled_from([f"movement/{i}" for i in range(6)])
records = st.one_of(
    st.builds(put, keys, st.text("ab", min_size=1, max_size=3)),
    st.builds(lambda key: record("append", key, "+"), keys),
    st.builds(lambda key: record("delete", key), keys),
    st.just(record("refuse", "no")),
)
blocks_of_records = st.lists(
    st.lists(st.lists(records, min_size=1, max_size=4), max_size=3), min_size=1, max_size=5
)


def bodies_of(blocks: list[list[list[bytes]]]) -> list[list[VerifiedSubmission]]:
    nonce = iter(range(1_000_000))
    return [[submission(*sent, nonce=next(nonce)) for sent in block] for block in blocks]


def outcome(executed: ExecutedBlock) -> tuple[object, ...]:
    return (executed.tip, executed.entries, executed.outcome_digest)


def executed_ahead(bodies: list[list[VerifiedSubmission]]) -> list[ExecutedBlock]:
    """Every block executed over the ones before it, nothing committed."""
    blocks = [genesis()]
    for submissions in bodies:
        blocks.append(executed_on(in_memory(*blocks), *submissions))
    return blocks


@settings(max_examples=15, deadline=None)
@given(blocks=blocks_of_records, run=st.integers(1, 3))
def test_committing_each_block_or_runs_or_none_gives_the_same_ledger(
    blocks: list[list[list[bytes]]], run: int
) -> None:
    bodies = bodies_of(blocks)
    ahead = executed_ahead(bodies)
    with TemporaryDirectory() as directory:
        with Database.create(Path(directory) / "ledger", genesis()) as database:
            chain = SpeculativeChain(database.latest)
            above: list[ExecutedBlock] = []
            for expected, submissions in zip(ahead[1:], bodies, strict=True):
                parent = chain.view(above[-1].tip.block_id if above else chain_tip(database))
                executed = executed_on(parent, *submissions)
                assert outcome(executed) == outcome(expected)
                chain.add(executed)
                above.append(executed)
                if len(above) == run:
                    database.commit(chain.path(executed.tip.block_id), b"certificate")
                    chain.settle(database.latest)
                    above = []
            if above:
                database.commit(above, b"certificate")
        with Database.open(Path(directory) / "ledger", UNION) as database:
            assert database.latest.tip == ahead[-1].tip
            objects = LedgerView(in_memory(ahead[0]), ahead[1:])
            for key, value in database.latest.objects(""):
                assert objects.object(key) == value


def chain_tip(database: Database) -> BlockId:
    return database.latest.tip.block_id


@settings(max_examples=15, deadline=None)
@given(blocks=blocks_of_records)
def test_replay_from_the_log_gives_the_same_roots(blocks: list[list[list[bytes]]]) -> None:
    ahead = executed_ahead(bodies_of(blocks))
    with (
        TemporaryDirectory() as directory,
        Database.create(Path(directory) / "ledger", genesis()) as database,
    ):
        database.commit(ahead[1:], b"certificate")
        ledger = database.latest
        replayed = [genesis()]
        for block in ledger.blocks(after_height=0):
            parent = in_memory(*replayed)
            bodies = ledger.bodies(block)
            replayed.append(execute(block.block, bodies, parent, CONTRACTS))
        assert [outcome(executed) for executed in replayed] == [outcome(e) for e in ahead]
        entries = ledger.log_entries(0, ledger.tip.tree_size)
        assert root_of(leaf_hash(entry) for entry in entries) == ledger.tip.log_root
