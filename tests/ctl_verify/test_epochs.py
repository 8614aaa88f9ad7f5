"""From the genesis to the policy of every epoch: as the ledger derives it, and no byte to spare.

The files are of a real union of four that replaced keys twice (tests/union/test_policy_history.py
writes them).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ctl_verify.command import main
from ctl_verify.epochs import read_history
from ctl_verify.refusal import Refused
from ctl_verify.union import read_genesis
from ledger_node.genesis import GenesisError, SignedGenesis, read_json, verify
from ledger_node.genesis.ceremony import CeremonyError
from ledger_node.genesis.policy import policy_of
from ledger_node.genesis.policy_history import HistoryRefused, verify_history
from ledger_node.log.policy import Policy
from tests.ledger_node.audit.proof_files import flipped, rearranged
from tests.ledger_node.cli.terminal import Answer, process

FILES = Path(__file__).parents[1] / "golden/epochs"
GENESIS = (FILES / "genesis.json").read_bytes()
HISTORY = (FILES / "union.history").read_bytes()
FOUNDING = verify(read_json(SignedGenesis, GENESIS))
PROOFS = tuple(FILES / f"epoch-{epoch}.tlog-proof" for epoch in (1, 2, 3))

Run = Callable[..., Answer]


def test_the_policies_of_all_epochs_are_those_that_the_ledger_derives() -> None:
    assert (UNION.id, UNION.name) == (FOUNDING.union, FOUNDING.genesis.name)
    theirs = [UNION.policy(roster) for roster in read_history(HISTORY, UNION)]
    ours = [policy_of(FOUNDING.genesis, each) for each in verify_history(HISTORY, FOUNDING)]
    assert len(ours) == 3
    for one, other in zip(ours, theirs, strict=True):
        assert lines(one) == (
            [key.text for key in other.logs],
            [(name, key.text) for name, key in other.witnesses.items()],
            [(each.threshold, each.members) for each in other.groups],
        )


def lines(policy: Policy) -> tuple[list[str], list[tuple[str, str]], list[tuple[int, object]]]:
    return (
        [log.key.format() for log in policy.logs],
        [(each.name, each.key.format()) for each in policy.witnesses],
        [(group.threshold, group.members) for group in policy.groups],
    )


UNION = read_genesis(GENESIS)
FIRST_STEP = b"".join(HISTORY.splitlines(keepends=True)[:2])


def refused_by_both(history: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_history(history, UNION)
    assert refused.value.step.startswith("each line of the history")
    with pytest.raises(HistoryRefused):
        verify_history(history, FOUNDING)


def test_a_flip_in_any_byte_of_the_history_is_refused() -> None:
    for changed in flipped(FIRST_STEP):
        refused_by_both(changed)
    later = [*flipped(HISTORY)][len(FIRST_STEP) :: 11]
    for changed in later:
        refused_by_both(changed)


def test_a_line_of_the_history_doubled_swapped_or_dropped_is_refused() -> None:
    """The last line is no loss to what stands before it: such a file ends an epoch earlier."""
    shorter = b"".join(HISTORY.splitlines(keepends=True)[:-1])
    for changed in rearranged(HISTORY):
        if changed == shorter:
            assert len(read_history(changed, UNION)) == 2
            assert len(verify_history(changed, FOUNDING)) == 2
        else:
            refused_by_both(changed)


@pytest.mark.parametrize("cut", [0, 1, 40, 5000])
def test_a_history_cut_short_is_refused(cut: int) -> None:
    refused_by_both(HISTORY[:cut])


def test_a_flip_anywhere_in_the_genesis_is_refused() -> None:
    for changed in [*flipped(GENESIS)][::5]:
        with pytest.raises(Refused):
            read_genesis(changed)
        with pytest.raises((GenesisError, CeremonyError)):
            verify(read_json(SignedGenesis, changed))


def test_another_unions_genesis_leads_nowhere() -> None:
    other = replace(UNION, id=bytes(32))
    with pytest.raises(Refused) as refused:
        read_history(HISTORY, other)
    assert "line 2" in refused.value.reason


# ------------------------------------------------------------ the commands


def alone(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> Answer:
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


def installed(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: process("verify", *arguments, COLUMNS="100")


@pytest.mark.parametrize("command", [alone, installed])
def test_proofs_of_every_epoch_hold_under_the_genesis_and_its_history(
    command: Callable[[pytest.CaptureFixture[str]], Run],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(FILES)
    monkeypatch.setenv("COLUMNS", "100")
    verify = command(capsys)
    given = ("--genesis", "genesis.json", "--history", "union.history")
    whole = verify(*given, *PROOFS)
    assert whole.code == 0, whole
    assert whole.out.endswith("3 of 3 proven\n")

    founding_only = verify("--genesis", "genesis.json", *PROOFS)
    assert founding_only.code == 1
    assert founding_only.out.endswith("1 of 3 proven, 2 NOT PROVEN\n")

    as_a_proof = verify(*given, "union.history")
    assert as_a_proof.code == 1
    assert "a policy history: give it as --history" in as_a_proof.out


def test_both_commands_say_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FILES)
    monkeypatch.setenv("COLUMNS", "100")
    given = ("--genesis", "genesis.json", "--history", "union.history", *PROOFS)
    assert alone(capsys)(*given).out == installed(capsys)(*given).out


def test_a_spoilt_history_ends_the_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    spoilt = tmp_path / "union.history"
    spoilt.write_bytes(HISTORY[:-9] + HISTORY[-1:])
    given = ("--genesis", FILES / "genesis.json", "--history", spoilt, *PROOFS)
    for command in (alone(capsys), installed(capsys)):
        answer = command(*given)
        assert answer.code == 2, answer
        assert "line 3" in answer.err
