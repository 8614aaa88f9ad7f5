"""A participant acting through a node: what it does is signed here and judged by the union."""

import time
from typing import Final

from contracts import Record, encode_record
from ledger_node.api.forms import SubmissionView
from ledger_node.client.ledger_client import LedgerClient
from ledger_node.crypto.signatures import Signer
from ledger_node.ledger.submission import VerifiedSubmission, build_submission

MIN_LIFETIME_S: Final = 5.0
"""Shorter and a node would take it for expired: clocks differ, and ordering takes time."""


class Participant:
    """One participant's key and the node it uses. Several acts may be under way at once."""

    def __init__(self, client: LedgerClient, union: bytes, author: str, signer: Signer) -> None:
        """union: 32-byte identity; author: participant id; signer: holds one of its keys."""
        self.client = client
        self.union = union
        self.author = author
        self._signer = signer

    async def act(self, *records: Record | bytes, timeout_s: float = 60.0) -> SubmissionView:
        """Sign 1 to 256 records as one submission and see them judged.

        The submission expires with the time given, so that what timed out does not happen later.
        Records given as bytes are sent as they are. Raises ApiProblem when the node refuses the
        submission as a whole; a record the contracts reject is in the answer's `rejections`.
        """
        return await self.client.settle(self.sign(*records, lifetime_s=timeout_s), timeout_s)

    def sign(self, *records: Record | bytes, lifetime_s: float = 60.0) -> VerifiedSubmission:
        """The signed submission, not sent. Raises SubmissionRefused for what no node takes."""
        expiry_ms = time.time_ns() // 1_000_000 + int(max(lifetime_s, MIN_LIFETIME_S) * 1000)
        encoded = [r if isinstance(r, bytes) else encode_record(r) for r in records]
        return build_submission(self.union, self.author, self._signer, encoded, expiry_ms)
