"""The public fields of a transit declaration, taken from a CC015C or, amended, from a CC013C.

Beyond the schema it is checked here what every union asks and a sender can mend before lodging:
code lists, sequence numbers, check digits, amounts. Whether offices, parties and guarantees exist
and may be used is for the contracts, on the ledger. Access codes are not read.

Sources: NCTS DDNTA messages IE013 and IE015 and rule R0987; code lists CL042, CL231 and CL251.
"""

from dataclasses import dataclass
from datetime import date

from contracts.references import is_grn, is_mrn
from ledger_node.interop.money import decimals, minor_units, whole, whole_rounded_up
from ledger_node.interop.ncts.element import Element
from ledger_node.interop.ncts.phases import Notice
from ledger_node.interop.ncts.reader import Message
from ledger_node.interop.refusal import (
    AMOUNT,
    CODE_LIST,
    DATE,
    GUARANTEE_ONCE,
    HOLDER,
    ONE_NAME,
    REFERENCE,
    SEALS,
    SEQUENCE,
    ImportRefused,
    ImportRule,
    Problem,
    shown,
)
from ledger_node.interop.translation import Replacement, Role, Translation

KIND = "CC015C"
AMENDMENT = "CC013C"
"""An amendment declares everything anew, and names what it amends by LRN or MRN."""

KINDS = (KIND, AMENDMENT)

DECLARATION_TYPES = ("T", "T1", "T2", "T2F", "T2SM", "TIR")  # CL231
ADDITIONAL_TYPES = ("A", "D")  # CL042: goods presented, pre-lodged
GUARANTEE_TYPES = tuple("0123458 9ABJR".replace(" ", ""))  # CL251


@dataclass(frozen=True, slots=True)
class GuaranteeUse:
    """One guarantee as declared. grn: "" for types without one; other: a reference that is no GRN.

    amount: minor units of `currency` to be covered; 0 and "" if the message has no reference.
    """

    type: str
    grn: str
    other: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the shared rules need to know of a declaration; nothing commercial.

    lrn, mrn: of a CC013C, whichever it names, the other is ""; a CC015C has an LRN only;
    carrier: "" if the message names none; offices_of_transit: in the order of the route;
    limit_date: last day for arrival, None unless simplified; gross_mass: grams; equipment:
    number of transport equipments, containers among them; seals: their identifiers.
    """

    lrn: str
    declaration_type: str
    additional_type: str
    holder: str
    carrier: str
    office_of_departure: str
    offices_of_transit: tuple[str, ...]
    office_of_destination: str
    limit_date: date | None
    gross_mass: int
    items: int
    equipment: int
    containers: int
    seals: tuple[str, ...]
    guarantees: tuple[GuaranteeUse, ...]
    mrn: str = ""

    @property
    def pre_lodged(self) -> bool:
        """Lodged before the goods are presented (additional declaration type D)."""
        return self.additional_type == "D"


@dataclass(frozen=True, slots=True)
class Taken:
    """A declaration with what its taking changed and what its sender should know."""

    declaration: Declaration
    replacements: tuple[Replacement, ...]
    notices: tuple[Notice, ...]


def take(message: Message, translation: Translation) -> Taken:
    """The declaration in a message of `KINDS`. Raises ImportRefused with every problem found."""
    if message.kind not in KINDS:
        raise AssertionError(f"{message.kind} is not a declaration: callers check the kind")
    taking = _Taking(message, translation)
    declaration = taking.declaration()
    if taking.problems:
        raise ImportRefused(message.kind, tuple(taking.problems))
    return Taken(declaration, tuple(dict.fromkeys(taking.replacements)), tuple(taking.notices))


class _Taking:
    """One pass over the message that collects problems instead of stopping at the first."""

    def __init__(self, message: Message, translation: Translation) -> None:
        self._kind = message.kind
        self._root = message.root
        self._translation = translation
        self._grns: set[str] = set()
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []
        self.replacements: list[Replacement] = []

    def declaration(self) -> Declaration:
        root, consignment = self._root, self._root.find("Consignment")
        if consignment is None:
            raise AssertionError("the schema asks for a Consignment")
        equipment = consignment.all("TransportEquipment")
        if self._root.find("CustomsOfficeOfExitForTransitDeclared"):
            text = "kept with the particulars; the route on the ledger does not use it"
            self.notices.append(Notice(f"{self._kind}/CustomsOfficeOfExitForTransitDeclared", text))
        return Declaration(
            lrn=root.value("TransitOperation/LRN"),
            mrn=self._mrn(),
            declaration_type=self._coded("TransitOperation/declarationType", DECLARATION_TYPES),
            additional_type=self._coded(
                "TransitOperation/additionalDeclarationType", ADDITIONAL_TYPES
            ),
            holder=self._holder(),
            carrier=self._replaced(
                Role.PARTICIPANT, consignment.value("Carrier/identificationNumber")
            ),
            office_of_departure=self._replaced(
                Role.DEPARTURE, root.value("CustomsOfficeOfDeparture/referenceNumber")
            ),
            offices_of_transit=self._offices_of_transit(),
            office_of_destination=self._replaced(
                Role.DESTINATION, root.value("CustomsOfficeOfDestinationDeclared/referenceNumber")
            ),
            limit_date=self._limit_date(),
            gross_mass=self._gross_mass(consignment),
            items=len(consignment.all("HouseConsignment/ConsignmentItem")),
            equipment=len(equipment),
            containers=sum(bool(each.value("containerIdentificationNumber")) for each in equipment),
            seals=self._seals(consignment),
            guarantees=self._guarantees(),
        )

    def _mrn(self) -> str:
        """Of an amendment, which names what it amends."""
        if self._kind != AMENDMENT:
            return ""
        mrn = self._root.value("TransitOperation/MRN")
        if bool(mrn) == bool(self._root.value("TransitOperation/LRN")):
            both = "both LRN and MRN" if mrn else "neither LRN nor MRN"
            reason = f"has {both}; one of them says which declaration is amended"
            self._problem("TransitOperation", self._root.find("TransitOperation"), reason, ONE_NAME)
        if mrn and not is_mrn(mrn):
            reason = f"is {shown(mrn)}, whose check digit does not match"
            element = self._root.find("TransitOperation/MRN")
            self._problem("TransitOperation/MRN", element, reason, REFERENCE)
        return mrn

    def _problem(self, path: str, element: Element | None, reason: str, rule: ImportRule) -> None:
        line = element.line if element else 0
        self.problems.append(Problem(f"{self._kind}/{path}", line, reason, rule))

    def _coded(self, path: str, allowed: tuple[str, ...]) -> str:
        element = self._root.find(path)
        value = element.text if element else ""
        if value not in allowed:
            reason = f"is {shown(value)}; known codes are {', '.join(allowed)}"
            self._problem(path, element, reason, CODE_LIST)
        return value

    def _replaced(self, role: Role, code: str) -> str:
        replaced = self._translation.of(role, code)
        if replaced != code:
            self.replacements.append(Replacement(role, code, replaced))
        return replaced

    def _holder(self) -> str:
        holder = self._root.find("HolderOfTheTransitProcedure")
        for name in ("identificationNumber", "TIRHolderIdentificationNumber"):
            if holder and (number := holder.value(name)):
                return self._replaced(Role.PARTICIPANT, number)
        path = "HolderOfTheTransitProcedure/identificationNumber"
        reason = "is missing; a name and address do not identify a participant of the union"
        self._problem(path, holder, reason, HOLDER)
        return ""

    def _offices_of_transit(self) -> tuple[str, ...]:
        name = "CustomsOfficeOfTransitDeclared"
        offices = self._root.all(name)
        for place, office in enumerate(offices, start=1):
            number = office.value("sequenceNumber")
            if number != str(place):
                path = f"{name}[{place}]/sequenceNumber"
                reason = f"is {number}; the offices of a route are numbered 1, 2, 3, … in order"
                self._problem(path, office, reason, SEQUENCE)
        return tuple(
            self._replaced(Role.TRANSIT, office.value("referenceNumber")) for office in offices
        )

    def _limit_date(self) -> date | None:
        limit = self._root.find("TransitOperation/limitDate")
        if limit is None:
            return None
        try:
            return date.fromisoformat(limit.text)
        except ValueError:  # the schema knows a year 0000, the calendar does not
            self._problem("TransitOperation/limitDate", limit, f"is {shown(limit.text)}", DATE)
            return None

    def _gross_mass(self, consignment: Element) -> int:
        kilograms = consignment.value("grossMass")
        grams = whole_rounded_up(kilograms, 3)
        if whole(kilograms, 3) is None:
            text = f"{kilograms} kg, on the ledger rounded up to {grams} g"
            self.notices.append(Notice(f"{self._kind}/Consignment/grossMass", text))
        return grams

    def _seals(self, consignment: Element) -> tuple[str, ...]:
        found: dict[str, Element] = {}
        for step, equipment in consignment.steps():
            if equipment.name != "TransportEquipment":
                continue
            path = f"Consignment/{step}"
            seals = equipment.all("Seal")
            if equipment.value("numberOfSeals") != str(len(seals)):
                reason = f"is {equipment.value('numberOfSeals')}, but {len(seals)} are listed"
                self._problem(f"{path}/numberOfSeals", equipment, reason, SEALS)
            for seal in seals:
                identifier = seal.value("identifier")
                if identifier in found:
                    reason = f"{shown(identifier)} is listed twice"
                    self._problem(f"{path}/Seal/identifier", seal, reason, SEALS)
                found[identifier] = seal
        return tuple(found)

    def _guarantees(self) -> tuple[GuaranteeUse, ...]:
        uses: list[GuaranteeUse] = []
        for step, guarantee in self._root.steps():
            if guarantee.name != "Guarantee":
                continue
            kind = guarantee.value("guaranteeType")
            if kind not in GUARANTEE_TYPES:
                reason = f"is {shown(kind)}; known codes are {', '.join(GUARANTEE_TYPES)}"
                self._problem(f"{step}/guaranteeType", guarantee, reason, CODE_LIST)
            other = guarantee.value("otherGuaranteeReference")
            if not guarantee.all("GuaranteeReference"):
                uses.append(GuaranteeUse(type=kind, grn="", other=other, amount=0, currency=""))
            for inner, reference in guarantee.steps():
                if reference.name == "GuaranteeReference":
                    uses.append(self._guarantee_use(f"{step}/{inner}", kind, other, reference))
        return tuple(uses)

    def _guarantee_use(self, path: str, kind: str, other: str, reference: Element) -> GuaranteeUse:
        grn, currency = reference.value("GRN"), reference.value("currency")
        if grn and not is_grn(grn):
            reason = f"is {shown(grn)}, whose check digit does not match"
            self._problem(f"{path}/GRN", reference.find("GRN"), reason, REFERENCE)
        if grn and grn in self._grns:
            reason = f"{shown(grn)} is named twice; name it once, with the whole amount"
            self._problem(f"{path}/GRN", reference.find("GRN"), reason, GUARANTEE_ONCE)
        self._grns.add(grn)
        text = reference.value("amountToBeCovered")
        amount = minor_units(text, currency)
        if amount is None:
            reason = f"is {text}; {currency} has {decimals(currency)} decimals"
            element = reference.find("amountToBeCovered")
            self._problem(f"{path}/amountToBeCovered", element, reason, AMOUNT)
        return GuaranteeUse(
            type=kind,
            grn=self._replaced(Role.GUARANTEE, grn) if grn else "",
            other=other,
            amount=amount or 0,
            currency=currency,
        )


def end_of_day_ms(day: date) -> int:
    """The last millisecond of `day` in UTC, ms since the epoch: a limit date includes its day."""
    return (day.toordinal() + 1 - date(1970, 1, 1).toordinal()) * 86_400_000 - 1
