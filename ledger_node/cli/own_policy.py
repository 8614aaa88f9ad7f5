"""Proofs under a policy of one's own, put together from a log's public files.

A node makes proofs for the union's policy and leaves out every cosignature that this does not ask
for. Who asks for more, an outside witness say, takes the published checkpoint, which has them all.
"""

import asyncio
import time
from typing import Final

from ledger_node.cli.outcome import CommandError, ExitCode, refused
from ledger_node.client.published_log import HttpLog
from ledger_node.ledger.state_proof import StateProofRefused, build_state_proof, parse_state_proof
from ledger_node.log.errors import LogError
from ledger_node.log.policy import Policy
from ledger_node.log.proof import ProofFormatError, VerifiedProof, parse_proof
from ledger_node.log.published import (
    FileAbsent,
    LogUnreachable,
    prove_entry,
    read_checkpoint,
)
from ledger_node.log.verified import CheckpointRefused, VerifiedCheckpoint, verify_checkpoint

PATIENCE_S: Final = 10.0
AGAIN_S: Final = 0.5


def entry_proof(url: str, index: int, policy: Policy) -> bytes:
    """The proof file of an entry."""
    return asyncio.run(_proven(url, index, policy)).format()


def state_proof(url: str, given: bytes, policy: Policy) -> bytes:
    """The state proof that a node made, under another policy."""
    try:
        parts = parse_state_proof(given)
        index = parse_proof(parts.block).index
        block = asyncio.run(_proven(url, index, policy))
        return build_state_proof(parts.key, parts.value, parts.state, block).format()
    except (StateProofRefused, ProofFormatError) as error:
        raise refused(f"{url} gave a proof that proves nothing: {error}") from error


async def _proven(url: str, index: int, policy: Policy) -> VerifiedProof:
    try:
        async with HttpLog(url) as log:
            head = await _covering(log, index, policy)
            return await prove_entry(log, index, head, policy)
    except (LogUnreachable, FileAbsent) as error:
        raise CommandError(ExitCode.NO_NODE, str(error)) from error
    except LogError as error:
        raise refused(f"{url} publishes what proves nothing: {error}") from error


async def _covering(log: HttpLog, index: int, policy: Policy) -> VerifiedCheckpoint:
    """A published checkpoint that covers the entry and satisfies the policy, if it comes soon."""
    until = time.monotonic() + PATIENCE_S
    while True:
        signed = await read_checkpoint(log)
        try:
            head = verify_checkpoint(signed, policy)
            problem = f"the published checkpoint covers {signed.checkpoint.size} entries"
        except CheckpointRefused as error:
            head, problem = None, str(error)
        if head is not None and head.checkpoint.size > index:
            return head
        if time.monotonic() > until:
            raise CommandError(ExitCode.NO_NODE, f"entry {index}: {problem}")
        await asyncio.sleep(AGAIN_S)
