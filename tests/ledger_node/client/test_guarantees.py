"""A guarantor's accounts: what is covered, what is open and waits for what, what is claimed."""

import time
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from contracts import Record
from contracts.guarantee import records as g
from contracts.references import make_grn, make_mrn
from contracts.references.time import DAY
from contracts.registry.objects import OfficeFunction, Role
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, GuaranteeUse
from ledger_node.client import Participant
from ledger_node.client.guarantees import accounts_of
from ledger_node.crypto.signatures import SoftwareSigner
from tests.contracts.sample_union import CONTENT, RELEASE, UNDERTAKING
from tests.ledger_node.api.served import Served, registration

YEAR = datetime.now(UTC).year
GRN = make_grn(YEAR, "AM", "000000000001")
OTHER = make_grn(YEAR, "AM", "000000000002")
MRN = make_mrn(YEAR, "AM", "112233000001")
KEY = SoftwareSigner.generate()
OFFICES = {
    "AM/DEP": OfficeFunction.DEPARTURE,
    "AM/TRN": OfficeFunction.TRANSIT,
    "AM/DST": OfficeFunction.DESTINATION,
    "AM/GUA": OfficeFunction.GUARANTEE,
}
PARTIES = {
    "BANK": Role.GUARANTOR,
    "BANK2": Role.GUARANTOR,
    "TRADER": Role.DECLARANT,
    "HAULIER": Role.CARRIER,
}


class Acts:
    """Records by anyone, all of which must be accepted."""

    def __init__(self, api: Served) -> None:
        self._api = api
        self.now = time.time_ns() // 1_000_000

    async def by(self, who: str, *records: Record) -> None:
        signer = self._api.union.registrar("AM") if who == "AM" else KEY
        view = await Participant(self._api.client, self._api.union.id, who, signer).act(*records)
        assert view.accepted, view.rejections

    async def undertaken(self, grn: str, guarantor: str) -> None:
        undertaking = replace(
            UNDERTAKING,
            grn=grn,
            office="AM/GUA",
            valid_from_ms=self.now - DAY,
            valid_to_ms=self.now + 300 * DAY,
            territory=("AM",),
        )
        await self.by(guarantor, undertaking)
        await self.by("AM/GUA", g.AcceptUndertaking(grn))


@pytest.fixture
async def acts(api: Served) -> Acts:
    found = Acts(api)
    offices = [
        registration(name, Role.OFFICE, functions=(function,), key=KEY.public)
        for name, function in OFFICES.items()
    ]
    parties = [registration(name, role, key=KEY.public) for name, role in PARTIES.items()]
    await found.by("AM", *offices, *parties)
    await found.undertaken(GRN, "BANK")
    await found.undertaken(OTHER, "BANK2")
    return found


async def release(acts: Acts) -> None:
    content = replace(
        CONTENT,
        office_of_departure="AM/DEP",
        transit_offices=("AM/TRN",),
        office_of_destination="AM/DST",
        guarantees=(GuaranteeUse(GRN, 400_00, "EUR"),),
        limit_date_ms=acts.now + 5 * DAY,
    )
    await acts.by("TRADER", t.Lodge("LRN1", AdditionalType.STANDARD, content))
    await acts.by("AM/DEP", t.Register("TRADER", "LRN1", MRN, None))
    await acts.by("AM/DEP", t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, ""))
    journey = replace(RELEASE, mrn=MRN, route_km=900, deadline_ms=acts.now + 5 * DAY)
    await acts.by("AM/DEP", journey)


async def test_a_guarantor_sees_its_own_and_a_holder_all_it_holds(api: Served, acts: Acts) -> None:
    (mine,) = await accounts_of(api.client, "BANK")
    assert (mine.guarantee.grn, mine.guarantee.free) == (GRN, 1_000_00)
    assert mine.movements == mine.claims == ()
    assert mine.keys == (f"guarantee/{GRN}",)
    held = await accounts_of(api.client, "TRADER")
    assert [each.guarantee.grn for each in held] == [GRN, OTHER]
    assert await accounts_of(api.client, "HAULIER") == []


async def test_what_is_open_shows_until_when_and_what_frees_it(api: Served, acts: Acts) -> None:
    await release(acts)
    (mine,) = await accounts_of(api.client, "BANK")
    assert (mine.guarantee.reserved, mine.guarantee.open) == (400_00, 1)
    (open_,) = mine.movements
    assert (open_.reservation.mrn, open_.reservation.amount) == (MRN, 400_00)
    assert open_.deadline_ms == acts.now + 5 * DAY
    assert open_.state == "released"
    assert open_.reservation.freed_by.startswith("transit.")
    assert mine.keys == (f"guarantee/{GRN}", f"reservation/{GRN}/{MRN}")
