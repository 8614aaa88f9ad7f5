"""Who may do what, written down once more and apart from the contracts.

`ROLES` says which roles and functions may make a record, `FINISHES` what may be done after one's
member left, `STANDING` what else the author must be, judged by the state before the record. A
change of competence shows here, in a test, and not only in a generated page.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.registry.objects import Participant

_BY_ROLES = {
    "registrar": "registry.register registry.suspend registry.reinstate registry.amend "
    "governance.propose-contract-set governance.propose-epoch governance.propose-suspension "
    "governance.propose-reinstatement governance.propose-commission governance.propose-dismissal "
    "governance.vote governance.withdraw conduct.authorise conduct.end-authorisation",
    "registrar, auditor": "governance.report-equivocation",
    "commission": "reference.define-list compliance.set-offence-kind",
    "commission, registrar": "reference.publish-rates reference.set-codes reference.set-threshold",
    "anyone": "registry.add-key registry.revoke-key registry.rotate-key",
    "guarantor": "guarantee.undertake transit.contest-claim",
    "office of guarantee": "guarantee.grant guarantee.accept guarantee.suspend guarantee.reinstate "
    "guarantee.certify guarantee.withdraw-certificate",
    "guarantor, office of guarantee": "guarantee.amend-amount guarantee.extend guarantee.top-up "
    "guarantee.revoke guarantee.cancel",
    "declarant": "transit.lodge transit.amend transit.present transit.withdraw "
    "transit.amend-registered transit.request-invalidation",
    "office of departure": "transit.reject transit.register transit.control "
    "transit.refuse-invalidation transit.invalidate transit.release transit.refuse-release "
    "transit.extend-deadline transit.change-destination transit.discharge transit.accept-proof "
    "transit.start-recovery transit.notify-debt",
    "office of transit, office of exit, office of destination": "transit.take-diversion",
    "office of transit, office of exit": "transit.crossing",
    "carrier": "transit.report-incident",
    "carrier, declarant": "transit.notify-arrival",
    "office of destination": "transit.arrival transit.deliver-part transit.unloading "
    "transit.resolve-discrepancies transit.complete ecommerce.decide",
    "declarant, office of destination": "transit.reply-to-enquiry",
    "office": "transit.endorse-incident transit.decide-contest transit.record-payment "
    "transit.write-off seals.judge-alarm control.order control.report control.cancel "
    "compliance.open compliance.offer compliance.take compliance.decide compliance.decide-appeal "
    "compliance.payment compliance.close",
    "seal_operator": "seals.register seals.activate seals.report-event seals.deactivate "
    "seals.set-aside seals.take-back seals.offer-handover seals.accept-handover "
    "seals.commit-positions",
    "declarant, carrier, ecommerce_operator, registrar": "compliance.appeal",
    "ecommerce_operator": "ecommerce.declare ecommerce.withdraw ecommerce.consign "
    "ecommerce.show-parcel ecommerce.return",
}

ROLES: Mapping[str, tuple[str, ...]] = {
    kind: tuple(roles.split(", ")) for roles, kinds in _BY_ROLES.items() for kind in kinds.split()
}
"""By record kind: roles, or functions of offices, that may make it."""

_FINISHING = (
    "registry.revoke-key registry.rotate-key guarantee.suspend guarantee.revoke "
    "guarantee.cancel guarantee.withdraw-certificate transit.withdraw transit.reject "
    "transit.request-invalidation transit.refuse-invalidation transit.invalidate "
    "transit.refuse-release transit.extend-deadline transit.change-destination "
    "transit.crossing transit.report-incident transit.endorse-incident "
    "transit.notify-arrival transit.arrival transit.deliver-part transit.unloading "
    "transit.resolve-discrepancies transit.complete transit.discharge "
    "transit.reply-to-enquiry transit.accept-proof transit.start-recovery "
    "transit.notify-debt transit.contest-claim transit.decide-contest transit.record-payment "
    "transit.write-off seals.report-event seals.judge-alarm seals.deactivate seals.set-aside "
    "seals.take-back seals.offer-handover seals.commit-positions control.report "
    "control.cancel compliance.offer compliance.decide compliance.appeal "
    "compliance.decide-appeal compliance.payment compliance.close ecommerce.withdraw "
    "ecommerce.decide ecommerce.show-parcel ecommerce.return"
)
FINISHES = frozenset(_FINISHING.split())
"""Record kinds that end what is open: participants of a member that left still make them."""


def holds(participant: Participant, kind: str) -> bool:
    """True if its roles and functions allow a participant to make records of a kind."""
    allowed = ROLES[kind]
    return (
        "anyone" in allowed
        or any(role.value in allowed for role in participant.roles)
        or any(f"office of {function.value}" in allowed for function in participant.functions)
    )


State = Callable[[str], Any]
"""Gives the object under a key, None if there is none."""

Test = Callable[[State, Participant, Any], bool]


def _of(key: str, field: str) -> Test:
    """The author is named in a field of the object that the record names."""
    return lambda state, author, record: _field(state(_keyed(key, record)), field) == author.id


def _keyed(key: str, record: Any) -> str:
    named = {name: getattr(record, name) for name in record.__struct_fields__}
    return key.format(**named)


def _field(item: Any, path: str) -> Any:
    for step in path.split("."):
        item = getattr(item, step)
    return item


def _own_participant(field: str) -> Test:
    return lambda state, author, record: (
        state(f"participant/{getattr(record, field)}").member == author.member
    )


def _own_keys(state: State, author: Participant, record: Any) -> bool:
    owner = state(f"participant/{record.id}")
    registrar = "registrar" in author.roles and owner.member == author.member
    return author.id == record.id or registrar


def _own_declaration(state: State, author: Participant, record: Any) -> bool:
    return state(f"declaration/{author.id}/{record.lrn}") is not None


def _departure_of_declaration(state: State, author: Participant, record: Any) -> bool:
    declaration = state(f"declaration/{record.declarant}/{record.lrn}")
    return bool(declaration.content.office_of_departure == author.id)


def _stands_in(state: State, author: Participant, record: Any) -> bool:
    itinerary = state(f"movement/{record.mrn}").itinerary
    if record.instead_of == itinerary.office_of_destination and "destination" in author.functions:
        return True
    expected = state(f"participant/{record.instead_of}")
    return expected.member == author.member and {"transit", "exit"} & set(author.functions) != set()


def _next_office(state: State, author: Participant, record: Any) -> bool:
    movement = state(f"movement/{record.mrn}")
    ahead = movement.itinerary.transit_offices[len(movement.crossings) :]
    return bool(ahead) and ahead[0] == author.id


def _where_it_happened(state: State, author: Participant, record: Any) -> bool:
    incident = state(f"movement/{record.mrn}").incidents[record.number - 1]
    return bool(incident.member == author.member)


def _carrier_or_declarant(state: State, author: Participant, record: Any) -> bool:
    movement = state(f"movement/{record.mrn}")
    return author.id in (movement.content.carrier, movement.declarant)


def _asked(state: State, author: Participant, record: Any) -> bool:
    enquiry = state(f"movement/{record.mrn}").enquiry
    return author.id in (enquiry.holder.to, enquiry.destination.to)


def _creditor(state: State, author: Participant, record: Any) -> bool:
    movement = state(f"movement/{record.mrn}")
    office = state(f"participant/{movement.content.office_of_departure}")
    owed_to = office.member if movement.debt is None else movement.debt.payable_in
    return bool(author.member == owed_to)


def _own_seal(state: State, author: Participant, record: Any) -> bool:
    transport = state(f"transport/{record.transport}")
    in_charge = transport is None or transport.operator == author.id
    return bool(state(f"seal/{record.seal}").operator == author.id and in_charge)


def _in_charge_of_seal(state: State, author: Participant, record: Any) -> bool:
    seal = state(f"seal/{record.seal}")
    if seal.transport is None:
        return bool(seal.operator == author.id)
    return bool(state(f"transport/{seal.transport}").operator == author.id)


def _national_currency(state: State, author: Participant, record: Any) -> bool:
    own = state(f"code/national-currency/{author.member}")
    return "commission" in author.roles or all(
        own is not None and line.currency == own.meaning for line in record.rates
    )


def _national_codes(state: State, author: Participant, record: Any) -> bool:
    return "commission" in author.roles or (
        state(f"code-list/{record.list}").national
        and all(line.code.startswith(author.member) for line in record.codes)
    )


def _own_threshold(state: State, author: Participant, record: Any) -> bool:
    if record.member is None:
        return "commission" in author.roles
    return bool(record.member == author.member)


def _entitled(state: State, author: Participant, change: Any) -> bool:
    charter = state("charter/union")
    concerned = change.member if type(change).__name__.startswith(("Susp", "Reinst")) else None
    return author.member in charter.committee and author.member != concerned


def _proposes(state: State, author: Participant, record: Any) -> bool:
    return _entitled(state, author, record.change)


def _votes(state: State, author: Participant, record: Any) -> bool:
    proposal = state(f"proposal/{record.proposal}")
    voted = [vote.member for vote in proposal.votes]
    return _entitled(state, author, proposal.change) and author.member not in voted


def _on_the_way(state: State, author: Participant, record: Any) -> bool:
    movement = state(f"movement/{record.mrn}")
    members = (*movement.route, *(incident.member for incident in movement.incidents))
    return author.member in members and record.place.startswith(author.member)


def _competent_for_matter(state: State, author: Participant, record: Any) -> bool:
    if record.basis == "bulk_declaration":
        return bool(state(f"bulk/{record.matter}").member == author.member)
    movement = state(f"movement/{record.matter}")
    members = (*movement.route, *(incident.member for incident in movement.incidents))
    return author.member in members


def _offender(state: State, author: Participant, record: Any) -> bool:
    registrar = "registrar" in author.roles
    same = state(f"participant/{record.offender}").member == author.member
    return author.id == record.offender or (registrar and same)


def _another_office(state: State, author: Participant, record: Any) -> bool:
    offence = state(_keyed(_CASE, record))
    return bool(offence.member == author.member and offence.decision.office != author.id)


def _member_of_case(state: State, author: Participant, record: Any) -> bool:
    return bool(state(_keyed(_CASE, record)).member == author.member)


def _own_bulk(state: State, author: Participant, record: Any) -> bool:
    return state(f"bulk/{author.id}/{record.lrn}") is not None


def _anyone(state: State, author: Participant, record: Any) -> bool:
    return True


_CASE = "offence/{offence}/{matter}/{offender}"
_DEPARTURE = _of("movement/{mrn}", "content.office_of_departure")
_DESTINATION = _of("movement/{mrn}", "itinerary.office_of_destination")
_CONTROL = _of("control/{mrn}/{control.value}/{number}", "office")

STANDING: Mapping[str, Test] = {
    "registry.register": lambda state, author, record: record.member == author.member,
    **dict.fromkeys(
        ("registry.suspend", "registry.reinstate", "registry.amend"), _own_participant("id")
    ),
    **dict.fromkeys(("registry.add-key", "registry.revoke-key", "registry.rotate-key"), _own_keys),
    "guarantee.undertake": _anyone,
    "guarantee.grant": lambda state, author, record: record.grn[2:4] == author.member,
    **dict.fromkeys(
        (
            "guarantee.accept",
            "guarantee.suspend",
            "guarantee.reinstate",
            "guarantee.certify",
            "guarantee.withdraw-certificate",
        ),
        _of("guarantee/{grn}", "office"),
    ),
    **dict.fromkeys(
        ("guarantee.amend-amount", "guarantee.extend", "guarantee.top-up", "guarantee.revoke"),
        _of("guarantee/{grn}", "guarantor"),
    ),
    "guarantee.cancel": lambda state, author, record: (
        author.id
        in (state(f"guarantee/{record.grn}").guarantor, state(f"guarantee/{record.grn}").office)
    ),
    "transit.lodge": lambda state, author, record: record.content.holder == author.id,
    **dict.fromkeys(("transit.amend", "transit.present", "transit.withdraw"), _own_declaration),
    **dict.fromkeys(("transit.reject", "transit.register"), _departure_of_declaration),
    **dict.fromkeys(
        ("transit.amend-registered", "transit.request-invalidation"),
        _of("movement/{mrn}", "declarant"),
    ),
    **dict.fromkeys(
        (
            "transit.control",
            "transit.refuse-invalidation",
            "transit.invalidate",
            "transit.release",
            "transit.refuse-release",
            "transit.extend-deadline",
            "transit.change-destination",
            "transit.discharge",
            "transit.accept-proof",
            "transit.start-recovery",
            "transit.notify-debt",
        ),
        _DEPARTURE,
    ),
    "transit.take-diversion": _stands_in,
    "transit.crossing": _next_office,
    "transit.report-incident": _of("movement/{mrn}", "content.carrier"),
    "transit.endorse-incident": _where_it_happened,
    "transit.notify-arrival": _carrier_or_declarant,
    **dict.fromkeys(
        (
            "transit.arrival",
            "transit.deliver-part",
            "transit.unloading",
            "transit.resolve-discrepancies",
            "transit.complete",
        ),
        _DESTINATION,
    ),
    "transit.reply-to-enquiry": _asked,
    "transit.contest-claim": _of("claim/{grn}/{mrn}", "guarantor"),
    **dict.fromkeys(
        ("transit.decide-contest", "transit.record-payment", "transit.write-off"), _creditor
    ),
    "seals.register": _anyone,
    "seals.activate": _own_seal,
    "seals.report-event": _in_charge_of_seal,
    "seals.judge-alarm": lambda state, author, record: (
        state(f"alarm/{record.seal}/{record.number}").member == author.member
    ),
    "seals.deactivate": _in_charge_of_seal,
    "seals.set-aside": _in_charge_of_seal,
    "seals.take-back": _of("seal/{seal}", "operator"),
    "seals.offer-handover": _of("transport/{transport}", "operator"),
    "seals.accept-handover": _of("transport/{transport}", "offered_to"),
    "seals.commit-positions": _of("transport/{transport}", "operator"),
    "reference.publish-rates": _national_currency,
    "reference.define-list": _anyone,
    "reference.set-codes": _national_codes,
    "reference.set-threshold": _own_threshold,
    **dict.fromkeys((kind for kind in ROLES if kind.startswith("governance.propose-")), _proposes),
    "governance.vote": _votes,
    "governance.report-equivocation": _anyone,
    "governance.withdraw": lambda state, author, record: (
        state(f"proposal/{record.proposal}").member == author.member
    ),
    "control.order": _on_the_way,
    "control.report": _CONTROL,
    "control.cancel": _CONTROL,
    **dict.fromkeys(
        ("conduct.authorise", "conduct.end-authorisation"), _own_participant("participant")
    ),
    "compliance.set-offence-kind": _anyone,
    "compliance.open": _competent_for_matter,
    "compliance.offer": _of(_CASE, "office"),
    "compliance.take": _of(_CASE, "offered_to"),
    "compliance.decide": _of(_CASE, "office"),
    "compliance.appeal": _offender,
    "compliance.decide-appeal": _another_office,
    "compliance.payment": _member_of_case,
    "compliance.close": _member_of_case,
    "ecommerce.declare": _anyone,
    **dict.fromkeys(("ecommerce.withdraw", "ecommerce.show-parcel", "ecommerce.return"), _own_bulk),
    "ecommerce.decide": _of("bulk/{operator}/{lrn}", "office"),
    "ecommerce.consign": _of("movement/{mrn}", "declarant"),
}
"""By record kind: what the author is besides, by the state before the record."""
