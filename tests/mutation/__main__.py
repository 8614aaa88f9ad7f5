"""`python -m tests.mutation`: tries mutants of the rulebook and says which the tests notice.

Exit code 0 if at least 95 of 100 are killed and every survivor has its reason in survivors.py.
"""

import argparse
import os
import sys
import time

from tests.mutation.conditions import code_mutants
from tests.mutation.judging import Verdict, judge
from tests.mutation.mutant import Mutant
from tests.mutation.survivors import SURVIVORS, reason_for
from tests.mutation.tables import table_mutants

LEAST_PERCENT = 95


def all_mutants() -> list[Mutant]:
    """Every mutant, in a fixed order."""
    return [*code_mutants(), *table_mutants()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--rule", metavar="ID", help="mutants of one rule, e.g. TR-012, or of many: TR-"
    )
    parser.add_argument(
        "--containing", metavar="TEXT", default="", help="mutants with this in their name"
    )
    parser.add_argument(
        "--kind", help="drop, weaken, bound, cite, state, competence, form or limit"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at a time")
    parser.add_argument("--list", action="store_true", help="list the mutants, try none")
    return parser.parse_args()


def main() -> int:
    options = _options()
    chosen = [
        mutant
        for mutant in all_mutants()
        if (options.rule is None or mutant.rule.startswith(options.rule.upper()))
        and options.containing in mutant.name
        and (options.kind is None or mutant.kind == options.kind)
    ][:: options.every]
    if options.list:
        for mutant in chosen:
            print(f"{mutant.kind:10} {mutant.name}")
        print(f"mutants={len(chosen)}")
        return 0
    began, count = time.monotonic(), 0

    def report(verdict: Verdict) -> None:
        nonlocal count
        count += 1
        if not verdict.killer:
            why = reason_for(verdict.mutant.name)
            print(f"survived   {verdict.mutant.kind} | {verdict.mutant.name}")
            print(f"           {why or 'WITHOUT A REASON'}", flush=True)
        elif "::" not in verdict.killer:
            print(f"killed     {verdict.killer} | {verdict.mutant.name}", flush=True)
        if count % 50 == 0:
            print(f"{count} of {len(chosen)}, {time.monotonic() - began:.0f} s", flush=True)

    verdicts = judge(lambda: chosen, report, options.jobs)
    killed = sum(1 for verdict in verdicts if verdict.killer)
    unexplained = [
        verdict.mutant.name
        for verdict in verdicts
        if not verdict.killer and reason_for(verdict.mutant.name) is None
    ]
    by_kind: dict[str, list[bool]] = {}
    for verdict in verdicts:
        by_kind.setdefault(verdict.mutant.kind, []).append(bool(verdict.killer))
    for kind, results in by_kind.items():
        print(f"{kind:10} {sum(results)} of {len(results)} killed")
    names = {verdict.mutant.name for verdict in verdicts}
    if len(chosen) == len(all_mutants()):
        for start in SURVIVORS:
            if not any(name.startswith(start) for name in names):
                print(f"no such mutant any more: {start}")
    cpu = sum(os.times()[:4])
    print(f"mutants={len(verdicts)} killed={killed} survived={len(verdicts) - killed}")
    print(f"{time.monotonic() - began:.0f} s, {cpu:.0f} s of processor")
    enough = not verdicts or 100 * killed >= LEAST_PERCENT * len(verdicts)
    return 0 if not unexplained and enough else 1


if __name__ == "__main__":
    sys.exit(main())
