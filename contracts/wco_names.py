"""Names of the WCO Data Model for fields of records, by the form of the field.

Only what is certain stands here: the element as the XML schemas of Data Model 3 name it and, where
known, the number of the data element. A field without an entry has no counterpart, or none that
was verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WcoElement:
    """path: e.g. "Declaration/ID"; id: number of the data element, None if not verified."""

    path: str
    id: str | None

    def shown(self) -> str:
        return f"WCO {self.path}" if self.id is None else f"WCO {self.path} ({self.id})"


WCO_ELEMENTS: Mapping[str, WcoElement] = {
    "MRN": WcoElement("Declaration/ID", "D014"),
    "LRN": WcoElement("Declaration/FunctionalReferenceID", "D026"),
    "gross mass in grams": WcoElement("Declaration/TotalGrossMassMeasure", "131"),
    "GRN": WcoElement("Declaration/ObligationGuarantee/ReferenceID", None),
    "seal id": WcoElement("TransportEquipment/Seal/ID", "165"),
}
"""By the name of the form."""
