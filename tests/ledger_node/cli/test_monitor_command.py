"""`ledger-node monitor`: events as lines, exit codes, state files, evidence that verifies."""

import asyncio
import json
from pathlib import Path

import pytest

from ledger_node.audit.mirror import mirror
from ledger_node.audit.tile_directory import TileDirectory
from tests.ledger_node.audit.published_logs import MemoryLog
from tests.ledger_node.audit.test_monitor import RULES, forked, honest, records
from tests.ledger_node.cli.node_process import free_address
from tests.ledger_node.cli.terminal import Terminal


def publish(log: MemoryLog, name: str) -> None:
    asyncio.run(mirror(log, TileDirectory(Path(name))))


@pytest.fixture
def place(terminal: Terminal) -> Terminal:
    """union.policy, and two histories: `truth`, which grows later, and `lie`."""
    Path("union.policy").write_bytes(RULES.format())
    publish(honest(300), "truth")
    publish(forked(350), "lie")
    return terminal


def once(log: str, state: str, *more: str) -> tuple[str, ...]:
    given = ("--policy", "union.policy", "--node", log, "--state-file", state, "--once")
    return ("monitor", *given, *more)


def test_a_log_is_followed_from_look_to_look(place: Terminal) -> None:
    first = place.run(*once("truth", "a.state"))
    assert (first.code, first.out[:44]) == (0, "300 entries, 300 of them new, consistent: ro")
    assert place.run(*once("truth", "a.state")).out == ""
    publish(honest(400), "truth")
    second = place.run(*once("truth", "a.state", "--json"))
    assert json.loads(second.out) | {"root": ""} == {
        "event": "followed",
        "size": 400,
        "root": "",
        "new": 100,
    }


def test_a_fork_ends_it_with_evidence_that_names_the_culprits(place: Terminal) -> None:
    place.run(*once("truth", "a.state"))
    given = ("--json", "--evidence", "found")
    answer = place.run(*once("lie", "a.state", *given))
    assert answer.code == 5
    told = json.loads(answer.out)
    assert (told["event"], told["culprits"]) == ("fork", ["AM", "BY"])
    signatures = [
        {each["witness"]: each["signature"] for each in head["cosignatures"]}
        for head in told["heads"]
    ]
    assert all(len(each[name]) == 144 for each in signatures for name in ("AM", "BY"))
    assert told["evidence"] == "found/300-350.fork-evidence"
    proven = place.run("verify", "--policy", "union.policy", told["evidence"])
    assert proven.code == 0
    assert "PROVEN: two histories of one log" in proven.out
    without_once = place.run(*[each for each in once("lie", "a.state") if each != "--once"])
    assert without_once.code == 5
    assert "ALERT: two histories of ledger.example/union" in without_once.out


def test_a_watched_object_a_stall_and_a_false_head_are_alerts(place: Terminal) -> None:
    publish(MemoryLog(records(400), 400, witnesses=("AM", "BY", "KZ")), "log")
    watch = ("--watch", "guarantee/G1", "--from-start")
    touched = place.run(*once("log", "b.state", *watch))
    assert touched.code == 1
    assert "ALERT: entry 10 (record) changed guarantee/G1" in touched.out
    assert place.run(*once("log", "b.state", *watch)).code == 0
    state = json.loads(Path("b.state").read_text())
    Path("b.state").write_text(json.dumps(state | {"grown_s": state["grown_s"] - 1000}))
    stalled = place.run(*once("log", "b.state"))
    assert stalled.code == 1
    assert "ALERT: no new head for 100" in stalled.out
    assert place.run(*once("log", "b.state", "--stall", "0")).code == 0
    Path("log/checkpoint").write_bytes(Path("lie/checkpoint").read_bytes()[:-1])
    assert place.run(*once("log", "c.state")).code == 1


def test_two_state_files_are_held_against_each_other(place: Terminal) -> None:
    publish(honest(400), "longer")
    for log in ("truth", "lie", "longer"):
        place.run(*once(log, f"{log}.state"))

    def compared(one: str, other: str, *more: str) -> tuple[str, ...]:
        return ("monitor", "compare", one, other, "--policy", "union.policy", *more)

    assert (
        "both saw one history, up to 300" in place.run(*compared("truth.state", "truth.state")).out
    )
    agree = place.run(*compared("truth.state", "longer.state", "--log", "longer", "--json"))
    assert json.loads(agree.out) == {"event": "agree", "size": 400}
    unclear = place.fails(3, *compared("truth.state", "lie.state", "--log", "truth"))
    assert "name one with --log" in unclear
    fork = place.run(*compared("lie.state", "truth.state", "--log", "truth", "--log", "lie"))
    assert fork.code == 5
    assert "AM, BY cosigned both" in fork.out
    assert place.run("verify", "--policy", "union.policy", "300-350.fork-evidence").code == 0


def test_what_is_not_given_well_is_a_usage_error(place: Terminal) -> None:
    Path("no.state").write_text("{}")
    policy = ("--policy", "union.policy")
    place.fails(2, "monitor", *policy)
    place.fails(2, "monitor", *policy, "--node", "nonsense", "--once")
    place.fails(2, "monitor", *policy, "compare", "one")
    place.fails(2, "monitor", *policy, "contrast", "one", "other")
    place.fails(2, "monitor", *policy, "compare", "no.state", "no.state")
    place.fails(2, *once("truth", "no.state"))
    place.fails(3, *once(f"http://{free_address()}", "a.state"))
