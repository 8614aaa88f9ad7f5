"""The command as a whole: help, exit codes, and errors that are one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_node.cli.main import COMMANDS
from ledger_node.cli.outcome import ExitCode
from ledger_node.cli.screen import say_rows, say_table
from tests.ledger_node.cli.terminal import Terminal, process
from tests.patience import PATIENCE_S


def test_help_lists_every_command_and_exit_code(terminal: Terminal) -> None:
    answer = terminal.run("--help")
    assert answer.code == 0
    for command in COMMANDS:
        assert f"    {command.name} " in answer.out.replace("\n", " ")
    _, codes = answer.out.split("exit codes:\n")
    listed = [int(line.split()[0]) for line in codes.split("\n\n")[0].splitlines()]
    assert listed == sorted(ExitCode)


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_explains_itself(terminal: Terminal, command: str) -> None:
    answer = terminal.run(command, "--help")
    assert answer.code == 0
    assert f"usage: ledger-node {command}" in answer.out
    assert all(len(line) <= 100 for line in answer.out.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [[], ["no-such-command"], ["verify"], ["keys"], ["keys", "new", "--purpose", "magic"]],
)
def test_a_wrong_command_line_is_a_usage_error(terminal: Terminal, arguments: list[str]) -> None:
    terminal.fails(2, *arguments)


def test_options_are_not_guessed_from_abbreviations(terminal: Terminal) -> None:
    terminal.fails(2, "verify", "--pol", "x", "y")


def test_the_version_is_told(terminal: Terminal) -> None:
    answer = terminal.run("--version")
    assert answer.code == 0
    assert answer.out.startswith("ledger-node ")


def test_a_reader_that_goes_away_is_no_error() -> None:
    shell = f"{sys.executable} -m ledger_node.cli.main rules list --json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell],
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_verifying_needs_neither_network_nor_database(tmp_path: Path) -> None:
    program = (
        "import sys; from ledger_node.cli.main import main; code = main(sys.argv[1:]); "
        "unwanted = {'aiohttp', 'plyvel', 'plyvel_next', 'asyncio', 'socket', 'ssl', 'lxml'}; "
        "print(code, sorted(unwanted & set(sys.modules)))"
    )
    policy = tmp_path / "p"
    policy.write_text("quorum none\n")
    done = subprocess.run(
        [sys.executable, "-c", program, "verify", "--policy", str(policy), str(policy)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "1 []"


def test_rules_are_listed_and_explained(terminal: Terminal) -> None:
    assert "TR-012" in terminal.run("rules", "list").out
    assert '"id": "SUB-009"' in terminal.run("rules", "list", "--json").out
    explained = terminal.run("rules", "explain", "tr-012").out
    assert "EAEU Customs Code" in explained
    assert "grave: a power" in explained
    assert "по-русски" in explained
    assert "по-русски   представление" in terminal.run("rules", "explain", "SUB-003").out
    assert "no rule TR-999" in terminal.fails(1, "rules", "explain", "TR-999")


def test_rules_as_json_are_a_list_of_id_text_source_and_severity(terminal: Terminal) -> None:
    listed = json.loads(terminal.run("rules", "--format", "json").out)
    assert json.loads(terminal.run("rules", "list", "--format", "json").out) == listed
    assert {"TR-012", "SUB-009"} < {rule["id"] for rule in listed}
    wanted = {"id", "text", "text_ru", "source", "severity"}
    assert all(set(rule) == wanted and all(rule.values()) for rule in listed)
    one = json.loads(terminal.run("rules", "explain", "TR-012", "--format", "json").out)
    assert one == [rule for rule in listed if rule["id"] == "TR-012"]


@pytest.mark.parametrize(
    ("filters", "first", "without"),
    [
        (("--subject", "tr"), "TR-001", "GU-001"),
        (("--severity", "grave"), "CN-003", "TR-001"),
        (("--containing", "ART. 151"), "TR-036", "TR-012"),
        (("--containing", "пломб", "--subject", "SE"), "SE-001", "TR-022"),
    ],
)
def test_rules_are_filtered(
    terminal: Terminal, filters: tuple[str, ...], first: str, without: str
) -> None:
    out = terminal.run("rules", "list", *filters).out
    assert first in out
    assert without not in out
    assert terminal.run("rules", *filters).out == out


def test_no_rule_passes_filters_that_exclude_each_other(terminal: Terminal) -> None:
    out = terminal.run("rules", "--subject", "TR", "--containing", "nowhere at all").out
    assert out.startswith("0 rules")
    assert json.loads(terminal.run("rules", "--subject", "XX", "--format", "json").out) == []


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1251"])
def test_a_terminal_that_lacks_letters_is_shown_escapes(encoding: str) -> None:
    answer = process("rules", "explain", "SUB-003", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (answer.code, answer.err) == (0, "")
    assert "a submission names the union" in answer.out


def test_rows_wrap_within_the_terminal(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    say_rows([("label", "word " * 60), ("", "more words " * 20), ("hash", "f" * 64)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 8
    assert all(len(line) <= 80 for line in lines)
    assert all(line.startswith("  ") for line in lines)


def test_tables_align_and_escape(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(("a", "b"), [("long cell", "\x1b[31m"), ("x", "y")])
    assert capsys.readouterr().out.splitlines() == [
        "a          b",
        "long cell  \\x1b[31m",
        "x          y",
    ]


def test_an_interrupt_ends_quietly(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_path: Path) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger_node.cli.keys.read_key_header", interrupted)
    assert "interrupted" in terminal.fails(130, "keys", "show", "any")


def test_a_process_ends_with_the_same_code_as_the_function() -> None:
    answer = process("rules", "explain", "TR-999")
    assert answer.code == 1
    assert answer.err.startswith("error: ")
