"""Checkpoints: this member cosigns each final tree head and publishes those a quorum cosigned.

Only heads that a finalization certifies are ever cosigned, so a member cannot cosign two heads
that contradict each other. The published checkpoint carries this node's log signature and at
least a quorum of the members' cosignatures, and satisfies the union's policy as it stands.

Source: c2sp.org/tlog-checkpoint, tlog-cosignature, tlog-policy.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ledger_node.crypto.signatures import Signer
from ledger_node.log.checkpoint import Checkpoint, sign_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.errors import LogError
from ledger_node.log.note import NoteSignature, VerifierKey
from ledger_node.log.policy import Policy, Witness
from ledger_node.log.verified import (
    VerifiedCheckpoint,
    VerifiedCosignature,
    verified_cosignature,
    witnessed_checkpoint,
)
from ledger_node.node.frames import CosignatureFrame
from ledger_node.node.witnesses import OutsideWitnesses

RECENT_HEADS: Final = 256
"""Final heads for which late cosignatures are still taken."""


@dataclass(slots=True)
class _Head:
    """own: this log's line, made when it is first needed."""

    checkpoint: Checkpoint
    cosignatures: dict[str, VerifiedCosignature] = field(default_factory=dict)
    own: NoteSignature | None = None


@dataclass(frozen=True, slots=True)
class CheckpointKeys:
    """Under what this node signs and cosigns in one epoch, and what counts in it."""

    epoch: int
    policy: Policy
    log: tuple[VerifierKey, Signer]
    cosigner: tuple[VerifierKey, Signer]


class Checkpoints:
    """Owned by the event loop's thread."""

    def __init__(
        self,
        member: str,
        keys: CheckpointKeys,
        send: Callable[[CosignatureFrame], None],
        witnesses: OutsideWitnesses,
    ) -> None:
        self._member = member
        self._send = send
        self._witnesses = witnesses
        self._waiting: list[tuple[int, asyncio.Future[VerifiedCheckpoint]]] = []
        self._ahead: dict[str, CosignatureFrame] = {}
        """By member, the newest cosignature of an epoch that has not begun here."""
        self._use(keys)

    def begin_epoch(self, keys: CheckpointKeys) -> None:
        """Other keys and another policy count: nothing is published until the head is cosigned
        under them. Who waits for a checkpoint goes on waiting."""
        self._use(keys)
        ahead, self._ahead = self._ahead, {}
        for member, frame in ahead.items():
            self.hear(member, frame)

    def _use(self, keys: CheckpointKeys) -> None:
        self._epoch = keys.epoch
        self._policy = keys.policy
        self._log_key, self._log_signer = keys.log
        self._cosigner_key, self._cosigner = keys.cosigner
        self._voters: Mapping[str, Witness] = {w.name: w for w in keys.policy.witnesses}
        own = self._voters.get(self._member)
        self._cosigns = own is not None and own.key == self._cosigner_key
        self._log = next((each for each in keys.policy.logs if each.key == self._log_key), None)
        """As the policy knows it; without that, this node publishes nothing."""
        self._heads: dict[int, _Head] = {}
        self._early: dict[str, CosignatureFrame] = {}
        self._own: CosignatureFrame | None = None
        self._latest: VerifiedCheckpoint | None = None

    @property
    def latest(self) -> VerifiedCheckpoint | None:
        """The newest checkpoint that satisfies the union's policy."""
        return self._latest

    @property
    def own(self) -> CosignatureFrame | None:
        """Our newest cosignature, for a peer whose link came up."""
        return self._own

    async def covering(self, size: int) -> VerifiedCheckpoint:
        """Wait for a published checkpoint of at least `size` entries."""
        if self._latest is not None and self._latest.checkpoint.size >= size:
            return self._latest
        published: asyncio.Future[VerifiedCheckpoint] = asyncio.get_running_loop().create_future()
        waiting = (size, published)
        self._waiting.append(waiting)
        try:
            return await published
        finally:
            # Given up by the client: without a quorum nothing is published that would drop it.
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def head_is_final(self, checkpoint: Checkpoint, time_s: int) -> None:
        """A head became final on this node's disk: cosign it, if we vote, and tell the others."""
        self._heads[checkpoint.size] = _Head(checkpoint)
        while len(self._heads) > RECENT_HEADS:
            del self._heads[min(self._heads)]
        if self._cosigns:
            self._cosign(checkpoint, time_s)
        for member, frame in list(self._early.items()):
            if frame.size <= checkpoint.size:
                del self._early[member]
                if frame.size == checkpoint.size:
                    self.hear(member, frame)

    def _cosign(self, checkpoint: Checkpoint, time_s: int) -> None:
        signature = cosign(checkpoint, self._cosigner_key, self._cosigner, time_s)
        self._own = CosignatureFrame(
            self._epoch, checkpoint.size, checkpoint.root, signature.signature
        )
        self._send(self._own)
        own = VerifiedCosignature(self._voters[self._member], time_s, signature)
        self._take(self._member, own, checkpoint.size)

    def hear(self, member: str, frame: CosignatureFrame) -> str | None:
        """A peer's cosignature. Returns what is wrong with it, if anything.

        One ahead of our head or of our epoch waits, the newest a member: we shall be there soon.
        """
        if frame.epoch > self._epoch:
            self._ahead[member] = frame
            return None
        if frame.epoch < self._epoch or member not in self._voters:
            return None
        head = self._heads.get(frame.size)
        if head is None:
            newest = max(self._heads, default=0)
            known = self._early.get(member)
            if frame.size > newest and (known is None or frame.size > known.size):
                self._early[member] = frame
            return None
        if frame.root != head.checkpoint.root:
            return f"cosigned another root of size {frame.size}: {frame.root.hex()}"
        if member in head.cosignatures:
            return None
        witness = self._voters[member]
        line = NoteSignature(witness.key.name, witness.key.key_id, frame.signature)
        try:
            cosignature = verified_cosignature(head.checkpoint, witness, line)
        except LogError as error:
            return str(error)
        self._take(member, cosignature, frame.size)
        return None

    def _take(self, member: str, cosignature: VerifiedCosignature, size: int) -> None:
        head = self._heads[size]
        head.cosignatures[member] = cosignature
        latest = 0 if self._latest is None else self._latest.checkpoint.size
        if self._log is None or size < latest:
            return
        if not self._policy.quorum_met(head.cosignatures.keys()):
            return
        if head.own is None:
            signed = sign_checkpoint(head.checkpoint, self._log_key, self._log_signer)
            (head.own,) = signed.signatures
        accepted = witnessed_checkpoint(
            head.checkpoint, self._log, head.own, head.cosignatures, self._policy
        )
        for old in [s for s in self._heads if s < size]:
            del self._heads[old]
        self._witnesses.offer(accepted, self._policy, partial(self._publish, self._epoch))

    def _publish(self, epoch: int, checkpoint: VerifiedCheckpoint) -> None:
        """The checkpoint, with what outside witnesses added, is the newest from now on."""
        if epoch != self._epoch:
            return  # it satisfies a policy that counts no more
        size = checkpoint.checkpoint.size
        if self._latest is not None and self._latest.checkpoint.size > size:
            return
        self._latest = checkpoint
        for wanted, published in self._waiting:
            if wanted <= size and not published.done():
                published.set_result(checkpoint)
        self._waiting = [each for each in self._waiting if not each[1].done()]
