"""The same history gives the same bytes, whatever the hash seed, locale and time zone."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import contracts
from contracts import Accepted
from contracts.references.time import DAY
from tests.contracts.sample_acts import SAMPLE_ACTS, sample_act
from tests.contracts.sample_union import SampleUnion

ROOT = Path(__file__).parent.parent.parent


def history() -> str:
    """A digest over every state and refusal of the sample acts, tried by right and wrong, and over
    what time makes of them by itself."""
    digest = hashlib.sha256()
    for act in SAMPLE_ACTS:
        union = act.stage(SampleUnion())
        digest.update(repr(union.apply(act.namesake, act.record)).encode())
        digest.update(repr(union.apply("AUDIT", act.record)).encode())
        digest.update(repr(union.apply(act.author, act.record)).encode())
        digest.update(repr(union.wait_until(union.now + 1_000 * DAY)).encode())
        digest.update(repr(sorted(union.state.items())).encode())
    return digest.hexdigest()


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0", "TZ": "Asia/Almaty", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "LANG": "tr_TR"},
    ],
    ids=["seed 0", "seed 4242"],
)
def test_another_environment_gives_the_same_history(environment: dict[str, str]) -> None:
    script = "from tests.contracts.test_determinism import history; print(history())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == history()


def test_applying_twice_gives_the_same_answer_and_leaves_the_state_alone() -> None:
    act = sample_act("transit.release")
    union = act.stage(SampleUnion())
    before = dict(union.state)
    context = contracts.Context(union.now, 1, bytes(32), 0, act.author, union_key(act.author))
    data = contracts.encode_record(act.record)
    first = contracts.apply(data, context, union)
    assert isinstance(first, Accepted)
    assert contracts.apply(data, context, union) == first
    assert union.state == before


def union_key(author: str) -> bytes:
    keys: tuple[bytes, ...] = SampleUnion().show(f"participant/{author}").keys
    return keys[0]
