"""For any sequence of records of every kind, by anyone: what is accepted was within its author's
competence, and the invariants of all subjects hold together."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

import contracts
from contracts import RECORD_KINDS, Accepted, Record
from contracts.references.time import DAY
from contracts.registry import records as reg
from contracts.registry.objects import Standing
from tests.contracts.competences import FINISHES, ROLES, STANDING, holds
from tests.contracts.invariants import assert_accounts_agree, assert_seals_agree, objects
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_acts_of_the_union import leave
from tests.contracts.sample_union import MEMBERS, OFFICE_FUNCTIONS, PARTIES, SampleUnion, key_of
from tests.contracts.test_states import LIVES

OFFICES = tuple(f"{member}/{suffix}" for member in MEMBERS for suffix in OFFICE_FUNCTIONS)
EVERYONE = (*MEMBERS, *OFFICES, *PARTIES, "COMMISSION", "STRANGER")
RECORDS: tuple[tuple[str, Record], ...] = (
    *((act.author, act.record) for act in SAMPLE_ACTS),
    *(pair for life in LIVES.values() for pair in life.records.values()),
)
STAGES = (
    *(act.stage for act in SAMPLE_ACTS),
    *(stage for life in LIVES.values() for stage, _ in life.states.values()),
)
NEW_KEY, OTHER_KEY = key_of("new"), key_of("other")
places = st.integers(0, len(RECORDS) - 1)
strides = st.sampled_from((1, 7, 31, 83))


class Union(RuleBasedStateMachine):
    """Anyone tries anything, from any stage on, mostly in vain."""

    @initialize(stage=st.sampled_from(STAGES))
    def found(self, stage: Any) -> None:
        self.union = stage(SampleUnion())
        self.left = False
        self.decisions = {
            key: offence.decision
            for key, offence in objects(self.union, "offence").items()
            if offence.decision is not None
        }

    @rule(starts=st.lists(places, min_size=1, max_size=8), stride=strides)
    def things_happen(self, starts: list[int], stride: int) -> None:
        """The first of all records, in some order, that its competent author gets accepted."""
        for place in starts:
            for number in range(len(RECORDS)):
                author, record = RECORDS[(place + number * stride) % len(RECORDS)]
                if self.attempt(author, record):
                    break

    @rule(place=places, stride=strides)
    def everyone_tries_what_could_happen(self, place: int, stride: int) -> None:
        for number in range(len(RECORDS)):
            author, record = RECORDS[(place + number * stride) % len(RECORDS)]
            before = dict(self.union.state)
            if self.attempt(author, record):
                after = self.union.state
                for other in EVERYONE:
                    self.union.state = dict(before)
                    self.attempt(other, record)
                self.union.state = after
                return

    @rule(author=st.sampled_from(EVERYONE), place=places)
    def someone_signs_with_another_key(self, author: str, place: int) -> None:
        self.attempt(author, RECORDS[place][1], signer=OTHER_KEY)

    @rule(name=st.sampled_from((*OFFICES, *PARTIES)))
    def a_registrar_suspends(self, name: str) -> None:
        member = self.union.show(f"participant/{name}").member
        self.attempt(member, reg.SuspendParticipant(name, "Inquiry."))

    @rule(name=st.sampled_from((*OFFICES, *PARTIES)))
    def a_registrar_reinstates(self, name: str) -> None:
        member = self.union.show(f"participant/{name}").member
        self.attempt(member, reg.ReinstateParticipant(name, "Cleared."))

    @rule(name=st.sampled_from((*OFFICES, *PARTIES)))
    def a_key_is_exchanged(self, name: str) -> None:
        self.attempt(name, reg.RotateKey(name, key_of(name), NEW_KEY, "Yearly."))

    @precondition(lambda self: not self.left and self.union.show("charter/union").epoch == 1)
    @rule(member=st.sampled_from(MEMBERS))
    def a_member_leaves(self, member: str) -> None:
        self.left = True
        if set(self.union.show("charter/union").committee) == set(MEMBERS):
            leave(self.union, member)

    @rule(days=st.sampled_from((1, 8, 31)))
    def time_passes(self, days: int) -> None:
        self.union.wait_until(self.union.now + days * DAY)

    def attempt(self, author: str, record: Record, signer: bytes | None = None) -> bool:
        """Try a record; if it is accepted, it was within its author's competence.

        Signed with the author's present key, unless another is given.
        """
        state = self.union.state
        if signer is None:
            known = f"participant/{author}" in state
            signer = self.union.show(f"participant/{author}").keys[0] if known else OTHER_KEY
        self.union.state = dict(state)
        accepted = isinstance(self.union.apply(author, record, signer), Accepted)
        if accepted:
            before = SampleUnion.__new__(SampleUnion)
            before.state = state
            self.assert_competent(before, author, record, signer)
        return accepted

    def assert_competent(
        self, before: SampleUnion, author: str, record: Record, signer: bytes
    ) -> None:
        def state(key: str) -> Any:
            return before.show(key) if key in before.state else None

        who, kind = state(f"participant/{author}"), record.kind()
        assert who is not None, (author, kind)
        assert who.standing is Standing.ACTIVE, (author, kind)
        assert signer in who.keys, (author, kind)
        assert holds(who, kind), (author, kind)
        member = state(f"member/{who.member}")
        assert member is None or not member.left or kind in FINISHES, (author, kind)
        assert STANDING[kind](state, who, record), (author, kind)

    @invariant()
    def accounts_agree_with_open_movements(self) -> None:
        assert_accounts_agree(self.union)

    @invariant()
    def seals_and_transports_agree(self) -> None:
        assert_seals_agree(self.union)

    @invariant()
    def what_was_decided_stays_decided(self) -> None:
        for key, offence in objects(self.union, "offence").items():
            if offence.decision is not None:
                assert self.decisions.setdefault(key, offence.decision) == offence.decision
            else:
                assert key not in self.decisions


TestUnion = Union.TestCase
TestUnion.settings = settings(max_examples=300, stateful_step_count=15, deadline=None)


def test_competences_are_written_down_for_every_record_kind() -> None:
    assert set(ROLES) == set(STANDING) == set(RECORD_KINDS)
    assert set(RECORD_KINDS) > FINISHES


def test_a_record_of_someone_else_is_seen_as_such() -> None:
    """The machine's own judgement can fail."""
    union = SampleUnion().released()
    machine = Union()
    machine.union = union
    record = replace(next(r for _, r in RECORDS if r.kind() == "transit.discharge"))
    before = SampleUnion.__new__(SampleUnion)
    before.state = dict(union.state)
    for author in ("RU/DEP", "TRADER", "STRANGER"):
        try:
            machine.assert_competent(before, author, record, key_of(author))
        except AssertionError:
            continue
        raise AssertionError(f"{author} discharges")
    machine.assert_competent(before, "BY/DEP", record, key_of("BY/DEP"))
    assert contracts.encode_record(record)
