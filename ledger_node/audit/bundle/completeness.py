"""Whether a bundle holds all of what it says it holds.

Within a run of blocks nothing can be missing: each block names its parent and covers its entries.
So completeness is a question of where runs begin and end. A bundle concerning one subject shows
whole blocks, but not that no other block concerns it: only a bundle of everything shows that.
"""

from ledger_node.audit.bundle.blocks import LoggedBlock
from ledger_node.audit.bundle.refusal import BundleRefused, Place, Step
from ledger_node.audit.bundle.selection import Blocks, Everything, Period, Selection


class Completeness:
    """Sees every block of a bundle, and at the end says whether all were there."""

    def __init__(self, selection: Selection, size: int) -> None:
        """size: entries in the checkpoint's log."""
        self._selection = selection
        self._size = size
        self._last: LoggedBlock | None = None

    def see(self, block: LoggedBlock) -> None:
        """The next block of the bundle. Raises BundleRefused."""
        last = self._last
        gap = last is not None and block.first != last.end
        match self._selection:
            case Everything() if gap:
                raise self._left_out(block)
            case Blocks(first, final):
                self._see_in_range(block, first, final, gap=gap)
            case Period(begin, end):
                self._see_in_period(block, begin, end, gap=gap)
            case _:
                pass
        self._last = block

    def check_end(self) -> None:
        """The bundle is over. Raises BundleRefused."""
        last = self._last
        assert last is not None, "a bundle has at least the genesis block"
        match self._selection:
            case Everything() if last.end != self._size:
                found = f"it ends with entry {last.end - 1}, the log has {self._size} entries"
                raise BundleRefused(Step.COMPLETENESS, Place(entry=last.end), found)
            case Blocks(_, final) if last.closing.height != final:
                found = f"it ends with block {last.closing.height}, not {final}"
                raise BundleRefused(Step.COMPLETENESS, last.place(), found)
            case Period(_, end) if last.closing.time_ms < end and last.end != self._size:
                found = "no later block, nor the end of the log, shows that the period is over"
                raise BundleRefused(Step.COMPLETENESS, last.place(), found)
            case _:
                pass

    def _see_in_range(self, block: LoggedBlock, first: int, final: int, *, gap: bool) -> None:
        height, last = block.closing.height, self._last
        if last is None:
            return
        if height > final:
            found = f"a block above {final}, the last of the range"
            raise BundleRefused(Step.COMPLETENESS, block.place(), found)
        begins = last.closing.height == 0 and height == max(first, 1)
        if not begins and (gap or last.closing.height + 1 != height):
            raise self._left_out(block)

    def _see_in_period(self, block: LoggedBlock, begin: int, end: int, *, gap: bool) -> None:
        last = self._last
        if last is None:
            return
        if last.closing.height > 0 and last.closing.time_ms >= end:
            found = "a block after the one that shows that the period is over"
            raise BundleRefused(Step.COMPLETENESS, block.place(), found)
        opens = last.closing.height == 0
        assert block.parent is not None, "only the genesis block has none"
        if gap and not (opens and block.parent.time_ms < begin):
            raise self._left_out(block)

    def _left_out(self, block: LoggedBlock) -> BundleRefused:
        last = self._last
        assert last is not None, "a gap lies between two blocks"
        first, final = last.closing.height + 1, block.closing.height - 1
        found = f"entries {last.end} to {block.first - 1} are left out: blocks {first} to {final}"
        return BundleRefused(Step.COMPLETENESS, Place(entry=last.end, height=first), found)
