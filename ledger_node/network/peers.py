"""Who the peers are, and the TLS contexts that let in exactly them.

TLS 1.3 only, both sides authenticated. The trust anchors are the members' own certificates as
pinned in the genesis; after the handshake the peer's certificate must be, byte for byte, that of
the member it is taken for. Names in certificates are not consulted.
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.crypto.tls import use_identity


@dataclass(frozen=True)
class PeerAddress:
    """Where a member's node listens and the DER certificate it shows."""

    host: str
    port: int
    certificate: bytes = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who we are: our member code, our certificate and the key it is for."""

    member: str
    certificate: bytes = field(repr=False)
    signer: SoftwareSigner


def server_context(identity: Identity, certificates: Iterable[bytes]) -> ssl.SSLContext:
    """For listening: asks every client for a certificate, and takes those of the members."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity, certificates)
    context.num_tickets = 0  # no resumption: each link proves its key anew
    return context


def client_context(identity: Identity, certificates: Iterable[bytes]) -> ssl.SSLContext:
    """For dialling."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, identity, certificates)


def _context(protocol: int, identity: Identity, certificates: Iterable[bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # pinned whole instead; see the module's rules
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=b"".join(certificates))
    use_identity(context, identity.certificate, identity.signer)
    return context


def certificate_of(transport_ssl: object) -> bytes | None:
    """The DER certificate that the other end of a connection showed, if any."""
    if not isinstance(transport_ssl, (ssl.SSLObject, ssl.SSLSocket)):
        return None
    return transport_ssl.getpeercert(binary_form=True)
