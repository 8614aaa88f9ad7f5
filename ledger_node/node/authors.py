"""Whether the ledger lets a key speak for an author: asked at the door, decided by the contracts.

The answer at the door only saves the union a log entry for what would be rejected anyway; the
binding answer is given when the record is executed.
"""

from contracts.kernel.state import StateView
from ledger_node.ledger.execution import ContractSet
from ledger_node.ledger.submission import SubmissionHeader
from ledger_node.node.admission import AuthorRefused


def check_author(contracts: ContractSet, header: SubmissionHeader, view: StateView) -> None:
    """Raises AuthorRefused with the contracts' rule."""
    problem = contracts.author_problem(header.author, header.public_key, view)
    if problem is not None:
        raise AuthorRefused(problem.rule, problem.values)
