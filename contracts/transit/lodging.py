"""From the declaration to its registration (EAEU Customs Code, chapters 17 and 22)."""

from msgspec.structs import replace

from contracts.kernel.rule import require
from contracts.kernel.timers import arm
from contracts.reference.lookup import is_listed
from contracts.references.mrn import mrn_country, mrn_year
from contracts.references.time import DAY, year_of
from contracts.registry.competence import (
    CARRIER,
    OFFICE_OF_DEPARTURE,
    OFFICE_OF_DESTINATION,
    OFFICE_OF_EXIT,
    OFFICE_OF_TRANSIT,
    Case,
)
from contracts.registry.objects import PARTICIPANT, Participant
from contracts.registry.references import named
from contracts.transit import rules
from contracts.transit.content import AdditionalType, Content
from contracts.transit.deadlines import LAPSE, PRESENTATION_PERIOD
from contracts.transit.life import DECLARATION_LIFE, MOVEMENT_LIFE
from contracts.transit.movement import find_movement
from contracts.transit.objects import (
    DECLARATION,
    DECLARATION_NUMBER,
    MOVEMENT,
    Declaration,
    DeclarationNumber,
    DeclarationState,
    Itinerary,
    Movement,
    MovementState,
    declaration_reference,
)
from contracts.transit.records import (
    Amend,
    AmendRegistered,
    Lodge,
    Present,
    Register,
    RejectDeclaration,
    Withdraw,
)

RESTRICTED_GOODS = "restricted-goods"
"""The list of HS headings and subheadings under a prohibition or restriction."""
HEADING = 4
"""Digits of an HS heading."""


def lodge(record: Lodge, case: Case) -> None:
    declarant = case.author.id
    reference = declaration_reference(declarant, record.lrn)
    require(
        case.ledger.find(DECLARATION, reference) is None,
        rules.LRN_FREE,
        declarant=declarant,
        lrn=record.lrn,
    )
    _require_holder(record.content, case)
    check_content(record.content, case)
    pre_lodged = record.additional_type is AdditionalType.PRE_LODGED
    if pre_lodged:
        arm(LAPSE, reference, case.now + PRESENTATION_PERIOD + 1, case.ledger)
    case.ledger.put(
        DECLARATION,
        Declaration(
            declarant=declarant,
            lrn=record.lrn,
            state=DeclarationState.PRE_LODGED if pre_lodged else DeclarationState.LODGED,
            additional_type=record.additional_type,
            lodged_ms=case.now,
            content=record.content,
            mrn=None,
            reason="",
        ),
    )


def amend(record: Amend, case: Case) -> None:
    declaration = _declaration(case.author.id, record.lrn, case)
    state = DECLARATION_LIFE.advance(declaration.state, record)
    _require_holder(record.content, case)
    check_content(record.content, case)
    case.ledger.put(DECLARATION, replace(declaration, state=state, content=record.content))


def present(record: Present, case: Case) -> None:
    declaration = _declaration(case.author.id, record.lrn, case)
    state = DECLARATION_LIFE.advance(declaration.state, record)
    require(
        case.now <= declaration.lodged_ms + PRESENTATION_PERIOD,
        rules.PRE_LODGED_LAPSES,
        lodged_ms=declaration.lodged_ms,
        now_ms=case.now,
    )
    case.ledger.put(DECLARATION, replace(declaration, state=state))


def withdraw(record: Withdraw, case: Case) -> None:
    declaration = _declaration(case.author.id, record.lrn, case)
    state = DECLARATION_LIFE.advance(declaration.state, record)
    case.ledger.put(DECLARATION, replace(declaration, state=state, reason=record.reason))


def reject(record: RejectDeclaration, case: Case) -> None:
    declaration = _declaration(record.declarant, record.lrn, case)
    state = DECLARATION_LIFE.advance(declaration.state, record)
    _require_departure(declaration.content, case)
    case.ledger.put(DECLARATION, replace(declaration, state=state, reason=record.reason))


def register(record: Register, case: Case) -> None:
    declaration = _declaration(record.declarant, record.lrn, case)
    state = DECLARATION_LIFE.advance(declaration.state, record)
    content = _require_departure(declaration.content, case)
    _check_mrn(record.mrn, case)
    route = check_content(content, case)
    case.ledger.put(DECLARATION, replace(declaration, state=state, content=None, mrn=record.mrn))
    if record.eaeu_number is not None:
        _enter_number(record.eaeu_number, record.mrn, case)
    case.ledger.put(
        MOVEMENT,
        Movement(
            mrn=record.mrn,
            eaeu_number=record.eaeu_number,
            declarant=declaration.declarant,
            lrn=declaration.lrn,
            state=MovementState.REGISTERED,
            content=content,
            itinerary=itinerary_of(content),
            route=route,
            registered_ms=case.now,
            transport=None,
            seals=(),
            identification="",
            navigation_seals=(),
            crossings=(),
            incidents=(),
            arrival=None,
            invalidation_requested=False,
            parts=(),
            diversions=(),
            enquiry=None,
            debt=None,
            proof=None,
        ),
    )


def amend_registered(record: AmendRegistered, case: Case) -> None:
    movement = find_movement(record.mrn, case)
    require(
        case.author.id == movement.declarant,
        rules.OWN_DECLARATION,
        author=case.author.id,
        declarant=movement.declarant,
    )
    state = MOVEMENT_LIFE.advance(movement.state, record)
    before, content = movement.content, record.content
    require(
        content.office_of_departure == before.office_of_departure
        and content.holder == before.holder,
        rules.OFFICE_STAYS,
        office_of_departure=content.office_of_departure,
        holder=content.holder,
    )
    route = check_content(content, case)
    case.ledger.put(
        MOVEMENT,
        replace(
            movement,
            state=state,
            content=content,
            itinerary=itinerary_of(content),
            route=route,
        ),
    )


def check_content(content: Content, case: Case) -> tuple[str, ...]:
    """The rules for what a declaration says. Gives the members of the route, departure first."""
    named(content.carrier, rules.CARRIER_KNOWN, case, CARRIER)
    require(
        (len(content.guarantees) > 0) == (content.exemption is None),
        rules.SECURITY_NAMED,
        guarantees=len(content.guarantees),
        exemption=None if content.exemption is None else content.exemption.ground,
    )
    _require_flagged(content, case)
    numbers = tuple(use.grn for use in content.guarantees)
    require(len(dict.fromkeys(numbers)) == len(numbers), rules.GUARANTEE_ONCE, grns=numbers)
    if content.limit_date_ms is not None:
        require(
            content.limit_date_ms > case.now,
            rules.LIMIT_DATE_AHEAD,
            limit_date_ms=content.limit_date_ms,
            now_ms=case.now,
        )
    named(content.office_of_departure, rules.OFFICES_KNOWN, case, OFFICE_OF_DEPARTURE)
    return check_itinerary(content.office_of_departure, itinerary_of(content), case)


def _require_flagged(content: Content, case: Case) -> None:
    """What the union's list of prohibitions and restrictions names is declared as such."""
    if content.goods.restricted:
        return
    for commodity in content.goods.commodities:
        for code in dict.fromkeys((commodity[:HEADING], commodity)):
            require(
                not is_listed(RESTRICTED_GOODS, code, case),
                rules.RESTRICTED_FLAGGED,
                list=RESTRICTED_GOODS,
                commodity=commodity,
            )


def itinerary_of(content: Content) -> Itinerary:
    """The itinerary that a declaration asks for."""
    return Itinerary(content.transit_offices, content.office_of_destination)


def check_itinerary(
    departure: str, itinerary: Itinerary, case: Case, passed: int = 0
) -> tuple[str, ...]:
    """The rules for the offices of a journey. Gives the members of the route, departure first.

    passed: offices of transit, the first so many, that need no longer be able to act.
    """
    require(
        departure != itinerary.office_of_destination or len(itinerary.transit_offices) > 0,
        rules.OFFICES_ONCE,
        office=departure,
    )
    behind = (departure, *itinerary.transit_offices[:passed])
    offices = (
        *(_known(office, case) for office in behind),
        *(
            named(office, rules.OFFICES_KNOWN, case, OFFICE_OF_TRANSIT, OFFICE_OF_EXIT)
            for office in itinerary.transit_offices[passed:]
        ),
        named(itinerary.office_of_destination, rules.OFFICES_KNOWN, case, OFFICE_OF_DESTINATION),
    )
    return tuple(dict.fromkeys(office.member for office in offices))


def _known(office: str, case: Case) -> Participant:
    found = case.ledger.find(PARTICIPANT, office)
    assert found is not None, "it was named before, and participants are never removed"
    return found


def _require_holder(content: Content, case: Case) -> None:
    require(
        content.holder == case.author.id,
        rules.SIGNED_BY_HOLDER,
        holder=content.holder,
        author=case.author.id,
    )


def _check_mrn(mrn: str, case: Case) -> None:
    require(case.ledger.find(MOVEMENT, mrn) is None, rules.MRN_FREE, mrn=mrn)
    require(
        mrn_country(mrn) == case.author.member,
        rules.MRN_COUNTRY,
        mrn=mrn,
        member=case.author.member,
    )
    years = (year_of(case.now - DAY) % 100, year_of(case.now + DAY) % 100)
    require(mrn_year(mrn) in years, rules.MRN_YEAR, mrn=mrn, now_ms=case.now)


def _enter_number(number: str, mrn: str, case: Case) -> None:
    require(
        case.ledger.find(DECLARATION_NUMBER, number) is None,
        rules.NUMBER_FREE,
        eaeu_number=number,
    )
    case.ledger.put(DECLARATION_NUMBER, DeclarationNumber(number, mrn))


def _declaration(declarant: str, lrn: str, case: Case) -> Declaration:
    reference = declaration_reference(declarant, lrn)
    return case.ledger.demand(DECLARATION, reference, rules.DECLARATION_KNOWN)


def _require_departure(content: Content | None, case: Case) -> Content:
    assert content is not None, "a declaration has content until it is registered"
    require(
        case.author.id == content.office_of_departure,
        rules.OF_DEPARTURE,
        author=case.author.id,
        office_of_departure=content.office_of_departure,
    )
    return content
