"""One form of certificate: what another library makes of it, and everything else that is refused.

Whether a card counts is part of what members agree on, so it may not hang on a library's leniency.
"""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.crypto.certificate_form import CertificateError, assemble, take_apart, to_be_signed
from ledger_node.crypto.signatures import P256_ORDER, SoftwareSigner, Suite
from ledger_node.crypto.tls import certificate_key, make_certificate

SIGNER = SoftwareSigner(Suite.ECDSA_P256, bytes(31) + b"\x07")
SERIAL = bytes(range(1, 20))
POINT = (
    ec.derive_private_key(7, ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
)
SIGNED = to_be_signed(SERIAL, "AM", POINT)


def signed(text: bytes = SIGNED) -> tuple[int, int]:
    signature = SIGNER.sign(text)
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")


GOOD = assemble(SIGNED, *signed())


def altered(old: bytes, new: bytes) -> bytes:
    """A certificate with something else in what is signed, signed as it is then."""
    assert len(old) == len(new)
    assert SIGNED.count(old) >= 1
    text = SIGNED.replace(old, new)
    return assemble(text, *signed(text))


def by_library() -> x509.Certificate:
    """A certificate of the same form, made by another program."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AM")])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    hosts = x509.SubjectAlternativeName([x509.DNSName("am.ledger-node.internal")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(SERIAL, "big"))
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(hosts, critical=False)
        .sign(key, hashes.SHA256())
    )


def test_the_form_is_what_a_library_writes_for_it() -> None:
    made = by_library()
    assert made.tbs_certificate_bytes == SIGNED
    assert certificate_key(made.public_bytes(serialization.Encoding.DER), "AM") == SIGNER.public


def test_a_library_reads_what_is_made_here() -> None:
    read = x509.load_der_x509_certificate(make_certificate(SIGNER, "AM"))
    read.verify_directly_issued_by(read)
    assert read.subject.rfc4514_string() == "CN=AM"


def test_either_of_the_two_signatures_that_verify_alike_is_taken() -> None:
    r, s = signed()
    assert certificate_key(assemble(SIGNED, r, P256_ORDER - s), "AM") == SIGNER.public


def test_every_serial_number_that_is_made_is_taken() -> None:
    for _ in range(50):
        assert certificate_key(make_certificate(SIGNER, "KZ"), "KZ") == SIGNER.public


# ---------------------------------------------------------------- refused


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_byte_may_differ(at: int, change: int) -> None:
    bad = bytearray(GOOD)
    bad[at] ^= change
    with pytest.raises(CertificateError):
        certificate_key(bytes(bad), "AM")


@given(st.integers(0, len(GOOD)), st.binary(min_size=1, max_size=3))
def test_nothing_may_be_put_in(at: int, more: bytes) -> None:
    with pytest.raises(CertificateError):
        certificate_key(GOOD[:at] + more + GOOD[at:], "AM")


@given(st.integers(0, len(GOOD) - 1))
def test_nothing_may_be_cut_off(keep: int) -> None:
    with pytest.raises(CertificateError):
        certificate_key(GOOD[:keep], "AM")


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(CertificateError):
        take_apart(data, "AM")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"\x02\x01\x02", b"\x02\x01\x00", "version"),
        (b"200101000000Z", b"210101000000Z", "validity"),
        (b"am.ledger-node", b"by.ledger-node", "list of extensions"),
        (bytes.fromhex("551d130101ff"), bytes.fromhex("551d130101fe"), "list of extensions"),
        (bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f"), "key"),
        (b"\x0c\x02AM", b"\x13\x02AM", "issuer"),
        (POINT, b"\x06" + POINT[1:], "no point of P-256"),
    ],
)
def test_another_form_is_refused_though_it_is_well_signed(
    old: bytes, new: bytes, what: str
) -> None:
    with pytest.raises(CertificateError, match=what):
        certificate_key(altered(old, new), "AM")


@pytest.mark.parametrize(
    "serial", [b"", b"\x00", b"\x80" + bytes(5), b"\x00\x01", b"\x01" + bytes(20)]
)
def test_a_serial_number_that_is_not_short_and_positive_is_refused(serial: bytes) -> None:
    text = to_be_signed(serial, "AM", POINT)
    with pytest.raises(CertificateError, match="serial number"):
        certificate_key(assemble(text, *signed(text)), "AM")


def test_a_point_off_the_curve_is_refused() -> None:
    text = to_be_signed(SERIAL, "AM", POINT[:-1] + bytes([POINT[-1] ^ 2]))
    with pytest.raises(CertificateError, match="no point of P-256"):
        certificate_key(assemble(text, *signed(text)), "AM")


@pytest.mark.parametrize(("r", "s"), [(P256_ORDER, 1), (1, P256_ORDER), (1, P256_ORDER + 1)])
def test_a_signature_out_of_range_is_refused(r: int, s: int) -> None:
    with pytest.raises(CertificateError, match="out of range"):
        certificate_key(assemble(SIGNED, r, s), "AM")


def test_another_members_key_did_not_sign() -> None:
    other = SoftwareSigner(Suite.ECDSA_P256, bytes(31) + b"\x08").sign(SIGNED)
    r, s = int.from_bytes(other[:32], "big"), int.from_bytes(other[32:], "big")
    with pytest.raises(CertificateError, match="not signed by its own key"):
        certificate_key(assemble(SIGNED, r, s), "AM")
