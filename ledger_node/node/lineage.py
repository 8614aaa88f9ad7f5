"""Making the proof of how an epoch ended (genesis.lineage), while it can be made.

A node keeps the step of each epoch that ends while it runs; older states are gone later, and with
them the means to make it. One that joined late has all steps, too: it was shown them.
"""

from ledger_node.codec import encode
from ledger_node.genesis.epochs import FOUNDING_EPOCH, charter_key, charter_of, document_key
from ledger_node.genesis.lineage import EpochStep
from ledger_node.state import encode_proof, prove
from ledger_node.storage.snapshot import Snapshot


def step_at(snapshot: Snapshot) -> bytes:
    """The step of the epoch whose last block is the snapshot's head. Canonical bytes."""
    tip = snapshot.tip
    height = tip.header.height
    final, found = snapshot.block(height), snapshot.certificate_from(height)
    assert final is not None, "the head has a block"
    assert found is not None, "the head has a certificate"
    epoch = charter_of(snapshot.object).epoch

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


def kept_steps(ledger: Snapshot, epoch: int) -> list[bytes]:
    """How each epoch before `epoch` ended, as this ledger keeps it; as far as it goes."""
    found: list[bytes] = []
    for ended in range(FOUNDING_EPOCH, epoch):
        step = ledger.epoch_step(ended)
        if step is None:
            break
        found.append(step)
    return found
