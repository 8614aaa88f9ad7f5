"""Five nodes in one process under a fixed number of records: what each record took.

    python -m benchmarks.smoke.one_process [--counted]

Real nodes, real TLS between them, real disk syncs, all rules; the clients too are in this process,
and everything was signed before. Processor time does not grow because other programs run, and
counts do not at all. Prints JSON. With --counted hashes, signature checks and syncs are counted,
and no time is taken; without, time is given as Ed25519 verifies that would have taken as long, on
this machine at this moment.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from benchmarks.smoke import counting

SINGLE: Final = 64, 1
"""Movements of nine records under way at once, and movements that share a submission."""
BATCH: Final = 2, 256
COUNTED: Final = "--counted"
MEMBERS: Final = ("AM", "BY", "KG", "KZ", "RU")
PATIENCE_S: Final = 600.0
DELTA_MS: Final = 5_000


async def measure(root: Path) -> dict[str, Any]:
    """Both loads on one union."""
    # Imported here, so that what counts was installed before.
    from benchmarks.machine import ed25519_verifies_per_s
    from benchmarks.workload.movement import STEPS, Cast
    from benchmarks.workload.prepared import Workload
    from contracts import encode_record
    from ledger_node.client import LedgerClient, SubmissionStream
    from ledger_node.genesis import Parameters
    from ledger_node.ledger.submission import VerifiedSubmission, build_submission
    from ledger_node.node.node import Node
    from tests.union.founding import found_union
    from tests.union.running import running

    # Patient members: a busy machine must not make them give up views.
    union = found_union(root, *MEMBERS, parameters=Parameters(delta_ms=DELTA_MS))
    async with AsyncExitStack() as stack:
        streams: dict[str, SubmissionStream] = {}
        nodes: list[Node] = []
        for member in MEMBERS:
            one = await stack.enter_async_context(running(union, member))
            nodes.append(one.node)
            client = LedgerClient(one.server.url, union.members[member].token)
            await stack.enter_async_context(client)
            streams[member] = await stack.enter_async_context(client.stream())

        async def settle(member: str, submission: VerifiedSubmission) -> None:
            view = await streams[member].settle(submission, PATIENCE_S)
            assert view.accepted, view.rejections[:1]

        cast = Cast(MEMBERS)
        workload = Workload.of(union.id, cast, {})
        for member in MEMBERS:
            records = [encode_record(record) for record in cast.registrations(member)]
            until_ms = cast.now_ms + 3_600_000
            registrar = union.registrar(member)
            await settle(member, build_submission(union.id, member, registrar, records, until_ms))
        for member in MEMBERS:
            for acts in cast.guarantees(member):
                await settle(member, workload.signed(acts))

        async def go(way: Sequence[tuple[str, VerifiedSubmission]]) -> None:
            for member, submission in way:
                await settle(member, submission)

        async def under(clients: int, batch: int) -> dict[str, float]:
            ways = [
                [(acts[0].member, workload.signed(acts)) for acts in workload.steps(lane, batch)]
                for lane in range(clients)
            ]
            records = clients * batch * STEPS
            blocks, wire = nodes[0].database.latest.tip.header.height, _wire(nodes)
            disk = _size(root)
            before, began = Counter(counting.COUNTS), time.process_time()
            await asyncio.gather(*(go(way) for way in ways))
            used, counts = time.process_time() - began, counting.COUNTS - before
            blocks = nodes[0].database.latest.tip.header.height - blocks
            found = {
                "records": records,
                "blocks": blocks,
                "wire_bytes": (_wire(nodes) - wire) / records,
                "disk_bytes": (_size(root) - disk) / records / len(nodes),
            }
            if counts:
                found["hashes"] = counts["hashes"] / records / len(nodes)
                found["verifies"] = counts["verifies"] / records / len(nodes)
                found["syncs_a_block"] = counts["syncs"] / blocks / len(nodes)
            else:
                found["cpu_verifies"] = used / records * ed25519_verifies_per_s()
            return found

        return {"single": await under(*SINGLE), "batch": await under(*BATCH)}


def _wire(nodes: Sequence[Any]) -> int:
    """Bytes of frames that the nodes have sent each other."""
    return sum(each.bytes_sent for node in nodes for each in node.network.counters.values())


def _size(root: Path) -> int:
    return sum(each.stat().st_size for each in root.rglob("*") if each.is_file())


def main() -> None:
    """The command."""
    if COUNTED in sys.argv[1:]:
        counting.install()
    from ledger_node.cli.run import set_up_interpreter  # so that what counts was installed before

    set_up_interpreter()
    with tempfile.TemporaryDirectory(prefix="bench-smoke-") as directory:
        print(json.dumps(asyncio.run(measure(Path(directory)))))


if __name__ == "__main__":
    main()
