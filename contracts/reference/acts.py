"""Who keeps which reference data."""

from contracts.reference import records as r
from contracts.reference.publication import (
    define_list,
    publish_rates,
    set_codes,
    set_threshold,
)
from contracts.registry.competence import COMMISSION, REGISTRAR, Act, Acts

ACTS: Acts = (
    Act(
        r.PublishRates,
        publish_rates,
        (COMMISSION, REGISTRAR),
        "the Commission; a registrar for its member's currency",
    ),
    Act(r.DefineCodeList, define_list, (COMMISSION,), "the Commission"),
    Act(
        r.SetCodes,
        set_codes,
        (COMMISSION, REGISTRAR),
        "the Commission; a registrar for its country's codes of a national list",
    ),
    Act(
        r.SetThreshold,
        set_threshold,
        (COMMISSION, REGISTRAR),
        "the Commission for the union; a registrar for its member",
    ),
)
