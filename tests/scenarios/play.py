"""The text of a play: blocks of comment, commands and what follows from them."""

from dataclasses import dataclass

from tests.scenarios.stage import Stage

RULE = "----"
NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Block:
    """comment and commands as written; expected: lines below the rule."""

    comment: tuple[str, ...]
    commands: tuple[str, ...]
    expected: tuple[str, ...]


def parse(text: str) -> list[Block]:
    """Blocks are separated by blank lines. One without commands is prose."""
    blocks: list[Block] = []
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.strip("\n").splitlines()
        at = lines.index(RULE) if RULE in lines else len(lines)
        comment = tuple(line for line in lines[:at] if line.startswith("#"))
        commands = tuple(line for line in lines[:at] if not line.startswith("#"))
        blocks.append(Block(comment, commands, tuple(lines[at + 1 :])))
    return blocks


def perform(blocks: list[Block]) -> list[Block]:
    """The same blocks with what really follows."""
    stage = Stage()
    performed: list[Block] = []
    for block in blocks:
        lines = [line for command in block.commands for line in stage.do(command)]
        expected = tuple(lines or [NOTHING]) if block.commands else ()
        performed.append(Block(block.comment, block.commands, expected))
    return performed


def written(blocks: list[Block]) -> str:
    """The text of a play."""
    paragraphs: list[str] = []
    for block in blocks:
        lines = [*block.comment, *block.commands]
        if block.commands:
            lines += [RULE, *block.expected]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"
