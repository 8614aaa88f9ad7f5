"""How an epoch ended, as a proof for whoever was not there.

A node that knows the roster of an epoch can check, with this and nothing else, who forms the union
in the next one: the last block's outcome is finalised by the committee it knows, and the state
under that outcome says what was decided. So from the genesis on, step by step, a new node learns
whose votes make the newest certificate, and asks nobody to be trusted. A node keeps the proof of
each epoch that ends while it runs; older states are gone later, and with them the means to make it.
"""

from typing import Final

import msgspec

from consensus.block import Block
from contracts.governance.objects import CHARTER, EPOCH_DOCUMENT, UNION
from ledger_node.codec import encode
from ledger_node.state import encode_proof, prove
from ledger_node.storage.snapshot import Snapshot

MAX_STEP_BYTES: Final = 512 * 1024
"""Two state proofs, of which one holds an epoch document; a block without bodies; signatures."""


class EpochStep(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The end of an epoch.

    block: its last; certificate: as the database keeps it; tree_size, log_root, state_root: what
    the outcome digest covers; charter, document: ICS-23 proofs under the state root, of the charter
    and of the document that the next epoch follows, or of its absence.
    """

    block: Block
    certificate: bytes
    tree_size: int
    log_root: bytes
    state_root: bytes
    charter: bytes
    document: bytes


def charter_key() -> str:
    """Key of the charter in the state."""
    return CHARTER.key(UNION)


def document_key(epoch: int) -> str:
    """Key of the document that `epoch` follows."""
    return EPOCH_DOCUMENT.key(str(epoch))


def step_at(snapshot: Snapshot) -> bytes:
    """The step of the epoch whose last block is the snapshot's head. Canonical bytes."""
    tip = snapshot.tip
    height = tip.header.height
    final, found = snapshot.block(height), snapshot.certificate_from(height)
    value = snapshot.object(charter_key())
    assert final is not None, "the head has a block"
    assert found is not None, "the head has a certificate"
    assert value is not None, "a union has a charter"
    epoch = CHARTER.decode(charter_key(), value).epoch

    def proof(key: str) -> bytes:
        return encode_proof(prove(snapshot, tip.state_root, key.encode(), snapshot.entry))

    return encode(
        EpochStep(
            block=final.block,
            certificate=found[1],
            tree_size=tip.tree_size,
            log_root=tip.log_root,
            state_root=tip.state_root,
            charter=proof(charter_key()),
            document=proof(document_key(epoch)),
        )
    )
