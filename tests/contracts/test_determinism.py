"""The same history gives the same roots, whatever the Python, hash seed, locale, time zone and
order of dictionaries."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import contracts
from contracts import Accepted
from tests.contracts.history import AS_MADE, ORDERS, roots, texts
from tests.contracts.sample_acts import sample_act
from tests.contracts.sample_union import SampleUnion

ROOT = Path(__file__).parent.parent.parent
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
MORE_PYTHONS = "LEDGER_PYTHONS"
"""Further interpreters to try, as of PATH."""

ENVIRONMENTS = {
    "seed 0 in Almaty": {"PYTHONHASHSEED": "0", "TZ": "Asia/Almaty", "LC_ALL": "C"},
    "seed 4242 in Lima, Turkish": {
        "PYTHONHASHSEED": "4242",
        "TZ": "America/Lima",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
    },
    "random seed in Kathmandu, no UTF-8, no assertions": {
        "PYTHONHASHSEED": "random",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONOPTIMIZE": "2",
    },
}


@pytest.fixture(scope="module")
def expected() -> tuple[str, str]:
    """Log root and state root of the history, executed here."""
    return roots()


def executed(python: str, environment: dict[str, str], *arguments: str) -> list[str]:
    """Version, log root, state root and digest of texts, from a process of its own."""
    done = subprocess.run(
        [python, "-m", "tests.contracts.history", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("environment", "order"),
    list(zip(ENVIRONMENTS.values(), ORDERS, strict=True)),
    ids=ENVIRONMENTS,
)
def test_another_environment_gives_the_same_roots(
    environment: dict[str, str], order: str, expected: tuple[str, str]
) -> None:
    assert executed(sys.executable, environment, order)[1:] == [*expected]


@pytest.mark.parametrize("order", ORDERS)
def test_another_order_of_dictionaries_gives_the_same_roots(
    order: str, expected: tuple[str, str]
) -> None:
    assert roots(order) == expected


def test_every_python_that_is_here_gives_the_same_roots(
    capsys: pytest.CaptureFixture[str], expected: tuple[str, str]
) -> None:
    everything = [*expected, texts()]
    tried, left_out = [platform.python_version()], []
    for python in _pythons():
        probe = subprocess.run(
            [python, "-c", "import msgspec, platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
        )
        if probe.returncode:
            left_out.append(f"{python} (no msgspec there)")
            continue
        if probe.stdout.strip() not in tried:
            version, *found = executed(python, {"TZ": "Asia/Yerevan"}, AS_MADE, "texts")
            assert found == everything, version
            tried.append(version)
    with capsys.disabled():
        print(f"\nhistory executed alike by Python {', '.join(tried)}")
        for reason in left_out:
            print(f"NOT TRIED WITH {reason}; name others in {MORE_PYTHONS}")


def _pythons() -> list[str]:
    """Those of PATH, and those of the variable; each once."""
    found = [*filter(None, map(shutil.which, PYTHONS))]
    found += filter(None, os.environ.get(MORE_PYTHONS, "").split(os.pathsep))
    return list(dict.fromkeys(found))


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
