"""Who takes part in the benchmarks' movements, and what they do.

A movement is nine records by five parties, each signed by the party it belongs to: lodged,
registered, control decided, released, border crossed, arrival notified and recorded, completed,
discharged. The guarantee is reserved at release and freed at discharge. The state of departure
changes from one movement to the next, so every member has an equal share of the work.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contracts import Record
from contracts.guarantee.records import AcceptUndertaking, Undertake
from contracts.guarantee.terms import GuaranteeKind, SecurityMethod, Terms
from contracts.references import make_grn, make_mrn
from contracts.registry.objects import OfficeFunction, Role
from contracts.registry.records import RegisterParticipant
from contracts.transit import records as transit
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Content,
    DeclarationType,
    GuaranteeUse,
    Particular,
)
from ledger_node.crypto.signatures import SoftwareSigner

STEPS: Final = 9
"""Records of one movement."""

TRADERS: Final = 8
"""Declarants of a member, each with a guarantee of its own, and as many carriers."""

DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Act:
    """One record and who signs it. member: whose node the author uses."""

    member: str
    author: str
    record: Record


class Cast:
    """Offices, guarantors, declarants and carriers of every member, with their keys."""

    def __init__(self, members: Sequence[str]) -> None:
        self.members = tuple(members)
        self.now_ms = time.time_ns() // 1_000_000
        self.year = time.gmtime(self.now_ms // 1000).tm_year
        names = [name for member in members for name in _names(member)]
        self.signers = {name: SoftwareSigner.generate() for name in names}

    def registrations(self, member: str) -> list[Record]:
        """What the member's registrar enters."""
        functions = (
            OfficeFunction.DEPARTURE,
            OfficeFunction.TRANSIT,
            OfficeFunction.DESTINATION,
            OfficeFunction.GUARANTEE,
        )
        entered: list[Record] = []
        for name in _names(member):
            role = _role(name)
            entered.append(
                RegisterParticipant(
                    id=name,
                    member=member,
                    name=f"{role.value.title()} {name} of the benchmarks",
                    roles=(role,),
                    functions=functions if role is Role.OFFICE else (),
                    keys=(self.signers[name].public,),
                )
            )
        return entered

    def guarantees(self, member: str) -> list[list[Act]]:
        """The member's guarantees: undertaken, then, in a later submission, accepted."""
        undertaken, accepted = [], []
        for trader in range(TRADERS):
            grn = self._grn(member, trader)
            undertaking = Undertake(
                grn=grn,
                guarantee_kind=GuaranteeKind.GENERAL,
                holder=f"{member}/TRADER{trader}",
                office=f"{member}/OFFICE",
                reference_amount=10**12,
                currency="EUR",
                coverage_percent=100,
                valid_from_ms=self.now_ms - DAY_MS,
                valid_to_ms=self.now_ms + 365 * DAY_MS,
                territory=self.members,
                terms=Terms(
                    method=SecurityMethod.SURETY,
                    offices=(),
                    commodities=(),
                    sensitive_goods=False,
                    suspended_goods=False,
                ),
            )
            undertaken.append(Act(member, f"{member}/BANK", undertaking))
            accepted.append(Act(member, f"{member}/OFFICE", AcceptUndertaking(grn)))
        return [undertaken, accepted]

    def movement(self, number: int, lane: int) -> Iterator[Act]:
        """The nine acts of a movement.

        number: unique in the union; lane: says where it departs and whose it is, so that movements
        of one lane can share submissions.
        """
        count = len(self.members)
        at = lane % count
        home, border, away = (self.members[(at + hop) % count] for hop in range(3))
        trader = lane // count % TRADERS
        declarant, carrier = f"{home}/TRADER{trader}", f"{home}/CARRIER{trader}"
        departure, destination = f"{home}/OFFICE", f"{away}/OFFICE"
        mrn, lrn = self.mrn(number, lane), f"LRN{number:08}"
        content = Content(
            declaration_type=DeclarationType.T1,
            holder=declarant,
            carrier=carrier,
            office_of_departure=departure,
            transit_offices=(f"{border}/OFFICE",),
            office_of_destination=destination,
            guarantees=(GuaranteeUse(self._grn(home, trader), 400_00, "EUR"),),
            exemption=None,
            goods=ORDINARY_GOODS,
            gross_mass_grams=20_000_000,
            containers=1,
            equipment=1,
            seals=1,
            limit_date_ms=None,
            particulars=(
                Particular("goods", number.to_bytes(32, "big")),
                Particular("parties", (number + 1).to_bytes(32, "big")),
            ),
        )
        release = transit.Release(
            mrn=mrn,
            seals=(f"{home}{number:08}",),
            identification="",
            mode=transit.TransportMode.ROAD,
            route_km=3_000,
            deadline_ms=self.now_ms + 20 * DAY_MS,
            binding_route=True,
            prohibitions_cleared=True,
        )
        decision = transit.ControlDecision.NOT_REQUIRED
        yield Act(home, declarant, transit.Lodge(lrn, AdditionalType.STANDARD, content))
        yield Act(home, departure, transit.Register(declarant, lrn, mrn, None))
        yield Act(home, departure, transit.RecordControl(mrn, decision, ""))
        yield Act(home, departure, release)
        yield Act(border, f"{border}/OFFICE", transit.NoteCrossing(mrn, True, ""))
        yield Act(home, carrier, transit.NotifyArrival(mrn, destination))
        yield Act(away, destination, transit.RecordArrival(mrn, True, False))
        yield Act(away, destination, transit.Complete(mrn, ""))
        yield Act(home, departure, transit.Discharge(mrn))

    def mrn(self, number: int, lane: int) -> str:
        """The reference number of a movement."""
        return make_mrn(self.year, self.members[lane % len(self.members)], f"{number:012}")

    def _grn(self, member: str, trader: int) -> str:
        return make_grn(self.year, member, f"{trader:012}")


def _names(member: str) -> list[str]:
    numbered = [f"{member}/{kind}{n}" for n in range(TRADERS) for kind in ("TRADER", "CARRIER")]
    return [f"{member}/OFFICE", f"{member}/BANK", *numbered]


def _role(name: str) -> Role:
    kind = name.partition("/")[2].rstrip("0123456789")
    return {
        "OFFICE": Role.OFFICE,
        "BANK": Role.GUARANTOR,
        "TRADER": Role.DECLARANT,
        "CARRIER": Role.CARRIER,
    }[kind]
