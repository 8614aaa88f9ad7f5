"""A witness that others wrote cosigns this ledger's checkpoints, and counts under a policy.

litewitness (filippo.io/torchwood) speaks c2sp.org/tlog-witness. It is built where Go is, and keeps
its key in OpenSSH's agent.
"""

import asyncio
import os
import shutil
import socket as socketlib
import sqlite3
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from ledger_node.client import LedgerClient, Participant
from ledger_node.genesis.policy import log_key
from ledger_node.log.head import verify_head
from ledger_node.log.merkle import EMPTY_ROOT
from ledger_node.log.note import SignatureType, VerifierKey
from ledger_node.log.policy import Policy
from ledger_node.log.proof import verify_proof
from ledger_node.log.published import prove_entry, read_checkpoint
from ledger_node.log.verified import verify_checkpoint
from ledger_node.log.witness import requiring_witnesses
from ledger_node.node.config import WitnessSettings
from tests.ledger_node.api.served import registration
from tests.patience import until
from tests.ports import HOST
from tests.union.founding import found_union
from tests.union.running import running

NAME = "witness.example/litewitness"
AGENT = ("ssh-agent", "ssh-add")


@dataclass(frozen=True)
class Witness:
    key: VerifierKey
    url: str


@pytest.fixture
def program(witness_program: Path) -> Path:
    """litewitness, with all that it takes to run it."""
    missing = [name for name in AGENT if shutil.which(name) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)}; no witness of others cosigns here"
        print(reason)
        pytest.skip(reason)
    return witness_program


@asynccontextmanager
async def started(*command: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def litewitness(
    program: Path, place: Path, logs: Sequence[VerifierKey]
) -> AsyncIterator[Witness]:
    """The program, its key in an agent, knowing these logs."""
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    key_file, socket, database = place / "key", place / "agent", place / "witness.db"
    key_file.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
    )
    key_file.chmod(0o600)
    know(database, logs)
    port = free_port()
    wire = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + raw
    print_ = b64encode(sha256(wire).digest()).decode().rstrip("=")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(started("ssh-agent", "-D", "-a", str(socket)))
        await until(socket.exists)
        give_key(socket, key_file)
        await stack.enter_async_context(
            started(
                str(program),
                *("-name", NAME, "-key", f"SHA256:{print_}"),
                *("-ssh-agent", str(socket), "-db", str(database), "-listen", f"{HOST}:{port}"),
            )
        )
        await until(lambda: answers(port))
        key = VerifierKey(NAME, SignatureType.COSIGNATURE_V1, raw)
        yield Witness(key, f"http://{HOST}:{port}")


def give_key(agent: Path, key_file: Path) -> None:
    environment = os.environ | {"SSH_AUTH_SOCK": str(agent)}
    subprocess.run(["ssh-add", str(key_file)], env=environment, check=True, capture_output=True)


def know(database: Path, logs: Sequence[VerifierKey]) -> None:
    """What `witnessctl add-log` and `add-key` do; that program needs a module that is not to be
    had everywhere."""
    with sqlite3.connect(database) as rows:
        rows.execute(
            "CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL,"
            " tree_hash TEXT NOT NULL)"
        )
        rows.execute("CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL)")
        empty = b64encode(EMPTY_ROOT).decode()
        rows.execute("INSERT INTO log VALUES (?, 0, ?)", (logs[0].name, empty))
        rows.executemany(
            "INSERT INTO key VALUES (?, ?)", [(key.name, key.format()) for key in logs]
        )


def free_port() -> int:
    """One that a program which does not share ports can take."""
    with socketlib.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def test_it_cosigns_what_a_node_publishes_and_counts_in_a_policy(
    tmp_path: Path, program: Path
) -> None:
    union = found_union(tmp_path, "AM")
    am = union.members["AM"]
    key = log_key(union.founding.genesis.origin, am.card)
    async with litewitness(program, tmp_path, [key]) as witness:
        asked = WitnessSettings(witness.key.format(), witness.url)
        settings = structs.replace(am.settings, witnesses=(asked,))
        union.members["AM"] = replace(am, settings=settings)
        async with (
            running(union, "AM") as member,
            LedgerClient(member.server.url, am.token) as client,
        ):
            rules = member.node.policy
            strict = requiring_witnesses(rules, [("association", witness.key)])
            registrar = Participant(client, union.id, "AM", union.registrar("AM"))
            for number in range(3):
                # Each head has to continue the last one that the witness saw.
                view = await registrar.act(registration(f"AM-{number}", member="AM"))
                assert view.accepted
                index = view.records[0].log_index
                head = await member.node.checkpoints.covering(index + 1)
                verified = verify_checkpoint(head.signed(), strict)
                named = [each.witness.name for each in verified.cosignatures]
                assert named == ["AM", "association"]
                assert verify_head(head.signed().format(), rules).others[0].name == NAME
            await the_proof_counts(Published(member.server.url), index, strict)


class Published:
    """A node's public files, over HTTP."""

    def __init__(self, url: str) -> None:
        self.where = url

    async def file(self, path: str) -> bytes:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.where}/{path}") as response,
        ):
            assert response.status == 200, path
            return await response.read()


async def the_proof_counts(log: Published, index: int, strict: Policy) -> None:
    checkpoint = verify_checkpoint(await read_checkpoint(log), strict)
    proof = await prove_entry(log, index, checkpoint, strict)
    assert verify_proof(proof.format(), strict).index == index
