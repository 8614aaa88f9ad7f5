"""Who may do what: every record kind, tried by everyone who may not."""

import pytest

from contracts import RECORD_KINDS, Accepted, Rejected
from contracts.registry.records import SuspendParticipant
from tests.contracts.competences import FINISHES, holds
from tests.contracts.sample_act import SampleAct
from tests.contracts.sample_acts import SAMPLE_ACTS
from tests.contracts.sample_acts_of_the_union import leave
from tests.contracts.sample_union import MEMBERS, OFFICE_FUNCTIONS, SampleUnion, key_of

EVERYONE = (
    "AM",
    *(f"AM/{suffix}" for suffix in OFFICE_FUNCTIONS),
    "BANK2",
    "TRADER2",
    "HAULIER2",
    "SEALS-RU",
    "AUDIT",
    "OBSERVER",
    "SHOP2",
    "COMMISSION",
)
each_act = pytest.mark.parametrize("act", SAMPLE_ACTS, ids=lambda act: act.record.kind())


def test_every_record_kind_is_tried() -> None:
    assert [act.record.kind() for act in SAMPLE_ACTS] == list(RECORD_KINDS)


@each_act
def test_the_competent_author_is_accepted(act: SampleAct) -> None:
    union = act.stage(SampleUnion())
    assert isinstance(union.apply(act.author, act.record), Accepted)


@each_act
def test_every_other_role_and_function_is_refused(act: SampleAct) -> None:
    union = act.stage(SampleUnion())
    for name in EVERYONE:
        if not holds(union.show(f"participant/{name}"), act.record.kind()):
            outcome = union.apply(name, act.record)
            assert isinstance(outcome, Rejected)
            assert outcome.rule == "RE-004", (name, outcome)


@each_act
def test_someone_else_of_the_same_role_is_refused(act: SampleAct) -> None:
    union = act.stage(SampleUnion())
    outcome = union.apply(act.namesake, act.record)
    if act.namesake_rule is None:
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.rule == act.namesake_rule, outcome


@each_act
def test_after_its_member_left_an_author_finishes_and_begins_nothing(act: SampleAct) -> None:
    union = act.stage(SampleUnion())
    member = union.show(f"participant/{act.author}").member
    if act.author in MEMBERS or not member:
        return  # registrars leave with their member, the Commission is of none
    leave(union, member)
    outcome = union.apply(act.author, act.record)
    if act.record.kind() in FINISHES:
        assert isinstance(outcome, Accepted), outcome
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.rule == "RE-021", outcome


@each_act
def test_an_author_without_standing_is_refused(act: SampleAct) -> None:
    union = act.stage(SampleUnion())
    stranger = union.apply("STRANGER", act.record)
    forged = union.apply(act.author, act.record, signer=key_of("SOMEONE"))
    assert isinstance(stranger, Rejected)
    assert stranger.rule == "RE-001"
    assert isinstance(forged, Rejected)
    assert forged.rule == "RE-003"
    member = union.show(f"participant/{act.author}").member
    if act.author not in MEMBERS and member:  # registrars and Commission go by vote
        union.do(member, SuspendParticipant(act.author, "Inquiry."))
        suspended = union.apply(act.author, act.record)
        assert isinstance(suspended, Rejected)
        assert suspended.rule == "RE-002"
