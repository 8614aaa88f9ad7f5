"""Work for the load generator: signed submissions in a file, before the clock starts.

A signature is its author's cost and is made on the author's machine: what a ledger has to do with
it begins when the bytes arrive. Each client has its own movements and takes their steps in order;
`batch` movements side by side share a submission a step, since one party acts for all of them.
"""

import itertools
import json
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.workload.movement import STEPS, Act, Cast
from contracts import encode_record
from ledger_node.ledger.submission import VerifiedSubmission, build_submission

LIFETIME_MS: Final = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Door:
    """A node's API. address: "host:port"."""

    address: str
    token: str


@dataclass(slots=True)
class Workload:
    """What the clients of one union do. Numbers of movements are never used twice.

    sampled: reference numbers of one movement of each batch, as they were prepared.
    """

    union: bytes
    cast: Cast
    doors: Mapping[str, Door]
    numbers: Iterator[int]
    sampled: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, union: bytes, cast: Cast, doors: Mapping[str, Door]) -> "Workload":
        """For a union that has seen none yet."""
        return cls(union, cast, doors, itertools.count(1))

    def submission(self, acts: list[Act]) -> bytes:
        """Acts of one author, signed, as they travel."""
        return self.signed(acts).to_bytes()

    def signed(self, acts: list[Act]) -> VerifiedSubmission:
        """Acts of one author, signed."""
        author = acts[0].author
        assert all(act.author == author for act in acts), "one author a submission"
        expiry_ms = time.time_ns() // 1_000_000 + LIFETIME_MS
        records = [encode_record(act.record) for act in acts]
        signer = self.cast.signers[author]
        return build_submission(self.union, author, signer, records, expiry_ms)

    def steps(self, lane: int, batch: int) -> Iterator[list[Act]]:
        """The nine submissions of `batch` movements side by side."""
        numbers = list(itertools.islice(self.numbers, batch))
        self.sampled.append(self.cast.mrn(numbers[0], lane))
        movements = [self.cast.movement(number, lane) for number in numbers]
        for acts in zip(*movements, strict=True):
            yield list(acts)

    def write(
        self, path: Path, clients: int, batch: int, records: int, away: str | None = None
    ) -> None:
        """At least `records` records' worth of submissions, shared among the clients.

        away: a member whose node is down; its participants use another's.
        """
        movements = max(1, -(-records // (clients * batch * STEPS)))
        doors = {member: door for member, door in self.doors.items() if member != away}
        write_work(
            path,
            doors,
            (
                (client, acts[0].member, len(acts), self.submission(acts))
                for client in range(clients)
                for turn in range(movements)
                for acts in self.steps(client + turn, batch)
            ),
        )


def write_work(
    path: Path, doors: Mapping[str, Door], work: Iterable[tuple[int, str, int, bytes]]
) -> None:
    """A file for the load generator: client, member, records, submission, in each client's order.

    What is for a member that has no door goes to the first that has.
    """
    with path.open("wb") as out:
        nodes = [{"address": door.address, "token": door.token} for door in doors.values()]
        out.write(json.dumps(nodes).encode() + b"\n")
        order = {member: index for index, member in enumerate(doors)}
        for client, member, records, submission in work:
            out.write(struct.pack("<IIII", client, order.get(member, 0), records, len(submission)))
            out.write(submission)


def record_bytes(cast: Cast) -> float:
    """Mean bytes of a record of a movement: the peers' records are given this size."""
    sizes = [len(encode_record(act.record)) for act in cast.movement(1, 0)]
    return sum(sizes) / len(sizes)


def submission_bytes(workload: Workload, batch: int) -> float:
    """Mean bytes of a submission of `batch` movements."""
    sizes = [len(workload.submission(acts)) for acts in workload.steps(0, batch)]
    return sum(sizes) / len(sizes)
