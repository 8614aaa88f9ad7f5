"""Bodies on stable storage: staged once, and again after they were dropped."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import cast

from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.bodies import Bodies
from ledger_node.node.mempool import Mempool
from ledger_node.node.verifying import Verification
from ledger_node.storage.database import Database
from tests.ledger_node.ledger.builders import put, submission


async def test_a_body_is_staged_once_and_again_after_it_expired() -> None:
    staged: list[bytes] = []

    def stage(bodies: Sequence[VerifiedSubmission]) -> None:
        staged.extend(body.id for body in bodies)

    body = submission(put("o/1", "x"))
    name = body.id
    database = cast("Database", SimpleNamespace(stage=stage))
    with ThreadPoolExecutor(1) as pool:
        bodies = Bodies(
            bytes(32), Mempool(), database, lambda _member, _frame: None, pool, Verification(pool)
        )
        await bodies.make_durable([body])
        await bodies.make_durable([body])
        assert staged == [name]
        bodies.expired([name])
        await bodies.make_durable([body])
    assert staged == [name, name]
