"""What was proven, in plain words: the same that `ledger-node verify` says, row for row.

Whatever a record's author wrote is shown bounded and escaped: it is evidence, and must not act on
the screen of the person who reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from ctl_verify.bundle import ProvenBundle
from ctl_verify.catalogue import Named, knows_object, read_object, read_record, rule
from ctl_verify.conflict import ProvenConflict, Side
from ctl_verify.entries import Block, Deadline, Entry, Genesis, Header, RecordEntry, Submission
from ctl_verify.fork import ProvenFork
from ctl_verify.head import Head
from ctl_verify.policy import Policy
from ctl_verify.refusal import Refused
from ctl_verify.state_proof import ProvenState
from ctl_verify.tlog_proof import ProvenEntry

MAX_TEXT: Final = 400
MAX_FIELDS: Final = 40
_END_OF_9999_MS: Final = 253_402_300_799_999

Row: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class ReadEntry:
    """A proven entry, and what it says."""

    proof: ProvenEntry
    entry: Entry


Finding: TypeAlias = (
    ReadEntry | ProvenState | ProvenFork | ProvenConflict | Head | ProvenBundle | Refused
)


def headline(finding: Finding) -> str:
    """One line: proven or not, and what."""
    match finding:
        case Refused():
            return "NOT PROVEN"
        case ProvenFork():
            return "PROVEN: two histories of one log"
        case ProvenConflict():
            return "PROVEN: two histories were made final"
        case Head():
            return f"PROVEN: a checkpoint of {finding.size} entries"
        case ProvenBundle():
            return "PROVEN, but for outcomes: an audit bundle"
        case ProvenState(value=None):
            return f"PROVEN: {bounded(finding.key)} did not exist"
        case ProvenState():
            return f"PROVEN: the state of {bounded(finding.key)}"
        case ReadEntry(entry=RecordEntry() as entry):
            read = read_record(entry.record)
            name = "bytes that are no record" if read is None else read[0]
            return f"PROVEN: {name}, {'accepted' if entry.rule is None else 'refused'}"
        case ReadEntry(entry=Submission()):
            return "PROVEN: a submission, signed by its author"
        case ReadEntry(entry=Block() as entry):
            return f"PROVEN: block {entry.height}"
        case ReadEntry(entry=Deadline() as entry):
            return f"PROVEN: {bounded(entry.act)}, by itself"
        case ReadEntry():
            return "PROVEN: the founding of the union"


def rows(finding: Finding, policy: Policy, authors: Mapping[bytes, Header]) -> list[Row]:
    """The finding at length. authors: of submissions that other files prove, by id."""
    match finding:
        case Refused():
            return [("failed at", finding.step), ("found", bounded(finding.reason))]
        case ProvenFork():
            return list(_fork_rows(finding, policy))
        case ProvenConflict():
            return list(_conflict_rows(finding))
        case Head():
            return list(_checkpoint_rows(finding, policy))
        case ProvenBundle():
            return list(_bundle_rows(finding))
        case ProvenState():
            proof, said = finding.entry, _state_rows(finding)
        case ReadEntry():
            proof, said = finding.proof, _entry_rows(finding.entry, authors)
    place = f"{bounded(proof.head.origin)}, entry {proof.index} of {proof.head.size}"
    return [*said, ("in the log", place), *_trust_rows(proof.head, policy)]


def together(findings: Sequence[Finding]) -> list[str]:
    """What state proofs of one and the same state say together, and none of them alone."""
    states = [each for each in findings if isinstance(each, ProvenState)]
    said: list[str] = []
    for found in states:
        guarantee = _object(found, "guarantee")
        if guarantee is None:
            continue
        beside = [_object(each, "reservation") for each in states if each.block == found.block]
        shown = sorted({r["mrn"] for r in beside if r is not None and r["grn"] == guarantee["grn"]})
        if shown and len(shown) == guarantee["open"]:
            said.append(
                f"together: after block {found.block.height}, no movement other than "
                f"{', '.join(shown)} was open on guarantee {guarantee['grn']}"
            )
    return list(dict.fromkeys(said))


def _object(found: ProvenState, kind: str) -> Named | None:
    if found.value is None or found.key.partition("/")[0] != kind:
        return None
    return read_object(found.key, found.value)


# ---------------------------------------------------------------- rows


def _entry_rows(entry: Entry, authors: Mapping[bytes, Header]) -> Iterator[Row]:
    match entry:
        case RecordEntry():
            yield from _record_rows(entry, authors)
        case Submission():
            yield "submission", entry.id.hex()
            yield _author_row(entry.header)
            yield "records", f"{entry.header.record_count}, in the entries that follow"
            yield "expires", moment(entry.header.expiry_ms)
        case Block():
            yield "block", f"height {entry.height}, epoch {entry.epoch}, view {entry.view}"
            yield "block id", entry.block.hex()
            yield "time", f"{moment(entry.time_ms)} (the ledger's time)"
            yield "state root", entry.state_root.hex()
            yield "contracts", entry.contract_set.hex()
        case Deadline():
            yield "deadline", f"{bounded(entry.act)} of {bounded(entry.reference)}"
            yield "changed", ", ".join(bounded(key) for key in entry.keys)
        case Genesis():
            yield "union", f"{bounded(entry.name)}, {entry.union.hex()}"
            yield "members", ", ".join(bounded(code, 8) for code in entry.members)
            yield "founded", moment(entry.created_ms)
            yield "contracts", entry.contract_set.hex()


def _record_rows(entry: RecordEntry, authors: Mapping[bytes, Header]) -> Iterator[Row]:
    read = read_record(entry.record)
    if read is None:
        yield "record", f"{len(entry.record)} bytes: {entry.record[:32].hex()}"
    else:
        yield "record", f"{read[0]}: {read[1]}"
        for name, text in field_lines(read[2]):
            yield "", f"{name}: {text}"
    if entry.rule is None:
        yield "outcome", "accepted; changed " + ", ".join(bounded(key) for key in entry.keys)
    else:
        known = rule(entry.rule)
        text = "a rule that this program does not know" if known is None else known[0]
        yield "outcome", f"refused under {bounded(entry.rule)}: {text}"
        if known is not None:
            yield "", f"source: {known[1]}"
        for name, value in entry.values:
            yield "", f"{bounded(name)}: {bounded(value)}"
    yield "submission", f"{entry.submission.hex()}, record {entry.position}"
    header = authors.get(entry.submission)
    if header is None:
        yield "signed by", f"the proof of entry {entry.submission_entry} says whom"
    else:
        yield _author_row(header)


def _author_row(header: Header) -> Row:
    return "signed by", f"{bounded(header.author)}, with the key {header.public_key.hex()}"


def _state_rows(found: ProvenState) -> Iterator[Row]:
    value = None if found.value is None else read_object(found.key, found.value)
    yield "state", bounded(sentence(found.key, value, absent=found.value is None))
    yield "key", bounded(found.key)
    if value is not None:
        for name, text in field_lines(value):
            yield "", f"{name}: {text}"
    elif found.value is not None:
        yield "", f"{len(found.value)} bytes of an object that this program does not know"
    yield "as of", f"after block {found.block.height}, {moment(found.block.time_ms)}"
    if found.entry.is_last:
        yield "", "the newest block under the checkpoint: nothing changed it up to there"
    else:
        yield "", "not the newest block under the checkpoint: later ones may have changed it"
    yield "state root", found.block.state_root.hex()


def _checkpoint_rows(head: Head, policy: Policy) -> Iterator[Row]:
    yield "log", bounded(head.origin)
    yield "entries", f"{head.size}, root {head.root.hex()}"
    yield "signed by", f"the log's key {head.log.text}"
    yield from _trust_rows(head, policy)
    if head.others:
        names = ", ".join(bounded(name) for name in head.others)
        yield "not counted", f"by keys that the policy does not list: {names}"


def _fork_rows(fork: ProvenFork, policy: Policy) -> Iterator[Row]:
    named = ", ".join(bounded(name) for name in fork.culprits)
    who = f"{named} cosigned both" if named else "no witness cosigned both"
    also = "; one log key signed both" if fork.one_log_key else ""
    yield (
        "shown",
        f"two histories of {bounded(fork.first.origin)}, of {fork.first.size} and "
        f"{fork.second.size} entries: {who}{also}",
    )
    for name, head in (("first", fork.first), ("second", fork.second)):
        yield name, f"{head.size} entries, root {head.root.hex()}"
        for each in head.cosignatures:
            yield "", f"cosigned by {bounded(each.witness)} at {moment(each.time_s * 1000)}"
    size = fork.first.size
    yield "conflict", f"at {size} entries the second history had the root {fork.root.hex()}"
    for name in fork.culprits:
        yield "culprit", f"{bounded(name)}, by its key {policy.witnesses[name].text}"
    if fork.one_log_key:
        yield "culprit", f"the holder of the log key {fork.one_log_key.text}"
    yield "quorum", quorum_text(policy)


def _conflict_rows(found: ProvenConflict) -> Iterator[Row]:
    one, other = found.sides
    members = ", ".join(card.member for card in found.roster.committee)
    yield "union", found.union.hex()
    yield "epoch", f"{found.roster.epoch}, whose quorum is {found.roster.quorum} of {members}"
    if one.block == other.block:
        yield "made final", f"block {one.height}, {one.block.hex()}, with two outcomes:"
        yield "", f"{one.votes.outcome.hex()} and"
        yield "", other.votes.outcome.hex()
    else:
        yield "made final", f"two blocks of height {one.height}:"
        yield "", f"{one.block.hex()}, {_made_final(found, one)}, and"
        yield "", f"{other.block.hex()}, {_made_final(found, other)}"
    if not found.one_view:
        views = f"{one.votes.view} and {other.votes.view}"
        yield "", f"in different views, {views}: at least {found.at_least}"
        yield "", f"of {members} broke the protocol; these votes alone do not tell which"
    label = "culprits" if found.one_view else "signed both"
    for member, key, *signatures in found.signed_both:
        yield label, f"{member}, consensus key {key.hex()}"
        for signature in signatures:
            yield "", signature.hex()
        label = ""


def _made_final(found: ProvenConflict, side: Side) -> str:
    committee = found.roster.committee
    names = ", ".join(committee[number].member for number in side.votes.signatures)
    above = "" if side.top == side.height else f" with block {side.top} upon it"
    return f"view {side.votes.view}{above}, by {names}"


def _bundle_rows(found: ProvenBundle) -> Iterator[Row]:
    head, opening, last = found.head, found.opening, found.last
    assert opening is not None, "a bundle has at least the genesis block"
    assert last is not None, "and so a last one"
    yield "union", f"{bounded(found.union.name)}, {found.union.id.hex()}"
    yield "log", f"{bounded(head.origin)}, {head.size} entries, root {head.root.hex()}"
    yield from _trust_rows(head, found.policy)
    if found.policy_epoch is None:
        yield "trusted", "the policy that was given"
    else:
        epoch = found.policy_epoch
        yield "trusted", f"the genesis that was given; the policy of epoch {epoch} follows from it"
    yield "holds", _selection(found.selection)
    begin, end = opening.block, last.block
    span = f"from block {begin.height}, {moment(begin.time_ms)}, to block {end.height}"
    yield "", f"{found.blocks} blocks, {span}, {moment(end.time_ms)}"
    records = found.accepted + found.refused
    counts = f"{found.accepted} accepted, {found.refused} refused"
    yield "", f"{records} records ({counts}) in {found.submissions} signed submissions"
    if found.deadlines:
        yield "", f"{found.deadlines} deadlines that acted by themselves"
    yield "complete", _COMPLETE[str(found.selection[0])]
    yield "outcomes", "NOT executed again: they are what the signers of the checkpoint vouch for"
    for number, roster in enumerate(found.epochs[:20]):
        label = "epochs" if number == 0 else ""
        yield label, f"{roster.epoch}, upon block {roster.from_height}: {', '.join(roster.voting)}"
    yield "consensus", _certificates(found)
    yield "left out", "contracts, and the state before a range: `ledger-node audit verify`"


_COMPLETE: Final = {
    "0": "yes: every entry of the log, from the first to the last",
    "1": "yes: every block of the range, each with all it ordered",
    "2": "yes: every block of the period; its neighbours show that there are no more",
    "3": "each block shown is whole; that no other block concerns the subject is not shown: a "
    "bundle of the whole log shows that",
}


def _selection(selection: Sequence[Any]) -> str:
    match selection:
        case [1, first, last]:
            return f"blocks {first} to {last}"
        case [2, int(begin), int(end)]:
            return f"from {moment(begin)} until before {moment(end)}"
        case [3, str(subject), str(reference)]:
            return f"what concerns {bounded(subject)} {bounded(reference)}"
        case _:
            return "the whole log"


def _certificates(found: ProvenBundle) -> str:
    if found.certified is None:
        return "no consensus certificates in this bundle; the checkpoint's cosignatures stand alone"
    height, final = found.certified
    plural = "s" if found.certificates > 1 else ""
    signers = ", ".join(final.signers)
    return f"{found.certificates} certificate{plural}, the last of block {height} by {signers}"


def _trust_rows(head: Head, policy: Policy) -> Iterator[Row]:
    for number, each in enumerate(head.cosignatures):
        label = "cosigned by" if number == 0 else ""
        yield label, f"{bounded(each.witness)} at {moment(each.time_s * 1000)}"
    yield "quorum", quorum_text(policy)


def quorum_text(policy: Policy) -> str:
    """Whose cosignatures the policy asks for."""
    group = next((each for each in policy.groups if each.name == policy.quorum), None)
    if policy.quorum == "none":
        return "none asked for: the log's word alone"
    if group is None:
        return f"asked for: {bounded(policy.quorum or '')}"
    members = ", ".join(bounded(member) for member in group.members)
    return f"asked for: {group.threshold} of {len(group.members)} ({members})"


# ---------------------------------------------------------------- sentences


_CLOSED: Final = (
    "release_refused",
    "invalidated",
    "completed",
    "discharged",
    "paid",
    "written_off",
)
"""States of a movement in which its goods are no longer carried under it."""


def sentence(key: str, value: Named | None, *, absent: bool) -> str:
    """What the state held under a key. value: its fields, None when not known."""
    kind, _, reference = key.partition("/")
    if absent:
        return _absence(kind, reference)
    if value is None:
        return f"{_named(kind, reference)} existed"
    match kind:
        case "guarantee":
            return _guarantee(value)
        case "reservation":
            return (
                f"movement {value['mrn']} was open on guarantee {value['grn']}, with "
                f"{value['amount']} {value['currency']} reserved for it, in minor units"
            )
        case "movement":
            closed = " and closed" if value["state"] in _CLOSED else ""
            return f"movement {value['mrn']} was {_spoken(value['state'])}{closed}"
        case "participant":
            roles = ", ".join(_spoken(role) for role in value["roles"])
            of = f"participant {value['id']} of {value['member']}"
            return f"{of} was {value['standing']}, as {roles}"
        case "seal":
            where = "" if value["transport"] is None else f" on transport {value['transport']}"
            return f"seal {value['id']} was {value['state']}{where}"
        case _:
            return f"{_named(kind, reference)} existed"


def _guarantee(value: Named) -> str:
    # A waiver secures all of the reference amount; amounts divide rounding down.
    percent = 100 if value["kind"] == "waiver" else value["coverage_percent"]
    covered = value["reference_amount"] * percent // 100 - value["paid"]
    opened = value["open"]
    many = f"{opened} movement(s) were" if opened else "no movement was"
    return (
        f"guarantee {value['grn']} was {value['state']}, with a free amount of "
        f"{covered - value['reserved']} {value['currency']} of {covered} covered, in minor units; "
        f"{many} open on it"
    )


def _absence(kind: str, reference: str) -> str:
    grn, _, mrn = reference.partition("/")
    if kind == "reservation" and mrn:
        return f"movement {mrn} was not open on guarantee {grn}: nothing was reserved for it"
    known = "" if knows_object(kind) else f" (this program knows no kind of object {kind!r})"
    return f"{_named(kind, reference)} did not exist{known}"


def _named(kind: str, reference: str) -> str:
    return f"{kind.replace('-', ' ')} {reference}" if reference else kind


def _spoken(code: str) -> str:
    return code.replace("_", " ")


# ---------------------------------------------------------------- values


def printable(text: str) -> str:
    """The text with everything invisible or active escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def bounded(text: str, limit: int = MAX_TEXT) -> str:
    """`printable`, cut after `limit` characters."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}… ({len(text)} characters)"


def moment(time_ms: int) -> str:
    """A time for people; one that no calendar has, as a number."""
    if not 0 <= time_ms <= _END_OF_9999_MS:
        return f"{time_ms} ms since 1970"
    seconds, milliseconds = divmod(time_ms, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{milliseconds:03d} UTC" if milliseconds else f"{text} UTC"


def field_lines(fields: Named) -> Iterator[Row]:
    """(path, text) of every value, nested paths joined by dots; what is empty is left out."""
    lines = list(_flat(fields, ""))
    yield from lines[:MAX_FIELDS]
    if len(lines) > MAX_FIELDS:
        yield "…", f"and {len(lines) - MAX_FIELDS} more fields (--json shows all)"


def _flat(value: Any, path: str) -> Iterator[Row]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            yield from _flat(item, f"{path}[{index}]")
    elif isinstance(value, list):
        if value:
            yield path, ", ".join(_scalar(path, item) for item in value)
    elif value is not None and value != "":
        yield path, _scalar(path, value)


def _scalar(path: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return moment(value) if path.endswith("_ms") else str(value)
    return bounded(str(value))
