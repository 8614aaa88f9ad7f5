"""Judging mutants: tests collected once, a fork for each mutant, tests that exercise it first.

Which test runs which functions of the contracts is recorded once, in a fork as well, and kept in
var/ under a digest of contracts and tests. Every fork is thrown away with what it did, so no mutant
meets another. Tests of the documents, of the guard and of other processes say nothing of a mutant,
and do not judge.
"""

import hashlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import hypothesis
import pytest

import contracts
from tests.contracts.sample_union import SampleUnion
from tests.mutation.mutant import Code, Mutant

ROOT = Path(contracts.__file__).parent.parent
KEPT = ROOT / "var" / "mutation"
NO_JUDGES = ("test_rules.py", "test_determinism.py", "test_determinism_guard.py")
"""They look at documents, sources, or another process."""

OF_FORMS = (
    "test_forms.py",
    "test_records.py",
    "test_schema.py",
    "test_json_form.py",
    "test_references.py",
)
OF_COMPETENCE = ("test_competence.py", "test_union_invariants.py", "test_governance.py")
"""Where forms and competences are tested: what only others would notice counts as survived."""

LONGEST_S = 60
"""Seconds of processor, of one test, after which a test that does not end has noticed."""


@dataclass(frozen=True)
class Verdict:
    """killer: the test that noticed, "" if none did; tried: how many were asked."""

    mutant: Mutant
    killer: str
    tried: int


@dataclass
class Judges:
    """A pytest plugin: collects, and instead of running the tests lets them judge."""

    mutants: Callable[[], list[Mutant]]
    report: Callable[[Verdict], None]
    jobs: int = 1
    verdicts: list[Verdict] = field(default_factory=list)
    ready: str = ""

    def __post_init__(self) -> None:
        hypothesis.settings.register_profile(
            "mutation",
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        self._failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failed:
            self._failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = [item for item in session.items if item.path.name not in NO_JUDGES]
        self.known = {item.nodeid: item for item in self.items}
        queue = iter(self.mutants())
        running: dict[int, _Trial] = {}
        while True:
            while len(running) < self.jobs and (mutant := next(queue, None)) is not None:
                trial = self._begin(mutant, self._first(mutant))
                running[trial.pipe] = trial
            if not running:
                return True
            for trial in self._ended(running):
                del running[trial.pipe]
                self._conclude(trial, running)

    def _conclude(self, trial: "_Trial", running: "dict[int, _Trial]") -> None:
        """Killed; or survived the first judges, and the rest are asked; or survived."""
        if not trial.killer and not trial.last:
            rest = [item for item in self._rest(trial.mutant) if item not in trial.judges]
            again = self._begin(trial.mutant, rest, before=trial.tried, last=True)
            running[again.pipe] = again
            return
        verdict = Verdict(trial.mutant, trial.killer, trial.tried)
        self.verdicts.append(verdict)
        self.report(verdict)

    # ------------------------------------------------------------ who is asked

    def _first(self, mutant: Mutant) -> list[pytest.Item]:
        """Refusals of the rule, and tests that are made for this kind of mutant."""
        if mutant.kind == "competence":
            kind = mutant.what.rpartition(" ")[2]
            return [item for item in self._in(OF_COMPETENCE) if f"[{kind}]" in item.nodeid]
        if not mutant.rule:
            return []
        return [
            item
            for item in self.items
            if getattr(item, "callspec", None) is not None
            and item.callspec.params.get("rule") == mutant.rule  # type: ignore[attr-defined]  # a Function
        ]

    def _rest(self, mutant: Mutant) -> list[pytest.Item]:
        """Tests that run what was changed, short ones first."""
        if mutant.kind == "competence":
            return self._in(OF_COMPETENCE)
        if mutant.kind == "form":
            return self._in(OF_FORMS)
        if not mutant.touches:
            return []
        recorded = self._recorded()
        durations = recorded["durations"]
        touched = {f"{module} {name}" for module, name in mutant.touches}
        chosen = [
            nodeid
            for nodeid, codes in recorded["codes"].items()
            if nodeid in self.known and not touched.isdisjoint(codes)
        ]
        return [self.known[nodeid] for nodeid in sorted(chosen, key=lambda each: durations[each])]

    def _in(self, files: Iterable[str]) -> list[pytest.Item]:
        return [item for item in self.items if item.path.name in files]

    # ------------------------------------------------------------ a fork

    def _begin(
        self, mutant: Mutant, judges: list[pytest.Item], *, before: int = 0, last: bool = False
    ) -> "_Trial":
        read, write = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(read)
            _be_silent()
            mutant.plant()
            SampleUnion.forget()
            killer = self._run(judges)
            os.write(write, json.dumps([killer]).encode())
            os._exit(0)
        os.close(write)
        return _Trial(mutant, judges, child, read, before + len(judges), last)

    def _run(self, judges: Iterable[pytest.Item]) -> str:
        """The first of the judges that fails, "" if none does."""
        self._failed = ""
        for item in judges:
            signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_S)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self._failed:
                return self._failed
        return ""

    def _ended(self, running: "dict[int, _Trial]") -> "Iterator[_Trial]":
        ready, _, _ = select.select(list(running), [], [])
        for pipe in ready:
            trial = running[pipe]
            answer = _read_all(pipe)
            _, status = os.waitpid(trial.child, 0)
            if answer:
                trial.killer = json.loads(answer)[0]
            elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGVTALRM:
                trial.killer = "it did not end"
            else:
                trial.killer = "the process ended"
            yield trial

    # ------------------------------------------------------------ what runs what

    def _recorded(self) -> dict[str, Any]:
        if not self.ready:
            place = KEPT / f"{_digest()}.json"
            if not place.exists():
                KEPT.mkdir(parents=True, exist_ok=True)
                place.write_text(self._record(), encoding="utf-8")
            self._map = json.loads(place.read_text(encoding="utf-8"))
            self.ready = place.name
        return self._map

    def _record(self) -> str:
        """Run every judge once, in a fork, and note the functions it runs and how long it takes."""
        print(f"recording which of {len(self.items)} tests runs what", flush=True)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _be_silent()
            recorded = self._watch()
            with os.fdopen(write, "w") as out:
                json.dump(recorded, out)
            os._exit(0)
        os.close(write)
        answer = _read_all(read)
        os.waitpid(child, 0)
        recorded = json.loads(answer)
        if recorded["failed"]:
            raise pytest.UsageError(f"fails without any mutant: {recorded['failed']}")
        return answer.decode()

    def _watch(self) -> dict[str, Any]:
        inside = str(Path(contracts.__file__).parent)
        seen: set[CodeType] = set()

        def note(frame: FrameType, event: str, argument: object) -> None:
            if event == "call":
                seen.add(frame.f_code)

        codes: dict[str, list[str]] = {}
        durations: dict[str, float] = {}
        self._failed = ""
        for item in self.items:
            seen.clear()
            began = time.process_time()
            sys.setprofile(note)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            finally:
                sys.setprofile(None)
            durations[item.nodeid] = time.process_time() - began
            codes[item.nodeid] = sorted(
                f"{_module_of(code)} {code.co_qualname}"
                for code in seen
                if code.co_filename.startswith(inside)
            )
        return {"codes": codes, "durations": durations, "failed": self._failed}


@dataclass
class _Trial:
    mutant: Mutant
    judges: list[pytest.Item]
    child: int
    pipe: int
    tried: int
    last: bool
    killer: str = ""


def _read_all(pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as answer:
        return answer.read()


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _module_of(code: CodeType) -> str:
    path = Path(code.co_filename).relative_to(ROOT).with_suffix("")
    return ".".join(path.parts)


def _digest() -> str:
    """Of everything that decides which test runs what."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in ("contracts", "tests/contracts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def judge(
    mutants: Callable[[], list[Mutant]],
    report: Callable[[Verdict], None] = lambda _: None,
    jobs: int = 1,
) -> list[Verdict]:
    """Have the tests of the contracts judge mutants, `jobs` at a time."""
    judges = Judges(mutants, report, jobs)
    options = ["-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider"]
    options.append("--hypothesis-profile=mutation")
    code = pytest.main([*options, str(ROOT / "tests" / "contracts")], plugins=[judges])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"the tests could not be collected: {code!r}")
    return judges.verdicts


def touching(mutants: Iterable[Mutant]) -> set[Code]:
    """All functions that some mutants change."""
    return {code for mutant in mutants for code in mutant.touches}
