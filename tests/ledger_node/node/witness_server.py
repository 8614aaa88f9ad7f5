"""A witness as c2sp.org/tlog-witness specifies it, served over HTTP from a thread.

Written from the specification; of the ledger it uses notes, cosignatures and consistency proofs.
"""

import http.server
import threading
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.log.checkpoint import Checkpoint, parse_signed_checkpoint
from ledger_node.log.cosignature import cosign
from ledger_node.log.errors import LogError
from ledger_node.log.merkle import verify_consistency
from ledger_node.log.note import (
    NoteError,
    NoteSignature,
    SignatureType,
    VerifierKey,
    encode_base64,
    verify_note_signature,
)

TIME = 1_790_000_000
NAME = "witness.example/w1"


class WitnessServer:
    """Trusts the given log keys, all of one origin. asked: (old size, size) of each call;
    answer_with: what to answer instead, to play a faulty one."""

    def __init__(self, log_keys: Sequence[VerifierKey]) -> None:
        self.signer = SoftwareSigner.generate()
        self.key = VerifierKey(NAME, SignatureType.COSIGNATURE_V1, self.signer.public[1:])
        self.log_keys = log_keys
        self.last: Checkpoint | None = None
        self.asked: list[tuple[int, int]] = []
        self.answer_with: tuple[int, bytes] | None = None
        self.url = ""
        self._lock = threading.Lock()

    def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """(status, answer) of a call."""
        head, _, note = body.partition(b"\n\n")
        first, *proof = head.decode().split("\n")
        assert first.startswith("old ")
        old = int(first[4:])
        signed = parse_signed_checkpoint(note)
        new = signed.checkpoint
        with self._lock:
            self.asked.append((old, new.size))
            if self.answer_with is not None:
                return self.answer_with
            if new.origin not in {key.name for key in self.log_keys}:
                return 404, b""
            if not any(
                _signs(key, line, new) for key in self.log_keys for line in signed.signatures
            ):
                return 403, b""
            if old > new.size:
                return 400, b""
            size = 0 if self.last is None else self.last.size
            if old != size or (self.last is not None and self.last != new and old == new.size):
                return 409, f"{size}\n".encode()
            if self.last is not None:
                try:
                    path = [b64decode(line) for line in proof]
                    verify_consistency(old, new.size, path, self.last.root, new.root)
                except LogError:
                    return 422, b""
            elif proof:
                return 422, b""
            self.last = new
        line = cosign(new, self.key, self.signer, TIME)
        raw = encode_base64(line.key_id + line.signature)
        return 200, f"— {line.name} {raw}\n".encode()


def _signs(key: VerifierKey, line: NoteSignature, head: Checkpoint) -> bool:
    try:
        verify_note_signature(head.text(), key, line)
    except NoteError:
        return False
    return True


@contextmanager
def serving(witness: WitnessServer) -> Iterator[WitnessServer]:
    """The witness on a free port, its url set."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = (404, b"")
            if self.path == "/prefix/add-checkpoint":
                status, answer = witness.add_checkpoint(body)
            self.send_response(status)
            if status == 409:
                self.send_header("Content-Type", "text/x.tlog.size")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    witness.url = f"http://127.0.0.1:{server.server_address[1]}/prefix"
    try:
        yield witness
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
