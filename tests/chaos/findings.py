"""What must hold in the end, and whether it does. Nothing here trusts a node.

Every member's log is fetched as static tiles, put into an audit bundle and verified offline against
the union's policy, the contracts executed again; then what members acknowledged, what they showed
meanwhile and what they now show is compared with it.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.export import NothingSelected, export_bundle
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.selection import Everything
from ledger_node.audit.bundle.source import SourceFailed, StaticLog, from_url
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.client import StatusView, SubmissionView
from ledger_node.ledger.contract_set import installed_contracts
from ledger_node.ledger.execution import ContractSet
from ledger_node.storage.database import Database
from ledger_node.storage.errors import StorageError
from ledger_node.storage.wal import WriteAheadLog
from tests.chaos.load import Acknowledged
from tests.chaos.union import UnionUnderFire
from tests.chaos.watch import Head, Watch

AGREEMENT_S: Final = 120.0


@dataclass(slots=True)
class Findings:
    """What was found. The lists are empty when all is well."""

    problems: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    forks: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    blocks: int = 0
    entries: int = 0
    records: int = 0
    verified: int = 0

    @property
    def clean(self) -> bool:
        """Whether everything that must hold does."""
        return not (self.problems or self.lost or self.duplicated or self.forks or self.evidence)

    def all(self) -> list[str]:
        """Every finding as a line."""
        return [f"{name}: {text}" for name, found in self._named().items() for text in found]

    def counts(self) -> dict[str, int]:
        """By name: what was verified, and how much was found wrong."""
        wrong = {name: len(found) for name, found in self._named().items()}
        verified = {"blocks": self.blocks, "entries": self.entries, "verified": self.verified}
        return {**verified, **wrong}

    def _named(self) -> dict[str, list[str]]:
        return {
            "lost": self.lost,
            "duplicated": self.duplicated,
            "forks": self.forks,
            "evidence": self.evidence,
            "problems": self.problems,
        }


@dataclass(slots=True)
class _Ledger:
    """The verified log of a member, as far as it is compared."""

    order: list[str] = field(default_factory=list)
    places: dict[str, tuple[int, int, tuple[str, ...]]] = field(default_factory=dict)
    heads: dict[int, tuple[int, str, str]] = field(default_factory=dict)

    def take(self, block: LoggedBlock) -> None:
        closing = block.closing
        self.heads[block.end] = (
            closing.height,
            block.frontier.root().hex(),
            closing.state_root.hex(),
        )
        for logged in block.submissions:
            name = logged.submission.id.hex()
            self.order.append(name)
            outcomes = tuple(
                "accepted" if getattr(record.outcome, "rule", None) is None else "rejected"
                for record in logged.records
            )
            self.places[name] = (closing.height, logged.index, outcomes)


async def agree(union: UnionUnderFire, findings: Findings) -> None:
    """Wait until every member shows one head, under one published checkpoint."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    seen: list[StatusView | None] = []
    while loop.time() - began < AGREEMENT_S:
        seen = await asyncio.gather(*map(union.status, union.members))
        heads = {
            None
            if s is None
            else (s.height, s.log_size, s.log_root, s.state_root, s.checkpoint_size)
            for s in seen
        }
        if len(heads) == 1 and seen[0] is not None and seen[0].checkpoint_size == seen[0].log_size:
            return
        await asyncio.sleep(0.2)
    shown = [
        "no answer" if s is None else f"{s.member} {s.height} {s.log_root[:12]} {s.checkpoint_size}"
        for s in seen
    ]
    findings.problems.append(f"no agreement after {AGREEMENT_S:.0f} s: {'; '.join(shown)}")


async def audit(
    union: UnionUnderFire, acknowledged: Acknowledged, watch: Watch, root: Path, findings: Findings
) -> None:
    """Export and verify every member's log, and compare everything with it.

    The contracts are executed again on the first; the others must have the same heads.
    """
    contracts: ContractSet | None = installed_contracts()
    for member in union.members:
        ledger = await asyncio.to_thread(_verified, union, member, contracts, root, findings)
        contracts = None
        if ledger is not None:
            _compare(member, ledger, acknowledged, watch.heads, findings)
    findings.evidence += sorted(set(watch.evidence))
    findings.forks += [*acknowledged.contradictions, *sorted(set(watch.halts)), *watch.retreats]


def _verified(
    union: UnionUnderFire,
    member: str,
    contracts: ContractSet | None,
    root: Path,
    findings: Findings,
) -> _Ledger | None:
    """The member's whole log, every check of the offline verifier passed."""
    path, ledger = root / f"{member}.bundle", _Ledger()
    try:
        with path.open("wb") as out:
            export_bundle(StaticLog(from_url(union.members[member].url)), Everything(), out)
        with path.open("rb") as file:
            found = verify_bundle(file, union.policy, contracts, ledger.take)
    except (SourceFailed, NothingSelected, BundleRefused) as error:
        findings.problems.append(f"{member}'s log does not verify: {error}")
        return None
    findings.verified += 1
    findings.blocks, findings.entries = found.blocks, found.entries
    findings.records = found.records
    return ledger


def _compare(
    member: str,
    ledger: _Ledger,
    acknowledged: Acknowledged,
    shown: set[Head],
    findings: Findings,
) -> None:
    for name, times in Counter(ledger.order).items():
        if times > 1:
            findings.duplicated.append(f"{name} stands {times} times in {member}'s log")
    for name, view in acknowledged.views.items():
        place = ledger.places.get(name)
        if place is None:
            findings.lost.append(f"{name}, acknowledged, is not in {member}'s log")
        elif place != _place(view):
            findings.forks.append(f"{name}: acknowledged as {_place(view)}, {member} has {place}")
    for head in shown:
        found = ledger.heads.get(head.log_size)
        if found != (head.height, head.log_root, head.state_root):
            findings.forks.append(f"{head} was shown, {member}'s log has {found}")


def _place(view: SubmissionView) -> tuple[int, int, tuple[str, ...]]:
    assert view.height is not None, "it is final"
    assert view.log_index is not None, "it is final"
    return view.height, view.log_index, tuple(record.outcome for record in view.records)


async def close_and_inspect(union: UnionUnderFire, findings: Findings) -> None:
    """Stop every node cleanly; read what is left on disk, and everything that was logged."""
    for member, process in union.members.items():
        ended = process.ended()
        if ended is not None:
            findings.problems.append(f"{member} ended with {ended.code}: {ended.last_line}")
            continue
        code = await process.stop()
        if code != 0:
            findings.problems.append(f"{member} stopped with code {code}: {process.last_line()}")
    for member, process in union.members.items():
        directory = union.founded.members[member].directory
        try:
            Database.open(directory.ledger, union.founded.id).close()
            WriteAheadLog(directory.journal).close()
        except StorageError as error:
            findings.problems.append(f"{member}'s data: {error}")
        for line in process.log_lines():
            if "contradicts itself" in line:
                findings.evidence.append(f"{member} logged: {line[:300]}")
            if "Traceback" in line or '"traceback"' in line:
                findings.problems.append(f"{member} logged: {line[:1500]}")
