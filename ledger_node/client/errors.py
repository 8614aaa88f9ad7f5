"""What can go wrong between a client and its node. Each kind tells what the caller may do next."""

import os

from ledger_node.api.forms import ProblemView


class ClientError(Exception):
    """Root of the errors of this package."""


class NodeUnreachable(ClientError):
    """No answer, after all retries. What was submitted may or may not have arrived: submitting
    the same bytes again finds out. url: the node's; reason: of the last attempt."""

    def __init__(self, url: str, reason: str | Exception) -> None:
        self.url = url
        self.reason = reason if isinstance(reason, str) else told_by(reason)
        super().__init__(f"{url} cannot be reached: {self.reason}")


class AnswerUnreadable(ClientError):
    """Something answered that is not the API of a node, or of a version unknown here."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} gave an answer that is not a node's: {reason}")
        self.url = url
        self.reason = reason


class ApiProblem(ClientError):
    """The node refused. See forms.ProblemView for the fields; rule is None when none was broken."""

    def __init__(self, problem: ProblemView) -> None:
        named = f"{problem.rule}: " if problem.rule else ""
        at = f"{problem.field}: " if problem.field else ""
        super().__init__(f"{problem.status} {named}{problem.title} ({at}{problem.detail})")
        self.problem = problem
        self.status = problem.status
        self.kind = problem.type.rpartition(":")[2]
        self.title = problem.title
        self.detail = problem.detail
        self.rule = problem.rule
        self.source = problem.source
        self.field = problem.field
        self.values = problem.values


class NotFinal(ClientError):
    """Not final within the time given; it still may become so until it expires. id: hex."""

    def __init__(self, submission: str, waited_s: float) -> None:
        super().__init__(f"submission {submission} is not final after {waited_s:.1f} s")
        self.id = submission
        self.waited_s = waited_s


def told_by(error: Exception) -> str:
    """What the system says, such as "Connection refused", without what libraries put around it."""
    number = error.errno if isinstance(error, OSError) else None
    if number is not None and number > 0:
        return os.strerror(number)
    told = error.strerror if isinstance(error, OSError) else None
    return told or str(error) or type(error).__name__
