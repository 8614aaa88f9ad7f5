"""The exact bytes of a member's TLS certificate: one X.509 form, of which only three things vary.

Members vote on cards, and a card holds a certificate. So all must agree whether one is sound, and
that must not hang on how much of X.509 a library takes, in whichever version. Here it is decided
by comparing bytes: what is not the form below, with some serial number, the member's names and a
P-256 key, is refused. DER: ITU-T X.690; fields: RFC 5280 §4; keys: RFC 5480; signature: RFC 5758.
"""

from dataclasses import dataclass
from typing import Final

MAX_CERTIFICATE_SIZE: Final = 4096
POINT_SIZE: Final = 65
"""Bytes of an uncompressed point, with its leading 4."""
MAX_SERIAL: Final = 20
"""Bytes: RFC 5280 §4.1.2.2."""

_INTEGER, _BITS, _OCTETS, _OID, _UTF8, _UTC, _TIME, _BOOLEAN = 2, 3, 4, 6, 12, 23, 24, 1
_SEQUENCE, _SET, _DNS, _VERSION, _EXTENSIONS = 0x30, 0x31, 0x82, 0xA0, 0xA3


class CertificateError(ValueError):
    """A certificate that cannot be a member's. reason: text for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"TLS certificate: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parts:
    """What a certificate says. point: uncompressed, 65 bytes, unchecked; r, s: of the signature."""

    point: bytes
    signed: bytes
    """The bytes under the signature."""
    r: int
    s: int


def member_host(member: str) -> str:
    """The name a member's certificate is for, e.g. am.ledger-node.internal."""
    return f"{member.lower()}.ledger-node.internal"


def to_be_signed(serial: bytes, member: str, point: bytes) -> bytes:
    """What is signed. serial: bytes of a positive DER integer."""
    return _tlv(_SEQUENCE, *(field for _, field in _fields(serial, member, point)))


def assemble(signed: bytes, r: int, s: int) -> bytes:
    """The certificate."""
    signature = _tlv(_SEQUENCE, _integer(r), _integer(s))
    return _tlv(_SEQUENCE, signed, _ECDSA_SHA256, _tlv(_BITS, b"\0", signature))


def take_apart(der: bytes, member: str) -> Parts:
    """The parts of a certificate that has the form. Raises CertificateError naming what differs.

    Neither the point nor the signature is checked here.
    """
    if len(der) > MAX_CERTIFICATE_SIZE:
        raise CertificateError(f"{len(der)} bytes, at most {MAX_CERTIFICATE_SIZE} are allowed")
    signed, algorithm, bits = _items(_only(der, _SEQUENCE, "certificate"), 3, "certificate")
    given = _items(_only(signed, _SEQUENCE, "certificate"), 8, "certificate")
    serial = _only(given[1], _INTEGER, "serial number")
    point = given[6][-POINT_SIZE:]
    for (name, field), found in zip(_fields(serial, member, point), given, strict=True):
        if field != found:
            raise CertificateError(f"its {name} is not that of a certificate of {member}")
    if not _is_positive(serial, MAX_SERIAL):
        raise CertificateError("its serial number is not a positive integer of at most 20 bytes")
    if algorithm != _ECDSA_SHA256:
        raise CertificateError("its signature is not ECDSA with SHA-256")
    signature = _only(bits, _BITS, "signature")
    if signature[:1] != b"\0":
        raise CertificateError("its signature is not whole bytes")
    r, s = (
        _only(item, _INTEGER, "signature")
        for item in _items(_only(signature[1:], _SEQUENCE, "signature"), 2, "signature")
    )
    if not (_is_positive(r, 33) and _is_positive(s, 33)):
        raise CertificateError("its signature is not two positive integers of at most 33 bytes")
    return Parts(point, signed, int.from_bytes(r, "big"), int.from_bytes(s, "big"))


# ---------------------------------------------------------------- the form


def _fields(serial: bytes, member: str, point: bytes) -> tuple[tuple[str, bytes], ...]:
    """The fields under the signature, in order, each with its name."""
    name = _tlv(_SEQUENCE, _tlv(_SET, _tlv(_SEQUENCE, _COMMON_NAME, _tlv(_UTF8, member.encode()))))
    host = _tlv(_SEQUENCE, _tlv(_DNS, member_host(member).encode()))
    return (
        ("version", _V3),
        ("serial number", _tlv(_INTEGER, serial)),
        ("signature algorithm", _ECDSA_SHA256),
        ("issuer", name),
        ("validity", _VALIDITY),
        ("subject", name),
        ("key", _tlv(_SEQUENCE, _P256, _tlv(_BITS, b"\0", point))),
        ("list of extensions", _tlv(_EXTENSIONS, _tlv(_SEQUENCE, *_USES, _extension(17, host)))),
    )


def _tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _extension(number: int, content: bytes, *, critical: bool = False) -> bytes:
    """One of id-ce, 2.5.29."""
    flag = _tlv(_BOOLEAN, b"\xff") if critical else b""
    return _tlv(_SEQUENCE, _tlv(_OID, bytes([0x55, 0x1D, number])), flag, _tlv(_OCTETS, content))


_V3: Final = _tlv(_VERSION, _tlv(_INTEGER, b"\2"))
_COMMON_NAME: Final = _tlv(_OID, bytes.fromhex("550403"))
_ECDSA_SHA256: Final = _tlv(_SEQUENCE, _tlv(_OID, bytes.fromhex("2a8648ce3d040302")))
_P256: Final = _tlv(
    _SEQUENCE,
    _tlv(_OID, bytes.fromhex("2a8648ce3d0201")),
    _tlv(_OID, bytes.fromhex("2a8648ce3d030107")),
)
_VALIDITY: Final = _tlv(_SEQUENCE, _tlv(_UTC, b"200101000000Z"), _tlv(_TIME, b"99991231235959Z"))
"""From before any clock that is roughly right, since a member's clock must not decide who it can
talk to, to RFC 5280 §4.1.2.5: a certificate with no well-defined expiration date."""
_USES: Final = (
    # Not a CA: a member's certificate must never vouch for another one.
    _extension(19, _tlv(_SEQUENCE), critical=True),
    # Digital signature, for both ends of a link.
    _extension(15, _tlv(_BITS, b"\x07\x80"), critical=True),
    _extension(
        37,
        _tlv(
            _SEQUENCE,
            _tlv(_OID, bytes.fromhex("2b06010505070301")),
            _tlv(_OID, bytes.fromhex("2b06010505070302")),
        ),
    ),
)


# ---------------------------------------------------------------- reading


def _item(data: bytes, what: str) -> tuple[bytes, bytes, bytes]:
    """The first item of some DER, its content, and what follows it."""
    if len(data) < 2:
        raise CertificateError(f"its {what} is cut short")
    length, start = data[1], 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    content, item = data[start : start + length], data[: start + length]
    if len(item) < start + length or _tlv(data[0], content) != item:
        raise CertificateError(f"its {what} is not DER")
    return item, content, data[len(item) :]


def _only(data: bytes, tag: int, what: str) -> bytes:
    """The content of the one item that `data` is, with the given tag."""
    item, content, rest = _item(data, what)
    if item[0] != tag or rest:
        raise CertificateError(f"its {what} has another shape")
    return content


def _items(data: bytes, count: int, what: str) -> list[bytes]:
    """The items that `data` is made of, of which there must be `count`."""
    items: list[bytes] = []
    while data and len(items) <= count:
        item, _, data = _item(data, what)
        items.append(item)
    if len(items) != count:
        raise CertificateError(f"its {what} has another number of parts")
    return items


def _is_positive(content: bytes, most: int) -> bool:
    """Whether this is the shortest form of a positive integer of at most `most` bytes."""
    if not 0 < len(content) <= most or content[0] >= 0x80:
        return False
    return content[0] != 0 or (len(content) > 1 and content[1] >= 0x80)
