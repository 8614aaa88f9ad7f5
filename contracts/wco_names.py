"""Names of the WCO Data Model for fields of records, by the form of the field.

Only what was confirmed stands here: the element as published XML schemas name it and the number of
the data element, or None where no published text with the number was at hand. A field without an
entry has no counterpart, or none that was confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WCO_CHECKED = (
    "Elements are named as the declaration schemas of Data Model 3.6 name them. They were compared "
    "with the schemas that HM Revenue & Customs publishes (`urn:wco:datamodel:WCO:DEC-DMS:2`), "
    "where an LRN is the `FunctionalReferenceID` and an MRN the `ID` of a declaration. The number "
    "of a data element is given where a published mapping names it."
)


@dataclass(frozen=True, slots=True)
class WcoElement:
    """path: e.g. "Declaration/ID"; id: number of the data element, None if not confirmed."""

    path: str
    id: str | None

    def shown(self) -> str:
        number = "id not confirmed" if self.id is None else self.id
        return f"WCO {self.path} ({number})"


WCO_ELEMENTS: Mapping[str, WcoElement] = {
    "MRN": WcoElement("Declaration/ID", None),
    "LRN": WcoElement("Declaration/FunctionalReferenceID", "D026"),
    "gross mass in grams": WcoElement("Declaration/TotalGrossMassMeasure", None),
    "GRN": WcoElement("Declaration/ObligationGuarantee/ReferenceID", None),
    "seal id": WcoElement("Declaration/GoodsShipment/Consignment/TransportEquipment/Seal/ID", None),
}
"""By the name of the form."""
