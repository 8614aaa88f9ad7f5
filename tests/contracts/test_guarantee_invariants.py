"""For any sequence of records: 0 ≤ Σ reserved ≤ covered, and reservations match open movements."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec.structs import replace

from contracts.guarantee import records as g
from contracts.references import make_grn, make_mrn
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, GuaranteeUse
from contracts.transit.objects import MovementState
from tests.contracts.sample_union import CONTENT, RELEASE, SampleUnion

GRNS = tuple(make_grn(2026, "BY", str(number)) for number in range(1, 4))
COVERED_STATES = (
    MovementState.RELEASED,
    MovementState.EN_ROUTE,
    MovementState.ARRIVED,
    MovementState.UNLOADING,
    MovementState.DESTINATION_CONTROLLED,
    MovementState.COMPLETED,
)
guarantees = st.sampled_from(GRNS)
amounts = st.integers(1, 1_000)


class Guarantees(RuleBasedStateMachine):
    """Random acts, many of them refused; the invariants must hold after each."""

    movements = Bundle("movements")

    @initialize(percents=st.tuples(*[st.sampled_from((100, 50, 30))] * len(GRNS)))
    def found(self, percents: tuple[int, ...]) -> None:
        self.union = SampleUnion()
        self.registered = 0
        for grn, percent in zip(GRNS, percents, strict=True):
            self.union.guaranteed(grn=grn, reference_amount=2_000, coverage_percent=percent)

    @rule(grn=guarantees, amount=amounts)
    def amend(self, grn: str, amount: int) -> None:
        self.union.apply("BANK", g.AmendAmount(grn, amount))

    @precondition(lambda self: self.registered > 2)
    @rule(grn=guarantees, revoke=st.booleans())
    def end(self, grn: str, revoke: bool) -> None:
        record = g.RevokeUndertaking(grn, "End.") if revoke else g.CancelGuarantee(grn, "End.")
        self.union.apply("BANK", record)

    @rule(
        target=movements,
        uses=st.dictionaries(guarantees, amounts, min_size=1, max_size=2),
        at_once=st.booleans(),
    )
    def register(self, uses: dict[str, int], at_once: bool) -> str:
        self.registered += 1
        lrn, mrn = f"L{self.registered}", make_mrn(2026, "BY", str(self.registered))
        named = tuple(GuaranteeUse(grn, amount, "EUR") for grn, amount in uses.items())
        content = replace(CONTENT, guarantees=named, limit_date_ms=None)
        self.union.do("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content))
        self.union.do("BY/DEP", t.Register("TRADER", lrn, mrn, None))
        self.union.do("BY/DEP", t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, ""))
        if at_once:
            self.release(mrn, 1)
        return mrn

    @rule(mrn=movements, times=st.integers(1, 2))
    def release_later(self, mrn: str, times: int) -> None:
        self.release(mrn, times)

    def release(self, mrn: str, times: int) -> None:
        deadline = self.union.now + 10 * DAY
        for _ in range(times):
            self.union.apply("BY/DEP", replace(RELEASE, mrn=mrn, deadline_ms=deadline))

    @rule(mrn=movements)
    def invalidate(self, mrn: str) -> None:
        self.union.apply("TRADER", t.RequestInvalidation(mrn, "Sold."))
        self.union.apply("BY/DEP", t.Invalidate(mrn, "Asked for.", False))

    @rule(mrn=movements, steps=st.sampled_from((1, 2, 3, 5, 5, 5)))
    def go_on(self, mrn: str, steps: int) -> None:
        acts = (
            ("HAULIER", t.NotifyArrival(mrn, "KZ/DST")),
            ("KZ/DST", t.RecordArrival(mrn, True, False)),
            ("KZ/DST", t.Complete(mrn, "")),
            ("BY/DEP", t.Discharge(mrn)),
            ("BY/DEP", t.Discharge(mrn)),
        )
        for author, record in acts[:steps]:
            self.union.apply(author, record)

    @rule(days=st.integers(1, 16))
    def wait(self, days: int) -> None:
        self.union.now += days * DAY

    @invariant()
    def accounts_agree_with_open_movements(self) -> None:
        state = self.union.state
        held: dict[str, list[int]] = {grn: [] for grn in GRNS}
        reservations = [key for key in state if key.startswith("reservation/")]
        for key in reservations:
            reservation = self.union.show(key)
            held[reservation.grn].append(reservation.amount)
        owed = {
            f"reservation/{use.grn}/{movement.mrn}"
            for movement in (self.union.show(key) for key in state if key.startswith("movement/"))
            if movement.state in COVERED_STATES
            for use in movement.content.guarantees
        }
        assert set(reservations) == owed
        for grn in GRNS:
            if f"guarantee/{grn}" in state:
                guarantee = self.union.show(f"guarantee/{grn}")
                assert guarantee.reserved == sum(held[grn])
                assert guarantee.open == len(held[grn])
                assert 0 <= guarantee.reserved <= guarantee.covered


TestGuarantees = Guarantees.TestCase
TestGuarantees.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
