"""What `ledger-node audit` does with files: check a bundle, compare two, make a report of one."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.progress import Progress, TaskID

from ledger_node.audit.bundle.anchor import Anchor
from ledger_node.audit.bundle.concern import Subject
from ledger_node.audit.bundle.diff import Comparison, OtherLog, Relation, compare
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.statement import as_json, refusal_json, refusal_rows, rows
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.conflict import MAX_CONFLICT, ConflictRefused, verify_conflict
from ledger_node.audit.fork_words import (
    comparison_json,
    comparison_rows,
    conflict_json,
    conflict_rows,
)
from ledger_node.audit.report.make import BundleChanged, make_report
from ledger_node.audit.report.pdf import PdfUnavailable, to_pdf
from ledger_node.cli.bar import progress_bar
from ledger_node.cli.files import read_bounded, read_set, write_whole
from ledger_node.cli.genesis import read_genesis, verified
from ledger_node.cli.outcome import ExitCode, local, refused, usage
from ledger_node.cli.policy_file import read_policy
from ledger_node.cli.screen import say, say_json, say_rows
from ledger_node.contract_sets.shelf import ContractSets


def verify_file(options: argparse.Namespace) -> ExitCode:
    """Check a bundle and say what it shows, or where it fails."""
    anchor, contracts = _anchor(options), _contracts(options)
    try:
        with opened(options.bundle, "verifying") as file:
            carried = not options.no_carried_contracts
            found = verify_bundle(file, anchor, contracts, use_carried=carried)
    except BundleRefused as error:
        if options.json:
            say_json(refusal_json(error))
        else:
            say(f"{options.bundle}: NOT VERIFIED")
            say_rows(list(refusal_rows(error)))
        return ExitCode.REFUSED
    if options.json:
        say_json(as_json(found))
    else:
        say(f"{options.bundle}: VERIFIED")
        say_rows(list(rows(found)))
    return ExitCode.OK


def compare_files(options: argparse.Namespace) -> ExitCode:
    """Say how two bundles stand to each other; of a fork, write the evidence."""
    anchor = _anchor(options)
    try:
        with (
            opened(options.first, "comparing") as first,
            options.second.open("rb") as second,
        ):
            found = compare(first, second, anchor)
    except BundleRefused as error:
        raise refused("a bundle proves nothing", str(error)) from error
    except OtherLog as error:
        raise usage(str(error)) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise usage(f"{error.filename}: {error.strerror}") from error
    written = _write_evidence(found, options.evidence)
    if options.json:
        say_json({**comparison_json(found), "evidence": [str(path) for path in written]})
    else:
        say(f"{found.relation.name}: {found.relation.value}")
        say_rows(list(comparison_rows(found)))
        for culprit in found.culprits:
            say(f"{culprit.name}'s two signatures:")
            for line in culprit.lines:
                say(f"  {line.format().rstrip()}")
        for path in written:
            say(f"wrote {path}")
    if found.relation is Relation.FORKED:
        return ExitCode.FORK if written else ExitCode.REFUSED
    return ExitCode.REFUSED if found.relation is Relation.UNKNOWN else ExitCode.OK


def check_conflict(options: argparse.Namespace) -> ExitCode:
    """Say what evidence of conflicting finality shows."""
    founding = verified(read_genesis(options.genesis))
    try:
        found = verify_conflict(read_bounded(options.file, MAX_CONFLICT), founding.union)
    except ConflictRefused as error:
        if options.json:
            fields = {"step": error.step.name, "check": error.step.value, "found": error.reason}
            say_json({"proven": False, **fields})
        else:
            say(f"{options.file}: NOT PROVEN")
            say_rows([("failed at", error.step.value), ("found", error.reason)])
        return ExitCode.REFUSED
    if options.json:
        say_json({"proven": True, **conflict_json(found)})
    else:
        say(f"{options.file}: PROVEN: two histories were made final")
        say_rows(list(conflict_rows(found)))
    return ExitCode.OK


def write_report(options: argparse.Namespace) -> ExitCode:
    """Verify a bundle and write what it holds as a page; nothing is written if it is refused."""
    given = [(subject, getattr(options, subject)) for subject in Subject]
    subject = next(((kind, reference) for kind, reference in given if reference is not None), None)
    try:
        page = make_report(
            lambda: opened(options.bundle, "reading"),
            _anchor(options),
            _contracts(options),
            subject,
            use_carried=not options.no_carried_contracts,
        )
    except BundleRefused as error:
        raise refused("the bundle is not verified", *map(": ".join, refusal_rows(error))) from error
    except BundleChanged as error:
        raise usage(f"{options.bundle}: changed while it was read") from error
    out: Path = options.out / "report.html" if options.out.is_dir() else options.out
    try:
        write_whole(out, to_pdf(page) if out.suffix.lower() == ".pdf" else page.encode())
    except PdfUnavailable as error:
        raise local(f"no PDF can be made here: {error.reason}; an .html file can") from error
    say(f"wrote {out}")
    return ExitCode.OK


# ---------------------------------------------------------------- options and files


def _anchor(options: argparse.Namespace) -> Anchor:
    """What is trusted beforehand."""
    if options.policy is not None:
        return read_policy(options.policy)
    return verified(read_genesis(options.genesis))


def _contracts(options: argparse.Namespace) -> ContractSets | None:
    """What records are executed again with; None to leave that out."""
    if options.without_execution:
        return None
    return ContractSets(given=[read_set("--contracts", path) for path in options.contracts])


def _write_evidence(found: Comparison, directory: Path) -> list[Path]:
    written: list[Path] = []
    if found.fork is not None:
        sizes = (found.fork.first.checkpoint.size, found.fork.second.checkpoint.size)
        written.append(directory / f"{sizes[0]}-{sizes[1]}.fork-evidence")
        directory.mkdir(parents=True, exist_ok=True)
        write_whole(written[-1], found.fork.format())
    if found.conflict is not None:
        name = f"epoch-{found.conflict.epoch}-block-{found.conflict.height}.conflict-evidence"
        written.append(directory / name)
        directory.mkdir(parents=True, exist_ok=True)
        write_whole(written[-1], found.conflict.format())
    return written


@contextmanager
def opened(path: Path, doing: str) -> Iterator[Reads]:
    """A bundle, with a bar on a terminal that shows how far it was read."""
    try:
        file: BinaryIO = path.open("rb")
    except OSError as error:
        raise usage(f"{path}: {error.strerror}") from error
    with file, progress_bar() as bar:
        task = bar.add_task(doing, total=path.stat().st_size)
        yield _Watched(file, bar, task)


@dataclass(frozen=True, slots=True)
class _Watched:
    """A file that tells the bar what was read."""

    file: BinaryIO
    bar: Progress
    task: TaskID

    def read(self, size: int, /) -> bytes:
        """See form.Reads."""
        data = self.file.read(size)
        self.bar.advance(self.task, len(data))
        return data
