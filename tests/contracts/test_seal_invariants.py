"""For any sequence of records: no seal on two transports or under two operators, and none
without one; the seal list of a movement and the registry agree."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from contracts.references import make_mrn
from contracts.seals import records as s
from contracts.transit import records as t
from contracts.transit.content import AdditionalType
from tests.contracts.invariants import assert_seals_agree
from tests.contracts.sample_union import (
    CONTENT,
    LRN,
    MINSK,
    OTHER_TRANSPORT,
    REGISTER,
    RELEASE,
    TRANSPORT,
    SampleUnion,
)

MRNS = tuple(make_mrn(2026, "BY", str(number)) for number in (1, 2))
OPERATORS = ("SEALS-BY", "SEALS-RU", "SEALS-BY2")
SEALS = ("NS1", "NS2", "NS3")
operators = st.sampled_from(OPERATORS)
seals = st.sampled_from(SEALS)
transports = st.sampled_from((TRANSPORT, OTHER_TRANSPORT))
mrns = st.sampled_from(MRNS)


class Seals(RuleBasedStateMachine):
    """Random acts of random operators, many refused; the invariants must hold after each."""

    @initialize()
    def found(self) -> None:
        self.union = SampleUnion().guaranteed()
        for number, mrn in enumerate(MRNS):
            lrn = f"{LRN}-{number}"
            content = replace(CONTENT, guarantees=(replace(CONTENT.guarantees[0], amount=1),))
            self.union.do("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content))
            register = replace(REGISTER, lrn=lrn, mrn=mrn, eaeu_number=None)
            decided = t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, "")
            self.union.do("BY/DEP", register, decided)
        for seal, operator in zip(SEALS, ("SEALS-BY", "SEALS-BY", "SEALS-RU"), strict=True):
            self.union.do(operator, s.RegisterSeal(seal, "M", "C"))

    @rule(operator=operators, seal=seals, mrn=mrns, transport=transports)
    def activate(self, operator: str, seal: str, mrn: str, transport: str) -> None:
        self.union.apply(operator, s.ActivateSeal(seal, mrn, transport, MINSK))

    @rule(seal=seals, mrn=mrns, transport=transports)
    def activate_own(self, seal: str, mrn: str, transport: str) -> None:
        operator = self.union.show(f"seal/{seal}").operator
        self.union.apply(operator, s.ActivateSeal(seal, mrn, transport, MINSK))

    @rule(operator=operators, seal=seals)
    def deactivate(self, operator: str, seal: str) -> None:
        self.union.apply(operator, s.DeactivateSeal(seal, MINSK))

    @rule(operator=operators, seal=seals, condition=st.sampled_from(s.Condition))
    def set_aside(self, operator: str, seal: str, condition: s.Condition) -> None:
        self.union.apply(operator, s.SetAside(seal, condition, "So it is."))

    @rule(seal=seals)
    def take_back(self, seal: str) -> None:
        operator = self.union.show(f"seal/{seal}").operator
        self.union.apply(operator, s.TakeBack(seal, "Found."))

    @rule(giver=operators, taker=operators, transport=transports, accept=st.booleans())
    def hand_over(self, giver: str, taker: str, transport: str, accept: bool) -> None:
        self.union.apply(giver, s.OfferHandover(transport, taker))
        if accept:
            self.union.apply(taker, s.AcceptHandover(transport))

    @rule(seal=seals)
    def confirm_an_alarm(self, seal: str) -> None:
        event = s.ReportSealEvent(seal, s.SealEvent.BROKEN, self.union.now, None, None)
        for operator in OPERATORS:
            self.union.apply(operator, event)
        number = self.union.show(f"seal/{seal}").alarms
        for office in ("BY/TRN", "RU/TRN"):
            self.union.apply(office, s.JudgeAlarm(seal, number or 1, s.Verdict.CONFIRMED, "Torn."))

    @rule(mrn=mrns)
    def release(self, mrn: str) -> None:
        self.union.apply("BY/DEP", replace(RELEASE, mrn=mrn))

    @rule(mrn=mrns)
    def arrive(self, mrn: str) -> None:
        self.union.apply("HAULIER", t.NotifyArrival(mrn, "KZ/DST"))

    @rule(mrn=mrns)
    def incident(self, mrn: str) -> None:
        self.union.apply(
            "HAULIER", t.ReportIncident(mrn, t.IncidentCode.SEALS_BROKEN, "RU", "Torn.", ())
        )
        self.union.apply("RU/TRN", t.EndorseIncident(mrn, 1, ("RU7",), "", None))

    @invariant()
    def seals_and_transports_agree(self) -> None:
        assert_seals_agree(self.union)


TestSeals = Seals.TestCase
TestSeals.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
