"""A way to write refusals as a table: one case for each rule, by its id.

    @CASES.of("TR-010")
    def past_limit_date(union): return "TRADER", Lodge(…)

The function prepares the union and gives the author and the record that must be refused.
"""

from collections.abc import Callable

from contracts import Record, Rejected
from tests.contracts.sample_union import SampleUnion

Case = Callable[[SampleUnion], tuple[str, Record | bytes]]


class Refusals:
    """The cases of one subject, in the order they are written."""

    def __init__(self) -> None:
        self.cases: list[tuple[str, Case]] = []

    def of(self, rule: str) -> Callable[[Case], Case]:
        def keep(case: Case) -> Case:
            self.cases.append((rule, case))
            return case

        return keep


def check(rule: str, case: Case) -> None:
    """The record is refused under `rule`, and nothing changes."""
    union = SampleUnion()
    author, record = case(union)
    before = dict(union.state)
    outcome = union.apply(author, record)
    assert isinstance(outcome, Rejected), outcome
    assert outcome.rule == rule, outcome
    assert union.state == before
