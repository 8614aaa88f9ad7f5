"""The records that messages about a declaration make: its invalidation, presentation, arrival, and
the remarks of unloading.

A record says what shared rules ask and no more: goods, places and vehicles that a message tells
stay with its sender. Sources: NCTS DDNTA messages IE007, IE014, IE044, IE170.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.kernel.record import Record
from contracts.references import is_mrn
from contracts.transit.records import (
    Discrepancy,
    NotifyArrival,
    Present,
    RecordUnloading,
    RequestInvalidation,
    Withdraw,
)
from ledger_node.interop.ncts.element import Element
from ledger_node.interop.ncts.lodging import refuse_unfit
from ledger_node.interop.ncts.phases import Notice
from ledger_node.interop.ncts.reader import Message
from ledger_node.interop.refusal import (
    ONE_NAME,
    REFERENCE,
    ImportRefused,
    ImportRule,
    Problem,
    shown,
)
from ledger_node.interop.translation import Replacement, Role, Translation

MAX_DISCREPANCIES = 32
"""As many as a record of unloading holds."""

_PATH = 96
"""Characters of the path of a field that differs."""


@dataclass(frozen=True, slots=True)
class Act:
    """The record a message makes. by: who signs it, for people."""

    record: Record
    by: str
    notices: tuple[Notice, ...]
    replacements: tuple[Replacement, ...] = ()


def act_of(message: Message, translation: Translation) -> Act | None:
    """The record of a message that makes one and is no declaration; None if it makes none.

    Raises ImportRefused: a reference is missing or wrong, or the ledger cannot hold the record.
    """
    making = _MAKING.get(message.kind)
    if making is None:
        return None
    act = making(message, translation)
    refuse_unfit(message.kind, act.record)
    return act


def _presentation(message: Message, _: Translation) -> Act:
    lrn = message.root.value("TransitOperation/LRN")
    return Act(Present(lrn), "the declarant", _kept(message, "Consignment"))


def _invalidation(message: Message, _: Translation) -> Act:
    lrn, mrn = message.root.value("TransitOperation/LRN"), _mrn(message)
    if bool(lrn) == bool(mrn):
        both = "both LRN and MRN" if mrn else "neither LRN nor MRN"
        reason = f"has {both}; one of them says which declaration is meant"
        raise _refused(message, "TransitOperation", reason, ONE_NAME)
    justification = message.root.value("Invalidation/justification")
    notices: tuple[Notice, ...] = ()
    if not justification:
        justification = f"NCTS message {message.root.value('messageIdentification')}"
        path = f"{message.kind}/Invalidation/justification"
        notices = (Notice(path, f"not in the message: the record says {justification!r}"),)
    record: Record = (
        RequestInvalidation(mrn, justification) if mrn else Withdraw(lrn, justification)
    )
    return Act(record, "the declarant", notices)


def _arrival(message: Message, translation: Translation) -> Act:
    office = message.root.value("CustomsOfficeOfDestinationActual/referenceNumber")
    told = translation.of(Role.DESTINATION, office)
    replaced = () if told == office else (Replacement(Role.DESTINATION, office, told),)
    record = NotifyArrival(_mrn(message), told)
    return Act(record, "the carrier or the declarant", (), replaced)


def _unloading(message: Message, _: Translation) -> Act:
    """What differs is named, not told: the remarks stay with the office."""
    root = message.root
    conform = root.value("UnloadingRemark/conform") == "1"
    stated = root.value("UnloadingRemark/stateOfSeals")
    where = f"NCTS message {root.value('messageIdentification')}"
    found: tuple[Discrepancy, ...] = ()
    notices: list[Notice] = []
    if not stated:
        path = f"{message.kind}/UnloadingRemark/stateOfSeals"
        notices.append(Notice(path, "not in the message: seals are taken to be intact"))
    if not conform:
        fields = tuple(dict.fromkeys(_differing(root))) or ("UnloadingRemark",)
        found = tuple(Discrepancy(name, f"differs, see {where}") for name in fields)
        if len(found) > MAX_DISCREPANCIES:
            text = f"{len(found)} fields differ; the record names the first {MAX_DISCREPANCIES}"
            notices.append(Notice(f"{message.kind}/Consignment", text))
    record = RecordUnloading(
        mrn=_mrn(message),
        conform=conform,
        seals_intact=stated != "0",
        discrepancies=found[:MAX_DISCREPANCIES],
    )
    return Act(record, "the office of destination", tuple(notices))


def _differing(root: Element) -> "list[str]":
    """Paths of the fields that remarks correct, without their numbering."""
    consignment = root.find("Consignment")
    if consignment is None:
        return []
    return [
        f"Consignment/{path}"[:_PATH]
        for path, _ in consignment.leaves()
        if not path.endswith(("sequenceNumber", "goodsItemNumber", "GoodsItemNumber"))
    ]


def _mrn(message: Message) -> str:
    mrn = message.root.value("TransitOperation/MRN")
    if mrn and not is_mrn(mrn):
        reason = f"is {shown(mrn)}, whose check digit does not match"
        raise _refused(message, "TransitOperation/MRN", reason, REFERENCE)
    return mrn


def _kept(message: Message, name: str) -> tuple[Notice, ...]:
    if message.root.find(name) is None:
        return ()
    return (Notice(f"{message.kind}/{name}", "stays with you; the record does not hold it"),)


def _refused(message: Message, path: str, reason: str, rule: ImportRule) -> ImportRefused:
    element = message.root.find(path)
    line = element.line if element else 0
    return ImportRefused(message.kind, (Problem(f"{message.kind}/{path}", line, reason, rule),))


_MAKING: dict[str, Callable[[Message, Translation], Act]] = {
    "CC007C": _arrival,
    "CC014C": _invalidation,
    "CC044C": _unloading,
    "CC170C": _presentation,
}
