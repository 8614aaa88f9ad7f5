"""A demonstration's directory: it takes the place of an earlier one, and of nothing else."""

from pathlib import Path

import pytest

from ledger_node.demo.place import PlaceTaken, alone_in, clear


def test_an_earlier_demonstration_gives_way(tmp_path: Path) -> None:
    (tmp_path / "demo" / "AM" / "node").mkdir(parents=True)
    clear(tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_missing_directory_will_do(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "demo").mkdir()
    clear(tmp_path / "demo")


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(PlaceTaken, match="nothing was deleted"):
        clear(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_file_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    with pytest.raises(NotADirectoryError):
        clear(tmp_path / "demo")


def test_one_runs_at_a_time(tmp_path: Path) -> None:
    with (
        alone_in(tmp_path / "demo"),
        pytest.raises(PlaceTaken, match="another demonstration"),
        alone_in(tmp_path / "demo"),
    ):
        pass
    with alone_in(tmp_path / "demo"):
        pass
