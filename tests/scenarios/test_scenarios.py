"""Each play ends as written."""

import re
from pathlib import Path

import pytest

from tests.scenarios.play import parse, perform, written

HERE = Path(__file__).parent
PLAYS = sorted(HERE.glob("*.txt"))
DOCUMENT = (HERE.parent.parent / "docs" / "consensus" / "assurance.md").read_text()


@pytest.mark.parametrize("path", PLAYS, ids=lambda path: path.stem)
def test_play(path: Path, regenerate_scenarios: bool) -> None:
    text = path.read_text()
    performed = written(perform(parse(text)))
    if regenerate_scenarios:
        path.write_text(performed)
    else:
        assert performed == text


def test_every_rule_of_the_protocol_has_a_play_and_every_play_its_rule() -> None:
    """The table of docs/consensus/assurance.md, by the numbers of docs/consensus/protocol.md."""
    rows = re.findall(r"^\| (.+?) \| .+ \| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \|$", DOCUMENT, re.M)
    rules = {rule for rule, _ in rows}
    assert rules >= {str(number) for number in range(1, 9)}
    plays = [play for _, named in rows for play in re.findall(r"`(.+?)`", named)]
    assert sorted(plays) == sorted(path.stem for path in PLAYS)
    numbered = [(rule, play) for rule, named in rows for play in re.findall(r"rule-(\d)", named)]
    assert all(rule == play for rule, play in numbered)


def test_a_play_that_goes_otherwise_is_noticed() -> None:
    text = (HERE / "good-case.txt").read_text()
    blocks = parse(text.replace("view 1", "view 2"))
    assert written(perform(blocks)) != written(blocks)
