"""What a verified bundle shows, in plain words and as JSON, and what it does not show."""

from collections.abc import Iterator
from typing import Any, Final

from ledger_node.audit.bundle.refusal import BundleRefused
from ledger_node.audit.bundle.selection import (
    Blocks,
    Concerning,
    Everything,
    Period,
    Selection,
)
from ledger_node.audit.bundle.unchanged import object_key
from ledger_node.audit.bundle.verify import VerifiedBundle
from ledger_node.audit.display import bounded, moment, moment_s
from ledger_node.audit.explain import Row, quorum_text

MOST_EPOCHS: Final = 20
"""Told one by one to people."""


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


def rows(found: VerifiedBundle) -> Iterator[Row]:
    """The findings at length."""
    head = found.checkpoint.checkpoint
    yield "union", f"{bounded(found.founding.genesis.name)}, {found.founding.union.hex()}"
    yield "log", f"{bounded(head.origin)}, {head.size} entries, root {head.root.hex()}"
    for number, each in enumerate(found.checkpoint.cosignatures):
        label = "cosigned by" if number == 0 else ""
        yield label, f"{bounded(each.witness.name)} at {moment_s(each.timestamp)}"
    yield "quorum", quorum_text(found.policy)
    yield "trusted", anchor_text(found)
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
    yield from _judges(found)
    yield from _epochs(found)
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
        case Concerning() as subject if found.traced:
            return (
                f"each block shown is whole; no block left out, up to the end of the log, changed "
                f"{bounded(object_key(subject))} for good. What was refused, or was undone, may be "
                "missing: a bundle of the whole log shows that"
            )
        case Concerning():
            return (
                "each block shown is whole; that no other block concerns the subject is not "
                "shown: a bundle of the whole log shows that"
            )


def outcomes_text(found: VerifiedBundle) -> str:
    """How far outcomes and state were found again."""
    if found.executed_from is None:
        return "NOT executed again: they are what the signers of the checkpoint vouch for"
    root = found.last.closing.state_root.hex()
    if found.executed_from == 0:
        return f"executed again from genesis, all as the log states; state root {root}"
    return (
        f"executed again from the state after block {found.executed_from}, which is the one that "
        f"the log states; all as the log states; state root {root}"
    )


def anchor_text(found: VerifiedBundle) -> str:
    """What the auditor went by."""
    if found.head.epoch is None:
        return "the policy that was given"
    return f"the genesis that was given; the policy of epoch {found.head.epoch} follows from it"


def _epochs(found: VerifiedBundle) -> Iterator[Row]:
    for number, roster in enumerate(found.epochs[:MOST_EPOCHS]):
        label = "epochs" if number == 0 else ""
        members = ", ".join(roster.voting)
        yield label, f"{roster.epoch}, upon block {roster.from_height}: {members}"
    if len(found.epochs) > MOST_EPOCHS:
        yield "", f"and {len(found.epochs) - MOST_EPOCHS} more"


def _judges(found: VerifiedBundle) -> Iterator[Row]:
    for number, judge in enumerate(found.judges):
        label = "judged by" if number == 0 else ""
        whence = ", in the bundle" if judge.carried else ""
        yield label, f"from block {judge.from_height}: contract set {judge.digest.hex()}{whence}"


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
        "traced": found.traced,
        "executed": found.executed,
        "executed_from": found.executed_from,
        "policy_epoch": found.head.epoch,
        "epochs": [
            {"epoch": each.epoch, "upon_block": each.from_height, "members": list(each.voting)}
            for each in found.epochs
        ],
        "contract_sets": [
            {
                "contract_set": judge.digest.hex(),
                "from_block": judge.from_height,
                "carried": judge.carried,
            }
            for judge in found.judges
        ],
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
