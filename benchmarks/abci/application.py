"""The ledger behind ABCI: CometBFT orders submissions, our engine judges, executes and stores them.

    python -m benchmarks.abci.application --data DIR --listen PORT

What a node of ours does for a submission is done here too: form, signature, author, expiry, whether
it was ordered before; contracts, log, state tree, one synced batch a block. What is not: consensus,
gossip, API, checkpoints. One process beside each validator, with the data directory of one member.
A transaction is a submission's bytes; the data of its result, two bytes, counts accepted records.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.abci.messages import (
    Call,
    TxResult,
    all_of,
    chunk,
    int_of,
    number,
    one_of,
    read_varint,
    response,
    tx_result,
)
from consensus.block import Block, BlockHeader, SubmissionId, block_id, payload_root
from ledger_node.genesis.ceremony import verify
from ledger_node.genesis.document import SignedGenesis
from ledger_node.genesis.readable import read_json
from ledger_node.ledger.chain import ExecutedBlock, SpeculativeChain
from ledger_node.ledger.entries import RecordEntry, decode_entry
from ledger_node.ledger.execution import execute
from ledger_node.ledger.outcome import RecordRejected
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.ledger.submission import VerifiedSubmission, open_submission, verify_submission
from ledger_node.node.config import DataDirectory
from ledger_node.node.opening import contracts_of, open_ledger
from ledger_node.storage.snapshot import Snapshot

HOST: Final = "127.0.0.1"
READ: Final = 256 * 1024
REFUSED: Final = 1
ACCEPT: Final = 1
"""ResponseProcessProposal.status."""


class Application:
    """One validator's ledger. Calls of consensus come one after another."""

    def __init__(self, directory: DataDirectory) -> None:
        founding = verify(read_json(SignedGenesis, directory.genesis.read_bytes()))
        self._union = founding.union
        self._contracts = contracts_of(directory, founding)
        self._database = open_ledger(directory, founding, self._contracts)
        self._checked: dict[bytes, VerifiedSubmission] = {}
        """By the transaction's bytes, until it is final."""
        self._chain = SpeculativeChain(self._database.latest)
        self._executed: ExecutedBlock | None = None
        self._answers: dict[Call, Callable[[bytes], bytes]] = {
            Call.ECHO: lambda asked: chunk(1, one_of(asked, 1)),
            Call.INFO: self._info,
            Call.CHECK_TX: lambda asked: tx_result(self._check(one_of(asked, 1))),
            Call.PREPARE_PROPOSAL: self._prepare,
            Call.PROCESS_PROPOSAL: lambda _: number(1, ACCEPT),
            Call.FINALIZE_BLOCK: self._finalize,
            Call.COMMIT: self._commit,
        }

    def answer(self, call: Call, asked: bytes) -> bytes:
        """The body of the response; empty for what this application has no part in."""
        made = self._answers.get(call)
        return b"" if made is None else made(asked)

    def _info(self, _: bytes) -> bytes:
        return number(4, self._database.latest.tip.header.height)

    def _check(self, tx: bytes) -> TxResult:
        if tx in self._checked:
            return TxResult(0)
        try:
            verified = verify_submission(open_submission(tx, self._union))
        except SubmissionRefused as refusal:
            return TxResult(REFUSED, str(refusal).encode())
        header, latest = verified.header, self._database.latest
        judge = self._contracts.judging(latest.object, latest.tip.header.height + 1)
        author = judge.author_problem(header.author, header.public_key, _State(latest))
        if author is not None or latest.ordered(verified.id):
            return TxResult(REFUSED)
        self._checked[tx] = verified
        return TxResult(0)

    def _prepare(self, asked: bytes) -> bytes:
        room = int_of(asked, 1)
        chosen = []
        for tx in all_of(asked, 2):
            room -= len(tx) + 8
            if room < 0:
                break
            chosen.append(chunk(1, tx))
        return b"".join(chosen)

    def _finalize(self, asked: bytes) -> bytes:
        txs, tip = all_of(asked, 1), self._database.latest.tip
        time = one_of(asked, 6)
        wall_ms = int_of(time, 1) * 1000 + int_of(time, 2) // 1_000_000
        time_ms = max(wall_ms, tip.header.time_ms + 1)
        bodies = {SubmissionId(b.id): b for tx in txs if (b := self._orderable(tx, time_ms))}
        payload = tuple(bodies)
        header = BlockHeader(
            union=self._union,
            epoch=1,
            height=tip.header.height + 1,
            view=tip.header.view + 1,
            parent_view=tip.header.view,
            parent=block_id(tip.header),
            time_ms=time_ms,
            proposer=0,
            payload_root=payload_root(payload),
        )
        block = Block(header, payload)
        ledger = self._chain.view(tip.block_id)
        executed = execute(block, tuple(bodies.values()), ledger, self._contracts)
        self._chain.add(executed)
        self._executed = executed
        accepted = _accepted(executed)
        results = []
        for tx in txs:
            body = self._checked.pop(tx, None)
            count = accepted.get(body.id) if body is not None else None
            data = b"" if count is None else count.to_bytes(2, "big")
            results.append(chunk(2, tx_result(TxResult(0 if data else REFUSED, data))))
        return b"".join(results) + chunk(5, executed.outcome_digest)

    def _orderable(self, tx: bytes, time_ms: int) -> VerifiedSubmission | None:
        """What may be executed in a block of that time, however it came into the block."""
        if tx not in self._checked and self._check(tx).code:
            return None
        body = self._checked[tx]
        late = body.header.expiry_ms <= time_ms
        return None if late or self._database.latest.ordered(body.id) else body

    def _commit(self, _: bytes) -> bytes:
        assert self._executed is not None, "a block is finalised before it is committed"
        self._database.commit([self._executed], b"its certificate is CometBFT's")
        self._chain.settle(self._database.latest)
        self._executed = None
        return b""


@dataclass(frozen=True, slots=True)
class _State:
    """What contracts see of the ledger."""

    ledger: Snapshot

    def get(self, key: str) -> bytes | None:
        """An object."""
        return self.ledger.object(key)


def _accepted(executed: ExecutedBlock) -> dict[bytes, int]:
    """Records accepted, by submission."""
    found: dict[bytes, int] = {}
    for data in executed.entries:
        entry = decode_entry(data)
        if isinstance(entry, RecordEntry):
            accepted = not isinstance(entry.outcome, RecordRejected)
            found[entry.submission] = found.get(entry.submission, 0) + accepted
    return found


async def serve(application: Application, port: int) -> None:
    """Until cancelled. CometBFT opens a connection for each of four purposes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = b""
        while data := await reader.read(READ):
            waiting += data
            out = bytearray()
            while (message := _first(waiting)) is not None:
                body, size = message
                waiting = waiting[size:]
                tag, at = read_varint(body, 0)
                length, at = read_varint(body, at)
                call = Call(tag >> 3)
                out += response(call, application.answer(call, body[at : at + length]))
            writer.write(out)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, HOST, port)
    print("ready", flush=True)
    await server.serve_forever()


def _first(waiting: bytes) -> tuple[bytes, int] | None:
    """The first message that has arrived whole, and how many bytes it took."""
    if not waiting or (
        waiting[0] >= 0x80 and len(waiting) < 10 and all(b >= 0x80 for b in waiting)
    ):
        return None
    length, at = read_varint(waiting, 0)
    return (waiting[at : at + length], at + length) if len(waiting) >= at + length else None


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abci.application")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--listen", type=int, required=True)
    arguments = parser.parse_args()
    application = Application(DataDirectory(arguments.data))
    asyncio.run(serve(application, arguments.listen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
