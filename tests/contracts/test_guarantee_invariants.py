"""For any sequence of records and deadlines: nothing moves uncovered, nothing is held in vain.

0 ≤ Σ reserved ≤ covered on every guarantee and certificate; every reservation belongs to exactly
one open movement; a released movement has all its reservations, but for claims that are settled.
"""

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

from contracts import Accepted, Record
from contracts.guarantee import records as g
from contracts.guarantee.objects import CertificateKind, Reservation
from contracts.references import make_grn, make_mrn
from contracts.references.mrn import mrn_country
from contracts.references.time import DAY
from contracts.transit import enquiry_records as e
from contracts.transit import records as t
from contracts.transit.content import AdditionalType, GuaranteeUse
from tests.contracts.invariants import assert_accounts_agree
from tests.contracts.sample_union import CONTENT, RELEASE, UNDERTAKING, SampleUnion

GRNS = tuple(make_grn(2026, "BY", str(number)) for number in range(1, 4))
guarantees = st.sampled_from(GRNS)
amounts = st.integers(1, 400)


class Guarantees(RuleBasedStateMachine):
    """Random acts, many of them refused; the invariants must hold after each."""

    movements = Bundle("movements")

    @initialize(percents=st.tuples(*[st.sampled_from((100, 50, 30))] * len(GRNS)))
    def found(self, percents: tuple[int, ...]) -> None:
        self.union = SampleUnion()
        self.registered = 0
        for grn, percent in zip(GRNS, percents, strict=True):
            self.union.guaranteed(grn=grn, reference_amount=2_000, coverage_percent=percent)

    def try_(self, author: str, record: Record) -> bool:
        return isinstance(self.union.apply(author, record), Accepted)

    @rule(grn=guarantees, amount=amounts)
    def amend(self, grn: str, amount: int) -> None:
        self.try_("BANK", g.AmendAmount(grn, amount))

    @rule(grn=guarantees, amount=amounts)
    def certify(self, grn: str, amount: int) -> None:
        to = UNDERTAKING.valid_to_ms
        self.try_("BY/GUA", g.IssueCertificate(grn, "RU", CertificateKind.GENERAL, amount, to))

    @precondition(lambda self: self.registered > 2)
    @rule(grn=guarantees, end=st.sampled_from((g.RevokeUndertaking, g.CancelGuarantee)))
    def end(self, grn: str, end: type[g.RevokeUndertaking] | type[g.CancelGuarantee]) -> None:
        self.try_("BANK", end(grn, "End."))

    @rule(
        target=movements,
        uses=st.dictionaries(guarantees, amounts, min_size=1, max_size=2),
        country=st.sampled_from(("BY", "BY", "RU")),
        fate=st.sampled_from(("kept", "released", "released", "lost", "lost", "lost")),
    )
    def register(self, uses: dict[str, int], country: str, fate: str) -> str:
        self.registered += 1
        lrn, mrn = f"L{self.registered}", make_mrn(2026, country, str(self.registered))
        named = tuple(GuaranteeUse(grn, amount, "EUR") for grn, amount in uses.items())
        office = f"{country}/DEP"
        content = replace(
            CONTENT,
            office_of_departure=office,
            transit_offices=("KZ/TRN",),
            guarantees=named,
            limit_date_ms=None,
        )
        self.union.do("TRADER", t.Lodge(lrn, AdditionalType.STANDARD, content))
        if not self.try_(office, t.Register("TRADER", lrn, mrn, None)):
            return mrn  # another year has begun
        self.union.do(office, t.RecordControl(mrn, t.ControlDecision.NOT_REQUIRED, ""))
        if fate != "kept":
            self.release(mrn)
        if fate == "lost":
            self.recover(mrn, 2)
        return mrn

    @rule(mrn=movements, times=st.integers(1, 2))
    def release_later(self, mrn: str, times: int) -> None:
        for _ in range(times):
            self.release(mrn)

    def release(self, mrn: str) -> None:
        deadline = self.union.now + 10 * DAY
        self.try_(self.office(mrn), replace(RELEASE, mrn=mrn, deadline_ms=deadline))

    def office(self, mrn: str) -> str:
        return f"{mrn_country(mrn)}/DEP"

    @rule(mrn=movements)
    def invalidate(self, mrn: str) -> None:
        self.try_("TRADER", t.RequestInvalidation(mrn, "Sold."))
        self.try_(self.office(mrn), t.Invalidate(mrn, "Asked for.", False))

    @rule(mrn=movements, steps=st.sampled_from((1, 2, 3, 5, 5, 5)))
    def go_on(self, mrn: str, steps: int) -> None:
        acts = (
            ("HAULIER", t.NotifyArrival(mrn, "KZ/DST")),
            ("KZ/DST", t.RecordArrival(mrn, True, False)),
            ("KZ/DST", t.Complete(mrn, "")),
            (self.office(mrn), t.Discharge(mrn)),
            (self.office(mrn), t.Discharge(mrn)),
        )
        for author, record in acts[:steps]:
            self.try_(author, record)

    @rule(mrn=movements)
    def prove(self, mrn: str) -> None:
        self.try_(self.office(mrn), e.AcceptProof(mrn, e.ProofKind.CERTIFIED_COPY, "Stamped."))

    @rule(mrn=movements, share=st.integers(1, 3))
    def lose(self, mrn: str, share: int) -> None:
        self.recover(mrn, share)

    def recover(self, mrn: str, share: int) -> None:
        """Let the enquiry pass, start recovery, and claim a share of what is held."""
        for days in (18, 41):
            self.wait(days)
        self.try_(self.office(mrn), e.StartRecovery(mrn, "No trace."))
        held = [self.union.show(key) for key in self.union.state if key.endswith(f"/{mrn}")]
        reserved = [each for each in held if isinstance(each, Reservation)]
        claimed = tuple(e.ClaimOnGuarantee(each.grn, -(-each.amount // share)) for each in reserved)
        self.try_(self.office(mrn), e.NotifyDebt(mrn, None, 1_000, "EUR", claimed))

    @rule(mrn=movements, grn=guarantees, amount=amounts, by_guarantor=st.booleans())
    def pay(self, mrn: str, grn: str, amount: int, by_guarantor: bool) -> None:
        payment = e.RecordPayment(mrn, grn if by_guarantor else None, amount)
        self.try_(self.office(mrn), payment)

    @rule(mrn=movements, grn=guarantees, ruling=st.sampled_from((None, *e.Ruling)))
    def contest(self, mrn: str, grn: str, ruling: e.Ruling | None) -> None:
        self.try_("BANK", e.ContestClaim(mrn, grn, "No."))
        if ruling is not None:
            self.try_(self.office(mrn), e.DecideContest(mrn, grn, ruling, "Decided."))

    @rule(mrn=movements)
    def write_off(self, mrn: str) -> None:
        self.try_(self.office(mrn), e.WriteOff(mrn, "Insolvent."))

    @rule(grn=guarantees, amount=amounts)
    def top_up(self, grn: str, amount: int) -> None:
        self.try_("BANK", g.TopUp(grn, amount))

    @rule(days=st.sampled_from((1, 3, 10, 16, 31, 60)))
    def let_time_pass(self, days: int) -> None:
        self.wait(days)

    def wait(self, days: int) -> None:
        self.union.wait_until(self.union.now + days * DAY)

    @invariant()
    def accounts_agree_with_open_movements(self) -> None:
        assert_accounts_agree(self.union)


TestGuarantees = Guarantees.TestCase
TestGuarantees.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
