"""From a declaration and its commitments to the record that lodges it, or amends what was lodged.

A field that the record cannot hold is a problem of the element it came from, so a sender reads
"CC015C/TransitOperation/LRN" and not the name of a field it never wrote.
"""

import re

from contracts.kernel import form
from contracts.kernel.record import MAX_RECORD_BYTES, Record
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Content,
    DeclarationType,
    Exemption,
    ExemptionGround,
    GuaranteeUse,
    Particular,
)
from contracts.transit.records import Amend, AmendRegistered, Lodge
from ledger_node.codec import Digest, encode
from ledger_node.interop.ncts.declaration import KIND, Declaration, end_of_day_ms
from ledger_node.interop.refusal import RECORD, ImportRefused, Problem
from ledger_node.ledger.particulars import ParticularGroup

_ELEMENTS = {
    "lrn": "TransitOperation/LRN",
    "mrn": "TransitOperation/MRN",
    "content.holder": "HolderOfTheTransitProcedure/identificationNumber",
    "content.carrier": "Consignment/Carrier/identificationNumber",
    "content.office_of_departure": "CustomsOfficeOfDeparture/referenceNumber",
    "content.transit_offices": "CustomsOfficeOfTransitDeclared/referenceNumber",
    "content.office_of_destination": "CustomsOfficeOfDestinationDeclared/referenceNumber",
    "content.guarantees": "Guarantee",
    "content.exemption.reference": "Guarantee/otherGuaranteeReference",
    "content.guarantees.grn": "Guarantee/GuaranteeReference/GRN",
    "content.guarantees.amount": "Guarantee/GuaranteeReference/amountToBeCovered",
    "content.guarantees.currency": "Guarantee/GuaranteeReference/currency",
    "content.gross_mass_grams": "Consignment/grossMass",
    "content.containers": "Consignment/TransportEquipment/containerIdentificationNumber",
    "content.equipment": "Consignment/TransportEquipment",
    "content.seals": "Consignment/TransportEquipment/Seal",
    "content.limit_date_ms": "TransitOperation/limitDate",
    "office": "CustomsOfficeOfDestinationActual/referenceNumber",
    "reason": "Invalidation/justification",
}
_EXEMPT = tuple(ground.value for ground in ExemptionGround)
"""Types of code list 251 that stand for no guarantee."""

_POSITION = re.compile(r"\[\d+\]")


def record_of(
    kind: str,
    declaration: Declaration,
    commitments: tuple[tuple[ParticularGroup, Digest], ...],
) -> Lodge | Amend | AmendRegistered:
    """The record that a CC015C or CC013C makes. Raises ImportRefused if the ledger cannot hold it.

    A declaration without carrier is lodged with its holder as carrier. Guarantee types that say
    why no guarantee is required make an exemption, unless guarantees are named as well.
    """
    problems = tuple(
        Problem(
            f"{kind}/Guarantee/GuaranteeReference",
            0,
            f"of guarantee type {use.type} has no GRN; the ledger covers a movement only by "
            "guarantees that have one",
            RECORD,
        )
        for use in declaration.guarantees
        if not use.grn and use.type not in _EXEMPT
    )
    if problems:
        raise ImportRefused(kind, problems)
    content = _content(declaration, commitments)
    record: Lodge | Amend | AmendRegistered
    if kind == KIND:
        record = Lodge(declaration.lrn, AdditionalType(declaration.additional_type), content)
    elif declaration.mrn:
        record = AmendRegistered(declaration.mrn, content)
    else:
        record = Amend(declaration.lrn, content)
    refuse_unfit(kind, record)
    return record


def refuse_unfit(kind: str, record: Record) -> None:
    """Raise ImportRefused if the ledger could not hold a record, naming the elements it is from."""
    problems = tuple(_problem(kind, found) for found in form.problems(record))
    if problems:
        raise ImportRefused(kind, problems)
    size = len(encode(record))
    if size > MAX_RECORD_BYTES:
        reason = f"makes a record of {size} bytes; at most {MAX_RECORD_BYTES} fit"
        raise ImportRefused(kind, (Problem("", 0, reason, RECORD),))


def _content(
    declaration: Declaration, commitments: tuple[tuple[ParticularGroup, Digest], ...]
) -> Content:
    limit = declaration.limit_date
    return Content(
        declaration_type=DeclarationType(declaration.declaration_type),
        holder=declaration.holder,
        carrier=declaration.carrier or declaration.holder,
        office_of_departure=declaration.office_of_departure,
        transit_offices=declaration.offices_of_transit,
        office_of_destination=declaration.office_of_destination,
        guarantees=tuple(
            GuaranteeUse(grn=use.grn, amount=use.amount, currency=use.currency)
            for use in declaration.guarantees
            if use.grn
        ),
        exemption=_exemption(declaration),
        goods=ORDINARY_GOODS,
        gross_mass_grams=declaration.gross_mass,
        containers=declaration.containers,
        equipment=declaration.equipment,
        seals=len(declaration.seals),
        limit_date_ms=None if limit is None else end_of_day_ms(limit),
        particulars=tuple(
            Particular(group=group.value, commitment=commitment)
            for group, commitment in commitments
        ),
    )


def _exemption(declaration: Declaration) -> Exemption | None:
    if any(use.grn for use in declaration.guarantees):
        return None
    use = declaration.guarantees[0]
    return Exemption(ground=ExemptionGround(use.type), reference=use.other)


def _problem(kind: str, found: form.Problem) -> Problem:
    field = _POSITION.sub("", found.path)
    element = _ELEMENTS.get(field, field)
    reason = f"is {found.shown}; a record takes: {found.form.text} (rule {found.form.rule.id})"
    return Problem(f"{kind}/{element}", 0, reason, RECORD)
