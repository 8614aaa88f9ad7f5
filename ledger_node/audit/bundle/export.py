"""Making a bundle of a log: everything, a run of blocks, a period, or what concerns a subject.

Needs a checkpoint, hash tiles and entries, nothing a node would have to be trusted for; what else a
source has goes along: how epochs ended, consensus certificates, contract sets. What the state shows
can be had by executing the log on the way: a range can begin with the state before it, so that it
can be executed, and a bundle about a subject can prove that its object did not change in between.
"""

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import BinaryIO

from ledger_node.audit.bundle.form import FrameWriter
from ledger_node.audit.bundle.past import Past, executed_until
from ledger_node.audit.bundle.runs import GENESIS_END, Run, runs
from ledger_node.audit.bundle.selection import Blocks, Concerning, Period, Selection
from ledger_node.audit.bundle.source import LogSource, SourceFailed
from ledger_node.audit.bundle.source_log import NothingSelected, SourceLog
from ledger_node.audit.bundle.unchanged import ProofFrame, object_key
from ledger_node.audit.bundle.writing import BundleWriter, Exported
from ledger_node.ledger.execution import ContractShelf
from ledger_node.log.checkpoint import parse_signed_checkpoint
from ledger_node.log.errors import LogError

__all__ = ["Exported", "NothingSelected", "export_bundle"]

Tell = Callable[[int, int], None]


def export_bundle(
    source: LogSource,
    selection: Selection,
    out: BinaryIO,
    progress: Tell | None = None,
    state_by: ContractShelf | None = None,
) -> Exported:
    """Write the bundle. progress: told how far the log has been gone through, in entries.

    state_by: contract sets to execute the log with, for what of the state belongs into the bundle;
    None to leave that out. Raises SourceFailed, NothingSelected; BundleRefused for a log that does
    not execute.
    """
    note = source.checkpoint()
    try:
        size = parse_signed_checkpoint(note).checkpoint.size
    except LogError as error:
        raise SourceFailed("checkpoint", str(error)) from error
    if size < GENESIS_END:
        raise NothingSelected("the log has no genesis block")
    tell = progress or (lambda _done, _size: None)
    log = SourceLog(source, size)
    ranged = isinstance(selection, Blocks | Period)
    executable = not isinstance(selection, Concerning) and (not ranged or state_by is not None)
    writer = BundleWriter(log, FrameWriter(out), executable=executable)
    writer.head(selection, note)
    if state_by is not None and isinstance(selection, Concerning):
        _traced(writer, log, selection, state_by, tell)
        return writer.finish()
    for run in runs(log, selection):
        if state_by is None or not ranged or run.first == 0:
            writer.run(run)
        else:
            with executed_until(log, run.first + 1, state_by, tell) as state:
                writer.run(run, state)
        tell(run.end, size)
    return writer.finish()


def _traced(
    writer: BundleWriter,
    log: SourceLog,
    selection: Concerning,
    shelf: ContractShelf,
    tell: Tell,
) -> None:
    """The runs about a subject, and proofs that its object is the same at both ends of each gap, to
    the end of the log."""
    chosen = [*runs(log, selection), Run(log.size - 1, log.size)]
    # A gap lies between the last entry of a run and the one with which the next one opens.
    ends = {run.end - 1 for run in chosen} | {run.first for run in chosen}
    key = object_key(selection)
    with TemporaryFile() as kept:
        places: dict[int, tuple[int, int]] = {}

        def passed(index: int, past: Past) -> None:
            if index in ends:
                proof = past.proof(key)
                places[index] = (kept.tell(), len(proof))
                kept.write(proof)

        def proof_at(index: int) -> bytes:
            offset, length = places[index]
            kept.seek(offset)
            return kept.read(length)

        with executed_until(log, log.size, shelf, tell, passed):
            pass
        for run in chosen:
            gap = run.first > writer.end > 0
            sides = (writer.end - 1, run.first)
            writer.run(run, unchanged=ProofFrame(*map(proof_at, sides)) if gap else None)
