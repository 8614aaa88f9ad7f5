"""What peers send: links, frames, consensus messages, certificates."""

from collections.abc import Iterable
from functools import cache

from consensus.authentication import authenticate
from consensus.block import Member
from consensus.messages import (
    BlockReply,
    Fetch,
    FinalisedRun,
    MessageRefused,
    decode_message,
    encode_message,
)
from ledger_node.codec import DecodeError
from ledger_node.crypto.signatures import SignatureError, public_key, verify
from ledger_node.crypto.tls import CertificateError, certificate_key
from ledger_node.network.frames import FrameClass, FramingError, frames_of
from ledger_node.network.link import LinkRefused, check_hello, hello
from ledger_node.node.frames import (
    BodiesFrame,
    BodiesWanted,
    ChunkFrame,
    ChunkWanted,
    ConsensusFrame,
    CosignatureFrame,
    GossipFrame,
    SnapshotOffer,
    SnapshotWanted,
    decode_frame,
    encode_frame,
)
from tests.consensus.builders import Sayings, submission
from tests.fuzz.target import Target
from tests.ledger_node.genesis.founders import founder
from tests.simulation.signing import committee_of

_UNION = b"\x07" * 32


@cache
def _sayings() -> Sayings:
    return Sayings(committee_of(4, 7))


def messages() -> list[bytes]:
    """One consensus message of each kind."""
    s = _sayings()
    first = s.block(1, None, [submission(1), submission(2)])
    second = s.block(2, first)
    return [
        encode_message(message)
        for message in (
            s.notarize(1, first),
            s.nullify(2, 3),
            s.finalize(0, first),
            s.notarization(first),
            s.nullification(4),
            s.finalization(second),
            s.proposal(first),
            Fetch(0, (b"\x01" * 32,), (1, 2)),
            BlockReply(second),
            FinalisedRun((first, second), s.finalization(second)),
        )
    ]


def _message(data: bytes) -> None:
    """Signatures are taken for good: the structure is what is asked about."""
    message = decode_message(data)
    assert encode_message(message) == data
    authenticate(message, Member(1), _sayings().committee, lambda claims: True)


def _link_message(data: bytes) -> None:
    for frame in frames_of(data):
        assert encode_frame(decode_frame(frame)) == frame


def _framed(*frames: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)


def _link_messages() -> Iterable[bytes]:
    cosignature = encode_frame(CosignatureFrame(1, 7, b"\x03" * 32, b"\x04" * 72))
    yield _framed(encode_frame(BodiesWanted((b"\x02" * 32,))), cosignature)
    yield _framed(encode_frame(ConsensusFrame(messages()[0])))
    yield _framed(encode_frame(GossipFrame((b"a submission",))))
    yield _framed(encode_frame(BodiesFrame((b"a submission", b"another"))))
    yield _framed(encode_frame(SnapshotWanted(7)), encode_frame(SnapshotOffer(7, b"a manifest")))
    yield _framed(encode_frame(ChunkWanted(1, 7, 2, (b"\x05" * 32,))))
    yield _framed(encode_frame(ChunkFrame(1, (b"an item", b"another"))))


def _signature(data: bytes) -> None:
    public, signature, message = data[:34], data[34:98], data[98:]
    public_key(public)
    verify(public, message, signature)


def _signatures() -> Iterable[bytes]:
    one = founder("AM")
    yield one.tls.public + one.tls.sign(b"said") + b"said"


TARGETS = (
    Target("link-message", _link_message, (FramingError, DecodeError), _link_messages),
    Target("consensus-message", _message, (MessageRefused,), messages),
    Target(
        "hello",
        lambda data: check_hello(data, union=_UNION, member="AM"),
        (LinkRefused,),
        lambda: [hello(_UNION, "AM", FrameClass.BULK)],
        300,
    ),
    Target(
        "certificate",
        lambda data: certificate_key(data, "AM"),
        (CertificateError,),
        lambda: [founder("AM").card.tls_certificate],
    ),
    Target("signature", _signature, (SignatureError,), _signatures, 200),
)
