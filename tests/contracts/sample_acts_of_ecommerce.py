"""Sample acts of e-commerce."""

from msgspec.structs import replace

from contracts.ecommerce import records as e
from contracts.reference import records as ref
from contracts.reference.objects import ThresholdKind
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.registry.objects import Role
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts import parcel_register
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_union import (
    CONTENT,
    EAEU_NUMBER,
    LRN,
    MRN,
    START,
    SampleUnion,
)

PARCELS = [parcel_register.commitment(number) for number in range(7)]
BULK = e.DeclareBulk(
    lrn="B1",
    office="KZ/DST",
    parcels=7,
    total_value=500_00,
    highest_value=150_00,
    currency="EUR",
    total_mass_grams=20_000,
    highest_mass_grams=5_000,
    duty=0,
    root=parcel_register.root(PARCELS),
)
RELEASE_BULK = e.DecideBulk("SHOP", "B1", e.BulkDecision.RELEASE, False, "")
SHOW = e.ShowParcel("B1", 4, PARCELS[4], parcel_register.path(4, PARCELS))
RETURN = e.ReturnParcel("B1", 4, PARCELS[4], parcel_register.path(4, PARCELS), "Wrong size.")
CONSIGN = e.ConsignBulk(MRN, ("B1",))


def limited(union: SampleUnion) -> SampleUnion:
    """Parcels up to EUR 1,000 may be declared in bulk, those up to EUR 200 bear no duty."""
    for kind, amount in (
        (ThresholdKind.BULK_DECLARATION, 1_000_00),
        (ThresholdKind.DUTY_FREE, 200_00),
    ):
        union.do("COMMISSION", ref.SetThreshold(kind, None, amount, "EUR", 31_000, START + DAY))
    union.now = START + DAY
    return union


def declared(union: SampleUnion, **changes: object) -> SampleUnion:
    limited(union).do("SHOP", replace(BULK, **changes))
    return union


def released(union: SampleUnion) -> SampleUnion:
    declared(union).do("KZ/DST", RELEASE_BULK)
    return union


def licensed(union: SampleUnion) -> SampleUnion:
    """The operator may be a declarant too."""
    roles = (Role.ECOMMERCE_OPERATOR, Role.DECLARANT)
    union.do("KZ", reg.AmendParticipant("SHOP", "Shop", roles, (), "Licensed."))
    return union


def own_movement(union: SampleUnion, **changes: object) -> SampleUnion:
    """A movement that the operator declared itself, registered, under its general guarantee."""
    licensed(union).guaranteed(holder="SHOP")
    content = replace(CONTENT, **{"holder": "SHOP", **changes})
    union.do("SHOP", t.Lodge(LRN, AdditionalType.STANDARD, content))
    union.do("BY/DEP", t.Register("SHOP", LRN, MRN, EAEU_NUMBER))
    return union


def consignable(union: SampleUnion) -> SampleUnion:
    return own_movement(declared(union))


ECOMMERCE_ACTS = (
    SampleAct(limited, "SHOP", BULK, "SHOP2", None),
    SampleAct(declared, "SHOP", e.WithdrawBulk("B1", "Sent by post."), "SHOP2", "EC-008"),
    SampleAct(declared, "KZ/DST", RELEASE_BULK, "RU/DST", "EC-009"),
    SampleAct(consignable, "SHOP", CONSIGN, "SHOP2", "EC-011"),
    SampleAct(declared, "SHOP", SHOW, "SHOP2", "EC-008"),
    SampleAct(released, "SHOP", RETURN, "SHOP2", "EC-008"),
)
