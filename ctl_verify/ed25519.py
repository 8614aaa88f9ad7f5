"""Ed25519, verifying alone, in plain integers. Source: RFC 8032, section 5.1.

The criterion is the union's, the one of libsodium (docs/decisions/0003): S below the group order;
the key in its one encoding; neither the key nor R of small order; R equal to [S]B - [k]A, no
cofactor. Nothing here is secret, so nothing takes care to hide its timing. About 2 ms a signature.
"""

from functools import lru_cache
from hashlib import sha512
from typing import Final, TypeAlias

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_D2: Final = 2 * _D % _P
_ROOT_OF_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)

_Point: TypeAlias = tuple[int, int, int, int]
"""x = X/Z, y = Y/Z, xy = T/Z."""

_IDENTITY: Final = (0, 1, 1, 0)


@lru_cache(maxsize=1024)
def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature over `message` holds under the raw 32-byte key.

    Remembered: files made under one checkpoint share its signatures.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    commitment, s = signature[:32], int.from_bytes(signature[32:], "little")
    multiples = _multiples(public)
    if s >= _ORDER or multiples is None:
        return False
    challenge = sha512(commitment + public + message).digest()
    k = int.from_bytes(challenge, "little") % _ORDER
    expected = _combined(s, _BASE_MULTIPLES, k, multiples)
    return _encoded(expected) == commitment and not _has_small_order(expected)


def _add(a: _Point, b: _Point) -> _Point:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    left, right = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    both, double = t1 * t2 % _P * _D2 % _P, 2 * z1 * z2 % _P
    e, f, g, h = right - left, double - both, double + both, right + left
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(a: _Point) -> _Point:
    x, y, z, _ = a
    xx, yy, zz = x * x % _P, y * y % _P, 2 * z * z
    h = xx + yy
    e, g = h - (x + y) * (x + y), xx - yy
    f = (zz + g) % _P
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _combined(a: int, of_one: tuple[_Point, ...], b: int, of_other: tuple[_Point, ...]) -> _Point:
    """[a]P + [b]Q, four bits at a time, from the multiples 0 to 15 of P and of Q."""
    total: _Point = _IDENTITY
    for at in range(252, -1, -4):
        total = _double(_double(_double(_double(total))))
        total = _add(_add(total, of_one[a >> at & 15]), of_other[b >> at & 15])
    return total


def _encoded(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _decoded(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_1 % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _has_small_order(point: _Point) -> bool:
    x, y, z, _ = _double(_double(_double(point)))
    return x % _P == 0 and (y - z) % _P == 0


def _table(point: _Point) -> tuple[_Point, ...]:
    points: list[_Point] = [_IDENTITY]
    for _ in range(15):
        points.append(_add(points[-1], point))
    return tuple(points)


@lru_cache(maxsize=256)
def _multiples(public: bytes) -> tuple[_Point, ...] | None:
    """Of the negated point of a key; None for bytes that are no key.

    Negated here, for [order - k]A is not [-k]A where A has a torsion part.
    """
    point = _decoded(public)
    if point is None or _has_small_order(point):
        return None
    x, y, z, t = point
    return _table((_P - x, y, z, _P - t))


def _base() -> tuple[_Point, ...]:
    point = _decoded((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert point is not None, "the base point is on the curve"
    return _table(point)


_BASE_MULTIPLES: Final = _base()
