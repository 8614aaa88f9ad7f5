"""For any sequence of records: 0 ≤ Σ reserved ≤ covered, and reservations match open movements."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from contracts import Accepted
from contracts.guarantee import records as g
from contracts.references import make_grn, make_mrn
from contracts.references.time import DAY
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, GuaranteeUse
from contracts.transit.objects import MovementState
from tests.contracts.sample_union import CONTENT, RELEASE, UNDERTAKING, SampleUnion

GRNS = tuple(make_grn(2026, "BY", str(number)) for number in range(1, 4))
MRNS = tuple(make_mrn(2026, "BY", str(number)) for number in range(1, 9))
COVERED_STATES = (
    MovementState.RELEASED,
    MovementState.EN_ROUTE,
    MovementState.ARRIVED,
    MovementState.UNLOADING,
    MovementState.DESTINATION_CONTROLLED,
    MovementState.COMPLETED,
)
guarantees = st.sampled_from(GRNS)
movements = st.sampled_from(MRNS)
amounts = st.integers(1, 60_000)


class Guarantees(RuleBasedStateMachine):
    """Random acts, most of them refused; the invariants must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.union = SampleUnion()
        self.released = 0

    @rule(grn=guarantees, amount=amounts, percent=st.sampled_from((100, 50, 30)))
    def undertake(self, grn: str, amount: int, percent: int) -> None:
        self.union.apply(
            "BANK",
            replace(UNDERTAKING, grn=grn, reference_amount=amount, coverage_percent=percent),
        )
        self.union.apply("BY/GUA", g.AcceptUndertaking(grn))

    @rule(grn=guarantees, amount=amounts)
    def amend(self, grn: str, amount: int) -> None:
        self.union.apply("BANK", g.AmendAmount(grn, amount))

    @rule(grn=guarantees, revoke=st.booleans())
    def end(self, grn: str, revoke: bool) -> None:
        record = g.RevokeUndertaking(grn, "End.") if revoke else g.CancelGuarantee(grn, "End.")
        self.union.apply("BANK", record)

    @rule(
        mrn=movements,
        grns=st.lists(guarantees, min_size=1, max_size=2, unique=True),
        data=st.data(),
    )
    def register(self, mrn: str, grns: list[str], data: Any) -> None:
        uses = tuple(GuaranteeUse(grn, data.draw(amounts), "EUR") for grn in grns)
        lrn = f"L{mrn}"
        content = replace(CONTENT, guarantees=uses, limit_date_ms=None)
        self.union.apply("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content))
        self.union.apply("BY/DEP", t.Register("TRADER", lrn, mrn, None))
        self.union.apply("BY/DEP", t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, ""))

    @rule(mrn=movements)
    def release(self, mrn: str) -> None:
        deadline = self.union.now + 10 * DAY
        outcome = self.union.apply("BY/DEP", replace(RELEASE, mrn=mrn, deadline_ms=deadline))
        self.released += isinstance(outcome, Accepted)

    @rule(mrn=movements)
    def invalidate(self, mrn: str) -> None:
        self.union.apply("TRADER", t.RequestInvalidation(mrn, "Sold."))
        self.union.apply("BY/DEP", t.Invalidate(mrn, "Asked for."))

    @rule(mrn=movements, steps=st.integers(1, 5))
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

    @rule(days=st.integers(1, 20))
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
TestGuarantees.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
