"""Each play ends as written."""

from pathlib import Path

import pytest

from tests.scenarios.play import parse, perform, written

PLAYS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", PLAYS, ids=lambda path: path.stem)
def test_play(path: Path, regenerate_scenarios: bool) -> None:
    text = path.read_text()
    performed = written(perform(parse(text)))
    if regenerate_scenarios:
        path.write_text(performed)
    else:
        assert performed == text


def test_every_rule_of_the_protocol_has_a_play() -> None:
    for rule in range(1, 9):
        assert any(path.stem.startswith(f"rule-{rule}-") for path in PLAYS), f"rule {rule}"


def test_a_play_that_goes_otherwise_is_noticed() -> None:
    text = PLAYS[0].read_text()
    blocks = parse(text.replace("view 1", "view 2"))
    assert written(perform(blocks)) != written(blocks)
