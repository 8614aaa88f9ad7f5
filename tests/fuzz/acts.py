"""Records before the contracts. An exception out of a contract would stop the whole union."""

from collections.abc import Iterable
from functools import cache

import contracts
from contracts import Accepted, Context
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_union import SampleUnion, key_of
from tests.fuzz.target import Target


@cache
def _stages() -> list[tuple[SampleUnion, str, bytes]]:
    """Every sample act: the state it fits, who acts, the record."""
    return [
        (act.stage(SampleUnion()), act.author, contracts.encode_record(act.record))
        for act in SAMPLE_ACTS
    ]


def _record(data: bytes) -> None:
    """The first byte chooses state and author, the rest is the record."""
    stages = _stages()
    union, author, _ = stages[data[0] % len(stages)] if data else stages[0]
    context = Context(
        time_ms=union.now,
        height=union.height,
        submission=bytes(32),
        index=0,
        author=author,
        signer=key_of(author),
        epoch=union.epoch,
    )
    outcome = contracts.apply(data[1:], context, union)
    if isinstance(outcome, Accepted):
        for key, value in outcome.changes:
            if value is not None:
                contracts.decode_object(key, value)


def _records() -> Iterable[bytes]:
    for index, (_, _, record) in enumerate(_stages()):
        yield bytes([index]) + record


TARGETS = (Target("record", _record, (), _records),)
