"""The Python SDK: a typed client of one node, and participants that act through it.

    async with LedgerClient("http://127.0.0.1:8443", token) as client:
        office = Participant(client, union, "AM-10", signer)
        view = await office.act(RegisterGuarantee(...))
        if not view.accepted: print(view.rejections[0].rule)

A client believes its node. Who does not trust a node asks it for a proof, and verifies that with
the union's policy (`ledger-node verify`).
"""

from ledger_node.api.forms import (
    ChangeView,
    EntryView,
    HistoryPage,
    ObjectPage,
    ObjectView,
    PayloadView,
    RecordView,
    RulePage,
    RuleView,
    StatusView,
    SubmissionView,
)
from ledger_node.client.errors import (
    AnswerUnreadable,
    ApiProblem,
    ClientError,
    NodeUnreachable,
    NotFinal,
)
from ledger_node.client.ledger_client import LedgerClient
from ledger_node.client.participant import Participant
from ledger_node.client.retries import Retries
from ledger_node.client.submission_stream import SubmissionStream

__all__ = [
    "AnswerUnreadable",
    "ApiProblem",
    "ChangeView",
    "ClientError",
    "EntryView",
    "HistoryPage",
    "LedgerClient",
    "NodeUnreachable",
    "NotFinal",
    "ObjectPage",
    "ObjectView",
    "Participant",
    "PayloadView",
    "RecordView",
    "Retries",
    "RulePage",
    "RuleView",
    "StatusView",
    "SubmissionStream",
    "SubmissionView",
]
