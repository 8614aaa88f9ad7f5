"""Edwards25519 in plain Python integers, written from RFC 8032 §5.1, for making hostile signatures.

Slow and not constant-time: it exists to build points and signatures that no honest library makes.
"""

from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    """RFC 8032 §5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x3 % P, y3 % P


def multiply(scalar: int, point: Point) -> Point:
    total = IDENTITY
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def negate(point: Point) -> Point:
    return -point[0] % P, point[1]


def compress(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decompress(encoded: bytes) -> Point:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        raise ValueError("not on the curve")
    return (-x % P if x & 1 != sign else x), y % P


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def torsion() -> list[Point]:
    """The eight points of small order: multiples of one of order 8."""
    y = 2
    while True:
        try:
            candidate = multiply(ORDER, decompress(y.to_bytes(32, "little")))
        except ValueError:
            candidate = IDENTITY
        if multiply(4, candidate) != IDENTITY:
            return [multiply(k, candidate) for k in range(8)]
        y += 1


def challenge(r: bytes, a: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + a + message).digest(), "little") % ORDER


def verifies(a: bytes, message: bytes, signature: bytes) -> bool:
    """The union's criterion, spelled out: every clause of ledger_node/crypto/signatures.py."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    try:
        key, commitment = decompress(a), decompress(r)
    except ValueError:
        return False
    small = torsion()
    if compress(key) != a or key in small or commitment in small:
        return False
    expected = add(multiply(s, BASE), negate(multiply(challenge(r, a, message), key)))
    return compress(expected) == r
