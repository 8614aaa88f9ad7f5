"""Whether this node has the code that is about to judge blocks, and what it says when it has not.

A voted contract set is looked for as soon as the vote is final: missing code is warned of while
there is time to install it. A node that still lacks it stops after the last block it can judge,
and votes for none above: it could not say what such a block does.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ledger_node.codec import Digest
from ledger_node.ledger.contracts_in_force import ContractsInForce
from ledger_node.ledger.execution import ContractSetMissing, ReadObject

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A contract set that was voted. missing: why this node could not judge by it, if so."""

    digest: Digest
    from_height: int
    missing: ContractSetMissing | None


class Upgrades:
    """Told of every final block, in order, by the thread that made it final."""

    def __init__(
        self, contracts: ContractsInForce, on_following: Callable[[bool], None] = lambda _: None
    ) -> None:
        """on_following: told whether code that was voted is missing here."""
        self._contracts = contracts
        self._on_following = on_following
        self._blocked: ContractSetMissing | None = None
        self.coming: Upgrade | None = None

    def look(self, read: ReadObject, height: int) -> None:
        """Look at the final state after the block at `height`; load what it says is coming."""
        self._blocked = self._missing(self._contracts.digest_at(read, height + 1), height + 1)
        before, self.coming = self.coming, self._upgrade(read, height + 1)
        self._on_following(self.coming is not None and self.coming.missing is not None)
        if self._blocked is not None:
            log.critical(str(self._blocked))
        elif self.coming != before:
            _tell(before, self.coming)

    def require_next(self) -> None:
        """Raises ContractSetMissing if the block after the last final one cannot be judged here."""
        if self._blocked is not None:
            raise self._blocked

    def can_judge(self, read: ReadObject, height: int) -> bool:
        """Whether the code for a block is here. read: the newest state known below it."""
        return self._missing(self._contracts.digest_at(read, height), height) is None

    def _upgrade(self, read: ReadObject, height: int) -> Upgrade | None:
        following = self._contracts.following(read, height)
        if following is None:
            return None
        missing = self._missing(following.digest, following.height)
        known = self.coming
        if known is not None and missing is not None and str(known.missing) == str(missing):
            return known
        return Upgrade(following.digest, following.height, missing)

    def _missing(self, digest: bytes, height: int) -> ContractSetMissing | None:
        try:
            self._contracts.shelf.get(digest, height)
        except ContractSetMissing as error:
            return error
        return None


def _tell(before: Upgrade | None, now: Upgrade | None) -> None:
    if now is None:
        assert before is not None, "something changed"
        extra = {"contract_set": before.digest.hex(), "from_height": before.from_height}
        log.info("a contract set takes effect", extra=extra)
        return
    extra = {"contract_set": now.digest.hex(), "from_height": now.from_height}
    if now.missing is None:
        log.info("a contract set was voted, its code is here", extra=extra)
    else:
        log.warning(str(now.missing), extra=extra)
