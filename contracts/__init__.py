"""The contracts: customs rules that every member of the union executes alike.

`apply(record, context, view)` is the whole of it: a function from one record, the block it stands
in and the state before it, to state changes or to the rule that refuses it; `due_acts` is what
happens by itself once its time has come. Pure by construction and by guard
(tests/contracts/test_determinism_guard.py): no I/O, no clock, no randomness, no floats, no
unordered iteration, imports from an allow-list.

Subjects: `registry`, `reference`, `conduct`, `guarantee`, `transit`, `seals`, `control`,
`ecommerce`, `compliance`, `governance`. Each has `records` (what can be signed),
`objects` (what the state keeps), `rules` (what the law asks), `acts` (who may do what) and modules
of handlers that read from top to bottom like the law. docs/rulebook.md is generated from them.
"""

from contracts.catalogue import RECORD_KINDS, RULES
from contracts.encoding import decode_object, decode_record, encode_record
from contracts.execution import apply, author_problem, due_acts
from contracts.genesis import GenesisMember, genesis_state
from contracts.json_form import (
    FieldProblem,
    RecordFormError,
    object_to_json,
    record_from_json,
    record_to_json,
)
from contracts.kernel.outcome import Accepted, BlockContext, Context, DueAct, Rejected
from contracts.kernel.record import MAX_RECORD_BYTES, Record
from contracts.kernel.rule import Rule, RuleViolation
from contracts.kernel.state import CorruptObjectError, StateView
from contracts.schema import json_schema

__all__ = [
    "MAX_RECORD_BYTES",
    "RECORD_KINDS",
    "RULES",
    "Accepted",
    "BlockContext",
    "Context",
    "CorruptObjectError",
    "DueAct",
    "FieldProblem",
    "GenesisMember",
    "Record",
    "RecordFormError",
    "Rejected",
    "Rule",
    "RuleViolation",
    "StateView",
    "apply",
    "author_problem",
    "decode_object",
    "decode_record",
    "due_acts",
    "encode_record",
    "genesis_state",
    "json_schema",
    "object_to_json",
    "record_from_json",
    "record_to_json",
]
