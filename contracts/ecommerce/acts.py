"""Who does what in e-commerce."""

from contracts.ecommerce import records as r
from contracts.ecommerce.consigning import consign
from contracts.ecommerce.declaring import (
    decide,
    declare,
    return_parcel,
    show_parcel,
    withdraw,
)
from contracts.registry.competence import (
    ECOMMERCE_OPERATOR,
    OFFICE_OF_DESTINATION,
    Act,
    Acts,
)

_OPERATOR = "the operator of the declaration"

ACTS: Acts = (
    Act(r.DeclareBulk, declare, (ECOMMERCE_OPERATOR,), "any operator: the declaration is its own"),
    Act(r.WithdrawBulk, withdraw, (ECOMMERCE_OPERATOR,), _OPERATOR, winds_up=True),
    Act(
        r.DecideBulk,
        decide,
        (OFFICE_OF_DESTINATION,),
        "the office the declaration was made to",
        winds_up=True,
    ),
    Act(
        r.ConsignBulk,
        consign,
        (ECOMMERCE_OPERATOR,),
        f"{_OPERATOR}, as declarant of the movement",
    ),
    Act(r.ShowParcel, show_parcel, (ECOMMERCE_OPERATOR,), _OPERATOR, winds_up=True),
    Act(r.ReturnParcel, return_parcel, (ECOMMERCE_OPERATOR,), _OPERATOR, winds_up=True),
)
