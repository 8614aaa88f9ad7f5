"""Import an NCTS message: the one function the edge calls.

A CC015C becomes a declaration and its particulars, a CC013C an amended one; CC007C, CC014C, CC044C
and CC170C become the record of the same act. Any other message, those of customs to traders among
them, is read and checked, and what it says is reported; it makes no record. Nothing is written
anywhere: the caller signs the record and puts particulars into its member's payload store.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from contracts.kernel.record import Record
from contracts.transit.records import Lodge
from ledger_node.codec import Digest
from ledger_node.interop.money import major_units
from ledger_node.interop.ncts import declaration as declarations
from ledger_node.interop.ncts.acts import act_of
from ledger_node.interop.ncts.declaration import Declaration
from ledger_node.interop.ncts.groups import particulars_of, secrets_in
from ledger_node.interop.ncts.kinds import title_of
from ledger_node.interop.ncts.lodging import record_of
from ledger_node.interop.ncts.phases import Notice
from ledger_node.interop.ncts.reader import Message, read
from ledger_node.interop.refusal import RECORD, ImportRefused, Problem
from ledger_node.interop.translation import NO_TRANSLATION, Replacement, Translation
from ledger_node.ledger.particulars import (
    MAX_PLAINTEXT,
    ParticularGroup,
    Particulars,
    commitment_of,
)


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """What a message holds, split into what may be seen and what is committed to.

    record: to be signed by `by` and submitted, None if the message makes none; declaration,
    particulars: of a CC015C or CC013C, the latter for the member's payload store; replacements:
    what was translated; references: the LRN and MRN it names.
    """

    kind: str
    phase: str
    notices: tuple[Notice, ...]
    declaration: Declaration | None
    record: Record | None
    replacements: tuple[Replacement, ...]
    particulars: tuple[Particulars, ...]
    by: str = ""
    references: tuple[tuple[str, str], ...] = ()

    @property
    def lodging(self) -> Lodge | None:
        """The record of a CC015C, else None."""
        return self.record if isinstance(self.record, Lodge) else None

    @property
    def commitments(self) -> tuple[tuple[ParticularGroup, Digest], ...]:
        """(group, 32-byte commitment) of every particular: what goes on the ledger."""
        return _commitments(self.particulars)

    @property
    def summary(self) -> tuple[str, ...]:
        """The report for people, line by line. Holds public fields only."""
        lines = [f"{self.kind} ({title_of(self.kind)}) of phase {self.phase}: read and valid"]
        lines += [f"{name} {reference}" for name, reference in self.references]
        if self.declaration is not None:
            lines += _summary(self.declaration)
            groups = ", ".join(each.group.value for each in self.particulars)
            lines.append(f"particulars kept from the ledger, committed to: {groups}")
        if self.record is not None:
            lines.append(f"makes the record {self.record.kind()}, signed by {self.by}")
        lines += [f"translated: {replacement}" for replacement in self.replacements]
        lines += [f"note: {notice}" for notice in self.notices]
        return tuple(lines)


def import_message(
    xml: bytes,
    translation: Translation = NO_TRANSLATION,
    *,
    salts: Callable[[], bytes],
    carrier: str | None = None,
) -> ImportedMessage:
    """Read, check and split a message.

    salts: gives 32 fresh secret random bytes a call, e.g. `lambda: secrets.token_bytes(32)`;
    carrier: the participant that carries the goods, in place of the one the message may name.
    Raises ImportRefused, which lists every problem with element, line and reason.
    """
    message = read(xml)
    if message.kind not in declarations.KINDS:
        return _other(message, translation)
    taken = declarations.take(message, translation)
    declaration = replace(taken.declaration, carrier=carrier or taken.declaration.carrier)
    particulars = particulars_of(message.root, salts)
    _refuse_oversized(message.kind, particulars)
    return ImportedMessage(
        kind=message.kind,
        phase=message.phase,
        notices=(
            *message.notices,
            *taken.notices,
            *_about_carrier(message.kind, taken.declaration, carrier),
            *_dropped(message),
        ),
        declaration=declaration,
        record=record_of(message.kind, declaration, _commitments(particulars)),
        replacements=taken.replacements,
        particulars=particulars,
        by="the declarant",
        references=_references(message),
    )


def _other(message: Message, translation: Translation) -> ImportedMessage:
    """A message that is no declaration."""
    act = act_of(message, translation)
    return ImportedMessage(
        kind=message.kind,
        phase=message.phase,
        notices=message.notices if act is None else (*message.notices, *act.notices),
        declaration=None,
        record=None if act is None else act.record,
        replacements=() if act is None else act.replacements,
        particulars=(),
        by="" if act is None else act.by,
        references=_references(message),
    )


def _references(message: Message) -> tuple[tuple[str, str], ...]:
    named = ((name, message.root.value(f"TransitOperation/{name}")) for name in ("LRN", "MRN"))
    return tuple((name, reference) for name, reference in named if reference)


def _commitments(
    particulars: tuple[Particulars, ...],
) -> tuple[tuple[ParticularGroup, Digest], ...]:
    return tuple((each.group, commitment_of(each)) for each in particulars)


def _about_carrier(kind: str, declaration: Declaration, given: str | None) -> tuple[Notice, ...]:
    path = f"{kind}/Consignment/Carrier"
    if given and declaration.carrier:
        return (Notice(path, f"{declaration.carrier} in the message, replaced by {given}"),)
    if given:
        return (Notice(path, f"not in the message, {given} as asked"),)
    if not declaration.carrier:
        return (Notice(path, "not in the message: the holder is taken to be the carrier"),)
    return ()


def _refuse_oversized(kind: str, particulars: tuple[Particulars, ...]) -> None:
    """Paths are repeated for every leaf, so the plaintext can be longer than the message."""
    problems = tuple(
        Problem("", 0, f"has too many {each.group.value} particulars to keep", RECORD)
        for each in particulars
        if len(each.plaintext) > MAX_PLAINTEXT
    )
    if problems:
        raise ImportRefused(kind, problems)


def _dropped(message: Message) -> tuple[Notice, ...]:
    text = "read past and not kept: an access code stays with the holder of the guarantee"
    return tuple(Notice(f"{message.kind}/{path}", text) for path in secrets_in(message.root))


def _summary(declaration: Declaration) -> list[str]:
    route = [
        declaration.office_of_departure,
        *declaration.offices_of_transit,
        declaration.office_of_destination,
    ]
    lodged = "pre-lodged" if declaration.pre_lodged else "goods presented"
    lines = [
        f"{declaration.declaration_type}, {lodged}",
        f"holder {declaration.holder}, carrier {declaration.carrier or declaration.holder}",
        f"route {' → '.join(route)}",
        f"goods items: {declaration.items}, gross mass: {declaration.gross_mass} g, "
        f"seals: {', '.join(declaration.seals) or 'none'}",
    ]
    for use in declaration.guarantees:
        if not use.currency:
            lines.append(f"guarantee of type {use.type}: {use.other or 'without reference'}")
            continue
        reference = use.grn or use.other or "without reference"
        amount = major_units(use.amount, use.currency)
        lines.append(f"guarantee {reference} of type {use.type}, to cover {amount}")
    if declaration.limit_date is not None:
        lines.append(f"arrival by {declaration.limit_date.isoformat()}")
    return lines
