"""Quorum arithmetic: the table of the protocol, and what makes quorums safe and live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.quorum import max_faulty, quorum

ANY = st.integers(min_value=1, max_value=500)


@pytest.mark.parametrize(
    ("members", "faulty", "votes"),
    [
        (1, 0, 1),
        (2, 0, 2),
        (3, 0, 2),
        (4, 1, 3),
        (5, 1, 4),
        (6, 1, 4),
        (7, 2, 5),
        (10, 3, 7),
        (30, 9, 20),
    ],
)
def test_the_table(members: int, faulty: int, votes: int) -> None:
    assert (max_faulty(members), quorum(members)) == (faulty, votes)


@given(ANY)
def test_two_quorums_share_a_correct_member(members: int) -> None:
    assert 2 * quorum(members) - members >= max_faulty(members) + 1


@given(ANY)
def test_the_correct_members_are_a_quorum_by_themselves(members: int) -> None:
    assert members - max_faulty(members) >= quorum(members)


@given(ANY)
def test_no_smaller_quorum_would_be_safe(members: int) -> None:
    assert 2 * (quorum(members) - 1) - members <= max_faulty(members)


@pytest.mark.parametrize("members", [0, -1])
def test_an_empty_committee_is_refused(members: int) -> None:
    with pytest.raises(ValueError, match="at least 1 member"):
        quorum(members)
