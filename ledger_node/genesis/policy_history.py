"""The union's policies from the founding one on, each proven by the one before.

    customs-trust-ledger/policy-history@v1
    step <base64>                     how epoch 1 ended, and so whose keys count in 2 (lineage)
    step <base64>                     how epoch 2 ended
    …

With the genesis, which its reader has from the members themselves, the file is complete: the quorum
of each epoch finalised the state that says who forms the next one. So a proof made under old keys
can be checked years later, and nobody has to be believed about which keys were whose at the time.
A node that joined late has all steps, too: it was shown them when it joined. Format:
docs/formats.md, "Policy history".
"""

from collections.abc import Sequence
from typing import Final

from ledger_node.genesis.ceremony import VerifiedGenesis
from ledger_node.genesis.epochs import FOUNDING_EPOCH
from ledger_node.genesis.lineage import MAX_STEP_BYTES, StepRefused, follow_step
from ledger_node.genesis.roster import Roster, founding_roster
from ledger_node.log.note import NoteError, decode_base64, encode_base64

HEADER: Final = "customs-trust-ledger/policy-history@v1"
MAX_HISTORY: Final = 256 * 1024 * 1024
"""Bytes of a file: some hundred epochs, each with the largest document there is."""

_STEP: Final = "step "


class HistoryRefused(ValueError):
    """A file that is no history of this union. line: from 1, 0 of the whole file; reason: text."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason


def format_history(steps: Sequence[bytes]) -> str:
    """The file of these steps, from the founding epoch on."""
    return "".join(f"{line}\n" for line in (HEADER, *(_STEP + encode_base64(s) for s in steps)))


def parse_history(data: bytes) -> list[bytes]:
    """The steps in a file, unchecked. Raises HistoryRefused."""
    if len(data) > MAX_HISTORY:
        raise HistoryRefused(0, f"longer than {MAX_HISTORY} bytes")
    if not data.endswith(b"\n"):
        raise HistoryRefused(0, "the file does not end in a newline")
    lines = data[:-1].decode("ascii", "replace").split("\n")
    if lines[0] != HEADER:
        raise HistoryRefused(1, f"is not {HEADER}")
    return [_step(number, line) for number, line in enumerate(lines[1:], start=2)]


def verify_history(data: bytes, founding: VerifiedGenesis) -> list[Roster]:
    """Who formed the union in each epoch, the founding one first. Raises HistoryRefused."""
    rosters = [founding_roster(founding.genesis, FOUNDING_EPOCH)]
    for number, step in enumerate(parse_history(data), start=2):
        try:
            rosters.append(follow_step(step, rosters[-1], founding.union))
        except StepRefused as error:
            raise HistoryRefused(number, error.reason) from error
    return rosters


def _step(number: int, line: str) -> bytes:
    if not line.startswith(_STEP):
        raise HistoryRefused(number, "the line is no step")
    try:
        step = decode_base64(line.removeprefix(_STEP), "step")
    except NoteError as error:
        raise HistoryRefused(number, str(error)) from error
    if len(step) > MAX_STEP_BYTES:
        raise HistoryRefused(number, f"the step has more than {MAX_STEP_BYTES} bytes")
    return step
