"""The mutation run itself: a sample of it, that mutants are what they say, and that it can fail."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from contracts import RULES
from tests.mutation.__main__ import all_mutants
from tests.mutation.conditions import code_mutants
from tests.mutation.survivors import SURVIVORS, reason_for

ROOT = Path(__file__).parent.parent.parent
MUTANTS = all_mutants()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("rule", ["TR-022", "GU-008", "SE-008"])
def test_the_mutants_of_a_rule_are_killed(rule: str) -> None:
    done = run("-m", "tests.mutation", "--rule", rule, "--kind", "drop")
    assert done.returncode == 0, done.stdout + done.stderr
    count = sum(1 for each in MUTANTS if each.rule == rule and each.kind == "drop")
    assert count > 0
    assert f"mutants={count} killed={count} survived=0" in done.stdout


HARMLESS = """
from tests.mutation.judging import judge
from tests.mutation.mutant import Mutant
idle = Mutant("drop", "TR-022", "nowhere", "nothing", lambda: None, frozenset())
(verdict,) = judge(lambda: [idle])
print("killed by" if verdict.killer else "survived after", verdict.killer or verdict.tried)
"""


def test_a_mutant_that_changes_nothing_survives() -> None:
    done = run("-c", HARMLESS)
    assert done.stdout.startswith("survived after"), done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) > 0, "tests of the rule were asked"


def test_a_survivor_without_a_reason_fails_the_run() -> None:
    program = HARMLESS.replace("from tests.mutation.judging import judge\n", "").replace(
        "(verdict,) = judge(lambda: [idle])\n", ""
    )
    program = program[: program.index("print(")]
    program += (
        "import sys\nfrom tests.mutation import __main__ as command\n"
        "command.all_mutants = lambda: [idle]\nsys.argv = ['mutation']\nsys.exit(command.main())\n"
    )
    done = run("-c", program)
    assert "WITHOUT A REASON" in done.stdout, done.stderr
    assert "mutants=1 killed=0 survived=1" in done.stdout
    assert done.returncode == 1


CHOSEN = {"GU-009", "GU-010", "GU-029"}
"""Rules that the kind of guarantee chooses among: their mutants name none of them."""


def test_every_rule_has_mutants() -> None:
    weakened = {mutant.rule for mutant in MUTANTS}
    assert set(RULES) - weakened == CHOSEN


def test_names_of_mutants_are_unique() -> None:
    counts = Counter(mutant.name for mutant in MUTANTS)
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_reason_is_for_a_mutant_that_there_is() -> None:
    for start in SURVIVORS:
        assert any(each.name.startswith(start) for each in MUTANTS), start
    assert reason_for("something else") is None


def test_mutants_of_code_differ_from_it() -> None:
    """Planting one in a fork changes the function's code, and only its."""
    sample = list(code_mutants())[::25]
    program = (
        "from tests.mutation.conditions import code_mutants, modules\n"
        "from tests.mutation.mutant import functions_of\n"
        "mutants = list(code_mutants())[::25]\n"
        "functions = {(m.__name__, q): f for m in modules() for q, f in functions_of(m)}\n"
        "for mutant in mutants:\n"
        "    before = {key: f.__code__ for key, f in functions.items()}\n"
        "    mutant.plant()\n"
        "    changed = {k for k, f in functions.items() if f.__code__ != before[k]}\n"
        "    assert changed == mutant.touches, mutant.name\n"
        "    for key in changed:\n"
        "        functions[key].__code__ = before[key]\n"
        "print(len(mutants))\n"
    )
    done = run("-c", program)
    assert done.stdout.split() == [str(len(sample))], done.stderr
