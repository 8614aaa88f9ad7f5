"""Our union as it is deployed: a node process a member, TLS between them, keys unlocked from files.

with LedgerUnion.found(root, ("AM", "BY", "KG", "KZ", "RU")) as union:
    union.start()
    workload = union.settle()
"""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.systems import processes
from benchmarks.systems.processes import Usage
from benchmarks.workload.movement import Cast
from benchmarks.workload.prepared import LIFETIME_MS, Door, Workload
from contracts import encode_record
from ledger_node.demo.founding import HOST, Ceremony, Household
from ledger_node.demo.ports import HeldPorts
from ledger_node.ledger.submission import build_submission

# fmt: off
COUNTRIES: Final = (
    "AM", "BY", "KG", "KZ", "RU", "MD", "TJ", "TM", "UA", "UZ", "AZ", "GE",
    "EE", "LV", "LT", "PL", "CZ", "SK", "HU", "RO", "BG", "RS", "HR", "SI",
    "AT", "DE", "FR", "BE", "NL", "LU", "IE",
)
# fmt: on
"""Members of benchmark unions, the first n of them: names only."""

LOG_NAME: Final = "node.log"
PID_NAME: Final = "node.pid"
"""Where demo.nodes.end_left_behind looks for nodes of a run that was killed."""
WAIT_S: Final = 60


class NodeFailed(RuntimeError):
    """A node did not come up, or refused what a benchmark does. Carries what it said."""


class LedgerUnion:
    """Founded below `root`, not yet running. Use within `with`: it ends what it began."""

    def __init__(self, root: Path, homes: Sequence[Household], union: bytes) -> None:
        self.root = root
        self.homes = {home.member: home for home in homes}
        self.union = union
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.peer_ports = [home.peer_port for home in homes]
        self._stack = ExitStack()

    @classmethod
    def found(cls, root: Path, members: Sequence[str]) -> "LedgerUnion":
        """The ceremony of all members, on loopback."""
        ceremony = Ceremony.begin(root)
        with ExitStack() as stack:
            for member in members:
                ceremony.make_member(member, *stack.enter_context(HeldPorts(HOST, 2)).ports)
            ceremony.draft()
            for member in members:
                ceremony.sign(member)
            founded = cls(root, ceremony.in_order(), ceremony.conclude().union)
            founded._stack = stack.pop_all()
        return founded

    @property
    def members(self) -> tuple[str, ...]:
        """By code."""
        return tuple(self.homes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop(*self.running)
        self._stack.close()

    # ------------------------------------------------------------ processes

    def start(self, *members: str) -> None:
        """Nodes of `members`, all when none is named, until each says that it is ready."""
        started = members or self.members
        for member in started:
            self.running[member] = self._spawn(self.homes[member])
        for member in started:
            process = self.running[member]
            assert process.stdout is not None, "it was asked for"
            if not process.stdout.readline().startswith(b"ready"):
                log = (self.homes[member].root / LOG_NAME).read_text(errors="replace")
                raise NodeFailed(f"{member} did not start: {log[-2000:]}")

    def stop(self, *members: str) -> None:
        """A clean end."""
        processes.stop([self.running.pop(member) for member in members])

    def pids(self) -> list[int]:
        """Of the running nodes."""
        return [process.pid for process in self.running.values()]

    def usage(self) -> Usage:
        """Of all running nodes."""
        return processes.usage(self.pids(), self.peer_ports)

    def _spawn(self, home: Household) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "ledger_node.cli.main",
            "run",
            "--data",
            str(home.data.root),
        ]
        command += ["--passphrase-file", str(home.passphrase_file)]
        with (home.root / LOG_NAME).open("ab") as log:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        (home.root / PID_NAME).write_text(f"{process.pid}\n")
        return process

    # ------------------------------------------------------------ asking

    def door(self, member: str) -> Door:
        """Where a member's node takes requests."""
        home = self.homes[member]
        return Door(f"{HOST}:{home.api_port}", home.token)

    def ask(self, member: str, method: str, path: str, body: bytes = b"") -> bytes:
        """One request on a connection of its own. Raises NodeFailed unless it is answered well."""
        door = self.door(member)
        connection = http.client.HTTPConnection(door.address, timeout=WAIT_S + 10)
        try:
            headers = {"Authorization": f"Bearer {door.token}"}
            if body:
                headers["Content-Type"] = "application/msgpack"
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise NodeFailed(f"{method} {path} at {member}: {answer.status} {data[:500]!r}")
        return data

    def status(self, member: str) -> dict[str, Any]:
        """GET /v1/status."""
        found: dict[str, Any] = json.loads(self.ask(member, "GET", "/v1/status"))
        return found

    # ------------------------------------------------------------ the cast

    def settle(self) -> Workload:
        """Register everyone who acts in the benchmarks, with guarantees; then work may begin."""
        workload = self.workload()
        for member, _, submission in self.settlement(workload):
            answer = json.loads(
                self.ask(member, "POST", f"/v1/submissions?wait={WAIT_S}", submission)
            )
            refused = [each for each in answer["records"] if each["outcome"] != "accepted"]
            if answer["stage"] != "final" or refused:
                raise NodeFailed(f"{member}: {answer['stage']}, refused: {refused[:1]}")
        return workload

    def workload(self) -> Workload:
        """Work for a union that has seen none yet."""
        doors = {member: self.door(member) for member in self.members}
        return Workload.of(self.union, Cast(self.members), doors)

    def settlement(self, workload: Workload) -> Iterator[tuple[str, int, bytes]]:
        """At whose node, records, submission: what must be accepted, in order, before any work."""
        cast = workload.cast
        expiry_ms = cast.now_ms + LIFETIME_MS
        for member in self.members:
            registrar = self.homes[member].registrar
            records = [encode_record(record) for record in cast.registrations(member)]
            made = build_submission(self.union, member, registrar, records, expiry_ms)
            yield member, len(records), made.to_bytes()
        for member in self.members:
            for acts in cast.guarantees(member):
                yield member, len(acts), workload.submission(acts)
