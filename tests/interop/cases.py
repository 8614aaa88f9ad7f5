"""Cases for other people's verifiers: bytes in base64, as their programs read them."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from ledger_node.ledger.state_proof import VerifiedStateProof
from ledger_node.log.checkpoint import SignedCheckpoint
from ledger_node.state import CommitmentProof, encode_compressed, encode_proof
from ledger_node.state.proof import NonExistenceProof
from tests.ledger_node.ledger.sample_state import SampleState
from tests.ledger_node.log.sample_union import MEMBERS, ORIGIN, cosigner_key, log_key

Case = dict[str, Any]


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def state_case(proof: VerifiedStateProof, state: bytes | None = None) -> Case:
    """The proof as its file has it, or with another encoding of the ICS-23 part."""
    value = proof.value
    return {
        "kind": "state",
        "root": b64(proof.block.state_root),
        "key": b64(proof.key.encode()),
        "value": None if value is None else b64(value),
        "state": b64(encodings(proof.state)[-1] if state is None else state),
    }


def encodings(state: CommitmentProof) -> list[bytes]:
    """Every form in which it is written, the one of proof files last."""
    if isinstance(state, NonExistenceProof):
        return [encode_proof(state), encode_compressed(state)]
    return [encode_proof(state)]


def many_keys() -> SampleState:
    """A state of some hundred objects: paths of all kinds, with empty siblings among them."""
    return SampleState({f"seal/NS-{at:03}": f"value {at}".encode() for at in range(300)})


def state_proofs() -> Iterator[VerifiedStateProof]:
    """Of keys that are there and of keys that are not."""
    state = many_keys()
    for at in range(0, 300, 7):
        yield state.proof(f"seal/NS-{at:03}")
        yield state.proof(f"seal/absent-{at}")
    small = SampleState()
    for key in (*small.entries, "offence/1", "a"):
        yield small.proof(key)


def checkpoint_case(signed: SignedCheckpoint, log: str = "AM", quorum: int = 4) -> Case:
    return {
        "kind": "checkpoint",
        "note": b64(signed.format()),
        "origin": ORIGIN,
        "log_key": log_key(log).format(),
        "witnesses": [cosigner_key(member).format() for member in MEMBERS],
        "quorum": quorum,
        "size": signed.checkpoint.size,
        "root": b64(signed.checkpoint.root),
    }
