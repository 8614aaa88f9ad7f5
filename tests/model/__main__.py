"""`python -m tests.model`: explore the rules, or the rules less one, and say what was found.

Exits with 1 if an invariant is broken; with `--drop all`, if some dropped rule broke nothing.
"""

import argparse
import sys
import time

from tests.model.explorer import Exploration, Explorer
from tests.model.report import findings, heading
from tests.model.rules import Model, Rule

ALL = "all"


def main(arguments: list[str]) -> int:
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--views", type=int, help="views to explore (default 3; 2 with --drop)")
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--byzantine", type=int, default=1, help="how many of them lie")
    parser.add_argument("--blocks", type=int, default=2, help="blocks on one parent in one view")
    parser.add_argument("--no-crashes", action="store_true", help="without crashes: fewer states")
    parser.add_argument("--any-order", action="store_true", help="do not sort runs by view")
    parser.add_argument("--drop", choices=[*(rule.value for rule in Rule), ALL], metavar="RULE")
    options = parser.parse_args(arguments)
    if options.drop is None:
        found = _explore(options, None)
        print(f"states={found.states} violations={len(found.broken)}")
        return 1 if found.broken else 0
    if options.drop != ALL:
        found = _explore(options, Rule(options.drop))
        print(f"states={found.states} violations={len(found.broken)}")
        return 1 if found.broken else 0
    caught = 0
    for rule in Rule:
        caught += bool(_explore(options, rule).broken)
        print()
    print(f"mutations={len(Rule)} caught={caught}")
    return 0 if caught == len(Rule) else 1


def _explore(options: argparse.Namespace, dropped: Rule | None) -> Exploration:
    model = Model(
        options.views or (3 if dropped is None else 2),
        members=options.members,
        byzantine=options.byzantine,
        variants=options.blocks,
        crashes=not options.no_crashes,
        dropped=dropped,
    )
    print(heading(model), flush=True)
    explorer = Explorer(model, any_order=options.any_order)
    started = time.monotonic()
    found = explorer.explore()
    took = time.monotonic() - started
    print(f"{found.states:,} states, {found.moves:,} steps between them, {took:.1f} s")
    for line in findings(explorer, found):
        print(line)
    return found


sys.exit(main(sys.argv[1:]))
