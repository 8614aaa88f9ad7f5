"""Who leads which view."""

from collections import Counter

import pytest

from consensus.block import View
from consensus.committee import Committee
from tests.simulation.signing import committee_of


def test_everyone_leads_equally_often() -> None:
    committee = committee_of(7, 1)
    leads = Counter(committee.leader(View(v)) for v in range(1, 71))
    assert set(leads.values()) == {10}
    assert len(leads) == 7


def test_the_rotation_depends_on_the_epoch() -> None:
    one = committee_of(7, 1)
    rotations = {Committee(one.union, e, one.names, one.keys).rotation for e in range(1, 6)}
    assert len(rotations) > 1


@pytest.mark.parametrize(
    ("names", "keys"),
    [((), ()), (("A", "B"), (b"k",)), (("A", "A"), (b"k", b"l")), (("A", "B"), (b"k", b"k"))],
)
def test_a_committee_of_strangers_or_twins_is_refused(
    names: tuple[str, ...], keys: tuple[bytes, ...]
) -> None:
    with pytest.raises(ValueError, match="committee"):
        Committee(bytes(32), 1, names, keys)
