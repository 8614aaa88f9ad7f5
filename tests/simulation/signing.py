"""Signatures that are fast and forgeable by nobody in the simulation: keyed BLAKE2b.

Checks are remembered, as a real shell does, so that a broadcast certificate costs little.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b

from consensus.authentication import Authenticated, Claim, authenticate
from consensus.block import Member
from consensus.committee import Committee
from consensus.messages import SIGNATURE_SIZE, Message


def committee_of(members: int, seed: int, epoch: int = 1) -> Committee:
    """A committee whose rotation and keys depend on the seed. Half the keys last two epochs."""
    union = blake2b(b"union %d" % seed, digest_size=32).digest()
    keys: list[bytes] = []
    for m in range(members):
        rotated = (epoch + m) // 2 - (1 + m) // 2
        name = b"key %d" % m + (b", %d" % rotated if rotated else b"")
        keys.append(blake2b(name, key=union, digest_size=33).digest())
    return Committee(union, epoch, tuple(f"M{m}" for m in range(members)), tuple(keys))


def signer(committee: Committee, member: Member) -> Callable[[bytes], bytes]:
    """The member's `sign`."""
    key = committee.keys[member]
    return lambda statement: blake2b(statement, key=key, digest_size=SIGNATURE_SIZE).digest()


class Verifier:
    """`verify` for `authenticate`."""

    def __init__(self, committee: Committee) -> None:
        self._committee = committee
        self._seen: dict[tuple[Member, bytes, bytes], bool] = {}
        self._passed: dict[int, Message] = {}

    def __call__(self, claims: Sequence[Claim]) -> bool:
        return all(self._check(claim) for claim in claims)

    def authenticate(self, message: Message, sender: Member) -> Authenticated[Message]:
        """`consensus.authentication.authenticate`, once for one object. Raises MessageRefused."""
        if id(message) in self._passed:
            return Authenticated(sender, message)
        believed = authenticate(message, sender, self._committee, self)
        self._passed[id(message)] = message  # kept, so that the id stays its own
        return believed

    def _check(self, claim: Claim) -> bool:
        triple = (claim.member, claim.statement, claim.signature)
        known = self._seen.get(triple)
        if known is None:
            key = self._committee.keys[claim.member]
            expected = blake2b(claim.statement, key=key, digest_size=SIGNATURE_SIZE).digest()
            known = self._seen[triple] = expected == claim.signature
        return known
