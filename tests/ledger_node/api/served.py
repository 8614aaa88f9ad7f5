"""A real union of one member, its node running in this process and serving its API."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from contracts import Record, encode_record
from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import RegisterParticipant
from ledger_node.api.forms import ProblemView
from ledger_node.api.server import ApiServer
from ledger_node.client import LedgerClient, Participant, Retries
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import VerifiedSubmission, build_submission
from ledger_node.node.node import Node
from tests.union.founding import FoundedUnion, found_union
from tests.union.running import running

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def problem(self) -> ProblemView:
        assert self.headers["Content-Type"].startswith("application/problem+json"), self
        found = msgspec.json.decode(self.body, type=ProblemView)
        assert found.status == self.status
        return found


@dataclass(frozen=True)
class Served:
    union: FoundedUnion
    node: Node
    server: ApiServer
    session: aiohttp.ClientSession
    client: LedgerClient

    @property
    def token(self) -> str:
        return self.union.members["AM"].token

    @property
    def registrar(self) -> Participant:
        return Participant(self.client, self.union.id, "AM", self.union.registrar("AM"))

    async def ask(
        self, path: str, method: str = "GET", *, token: str | None = None, **more: Any
    ) -> Answer:
        """The answer to a request with the node's token, or another, or none when it is ""."""
        headers = dict(more.pop("headers", {}))
        offered = self.token if token is None else token
        if offered:
            headers["Authorization"] = f"Bearer {offered}"
        url = URL(self.server.url + path, encoded=True)
        async with self.session.request(method, url, headers=headers, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    async def post(self, body: bytes, kind: str = "application/msgpack", query: str = "") -> Answer:
        return await self.ask(
            f"/v1/submissions{query}", "POST", data=body, headers={"Content-Type": kind}
        )

    def submission(
        self,
        *records: Record | bytes,
        author: str = "AM",
        signer: SoftwareSigner | None = None,
        union: bytes | None = None,
        expires_in_ms: int = MINUTE_MS,
    ) -> VerifiedSubmission:
        encoded = [r if isinstance(r, bytes) else encode_record(r) for r in records]
        return build_submission(
            self.union.id if union is None else union,
            author,
            self.union.registrar("AM") if signer is None else signer,
            encoded,
            time.time_ns() // 1_000_000 + expires_in_ms,
        )


def registration(
    name: str,
    *roles: Role,
    functions: Sequence[OfficeFunction] = (),
    member: str = "AM",
    key: bytes | None = None,
) -> RegisterParticipant:
    """A participant's registration, a declarant's unless roles are given."""
    return RegisterParticipant(
        id=name,
        member=member,
        name=f"Participant {name}",
        roles=roles or (Role.DECLARANT,),
        functions=tuple(functions),
        keys=(key or SoftwareSigner.generate().public,),
    )


@asynccontextmanager
async def served(root: Path, *, idle_s: float = 30.0) -> AsyncIterator[Served]:
    union = found_union(root, "AM")
    async with (
        running(union, "AM", idle_s=idle_s) as member,
        aiohttp.ClientSession() as session,
        LedgerClient(member.server.url, union.members["AM"].token, retries=Retries(0)) as client,
    ):
        yield Served(union, member.node, member.server, session, client)
