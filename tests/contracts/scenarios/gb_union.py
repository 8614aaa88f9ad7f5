"""A union of which Great Britain and Northern Ireland are members, with those the samples name."""

import contracts
from contracts import GenesisMember
from contracts.guarantee import records as g
from contracts.guarantee.terms import GuaranteeKind
from contracts.references.time import DAY
from contracts.registry.objects import OfficeFunction as F
from contracts.registry.objects import Role
from contracts.registry.records import RegisterParticipant
from tests.contracts.sample_union import TERMS, SampleUnion, key_of

MEMBERS = ("FR", "GB", "IE", "XI")
NOVEMBER_2023 = 1_699_000_000_000
"""3 November 2023, UTC: the MRNs of the samples are of that year."""

OFFICES = {
    "GB000060": (F.DEPARTURE, F.TRANSIT, F.DESTINATION),
    "GB000246": (F.DEPARTURE, F.DESTINATION),
    "XI000081": (F.DEPARTURE,),
    "XI000142": (F.TRANSIT, F.DESTINATION),
    "GB000001": (F.GUARANTEE,),
    "XI000001": (F.GUARANTEE,),
}
TRADERS = ("GB953574106000", "XI175521246821")
CARRIER = "GB-HAULIER"
GUARANTOR = "GB-SURETY"
GUARANTEES = {"23GB0000010000058": TRADERS[0], "23XI00000100000D0": TRADERS[1]}
"""The guarantees of the samples that exist, and their holders."""


class GbUnion(SampleUnion):
    """The union at the time of the samples, its guarantees accepted."""

    def __init__(self) -> None:
        self.now = NOVEMBER_2023
        self.height = 1
        self.state = dict(
            contracts.genesis_state([GenesisMember(m, f"Member {m}", key_of(m)) for m in MEMBERS])
        )
        for office, functions in OFFICES.items():
            self.enter(office, Role.OFFICE, *functions)
        for trader in TRADERS:
            self.enter(trader, Role.DECLARANT)
        self.enter(CARRIER, Role.CARRIER)
        self.enter(GUARANTOR, Role.GUARANTOR)
        for grn, holder in GUARANTEES.items():
            self.guarantee(grn, holder)

    def enter(self, name: str, role: Role, *functions: F) -> None:
        member = name[:2]
        self.do(
            member, RegisterParticipant(name, member, name, (role,), functions, (key_of(name),))
        )

    def guarantee(self, grn: str, holder: str) -> None:
        office = f"{grn[2:4]}000001"
        undertaking = g.Undertake(
            grn=grn,
            guarantee_kind=GuaranteeKind.GENERAL,
            holder=holder,
            office=office,
            reference_amount=5_000_00,
            currency="GBP",
            coverage_percent=100,
            valid_from_ms=self.now - DAY,
            valid_to_ms=self.now + 365 * DAY,
            territory=MEMBERS,
            terms=TERMS,
        )
        self.do(GUARANTOR, undertaking)
        self.do(office, g.AcceptUndertaking(grn))
