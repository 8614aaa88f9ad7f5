"""A seed that fails says what broke, how to see it again, and what everyone said and did before."""

import re
import shlex

import pytest

from consensus.committee import Committee
from consensus.quorum import quorum
from tests.simulation.runner import main

BROKEN = "Violation: certificate without a quorum"


@pytest.fixture
def broken_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core that counts one vote too few."""
    monkeypatch.setattr(Committee, "quorum", property(lambda self: quorum(len(self)) - 1))


@pytest.mark.usefixtures("broken_core")
def test_a_failing_seed_prints_the_command_that_replays_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--seeds", "0:2", "--members", "4,5"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"seed 0, 4 members: {BROKEN}") for line in printed)
    command = next(line.strip() for line in printed if "--trace" in line)
    assert printed[-1].startswith("seeds=2 safety_violations=2 liveness_failures=0 events=")

    python, *module, seeds = shlex.split(command)[:4]
    assert [python, *module, seeds] == ["python", "-m", "tests.simulation", "--seeds"]
    assert main(shlex.split(command)[3:]) == 1
    again = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"seed 0, 4 members: {BROKEN}") for line in again)
    told = next(number for number, line in enumerate(again) if BROKEN in line)
    assert again[told - 1] in printed, "the trace shown at first is the end of the whole"


@pytest.mark.usefixtures("broken_core")
def test_its_trace_says_who_said_what_to_whom(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seeds", "0", "--members", "4", "--trace"])
    trace = capsys.readouterr().out
    for each in (
        r" ms  M\d     <- from M\d: nullify\(view \d+\) by M\d",
        r" ms  M\d        persist nullify\(view \d+\) by M\d",
        r" ms  M\d        to (all|M\d): NULLIFICATION\(view \d+\)",
    ):
        assert re.search(each, trace)


def test_a_trace_says_why_a_vote_is_not_cast(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "0:4", "--members", "4", "--trace"]) == 0
    trace = capsys.readouterr().out
    assert "(no vote yet: bodies are missing or being checked)" in trace
    assert "(no vote yet: ancestors are missing or not executed)" in trace
    assert "(no vote: the proposal is invalid)" in trace
