"""What members say to each other, and the exact bytes they sign.

Three votes, three certificates made of a quorum of equal votes, the leader's proposal, and an
unsigned request with its two answers. Signed bytes are SHA-256-free: a domain tag a kind, then the
canonical msgpack array of what the vote states, beginning with union and epoch, so that a
signature never speaks for another union, epoch, kind or view. docs/formats.md specifies them.
"""

from typing import TypeAlias

import msgspec

from consensus.block import Block

SIGNATURE_SIZE = 64

Signatures: TypeAlias = tuple[tuple[int, bytes], ...]
"""(member, signature) pairs in ascending member order, one a member."""

_encode = msgspec.msgpack.Encoder().encode


class _Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of everything on the wire: an array that starts with its kind's number."""


class Notarize(_Message, frozen=True, tag=1):
    """ "First valid block I saw from this view's leader." """

    epoch: int
    view: int
    parent_view: int
    block: bytes
    member: int
    signature: bytes


class Nullify(_Message, frozen=True, tag=2):
    """ "I give up on this view." """

    epoch: int
    view: int
    member: int
    signature: bytes


class Finalize(_Message, frozen=True, tag=3):
    """ "This block is notarized, I did not nullify its view, and executing it gives `outcome`." """

    epoch: int
    view: int
    block: bytes
    outcome: bytes
    member: int
    signature: bytes


class Notarization(_Message, frozen=True, tag=4):
    """A quorum notarized the block: no other block of this view ever gets one."""

    epoch: int
    view: int
    parent_view: int
    block: bytes
    signatures: Signatures


class Nullification(_Message, frozen=True, tag=5):
    """A quorum gave up on the view: no block of it is ever finalised."""

    epoch: int
    view: int
    signatures: Signatures


class Finalization(_Message, frozen=True, tag=6):
    """A quorum finalized the block with one outcome: it and its ancestors are final."""

    epoch: int
    view: int
    block: bytes
    outcome: bytes
    signatures: Signatures


class Proposal(_Message, frozen=True, tag=7):
    """A leader's block with its own notarize vote. Bodies of submissions travel apart."""

    block: Block
    notarize: Notarize


class Fetch(_Message, frozen=True, tag=8):
    """Request for what the sender misses; its answers are checked, never trusted.

    after_height: height of the sender's finalised head, or -1 to ask for no finalised blocks;
    blocks: ids of blocks wanted; views: views whose certificate is wanted.
    """

    after_height: int
    blocks: tuple[bytes, ...]
    views: tuple[int, ...]


class BlockReply(_Message, frozen=True, tag=9):
    """A block that a Fetch asked for by id."""

    block: Block


class FinalisedRun(_Message, frozen=True, tag=10):
    """Consecutive finalised blocks; the certificate finalises the last and so all of them."""

    blocks: tuple[Block, ...]
    finalization: Finalization


Vote: TypeAlias = Notarize | Nullify | Finalize
Certificate: TypeAlias = Notarization | Nullification | Finalization
Message: TypeAlias = Vote | Certificate | Proposal | Fetch | BlockReply | FinalisedRun


def votes_in(certificate: Certificate) -> list[Vote]:
    """The votes that a certificate is made of."""
    c = certificate
    match c:
        case Notarization():
            return [
                Notarize(c.epoch, c.view, c.parent_view, c.block, m, s) for m, s in c.signatures
            ]
        case Nullification():
            return [Nullify(c.epoch, c.view, m, s) for m, s in c.signatures]
        case Finalization():
            return [Finalize(c.epoch, c.view, c.block, c.outcome, m, s) for m, s in c.signatures]


FETCH_LIMIT = 64
"""Most blocks and most views one Fetch may name."""


class MessageRefused(ValueError):
    """A message that no correct member would have sent, or that is damaged."""


_decoder = msgspec.msgpack.Decoder(Message)


def message_epoch(message: Message) -> int | None:
    """The epoch a message speaks of; None for a request, which any epoch may answer."""
    match message:
        case Fetch():
            return None
        case Proposal():
            return message.notarize.epoch
        case BlockReply():
            return message.block.header.epoch
        case FinalisedRun():
            return message.finalization.epoch
        case _:
            return message.epoch


def encode_message(message: Message) -> bytes:
    """Canonical bytes of a message."""
    return _encode(message)


def decode_message(data: bytes) -> Message:
    """The message that `data` canonically encodes. The caller bounds its length.

    Raises MessageRefused: not msgpack, of an unknown kind, of a wrong shape, or not canonical.
    """
    try:
        message: Message = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MessageRefused(f"consensus message does not decode: {error}") from error
    if _encode(message) != data:
        raise MessageRefused("consensus message is not in canonical form")
    return message


def notarize_bytes(union: bytes, epoch: int, view: int, parent_view: int, block: bytes) -> bytes:
    """What a notarize vote signs."""
    return b"ctl/notarize/v1\x00" + _encode([union, epoch, view, parent_view, block])


def nullify_bytes(union: bytes, epoch: int, view: int) -> bytes:
    """What a nullify vote signs."""
    return b"ctl/nullify/v1\x00" + _encode([union, epoch, view])


def finalize_bytes(union: bytes, epoch: int, view: int, block: bytes, outcome: bytes) -> bytes:
    """What a finalize vote signs."""
    return b"ctl/finalize/v1\x00" + _encode([union, epoch, view, block, outcome])


def signed_bytes(union: bytes, message: Vote | Certificate) -> bytes:
    """The bytes under each signature of a vote or certificate of `union`."""
    match message:
        case Notarize() | Notarization():
            return notarize_bytes(
                union, message.epoch, message.view, message.parent_view, message.block
            )
        case Nullify() | Nullification():
            return nullify_bytes(union, message.epoch, message.view)
        case Finalize() | Finalization():
            return finalize_bytes(
                union, message.epoch, message.view, message.block, message.outcome
            )
