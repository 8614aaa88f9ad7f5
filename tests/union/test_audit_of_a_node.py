"""A real node's log, taken away as a bundle, holds up before an auditor."""

import asyncio
import io
from pathlib import Path

from consensus.messages import decode_message
from ledger_node.audit.bundle.export import export_bundle
from ledger_node.audit.bundle.selection import Everything
from ledger_node.audit.bundle.source import StaticLog, from_url
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.cli.log_sources import DatabaseLog
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis import policy_of
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.storage.database import Database
from tests.ledger_node.api.served import registration, served


async def test_a_running_nodes_api_and_its_stopped_database_give_the_same_true_log(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as api:
        for name in ("ONE", "TWO", "THREE"):
            answer = await api.post(api.submission(registration(name)).to_bytes(), query="?wait=10")
            assert answer.status in (200, 201, 202), answer
        await api.node.checkpoints.covering(api.node.database.latest.tip.tree_size)
        out = io.BytesIO()
        log = StaticLog(from_url(api.server.url))
        written = await asyncio.to_thread(export_bundle, log, Everything(), out)
        note = await asyncio.to_thread(log.checkpoint)
        policy, union = policy_of(api.union.founding.genesis), api.union
    out.seek(0)
    found = verify_bundle(out, policy, installed_contracts())
    assert found.executed
    assert found.entries == written.entries == written.size
    assert found.accepted == 3
    assert found.founding.union == union.id
    assert found.certified is None, "tiles hold no consensus certificates"

    stored = io.BytesIO()
    with Database.open(union.members["AM"].directory.ledger, union.id) as database:
        export_bundle(DatabaseLog(database.latest, note, ContractSets()), Everything(), stored)
        height = database.latest.tip.header.height
        kept = DatabaseLog(database.latest, note, ContractSets()).certificate(height)
    assert kept is not None
    assert decode_message(kept)
    stored.seek(0)
    again = verify_bundle(stored, policy, installed_contracts())
    assert again.certified is not None
    assert again.certified.signers == ("AM",)
    assert again.last.closing == found.last.closing
