"""A report from a bundle: verified first, read a second time for the history of its subject."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.concern import Concern, Subject
from ledger_node.audit.bundle.form import Concerning, Reads
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.report.history import History, Overview
from ledger_node.audit.report.page import render
from ledger_node.ledger.execution import ContractShelf
from ledger_node.log.policy import Policy


class BundleChanged(Exception):
    """The file was another one when it was read again."""


def make_report(
    open_bundle: Callable[[], AbstractContextManager[Reads]],
    policy: Policy,
    contracts: ContractShelf | None,
    subject: tuple[Subject, str] | None = None,
) -> str:
    """The report as HTML.

    subject: what it is about; by default what the bundle is about. contracts: to execute again,
    None to leave that out, which the report says. Raises BundleRefused, BundleChanged.
    """
    overview = Overview()
    concern = None if subject is None else Concern(*subject)

    def first_reading(block: LoggedBlock) -> None:
        overview.observe(block)
        if concern is not None:
            _learn(concern, block)

    with open_bundle() as file:
        found = verify_bundle(file, policy, contracts, first_reading)
    if concern is None and isinstance(found.selection, Concerning):
        named = found.selection
        known = next((each for each in Subject if each.value == named.subject), None)
        if known is not None:
            return make_report(open_bundle, policy, contracts, (known, named.reference))
    if concern is None:
        return render(found, policy, overview, None)
    history = History(concern)
    with open_bundle() as file:
        again = verify_bundle(file, policy, None, history.observe)
    if again.checkpoint != found.checkpoint or again.entries != found.entries:
        raise BundleChanged
    return render(found, policy, overview, history)


def _learn(concern: Concern, block: LoggedBlock) -> None:
    for submission in block.submissions:
        for record in submission.records:
            concern.learn(record)
