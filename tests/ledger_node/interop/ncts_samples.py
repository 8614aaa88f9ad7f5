"""The NCTS sample messages, and a way to spoil one."""

import csv
from dataclasses import dataclass
from pathlib import Path

MESSAGES = Path(__file__).parents[2] / "samples" / "ncts" / "messages"


@dataclass(frozen=True)
class Sample:
    """One row of the MANIFEST. valid: against the bundled schema."""

    file: str
    kind: str
    valid: bool

    @property
    def xml(self) -> bytes:
        return sample(self.file)


def manifest() -> list[Sample]:
    with (MESSAGES / "MANIFEST.csv").open(newline="") as file:
        return [
            Sample(row["file"], row["message"], row["valid_against_xsd_60_4_16"] == "True")
            for row in csv.DictReader(file)
        ]


def sample(file: str) -> bytes:
    return (MESSAGES / file).read_bytes()


DECLARATION = "DNGB6-cc015c.xml"
"""A normal departure whose control is satisfactory."""


def changed(old: str, new: str, file: str = DECLARATION) -> bytes:
    """The sample with the first `old` replaced; it must be there."""
    text = sample(file).decode()
    assert old in text, f"{old!r} is not in {file}"
    return text.replace(old, new, 1).encode()


class CountingSalts:
    """Salts 00…01, 00…02, …: different from each other, the same in every run."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self) -> bytes:
        self.given += 1
        return self.given.to_bytes(32, "big")
