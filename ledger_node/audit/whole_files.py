"""Files that are more than one proof, as `ledger-node verify` tells of them among proofs: an audit
bundle, and evidence of conflicting finality.

Each has checks (`audit.bundle`, `audit.conflict`) and words of its own; here these become a finding
like any other. A bundle is executed again as far as it can be; its headline says whether it was.
"""

from typing import Final

from ledger_node.audit.bundle.anchor import Anchor
from ledger_node.audit.bundle.form import Reads
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.statement import as_json, rows
from ledger_node.audit.bundle.verify import verify_bundle
from ledger_node.audit.conflict import ConflictRefused, ConflictStep, verify_conflict
from ledger_node.audit.fork_words import conflict_json, conflict_rows
from ledger_node.audit.verify import NotProven, WholeFile
from ledger_node.codec import Digest
from ledger_node.ledger.execution import ContractShelf
from ledger_node.log.policy import Policy

NO_UNION: Final = "a policy does not name the union: give --genesis in its place"


def examine_bundle(
    file: Reads, anchor: Anchor, contracts: ContractShelf
) -> tuple[WholeFile | NotProven, Policy | None]:
    """What a bundle shows, and the policy that accepted its checkpoint."""
    try:
        found = verify_bundle(file, anchor, contracts)
    except BundleRefused as error:
        return NotProven(error.step.value, f"{error.place}: {error.found}"), None
    known = "PROVEN" if found.executed else "PROVEN, but for outcomes"
    told = WholeFile(f"{known}: an audit bundle", tuple(rows(found)), as_json(found))
    return told, found.policy


def examine_conflict(data: bytes, union: Digest | None) -> WholeFile | NotProven:
    """What evidence of conflicting finality shows. union: None where only a policy is trusted."""
    if union is None:
        return NotProven(ConflictStep.UNION.value, NO_UNION)
    try:
        found = verify_conflict(data, union)
    except ConflictRefused as error:
        return NotProven(error.step.value, error.reason)
    headline = "PROVEN: two histories were made final"
    return WholeFile(headline, tuple(conflict_rows(found)), conflict_json(found))
