"""The rules hold in every state of the bounded model, and each of them is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from consensus.core import Simplex
from consensus.rules import Rules
from consensus.state import MemberState
from consensus.votes import Round
from tests.model.ballots import NULLIFY, said_by_at_least
from tests.model.blocks import GENESIS, Tree
from tests.model.explorer import Exploration, Explorer
from tests.model.invariants import Invariant
from tests.model.report import findings
from tests.model.rules import Model, Rule


def explore(model: Model, *, any_order: bool = False) -> Exploration:
    return Explorer(model, any_order=any_order).explore()


def test_no_state_breaks_any_invariant() -> None:
    found = explore(Model(views=2))
    assert found.complete
    assert not found.broken
    assert found.states == 10_933


def test_no_state_of_three_views_breaks_any_invariant_without_crashes() -> None:
    found = explore(Model(views=3, crashes=False))
    assert found.complete
    assert not found.broken
    assert found.states == 10_274


@pytest.mark.parametrize(("members", "byzantine"), [(4, 0), (5, 1), (7, 2)])
def test_other_unions_hold_too(members: int, byzantine: int) -> None:
    assert not explore(Model(views=2, members=members, byzantine=byzantine, crashes=False)).broken


@pytest.mark.parametrize("rule", [r for r in Rule if r is not Rule.GIVE_UP])
def test_agreement_needs(rule: Rule) -> None:
    found = explore(Model(views=2, crashes=rule is Rule.WRITE_AHEAD, dropped=rule))
    assert Invariant.AGREEMENT in found.broken


def test_progress_needs_giving_up() -> None:
    found = explore(Model(views=2, crashes=False, dropped=Rule.GIVE_UP))
    assert set(found.broken) == {Invariant.PROGRESS}


def test_finalizing_what_is_not_notarized_could_also_stop_the_union() -> None:
    found = explore(Model(views=2, crashes=False, dropped=Rule.FINALIZE_NOTARIZED))
    assert Invariant.PROGRESS in found.broken


def test_the_log_is_needed_only_where_members_crash() -> None:
    assert not explore(Model(views=2, crashes=False, dropped=Rule.WRITE_AHEAD)).broken


def test_one_byzantine_member_too_many_breaks_agreement_and_progress() -> None:
    found = explore(Model(views=2, byzantine=2, crashes=False))
    assert {Invariant.AGREEMENT, Invariant.PROGRESS} <= set(found.broken)
    assert Invariant.VOTES not in found.broken


def test_sorting_runs_by_view_loses_no_certificate() -> None:
    in_order = explore(Model(views=2, crashes=False))
    in_any = explore(Model(views=2, crashes=False), any_order=True)
    assert in_any.states > in_order.states
    assert in_any.certificates == in_order.certificates


@pytest.mark.parametrize("rule", [Rule.FINALIZE_NOTARIZED, Rule.QUORUM])
def test_sorting_runs_by_view_makes_no_violation_longer_or_shorter(rule: Rule) -> None:
    mutated = Model(views=2, crashes=False, dropped=rule)
    in_order, in_any = explore(mutated), explore(mutated, any_order=True)
    lengths = [
        {invariant: len(run.moves) for invariant, run in found.broken.items()}
        for found in (in_order, in_any)
    ]
    assert lengths[0] == lengths[1]


def test_a_third_block_on_one_parent_changes_nothing() -> None:
    two = explore(Model(views=2, crashes=False))
    three = explore(Model(views=2, variants=3, crashes=False))
    assert not three.broken
    assert len(three.certificates) == len(two.certificates)


def test_the_model_reaches_what_the_protocol_is_about() -> None:
    """Not vacuous: chains are finalised, views are skipped, notarized blocks are lost."""
    model = Model(views=2, crashes=False)
    one, two = model.alphabets[1], model.alphabets[2]
    tree = model.tree
    first = tree.of_view[1][0]
    on_first = next(b for b in tree.of_view[2] if tree.parent[b] == first)
    on_genesis = next(b for b in tree.of_view[2] if tree.parent[b] == GENESIS)
    reached = explore(model).certificates
    both = (one.notarize(first) | one.finalize(first), two.notarize(on_first))
    assert (0, both[0], both[1] | two.finalize(on_first)) in reached
    lost = (one.notarize(first) | NULLIFY, two.notarize(on_genesis) | two.finalize(on_genesis))
    assert (0, *lost) in reached
    assert (0, NULLIFY, NULLIFY) in reached


def test_the_shortest_fork_without_the_gap_check_reads_like_a_play() -> None:
    explorer = Explorer(Model(views=2, crashes=False, dropped=Rule.GAP))
    told = "\n".join(findings(explorer, explorer.explore()))
    assert "member 0 casts notarize(2, A2 on genesis)" in told
    assert "FINALIZATION of A1 on genesis, signed by 0, 2, whoever lies" in told
    assert "FINALIZATION of A2 on genesis, signed by 0, 2, whoever lies" in told


def test_a_run_that_is_told_ends_in_the_violation_it_is_told_for() -> None:
    explorer = Explorer(Model(views=2, crashes=False, dropped=Rule.NULLIFY_AFTER_FINALIZE))
    run = explorer.explore().broken[Invariant.AGREEMENT]
    finalised = [
        block
        for view, ballot in enumerate(explorer.certificates(run.end))
        for block in explorer.model.alphabets[view].finalized(ballot)
    ]
    descends = explorer.model.tree.descends
    assert not any(all(descends(tip, block) for block in finalised) for tip in finalised)


def test_every_method_that_the_model_cites_exists() -> None:
    text = (Path(__file__).parent / "rules.py").read_text()
    text += (Path(__file__).parents[2] / "docs" / "consensus" / "model.md").read_text()
    cited = set(re.findall(r"`(Rules|MemberState|Simplex|Round)\.(\w+)", text))
    owners = {"Rules": Rules, "MemberState": MemberState, "Simplex": Simplex, "Round": Round}
    assert len(cited) > 8
    for owner, method in cited:
        assert hasattr(owners[owner], method), f"{owner}.{method}"


def test_the_tree_holds_each_variant_on_each_lower_block_once() -> None:
    tree = Tree(views=3, variants=2)
    assert [len(blocks) for blocks in tree.of_view] == [1, 2, 6, 18]
    last = tree.of_view[3][-1]
    assert tree.name(last) == "B3 on B2 on B1 on genesis"
    assert tree.descends(last, tree.of_view[1][1])
    assert not tree.descends(last, tree.of_view[1][0])


def test_a_quorum_counts_each_vote_by_itself() -> None:
    ballots = (0b011, 0b110, 0b010)
    assert said_by_at_least(0, ballots, 0b111) == 0b111
    assert said_by_at_least(1, ballots, 0b111) == 0b111
    assert said_by_at_least(2, ballots, 0b111) == 0b010
    assert said_by_at_least(3, ballots, 0b111) == 0b010
    assert said_by_at_least(4, ballots, 0b111) == 0


def test_the_command_ends_with_a_line_for_machines() -> None:
    root = Path(__file__).parents[2]

    def last_line(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tests.model", "--no-crashes", *arguments]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()[-1]

    assert last_line("--views", "2") == (0, "states=925 violations=0")
    assert last_line("--drop", "gap") == (1, "states=853 violations=2")
