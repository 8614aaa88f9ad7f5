"""What a transit declaration says in public: the fields that shared rules need.

Goods, consignors, consignees and values never stand here. They are particulars: the record holds
a salted SHA-256 commitment a group, the plaintext stays with the declaring member.
"""

from enum import StrEnum
from typing import Annotated

from contracts.guarantee.terms import HsCode
from contracts.kernel.form import code, listed, number, words
from contracts.kernel.record import Part
from contracts.references.fields import (
    Count,
    Currency,
    Digest,
    Grn,
    Money,
    ParticipantId,
    Time,
)

GroupName = Annotated[
    str,
    code(
        "particular group",
        r"[A-Za-z][A-Za-z0-9_.-]{0,63}",
        "1 to 64 letters, digits, _, dot or hyphen",
    ),
]
GrossMass = Annotated[int, number("gross mass in grams", 1, 10**15)]


class DeclarationType(StrEnum):
    """Kind of transit procedure, as NCTS code list 231 names them."""

    T = "T"
    T1 = "T1"
    T2 = "T2"
    T2F = "T2F"
    T2SM = "T2SM"
    TIR = "TIR"


class AdditionalType(StrEnum):
    """Whether the goods are presented when the declaration is lodged."""

    STANDARD = "A"
    PRE_LODGED = "D"


class GuaranteeUse(Part, frozen=True):
    """An amount this movement asks of a guarantee, in minor units of its currency.

    It is the highest duty and tax that could fall due in any state on the route; None if it was
    not computed, for which EUR 10,000 stand in.
    """

    grn: Grn
    amount: Money | None
    currency: Currency


class Particular(Part, frozen=True):
    """A commitment to a group of particulars kept off the ledger."""

    group: GroupName
    commitment: Digest


class ExemptionGround(StrEnum):
    """Why no guarantee is required, as NCTS code list 251 numbers it."""

    SMALL_AMOUNT = "5"
    """The amount at risk is below the threshold."""
    PUBLIC_BODY = "8"
    AGREEMENT = "A"
    """By mutual assistance between the states concerned."""
    TO_OFFICE_OF_TRANSIT = "J"
    """For the part of the journey up to the office of transit."""
    WATERWAYS = "R"
    """Carriage on the Rhine, the Danube and their waterways."""


class Exemption(Part, frozen=True):
    """The ground on which no guarantee is required. reference: of the agreement or decision."""

    ground: ExemptionGround
    reference: Annotated[str, words("reference", 35, least=0)]


class Goods(Part, frozen=True):
    """What shared rules ask of the goods.

    restricted: a code list subjects them to a prohibition or restriction; sensitive: they carry a
    higher risk of fraud; suspended: they move under suspension of excise duty; commodities: HS
    codes, stated only where a guarantee is limited to certain goods.
    """

    restricted: bool
    sensitive: bool
    suspended: bool
    commodities: Annotated[tuple[HsCode, ...], listed("commodities", 0, 99)]


ORDINARY_GOODS = Goods(restricted=False, sensitive=False, suspended=False, commodities=())


class Content(Part, frozen=True):
    """The public content of a declaration.

    Either guarantees or an exemption, never both. holder: of the transit procedure, answers for
    delivery and debt; transit_offices: in the order of the route; containers, equipment, seals:
    numbers declared; limit_date_ms: by when the declarant expects to deliver, or None.
    """

    declaration_type: DeclarationType
    holder: ParticipantId
    carrier: ParticipantId
    office_of_departure: ParticipantId
    transit_offices: Annotated[tuple[ParticipantId, ...], listed("transit offices", 0, 16)]
    office_of_destination: ParticipantId
    guarantees: Annotated[tuple[GuaranteeUse, ...], listed("guarantees", 0, 9)]
    exemption: Exemption | None
    goods: Goods
    gross_mass_grams: GrossMass
    containers: Count
    equipment: Count
    seals: Count
    limit_date_ms: Time | None
    particulars: Annotated[tuple[Particular, ...], listed("particulars", 0, 64)]
