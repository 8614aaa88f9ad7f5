"""For any sequence of records of any members: no offence is decided twice, and conduct follows."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from contracts import Accepted
from contracts.compliance import records as c
from contracts.compliance.objects import Decision, OffenceState
from contracts.references.time import DAY
from tests.contracts.sample_acts_of_conduct import KIND, OPEN, UPHOLD
from tests.contracts.sample_union import MRN, SampleUnion

OFFICES = ("BY/DEP", "BY/TRN", "RU/TRN", "RU/DST", "KZ/TRN", "KZ/DST", "AM/DST")
KINDS = ("LATE", "SEALS")
OFFENDERS = ("HAULIER", "TRADER")
FINAL = (OffenceState.ENFORCEABLE, OffenceState.CLOSED)
offices = st.sampled_from(OFFICES)
cases = st.tuples(st.sampled_from(KINDS), st.just(MRN), st.sampled_from(OFFENDERS))


class Offences(RuleBasedStateMachine):
    """Every office tries everything, at any time; the invariants must hold after each act."""

    @initialize()
    def found(self) -> None:
        self.union = SampleUnion().released()
        self.decisions: dict[tuple[str, str, str], list[str]] = {}
        self.first: dict[str, Decision] = {}
        for kind in KINDS:
            self.union.do("COMMISSION", replace(KIND, code=kind, appeal_days=2))

    @rule(office=offices, case=cases)
    def open(self, office: str, case: tuple[str, str, str]) -> None:
        kind, matter, offender = case
        record = replace(OPEN, offence=kind, matter=matter, offender=offender)
        self.union.apply(office, record)

    @rule(office=offices, other=offices, case=cases)
    def hand_over(self, office: str, other: str, case: tuple[str, str, str]) -> None:
        self.union.apply(office, c.OfferCase(*case, other, "Yours."))
        self.union.apply(other, c.TakeCase(*case))

    @rule(office=offices, case=cases, finding=st.sampled_from(c.Finding))
    def decide(self, office: str, case: tuple[str, str, str], finding: c.Finding) -> None:
        fine = 100_00 if finding is c.Finding.OFFENCE else 0
        outcome = self.union.apply(office, c.DecideOffence(*case, finding, fine, "So it is."))
        if isinstance(outcome, Accepted):
            self.decisions.setdefault(case, []).append(office)

    @rule(case=cases)
    def appeal(self, case: tuple[str, str, str]) -> None:
        self.union.apply(case[2], c.AppealDecision(*case, "No."))

    @rule(office=offices, case=cases, result=st.sampled_from(c.AppealResult))
    def decide_appeal(
        self, office: str, case: tuple[str, str, str], result: c.AppealResult
    ) -> None:
        fine = {"upheld": 100_00, "reduced": 50_00, "annulled": 0}[result]
        kind, matter, offender = case
        record = replace(
            UPHOLD, offence=kind, matter=matter, offender=offender, result=result, fine=fine
        )
        self.union.apply(office, record)

    @rule(office=offices, case=cases, amount=st.integers(1, 100_00))
    def collect(self, office: str, case: tuple[str, str, str], amount: int) -> None:
        self.union.apply(office, c.RecordPayment(*case, amount))
        self.union.apply(office, c.CloseOffence(*case, False, "Paid."))
        self.union.apply(office, c.CloseOffence(*case, True, "Bankrupt."))

    @rule(hours=st.sampled_from((1, 30, 60)))
    def wait(self, hours: int) -> None:
        self.union.wait_until(self.union.now + hours * DAY // 24)

    @invariant()
    def one_decision_an_offence(self) -> None:
        assert all(len(offices) == 1 for offices in self.decisions.values())
        counted: dict[str, list[str]] = {}
        for key in (key for key in self.union.state if key.startswith("offence/")):
            offence = self.union.show(key)
            case = (offence.kind, offence.matter, offence.offender)
            assert (offence.decision is not None) == (case in self.decisions)
            if offence.decision is not None:
                assert self.first.setdefault(key, offence.decision) == offence.decision
            assert 0 <= offence.paid <= offence.fine <= 100_00
            if offence.state in FINAL:
                counted.setdefault(offence.offender, []).append(key.removeprefix("offence/"))
        for offender in OFFENDERS:
            conduct = f"conduct/{offender}"
            entries = self.union.show(conduct).entries if conduct in self.union.state else ()
            assert sorted(entry.offence for entry in entries) == sorted(counted.get(offender, []))


TestOffences = Offences.TestCase
TestOffences.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
