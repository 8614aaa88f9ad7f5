"""Signature rates of this machine, one core: the figures of docs/decisions/0003.

Run: python benchmarks/signatures.py
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ed25519
from nacl import bindings as sodium

from ledger_node.crypto.signatures import SoftwareSigner, Suite, verify

CALLS, RUNS = 4000, 5


def rate(call: Callable[[], object]) -> int:
    """Calls a second, the median of the runs."""
    rates = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        for _ in range(CALLS):
            call()
        rates.append(CALLS / (time.perf_counter() - begun))
    return round(statistics.median(rates))


def measure(size: int) -> dict[str, int]:
    """Rates for messages of `size` bytes."""
    message = os.urandom(size)
    edwards, p256 = SoftwareSigner.generate(), SoftwareSigner.generate(Suite.ECDSA_P256)
    signature, other = edwards.sign(message), p256.sign(message)
    raw = edwards.public[1:]
    openssl = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(edwards.private_bytes())
    return {
        "verify libsodium": rate(lambda: sodium.crypto_sign_open(signature + message, raw)),
        "verify openssl": rate(lambda: openssl.verify(signature, message)),
        "verify ours, ed25519": rate(lambda: verify(edwards.public, message, signature)),
        "verify ours, p256": rate(lambda: verify(p256.public, message, other)),
        "sign libsodium": rate(lambda: edwards.sign(message)),
        "sign openssl": rate(lambda: private.sign(message)),
    }


if __name__ == "__main__":
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    results = {f"{size} bytes": measure(size) for size in (200, 2000)}
    print(json.dumps({"machine": machine, "per_second": results}, indent=2))
