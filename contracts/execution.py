"""Executing records, and what falls due: the only ways the state changes after genesis.

A record, in order: the bytes, the form of the fields, the author's authority, the rules of the
subject. The first rule that does not hold is the outcome, and nothing changes. Deadlines act
before a block's first record, so that no record sees a state that time has overtaken.
"""

from contracts.catalogue import ACTS, DEADLINES
from contracts.encoding import decode_record
from contracts.kernel.deadline import DueCase
from contracts.kernel.form import problems
from contracts.kernel.outcome import Accepted, BlockContext, Context, DueAct, Rejected
from contracts.kernel.record import Record
from contracts.kernel.rule import RuleViolation, violation
from contracts.kernel.state import Ledger, StateView
from contracts.kernel.timers import MAX_DUE_ACTS, take_due
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


def due_acts(context: BlockContext, view: StateView) -> tuple[DueAct, ...]:
    """What falls due by the time of a block, in order, each on the state after those before it.

    At most MAX_DUE_ACTS; what is left over falls due in the next block. None of them: nothing is
    to be written.
    """
    acts: list[DueAct] = []
    state = _Overlay(view)
    while len(acts) < MAX_DUE_ACTS:
        ledger = Ledger(state)
        timer = take_due(context.time_ms, ledger)
        if timer is None:
            break
        DEADLINES[timer.deadline].handler(DueCase(timer.reference, ledger, context.time_ms))
        changes = ledger.changes()
        state.values.update(changes)
        acts.append(DueAct(timer.deadline, timer.reference, changes))
    return tuple(acts)


class _Overlay:
    """A view with changes laid over it. A StateView."""

    def __init__(self, view: StateView) -> None:
        self._view = view
        self.values: dict[str, bytes | None] = {}

    def get(self, key: str) -> bytes | None:
        return self.values[key] if key in self.values else self._view.get(key)


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
