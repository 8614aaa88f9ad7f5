"""ECDSA over P-256 with SHA-256, verifying alone, in plain integers. Sources: FIPS 186-5, SEC 1.

The criterion is the union's: the key a compressed point, the signature r || s with 0 < r < n and
0 < s <= n/2, so that a signature has one encoding.
"""

from hashlib import sha256
from typing import Final, TypeAlias

_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_BASE: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)

_Point: TypeAlias = tuple[int, int, int]
"""x = X/Z², y = Y/Z³; Z = 0 is the point at infinity."""


def verify(point: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature over `message` holds under the 33-byte key."""
    key = _decoded(point)
    if key is None or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if not (0 < r < _N and 0 < s <= _N // 2):
        return False
    inverse = pow(s, -1, _N)
    hashed = int.from_bytes(sha256(message).digest())
    x, _, z = _combined(hashed * inverse % _N, _BASE, r * inverse % _N, key)
    return z != 0 and x * pow(z, -2, _P) % _P % _N == r


def is_key(point: bytes) -> bool:
    """Whether 33 bytes are a compressed point of the curve."""
    return _decoded(point) is not None


def _decoded(point: bytes) -> _Point | None:
    if len(point) != 33 or point[0] not in (2, 3):
        return None
    x = int.from_bytes(point[1:])
    square = (x * x * x - 3 * x + _B) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if x >= _P or y * y % _P != square:
        return None
    return x, y if y & 1 == point[0] & 1 else _P - y, 1


def _double(a: _Point) -> _Point:
    x, y, z = a
    if z == 0:
        return a
    delta, gamma = z * z % _P, y * y % _P
    beta, alpha = x * gamma % _P, 3 * (x - delta) * (x + delta) % _P
    x3 = (alpha * alpha - 8 * beta) % _P
    z3 = ((y + z) * (y + z) - gamma - delta) % _P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % _P, z3


def _add(a: _Point, b: _Point) -> _Point:
    if a[2] == 0 or b[2] == 0:
        return b if a[2] == 0 else a
    (x1, y1, z1), (x2, y2, z2) = a, b
    zz1, zz2 = z1 * z1 % _P, z2 * z2 % _P
    u1, s1 = x1 * zz2 % _P, y1 * z2 * zz2 % _P
    h, r = (x2 * zz1 - u1) % _P, (y2 * z1 * zz1 - s1) % _P
    if h == 0:
        return _double(a) if r == 0 else (1, 1, 0)
    hh = h * h % _P
    hhh, v = h * hh % _P, u1 * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - s1 * hhh) % _P, z1 * z2 * h % _P


def _combined(a: int, one: _Point, b: int, other: _Point) -> _Point:
    """[a]P + [b]Q, a bit at a time."""
    sums = ((1, 1, 0), one, other, _add(one, other))
    total: _Point = (1, 1, 0)
    for at in range(255, -1, -1):
        total = _add(_double(total), sums[(a >> at & 1) + 2 * (b >> at & 1)])
    return total
