"""A scenario as a play: trader messages through the importer, customs' decisions by hand.

The messages were published with references of different test runs. In a play, the later ones speak
of the movement or declaration of the first, except where a scenario is about a wrong reference:
an office registers under the MRN that a later message gives if its country is the office's.
"""

import csv
import re
from pathlib import Path

from msgspec.structs import replace

from contracts import Accepted, Record, Rejected
from contracts.references import make_mrn
from contracts.references.mrn import mrn_country
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import Content
from contracts.transit.objects import Movement, MovementState
from ledger_node.interop.ncts.importer import import_message
from ledger_node.interop.ncts.reader import Message, read
from tests.contracts.scenarios.gb_union import CARRIER, GbUnion

MESSAGES = Path(__file__).parents[2] / "samples" / "ncts" / "messages"


def manifest() -> dict[str, list[str]]:
    """Message files by scenario, e.g. "DSGB4", in their order."""
    files: dict[str, list[str]] = {}
    with (MESSAGES / "MANIFEST.csv").open(newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            files.setdefault(re.split("[: ]", row["scenario"])[0], []).append(row["file"])
    return files


class Play:
    """One scenario in a union of its own. played: the files that had their turn."""

    def __init__(self, scenario: str) -> None:
        self.union = GbUnion()
        self.files = {name.partition("-")[2]: name for name in manifest()[scenario]}
        self.played: list[str] = []
        self.lodging = self._lodging()
        self.declarant = self.lodging.content.holder
        self.departure = self.lodging.content.office_of_departure
        self.mrn = self._mrn()

    def _lodging(self) -> t.Lodge:
        xml = (MESSAGES / self.files["cc015c.xml"]).read_bytes()
        imported = import_message(xml, salts=lambda: bytes(32), carrier=CARRIER)
        assert imported.lodging is not None
        return imported.lodging

    def _mrn(self) -> str:
        country = self.departure[:2]
        texts = [(MESSAGES / name).read_text() for name in self.files.values()]
        given = [mrn for text in texts for mrn in re.findall(r"<MRN>([^<]*)</MRN>", text)]
        return next(
            (mrn for mrn in reversed(given) if mrn_country(mrn) == country),
            make_mrn(2023, country, "1"),
        )

    # ------------------------------------------------------------ the trader

    def message(self, name: str) -> Message:
        """The next message, read as the importer reads it."""
        self.played.append(self.files[name])
        return read((MESSAGES / self.files[name]).read_bytes())

    def lodge(self) -> None:
        self.played.append(self.files["cc015c.xml"])
        self.union.do(self.declarant, self.lodging)

    def record(self, name: str) -> Record:
        """The record that the next message makes."""
        self.played.append(self.files[name])
        xml = (MESSAGES / self.files[name]).read_bytes()
        imported = import_message(xml, salts=lambda: bytes(32), carrier=CARRIER)
        assert imported.record is not None
        return imported.record

    def amended(self, name: str = "cc013c.xml") -> Content:
        """What an amendment declares."""
        record = self.record(name)
        assert isinstance(record, t.Amend | t.AmendRegistered)
        return record.content

    def request_invalidation(self) -> None:
        record = self.record("cc014c.xml")
        assert isinstance(record, t.RequestInvalidation)
        self.union.do(self.declarant, t.RequestInvalidation(self.mrn, record.reason))

    def withdraw(self) -> None:
        record = self.record("cc014c.xml")
        assert isinstance(record, t.Withdraw)
        self.union.do(self.declarant, t.Withdraw(self.lodging.lrn, record.reason))

    def present(self, lrn: str = "") -> Accepted | Rejected:
        """Presentation of the declaration lodged, or of the one the message names."""
        record = self.record("cc170c.xml")
        assert isinstance(record, t.Present)
        return self.union.apply(self.declarant, t.Present(lrn or record.lrn))

    def notify_arrival(self, mrn: str = "") -> Accepted | Rejected:
        """Arrival at the office of the message, which takes a diversion if it was not declared."""
        record = self.record("cc007c.xml")
        assert isinstance(record, t.NotifyArrival)
        declared = self.movement.itinerary.office_of_destination
        if record.office != declared and not mrn:
            diversion = t.TakeDiversion(self.mrn, declared, "Presented here.")
            self.union.do(record.office, diversion)
        return self.union.apply(CARRIER, t.NotifyArrival(mrn or self.mrn, record.office))

    def unloading(self, name: str = "cc044c.xml", mrn: str = "") -> t.RecordUnloading:
        """The unloading remarks as the office of destination records them."""
        record = self.record(name)
        assert isinstance(record, t.RecordUnloading)
        return replace(record, mrn=mrn or self.mrn)

    # ------------------------------------------------------------ customs

    def register(self) -> None:
        self.customs(t.Register(self.declarant, self.lodging.lrn, self.mrn, None))

    def control(self, *decisions: t.ControlDecision) -> None:
        self.customs(*(t.RecordControl(self.mrn, decision, "") for decision in decisions))

    def wave_through(self) -> None:
        self.register()
        self.control(t.ControlDecision.NOT_REQUIRED)

    def release(self) -> Accepted | Rejected:
        record = t.Release(
            mrn=self.mrn,
            seals=("1234",),
            identification="",
            mode=t.TransportMode.ROAD,
            route_km=700,
            deadline_ms=self.union.now + 8 * DAY,
            binding_route=False,
            prohibitions_cleared=True,
        )
        return self.union.apply(self.departure, record)

    def customs(self, *records: Record) -> None:
        """The office of departure acts."""
        self.union.do(self.departure, *records)

    def at_destination(self, *records: Record) -> None:
        """The office of destination acts."""
        self.union.do(self.movement.itinerary.office_of_destination, *records)

    # ------------------------------------------------------------ what became of it

    @property
    def movement(self) -> Movement:
        movement: Movement = self.union.show(f"movement/{self.mrn}")
        return movement

    @property
    def state(self) -> MovementState:
        return self.movement.state

    @property
    def declaration_state(self) -> str:
        state: str = self.union.show(f"declaration/{self.declarant}/{self.lodging.lrn}").state
        return state

    @property
    def reserved(self) -> int:
        """On all guarantees, in pence."""
        guarantees = (key for key in self.union.state if key.startswith("guarantee/"))
        return sum(self.union.show(key).reserved for key in guarantees)
