"""What a verified bundle shows, in plain words and as JSON, and what it does not show."""

from collections.abc import Iterator
from typing import Any

from ledger_node.audit.bundle.diff import Comparison
from ledger_node.audit.bundle.form import Blocks, Concerning, Everything, Period, Selection
from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.verify import VerifiedBundle
from ledger_node.audit.display import bounded, moment, moment_s
from ledger_node.audit.explain import Row, quorum_text
from ledger_node.log.policy import Policy


def selection_text(selection: Selection) -> str:
    """What a bundle says it holds."""
    match selection:
        case Everything():
            return "the whole log"
        case Blocks(first, last):
            return f"blocks {first} to {last}"
        case Period(begin, end):
            return f"from {moment(begin)} until before {moment(end)}"
        case Concerning(subject, reference):
            return f"what concerns {bounded(subject)} {bounded(reference)}"


def rows(found: VerifiedBundle, policy: Policy) -> Iterator[Row]:
    """The findings at length."""
    head = found.checkpoint.checkpoint
    yield "union", f"{bounded(found.founding.genesis.name)}, {found.founding.union.hex()}"
    yield "log", f"{bounded(head.origin)}, {head.size} entries, root {head.root.hex()}"
    for number, each in enumerate(found.checkpoint.cosignatures):
        label = "cosigned by" if number == 0 else ""
        yield label, f"{bounded(each.witness.name)} at {moment_s(each.timestamp)}"
    yield "quorum", quorum_text(policy)
    yield "holds", selection_text(found.selection)
    first, last = found.first.closing, found.last.closing
    span = f"from block {first.height}, {moment(first.time_ms)}, to block {last.height}"
    yield "", f"{found.blocks} blocks, {span}, {moment(last.time_ms)}"
    counts = f"{found.accepted} accepted, {found.refused} refused"
    yield "", f"{found.records} records ({counts}) in {found.submissions} signed submissions"
    if found.deadlines:
        yield "", f"{found.deadlines} deadlines that acted by themselves"
    yield "complete", completeness_text(found)
    yield "outcomes", outcomes_text(found)
    yield "consensus", consensus_text(found)


def completeness_text(found: VerifiedBundle) -> str:
    """How far the bundle shows that nothing is missing."""
    match found.selection:
        case Everything():
            return "yes: every entry of the log, from the first to the last"
        case Blocks():
            return "yes: every block of the range, each with all it ordered"
        case Period():
            return "yes: every block of the period; its neighbours show that there are no more"
        case Concerning():
            return (
                "each block shown is whole; that no other block concerns the subject is not "
                "shown: a bundle of the whole log shows that"
            )


def outcomes_text(found: VerifiedBundle) -> str:
    """How far outcomes and state were found again."""
    if found.executed:
        root = found.last.closing.state_root.hex()
        return f"executed again from genesis, all as the log states; state root {root}"
    return "NOT executed again: they are what the signers of the checkpoint vouch for"


def consensus_text(found: VerifiedBundle) -> str:
    """Which certificates were in the bundle."""
    if found.certified is None:
        return "no consensus certificates in this bundle; the checkpoint's cosignatures stand alone"
    signers = ", ".join(found.certified.signers)
    count = found.certified.number
    plural = "s" if count > 1 else ""
    return f"{count} certificate{plural}, the last of block {found.certified.height} by {signers}"


def as_json(found: VerifiedBundle) -> dict[str, Any]:
    """The findings for programs."""
    head = found.checkpoint.checkpoint
    certified = found.certified
    return {
        "verified": True,
        "union": found.founding.union.hex(),
        "origin": head.origin,
        "tree_size": head.size,
        "root": head.root.hex(),
        "cosignatures": [
            {"witness": each.witness.name, "time_s": each.timestamp}
            for each in found.checkpoint.cosignatures
        ],
        "selection": selection_json(found.selection),
        "complete": not isinstance(found.selection, Concerning),
        "executed": found.executed,
        "state_root": found.last.closing.state_root.hex(),
        "first_block": found.first.closing.height,
        "last_block": found.last.closing.height,
        "blocks": found.blocks,
        "entries": found.entries,
        "submissions": found.submissions,
        "accepted": found.accepted,
        "refused": found.refused,
        "deadlines": found.deadlines,
        "certificates": 0 if certified is None else certified.number,
        "certified_height": None if certified is None else certified.height,
    }


def selection_json(selection: Selection) -> dict[str, Any]:
    """What a bundle says it holds."""
    name = type(selection).__name__.lower()
    fields = {field: getattr(selection, field) for field in selection.__struct_fields__}
    return {"kind": name, **fields}


def refusal_rows(error: BundleRefused) -> Iterator[Row]:
    """Where and why a bundle is refused."""
    yield "failed at", error.step.value
    yield "place", str(error.place)
    yield "found", bounded(error.found, 1000)


def refusal_json(error: BundleRefused) -> dict[str, Any]:
    """The same for programs."""
    place = error.place
    return {
        "verified": False,
        "step": error.step.name,
        "check": error.step.value,
        "entry": place.entry,
        "block": place.height,
        "byte": place.byte,
        "found": error.found,
    }


def comparison_rows(found: Comparison) -> Iterator[Row]:
    """How two bundles stand to each other."""
    for label, each in zip(("first", "second"), found.heads, strict=True):
        head = each.checkpoint
        yield label, f"{head.size} entries, root {head.root.hex()}"
    yield "in common", f"{found.common} entries that both hold are the same"
    if found.divergence is not None:
        yield "diverge at", f"entry {found.divergence.index}"
        yield "", bounded(found.divergence.found, 1000)
    for number, culprit in enumerate(found.culprits):
        first, second = (moment_s(time) for time in culprit.times)
        label = "signed both" if number == 0 else ""
        yield label, f"{bounded(culprit.name)}, at {first} and at {second}"


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The same for programs, with the signatures that convict."""
    divergence = found.divergence
    return {
        "relation": found.relation.name.lower(),
        "heads": [each.signed().format().decode() for each in found.heads],
        "common_entries": found.common,
        "divergence": None
        if divergence is None
        else {"entry": divergence.index, "found": divergence.found},
        "signed_both": [
            {
                "witness": culprit.name,
                "times_s": list(culprit.times),
                "lines": [line.format() for line in culprit.lines],
            }
            for culprit in found.culprits
        ],
    }
