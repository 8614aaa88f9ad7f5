"""A small union in memory: five members, offices, parties, one guarantee, one movement.

Identifiers: "BY/DEP" is the office of departure in Belarus, "RU/TRN" of transit in Russia,
"KZ/DST" of destination in Kazakhstan; "AM/DEP", "AM/TRN", … are their namesakes elsewhere.
"COMMISSION" is seated by a vote, proposal 1.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec.structs import replace

import contracts
from contracts import (
    Accepted,
    BlockContext,
    Context,
    DueAct,
    GenesisMember,
    Record,
    Rejected,
)
from contracts.governance import records as gov
from contracts.governance.changes import CommissionChange
from contracts.guarantee import records as g
from contracts.guarantee.terms import GuaranteeKind, SecurityMethod, Terms
from contracts.references import make_grn, make_mrn
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.registry.objects import OfficeFunction, Role
from contracts.seals import records as s
from contracts.seals.objects import SealEvent
from contracts.transit import records as t
from contracts.transit.content import (
    ORDINARY_GOODS,
    AdditionalType,
    Content,
    DeclarationType,
    GuaranteeUse,
    Particular,
)
from contracts.transit.objects import MovementState

MEMBERS = ("AM", "BY", "KG", "KZ", "RU")
START = 1_770_000_000_000
"""2 February 2026, UTC."""

MRN = make_mrn(2026, "BY", "112233000001")
OTHER_MRN = make_mrn(2026, "BY", "112233000002")
GRN = make_grn(2026, "BY", "000000000001")
OTHER_GRN = make_grn(2026, "BY", "000000000002")
EAEU_NUMBER = "11223344/020226/0000001"
TRANSPORT = "0b5f1c9e-7f0a-4f3c-9a54-0d1e2f3a4b5c"
OTHER_TRANSPORT = "1b5f1c9e-7f0a-4f3c-9a54-0d1e2f3a4b5c"
LRN = "LRN0001"
ROOT = bytes(range(32))
MINSK = "BYMSQ"

OFFICE_FUNCTIONS = {
    "DEP": OfficeFunction.DEPARTURE,
    "TRN": OfficeFunction.TRANSIT,
    "EXT": OfficeFunction.EXIT,
    "DST": OfficeFunction.DESTINATION,
    "GUA": OfficeFunction.GUARANTEE,
}
PARTIES = {
    "BANK": ("BY", Role.GUARANTOR),
    "BANK2": ("RU", Role.GUARANTOR),
    "TRADER": ("BY", Role.DECLARANT),
    "TRADER2": ("RU", Role.DECLARANT),
    "HAULIER": ("BY", Role.CARRIER),
    "HAULIER2": ("KZ", Role.CARRIER),
    "SEALS-BY": ("BY", Role.SEAL_OPERATOR),
    "SEALS-RU": ("RU", Role.SEAL_OPERATOR),
    "SEALS-BY2": ("BY", Role.SEAL_OPERATOR),
    "AUDIT": ("AM", Role.AUDITOR),
    "OBSERVER": ("AM", Role.OBSERVER),
    "SHOP": ("KZ", Role.ECOMMERCE_OPERATOR),
    "SHOP2": ("RU", Role.ECOMMERCE_OPERATOR),
}

USE = GuaranteeUse(grn=GRN, amount=400_00, currency="EUR")
CONTENT = Content(
    declaration_type=DeclarationType.T1,
    holder="TRADER",
    carrier="HAULIER",
    office_of_departure="BY/DEP",
    transit_offices=("RU/TRN", "KZ/TRN"),
    office_of_destination="KZ/DST",
    guarantees=(USE,),
    exemption=None,
    goods=ORDINARY_GOODS,
    gross_mass_grams=1_000_000,
    containers=1,
    equipment=1,
    seals=1,
    limit_date_ms=START + 20 * DAY,
    particulars=(Particular("goods", ROOT),),
)
TERMS = Terms(
    method=SecurityMethod.SURETY,
    offices=(),
    commodities=(),
    sensitive_goods=False,
    suspended_goods=False,
)
UNDERTAKING = g.Undertake(
    grn=GRN,
    guarantee_kind=GuaranteeKind.GENERAL,
    holder="TRADER",
    office="BY/GUA",
    reference_amount=1_000_00,
    currency="EUR",
    coverage_percent=100,
    valid_from_ms=START - DAY,
    valid_to_ms=START + 365 * DAY,
    territory=MEMBERS,
    terms=TERMS,
)
RELEASE = t.Release(
    mrn=MRN,
    seals=("BY001",),
    identification="",
    mode=t.TransportMode.ROAD,
    route_km=3_000,
    deadline_ms=START + 20 * DAY,
    binding_route=True,
    prohibitions_cleared=True,
)
REGISTER = t.Register(declarant="TRADER", lrn=LRN, mrn=MRN, eaeu_number=EAEU_NUMBER)


def key_of(participant: str) -> bytes:
    """The key a participant signs with here: well formed, and told apart by eye."""
    return b"\x01" + participant.encode().ljust(32, b".")


class SampleUnion:
    """The union's state, and acts on it. `now`, `height`: of the block of the next act."""

    _founded: ClassVar[dict[str, bytes]] = {}
    """The state that every sample union begins with, made once."""

    epoch = 1
    """Of the block of the next act."""

    def __init__(self) -> None:
        self.now = START
        self.height = 1
        self.state = dict(SampleUnion._founded)
        if not self.state:
            self.found()
            SampleUnion._founded = dict(self.state)

    @classmethod
    def forget(cls) -> None:
        """Have the next one founded anew, by contracts that may have changed."""
        cls._founded.clear()

    def found(self) -> None:
        members = [GenesisMember(m, f"Member {m}", key_of(m)) for m in MEMBERS]
        self.state = dict(contracts.genesis_state(members))
        for member in MEMBERS:
            for suffix, function in OFFICE_FUNCTIONS.items():
                self.register(f"{member}/{suffix}", member, Role.OFFICE, function)
        for party, (member, role) in PARTIES.items():
            self.register(party, member, role)
        self.seat_commission()

    def seat_commission(self) -> None:
        change = CommissionChange("COMMISSION", "Commission", (key_of("COMMISSION"),))
        self.do("AM", gov.ProposeCommission(change, "Reference data.", self.now + DAY))
        self.do("BY", gov.CastVote(1, True))
        self.do("KG", gov.CastVote(1, True))
        self.do("KZ", gov.CastVote(1, True))

    def get(self, key: str) -> bytes | None:
        return self.state.get(key)

    def apply(
        self, author: str, record: Record | bytes, signer: bytes | None = None
    ) -> Accepted | Rejected:
        """Execute and, if accepted, change the state."""
        data = record if isinstance(record, bytes) else contracts.encode_record(record)
        context = Context(
            time_ms=self.now,
            height=self.height,
            submission=bytes(32),
            index=0,
            author=author,
            signer=key_of(author) if signer is None else signer,
            epoch=self.epoch,
        )
        outcome = contracts.apply(data, context, self)
        if isinstance(outcome, Accepted):
            self.change(outcome.changes)
        return outcome

    def change(self, changes: tuple[tuple[str, bytes | None], ...]) -> None:
        for key, value in changes:
            if value is None:
                del self.state[key]
            else:
                self.state[key] = value

    def begin_block(self) -> tuple[DueAct, ...]:
        """Let act what falls due by now, as at the beginning of a block."""
        acts = contracts.due_acts(BlockContext(self.now, self.height), self)
        for act in acts:
            self.change(act.changes)
        return acts

    def wait_until(self, time_ms: int) -> list[str]:
        """Let time pass, with blocks; gives what had an effect by itself, in order."""
        self.now = time_ms
        effective: list[str] = []
        while acts := self.begin_block():
            effective += [
                act.act
                for act in acts
                if any(not key.startswith("timer-") for key, _ in act.changes)
            ]
        return effective

    def do(self, author: str, *records: Record) -> None:
        """Execute records that must be accepted."""
        for record in records:
            outcome = self.apply(author, record)
            assert isinstance(outcome, Accepted), f"{record}: {outcome}"

    def show(self, key: str) -> Any:
        """The object under a key."""
        return contracts.decode_object(key, self.state[key])

    def register(
        self, name: str, member: str, role: Role, function: OfficeFunction | None = None
    ) -> None:
        functions = () if function is None else (function,)
        self.do(
            member,
            reg.RegisterParticipant(
                id=name,
                member=member,
                name=f"Participant {name}",
                roles=(role,),
                functions=functions,
                keys=(key_of(name),),
            ),
        )

    # Stages of the life of the sample movement, each beginning where the one before ends.

    def guaranteed(self, **changes: Any) -> "SampleUnion":
        undertaking = replace(UNDERTAKING, **changes)
        self.do("BANK", undertaking)
        self.do(undertaking.office, g.AcceptUndertaking(undertaking.grn))
        return self

    def lodged(self, **changes: Any) -> "SampleUnion":
        if f"guarantee/{GRN}" not in self.state:
            self.guaranteed()
        self.do("TRADER", t.Lodge(LRN, AdditionalType.STANDARD, replace(CONTENT, **changes)))
        return self

    def registered(self, **changes: Any) -> "SampleUnion":
        self.lodged(**changes)
        self.do("BY/DEP", REGISTER)
        return self

    def under_control(self) -> "SampleUnion":
        self.registered()
        self.do("BY/DEP", t.RecordControl(MRN, t.ControlDecision.REQUIRED, ""))
        return self

    def control_decided(self, **changes: Any) -> "SampleUnion":
        self.registered(**changes)
        self.do("BY/DEP", t.RecordControl(MRN, t.ControlDecision.NOT_REQUIRED, ""))
        return self

    def released(self, **changes: Any) -> "SampleUnion":
        self.control_decided(**changes)
        self.do("BY/DEP", RELEASE)
        return self

    @property
    def movement_state(self) -> MovementState:
        state: MovementState = self.show(f"movement/{MRN}").state
        return state

    def en_route(self) -> "SampleUnion":
        self.released()
        self.do("RU/TRN", t.NoteCrossing(MRN, True, ""))
        return self

    def in_trouble(self) -> "SampleUnion":
        self.released()
        self.do(
            "HAULIER",
            t.ReportIncident(MRN, t.IncidentCode.SEALS_BROKEN, "RU", "Seal torn off.", ()),
        )
        return self

    def arrived(self) -> "SampleUnion":
        self.en_route()
        self.do("HAULIER", t.NotifyArrival(MRN, "KZ/DST"))
        return self

    def unloading(self) -> "SampleUnion":
        self.arrived()
        self.do("KZ/DST", t.RecordArrival(MRN, True, True))
        return self

    def controlled(self) -> "SampleUnion":
        self.unloading()
        self.do("KZ/DST", t.RecordUnloading(MRN, True, True, ()))
        return self

    def completed(self) -> "SampleUnion":
        self.controlled()
        self.do("KZ/DST", t.Complete(MRN, ""))
        return self

    def sealable(self) -> "SampleUnion":
        self.released()
        self.do("SEALS-BY", s.RegisterSeal("NS1", "Model", "Certificate"))
        return self

    def sealed(self) -> "SampleUnion":
        self.sealable()
        self.do("SEALS-BY", s.ActivateSeal("NS1", MRN, TRANSPORT, MINSK))
        return self

    def alarmed(self) -> "SampleUnion":
        self.sealed()
        self.do("SEALS-BY", s.ReportSealEvent("NS1", SealEvent.BROKEN, self.now, None, None))
        return self

    def judged(self) -> "SampleUnion":
        self.alarmed()
        self.do("BY/TRN", s.JudgeAlarm("NS1", 1, s.Verdict.CONFIRMED, "Found torn."))
        return self

    def offered(self) -> "SampleUnion":
        self.sealed()
        self.do("SEALS-BY", s.OfferHandover(TRANSPORT, "SEALS-RU"))
        return self


Stage = Callable[[SampleUnion], SampleUnion]
