"""Import an NCTS message: the one function the edge calls.

A CC015C becomes a declaration and its particulars. Any other message is read and checked, and what
it says is reported; it makes no record. Nothing is written anywhere: the caller lodges the record
and puts the particulars into its member's payload store.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from contracts.transit.records import Lodge
from ledger_node.codec import Digest
from ledger_node.interop.money import major_units
from ledger_node.interop.ncts import declaration as declarations
from ledger_node.interop.ncts.declaration import Declaration
from ledger_node.interop.ncts.groups import particulars_of, secrets_in
from ledger_node.interop.ncts.lodging import lodging_of
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

    declaration, lodging: of a CC015C, else None; lodging is the record to sign and submit.
    particulars: of a CC015C, for its member's payload store. replacements: what was translated.
    """

    kind: str
    phase: str
    notices: tuple[Notice, ...]
    declaration: Declaration | None
    lodging: Lodge | None
    replacements: tuple[Replacement, ...]
    particulars: tuple[Particulars, ...]

    @property
    def commitments(self) -> tuple[tuple[ParticularGroup, Digest], ...]:
        """(group, 32-byte commitment) of every particular: what goes on the ledger."""
        return _commitments(self.particulars)

    @property
    def summary(self) -> tuple[str, ...]:
        """The report for people, line by line. Holds public fields only."""
        lines = [f"{self.kind} of phase {self.phase}: read and valid"]
        if self.declaration is not None:
            lines += _summary(self.declaration)
            groups = ", ".join(each.group.value for each in self.particulars)
            lines.append(f"particulars kept from the ledger, committed to: {groups}")
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
    if message.kind != declarations.KIND:
        return ImportedMessage(message.kind, message.phase, message.notices, None, None, (), ())
    taken = declarations.take(message, translation)
    declaration = replace(taken.declaration, carrier=carrier or taken.declaration.carrier)
    particulars = particulars_of(message.root, salts)
    _refuse_oversized(particulars)
    return ImportedMessage(
        kind=message.kind,
        phase=message.phase,
        notices=(
            *message.notices,
            *taken.notices,
            *_about_carrier(taken.declaration, carrier),
            *_dropped(message),
        ),
        declaration=declaration,
        lodging=lodging_of(declaration, _commitments(particulars)),
        replacements=taken.replacements,
        particulars=particulars,
    )


def _commitments(
    particulars: tuple[Particulars, ...],
) -> tuple[tuple[ParticularGroup, Digest], ...]:
    return tuple((each.group, commitment_of(each)) for each in particulars)


def _about_carrier(declaration: Declaration, given: str | None) -> tuple[Notice, ...]:
    path = f"{declarations.KIND}/Consignment/Carrier"
    if given and declaration.carrier:
        return (Notice(path, f"{declaration.carrier} in the message, replaced by {given}"),)
    if given:
        return (Notice(path, f"not in the message, {given} as asked"),)
    if not declaration.carrier:
        return (Notice(path, "not in the message: the holder is taken to be the carrier"),)
    return ()


def _refuse_oversized(particulars: tuple[Particulars, ...]) -> None:
    """Paths are repeated for every leaf, so the plaintext can be longer than the message."""
    problems = tuple(
        Problem("", 0, f"has too many {each.group.value} particulars to keep", RECORD)
        for each in particulars
        if len(each.plaintext) > MAX_PLAINTEXT
    )
    if problems:
        raise ImportRefused(declarations.KIND, problems)


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
        f"LRN {declaration.lrn}, {declaration.declaration_type}, {lodged}",
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
