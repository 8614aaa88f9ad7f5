"""Every decoder that faces the network or the disk gives a value or a typed refusal, and soon."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import ROOT, inputs_of
from tests.fuzz.mutations import mutate
from tests.fuzz.target import Target
from tests.fuzz.targets import ALL

SLOWEST_S = 2.0
"""For one input; generous, because this machine may be doing something else."""

PAGE = (Path(__file__).parents[2] / "docs/consensus/chaos.md").read_text(encoding="utf-8")
EVERY_TARGET = pytest.mark.parametrize("target", ALL.values(), ids=list(ALL))
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def run(target: Target, data: bytes) -> bool:
    before = time.process_time()
    taken = target.run(data)
    assert time.process_time() - before < SLOWEST_S
    return taken


@EVERY_TARGET
def test_the_corpus_breaks_nothing(target: Target) -> None:
    for data in inputs_of(target.name):
        run(target, data)


@EVERY_TARGET
def test_valid_input_is_taken(target: Target) -> None:
    taken = [run(target, data) for data in target.seeds()]
    assert any(taken)


@EVERY_TARGET
def test_any_bytes_are_taken_or_refused(target: Target) -> None:
    @settings(max_examples=40, deadline=None, database=None)
    @given(st.binary(max_size=200))
    @example(b"")
    def check(data: bytes) -> None:
        run(target, data)

    check()


@EVERY_TARGET
def test_any_change_of_valid_input_is_taken_or_refused(target: Target) -> None:
    seeds = [*target.seeds(), *inputs_of(target.name)]

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.sampled_from(seeds), st.integers(0, 2**32))
    def check(data: bytes, seed: int) -> None:
        run(target, mutate(data, seed, target.longest))

    check()


def test_every_directory_of_the_corpus_is_of_a_target() -> None:
    assert {path.name for path in ROOT.iterdir()} <= set(ALL)


def test_the_page_names_every_target() -> None:
    """The table of docs/consensus/chaos.md."""
    rows = re.findall(r"^\| [a-z ]+ \| (.+) \|$", PAGE.split("## Fuzzing")[1], re.M)
    named = [name for row in rows[1:] for name in re.findall(r"[a-z0-9-]+(?=[,;]| *$|\Z)", row)]
    assert sorted(named) == sorted(ALL)
