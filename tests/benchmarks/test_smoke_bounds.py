"""The guard against getting slower says no when it must."""

import tomllib

from benchmarks.smoke.__main__ import BOUNDS, FIGURES, bounds_text, broken

COSTS = dict.fromkeys(FIGURES, 10.0)


def test_every_figure_of_both_loads_has_a_bound() -> None:
    bounds = tomllib.loads(BOUNDS.read_text())
    assert bounds.keys() == {"single", "batch"}
    assert all(figures.keys() == FIGURES.keys() for figures in bounds.values())


def test_bounds_that_are_written_hold_for_what_was_measured() -> None:
    found = {"single": COSTS, "batch": COSTS}
    assert broken(found, tomllib.loads(bounds_text(found))) == []


def test_a_figure_above_its_bound_is_named() -> None:
    bounds = tomllib.loads(bounds_text({"single": COSTS, "batch": COSTS}))
    dearer = {"single": COSTS, "batch": COSTS | {"hashes": 15.0}}
    assert broken(dearer, bounds) == [("batch", "hashes")]
