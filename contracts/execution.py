"""Executing one record: the only way the state changes after genesis.

In order: the bytes, the form of the fields, the author's authority, the rules of the subject. The
first rule that does not hold is the outcome, and nothing changes.
"""

from contracts.catalogue import ACTS
from contracts.encoding import decode_record
from contracts.kernel.form import problems
from contracts.kernel.outcome import Accepted, Context, Rejected
from contracts.kernel.record import Record
from contracts.kernel.rule import RuleViolation, violation
from contracts.kernel.state import Ledger, StateView
from contracts.registry.authority import open_author, open_case


def apply(record: bytes, context: Context, view: StateView) -> Accepted | Rejected:
    """Execute an encoded record on the state behind `view`.

    A function of its three arguments alone. Raises CorruptObjectError if the state itself is
    damaged; every fault of the record is a Rejected.
    """
    ledger = Ledger(view)
    try:
        decoded = decode_record(record)
        _require_form(decoded)
        act = ACTS[type(decoded)]
        act.handler(decoded, open_case(act, context, ledger))
    except RuleViolation as refusal:
        return Rejected(refusal.rule.id, refusal.values)
    return Accepted(ledger.changes())


def author_problem(author: str, signer: bytes, view: StateView) -> Rejected | None:
    """Why every record by this author and key would be rejected in this state; None if not.

    For the door of a node: it spares the union an entry. `apply` decides again, and bindingly.
    """
    try:
        open_author(author, signer, Ledger(view))
    except RuleViolation as refusal:
        return Rejected(refusal.rule.id, refusal.values)
    return None


def _require_form(record: Record) -> None:
    found = problems(record)
    if found:
        first = found[0]
        raise violation(first.form.rule, field=first.path, asked=first.form.text, value=first.shown)
