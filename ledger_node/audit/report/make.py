"""A report from a bundle: verified first, read a second time for the history of its subject."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ledger_node.audit.bundle.anchor import Anchor
from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.concern import Concern, Subject
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.reader import BundleReader
from ledger_node.audit.bundle.selection import Concerning
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.bundle.walk import Walk
from ledger_node.audit.report.history import History, Overview
from ledger_node.audit.report.page import render
from ledger_node.ledger.execution import ContractShelf


class BundleChanged(Exception):
    """The file was another one when it was read again."""


def make_report(
    open_bundle: Callable[[], AbstractContextManager[Reads]],
    anchor: Anchor,
    contracts: ContractShelf | None,
    subject: tuple[Subject, str] | None = None,
    *,
    use_carried: bool = True,
) -> str:
    """The report as HTML.

    subject: what it is about; by default what the bundle is about. contracts: to execute again,
    None to leave that out, which the report says; use_carried: see verify_bundle. Raises
    BundleRefused, BundleChanged.
    """
    overview = Overview()
    concern = None if subject is None else Concern(*subject)

    def first_reading(block: LoggedBlock) -> None:
        overview.observe(block)
        if concern is not None:
            _learn(concern, block)

    with open_bundle() as file:
        found = verify_bundle(file, anchor, contracts, first_reading, use_carried=use_carried)
    if concern is None and isinstance(found.selection, Concerning):
        named = found.selection
        known = next((each for each in Subject if each.value == named.subject), None)
        if known is not None:
            return make_report(
                open_bundle, anchor, contracts, (known, named.reference), use_carried=use_carried
            )
    if concern is None:
        return render(found, overview, None)
    history = History(concern)
    with open_bundle() as file:
        reader = BundleReader(file, anchor)
        for block in Walk(reader, tolerant=True):
            if isinstance(block, LoggedBlock):
                history.observe(block)
    if reader.checkpoint != found.checkpoint or reader.entries != found.entries:
        raise BundleChanged
    return render(found, overview, history)


def _learn(concern: Concern, block: LoggedBlock) -> None:
    for submission in block.submissions:
        for record in submission.records:
            concern.learn(record)
