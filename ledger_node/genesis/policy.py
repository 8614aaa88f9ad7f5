"""The union's trust policy: which logs and witnesses make a checkpoint of this union valid.

Every member may serve the log under its own log key, and a checkpoint counts with a quorum of
members' cosignatures. Source: c2sp.org/tlog-policy; vkeys as in c2sp.org/signed-note.
"""

from collections.abc import Iterator

from consensus.quorum import quorum
from ledger_node.genesis.document import Genesis, union_id
from ledger_node.log.note import SignatureType, VerifierKey


def log_key(genesis: Genesis, member: str) -> VerifierKey:
    """The key under which `member` signs checkpoints it serves; its name is the origin."""
    card = genesis.card(member)
    return VerifierKey(genesis.origin, SignatureType.ED25519, card.log[1:])


def cosigner_key(genesis: Genesis, member: str) -> VerifierKey:
    """The key by which `member` cosigns finalised tree heads, named "<origin>/<MEMBER>"."""
    card = genesis.card(member)
    name = f"{genesis.origin}/{member}"
    return VerifierKey(name, SignatureType.COSIGNATURE_V1, card.cosigner[1:])


def policy_text(genesis: Genesis) -> str:
    """The policy file of a genesis that was checked, with a final newline."""
    return "\n".join(_lines(genesis)) + "\n"


def _lines(genesis: Genesis) -> Iterator[str]:
    codes = [card.member for card in genesis.members]
    yield f"# {genesis.name}"
    yield f"# union {union_id(genesis).hex()}"
    for code in codes:
        yield f"log {log_key(genesis, code).format()}"
    for code in codes:
        yield f"witness {code} {cosigner_key(genesis, code).format()}"
    yield f"group union {quorum(len(codes))} {' '.join(codes)}"
    yield "quorum union"
