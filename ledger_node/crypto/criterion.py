"""A self-test at start: do the libraries here decide Ed25519's edge cases as the union does?

Libraries differ on signatures that only a hostile signer makes (Chalkias, Garillot, Nikolaenko,
"Taming the many EdDSAs", eprint 2020/1244). A node that differed from the rest would halt in the
middle of a block; it had better not start. The cases are made from fixed scalars by the plain
arithmetic in tests/ledger_node/crypto/edwards.py, where the same criterion is written out in full.
"""

from typing import Final, NamedTuple

from ledger_node.crypto.signatures import SignatureError, verify_ed25519


class CriterionError(SignatureError):
    """The installed library decides an edge case differently. case: which, in words."""

    def __init__(self, case: str) -> None:
        super().__init__(
            f"the installed libsodium decides '{case}' differently from the union; "
            "install PyNaCl from its published wheels"
        )
        self.case = case


class Case(NamedTuple):
    """One signature and the union's decision on it; key, message and signature in hex."""

    name: str
    valid: bool
    public: str
    message: str
    signature: str


CASES: Final = (
    Case(
        "an honest signature",
        True,
        "52cb3dd4d7bd692cabe17c09e230ec3eb46e4b24c034ab924d7ae1740fcb373e",
        "6d",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "3b30c340614927bc9889ac8599dbe78fb3ea6ba9af536beb0c99fb9e6064a90a",
    ),
    Case(
        "S plus the group order",
        False,
        "52cb3dd4d7bd692cabe17c09e230ec3eb46e4b24c034ab924d7ae1740fcb373e",
        "6d",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "2804b99d7bac39146f26a42878d5c6a4b3ea6ba9af536beb0c99fb9e6064a91a",
    ),
    Case(
        "R with a torsion part, right up to the cofactor",
        False,
        "52cb3dd4d7bd692cabe17c09e230ec3eb46e4b24c034ab924d7ae1740fcb373e",
        "6d",
        "d3f70b8cfff0abf0ff69685d12602b8e06c65c0102ffe8ae068efbc3a35c5e1e"
        "bc5575cb5bc1448ba681c0f97e5b9902febfa4a6795842d912d73249d987f406",
    ),
    Case(
        "a key with a torsion part that cancels",
        True,
        "597a49f908e4c82f8665d24295b7a60bec027cb506497fd524f5a794a34b44d2",
        "6d30",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "f05903ffc25444d4fb5dc77a1b28c1decefc1869f41cdf49e83aeb50c2b51e05",
    ),
    Case(
        "a key with a torsion part that remains",
        False,
        "597a49f908e4c82f8665d24295b7a60bec027cb506497fd524f5a794a34b44d2",
        "6d3131",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "c8b703ba18f154fb940196856b24e896c576e42e059d4dca60e6d29cf190fb07",
    ),
    Case(
        "a key of small order",
        False,
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "6d30",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "b00f4dfaf01bd0d176bb21cd155133262790e9eebfbc7adec78ef699162f9802",
    ),
    Case(
        "R of small order",
        False,
        "52cb3dd4d7bd692cabe17c09e230ec3eb46e4b24c034ab924d7ae1740fcb373e",
        "6d",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "d508aa6d5622f64ce5329b747ca4515f223650bac115b24fe1cd476d2b65e806",
    ),
    Case(
        "a key not canonically encoded",
        False,
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "6d",
        "40cf5c20013a354e282ded1f599db3b3e4b12c1b1403ae4fdf2e3e1ddcd3b9dc"
        "b00f4dfaf01bd0d176bb21cd155133262790e9eebfbc7adec78ef699162f9802",
    ),
    Case(
        "R not canonically encoded",
        False,
        "52cb3dd4d7bd692cabe17c09e230ec3eb46e4b24c034ab924d7ae1740fcb373e",
        "6d",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        "7782bbfac440f70520da32e02e46d3a89e34e18aa14f594227d3589f2a5b4100",
    ),
)


def check() -> None:
    """Raises CriterionError at the first case this machine decides differently. Takes 1 ms."""
    for case in CASES:
        public, message, signature = (bytes.fromhex(part) for part in case[2:])
        if verify_ed25519(public, message, signature) != case.valid:
            raise CriterionError(case.name)
