"""A fork in plain words and as JSON: where two bundles part, who is convicted, and by what."""

from collections.abc import Iterator
from typing import Any

from consensus.block import block_id
from consensus.messages import finalize_bytes
from ledger_node.audit.bundle.diff import Comparison, Relation
from ledger_node.audit.conflict import ProvenConflict
from ledger_node.audit.display import bounded, moment_s
from ledger_node.audit.explain import Row, fork_json


def comparison_rows(found: Comparison) -> Iterator[Row]:
    """How two bundles stand to each other."""
    for label, each in zip(("first", "second"), found.heads, strict=True):
        head = each.checkpoint
        yield label, f"{head.size} entries, root {head.root.hex()}"
    yield "in common", f"{found.common} entries that both hold are the same"
    if found.divergence is not None:
        parts = found.divergence
        yield "diverge at", f"entry {parts.index}, in block {parts.height}"
        yield "", bounded(parts.found, 1000)
    for number, culprit in enumerate(found.culprits):
        first, second = (moment_s(time) for time in culprit.times)
        label = "cosigned both" if number == 0 else ""
        yield label, f"{bounded(culprit.name)}, at {first} and at {second}"
    if found.conflict is not None:
        yield from conflict_rows(found.conflict)
    elif found.relation is Relation.FORKED:
        yield "made final", "the bundles do not hold certificates of both branches"


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The same for programs, with everything that the evidence consists of."""
    parts = found.divergence
    return {
        "relation": found.relation.name.lower(),
        "heads": [each.signed().format().decode() for each in found.heads],
        "common_entries": found.common,
        "divergence": None
        if parts is None
        else {"entry": parts.index, "block": parts.height, "found": parts.found},
        "signed_both": [
            {
                "witness": culprit.name,
                "lines": [line.format() for line in culprit.lines],
                "times_s": list(culprit.times),
            }
            for culprit in found.culprits
        ],
        "fork": None if found.fork is None else fork_json(found.fork),
        "conflict": None if found.conflict is None else conflict_json(found.conflict),
    }


def conflict_rows(found: ProvenConflict) -> Iterator[Row]:
    """What evidence of conflicting finality shows."""
    one, other = found.finalizations
    yield "union", found.union.hex()
    yield "epoch", f"{found.epoch}, whose quorum is {found.committee.quorum} of {_members(found)}"
    blocks = [block_id(branch.headers[0]).hex() for branch in found.branches]
    if blocks[0] == blocks[1]:
        yield "made final", f"block {found.height}, {blocks[0]}, with two outcomes:"
        yield "", f"{one.outcome.hex()} and"
        yield "", other.outcome.hex()
    else:
        yield "made final", f"two blocks of height {found.height}:"
        yield "", f"{blocks[0]}, {_by(found, 0)}, and"
        yield "", f"{blocks[1]}, {_by(found, 1)}"
    if not found.one_view:
        yield "", f"in different views, {one.view} and {other.view}: at least {found.at_least}"
        yield "", f"of {_members(found)} broke the protocol; these votes alone do not tell which"
    label = "culprits" if found.one_view else "signed both"
    for signer in found.signed_both:
        yield label, f"{signer.member}, consensus key {signer.key.hex()}"
        for signature in signer.signatures:
            yield "", signature.hex()
        label = ""


def conflict_json(found: ProvenConflict) -> dict[str, Any]:
    """The same for programs: what was signed, by whom, with which key."""
    return {
        "union": found.union.hex(),
        "epoch": found.epoch,
        "height": found.height,
        "members": list(found.committee.names),
        "quorum": found.committee.quorum,
        "one_view": found.one_view,
        "broke_the_protocol_at_least": found.at_least,
        "culprits": [each.member for each in found.culprits],
        "finalizations": [
            {
                "block_at_height": block_id(branch.headers[0]).hex(),
                "finalised_height": branch.headers[-1].height,
                "view": signed.view,
                "block": signed.block.hex(),
                "outcome": signed.outcome.hex(),
                "signed_bytes": finalize_bytes(
                    found.union, signed.epoch, signed.view, signed.block, signed.outcome
                ).hex(),
                "signers": [found.committee.names[member] for member, _ in signed.signatures],
            }
            for branch, signed in zip(found.branches, found.finalizations, strict=True)
        ],
        "signed_both": [
            {
                "member": each.member,
                "consensus_key": each.key.hex(),
                "signatures": [signature.hex() for signature in each.signatures],
            }
            for each in found.signed_both
        ],
    }


def _members(found: ProvenConflict) -> str:
    return ", ".join(found.committee.names)


def _by(found: ProvenConflict, side: int) -> str:
    signed = found.finalizations[side]
    names = ", ".join(found.committee.names[member] for member, _ in signed.signatures)
    top = found.branches[side].headers[-1].height
    above = "" if top == found.height else f" with block {top} upon it"
    return f"view {signed.view}{above}, by {names}"
