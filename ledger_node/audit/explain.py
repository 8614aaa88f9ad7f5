"""What was proven, in plain words and as JSON.

The words are rows of (label, text): layout is for whoever prints them. The JSON holds the same and
more, with bytes in hex and times as integers, for programs that go on from here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from contracts import object_to_json, record_to_json
from contracts.guarantee.objects import Guarantee, Reservation
from ledger_node.audit.display import bounded, field_lines, moment, moment_s
from ledger_node.audit.state_words import only_open, sentence
from ledger_node.audit.verify import (
    BlockFact,
    DeadlineFact,
    Fact,
    Finding,
    GenesisFact,
    NotProven,
    Proven,
    RecordFact,
    StateFact,
    SubmissionFact,
    WholeFile,
)
from ledger_node.ledger.submission import SubmissionHeader
from ledger_node.log.fork import ProvenFork
from ledger_node.log.head import PublishedHead
from ledger_node.log.policy import Policy
from ledger_node.log.proof import VerifiedProof
from ledger_node.log.verified import VerifiedCheckpoint

Row: TypeAlias = tuple[str, str]
Authors: TypeAlias = Mapping[bytes, SubmissionHeader]


def headline(finding: Finding) -> str:
    """One line: proven or not, and what."""
    if isinstance(finding, NotProven):
        return "NOT PROVEN"
    if isinstance(finding, WholeFile):
        return finding.headline
    if isinstance(finding, ProvenFork):
        return "PROVEN: two histories of one log"
    if isinstance(finding, PublishedHead):
        return f"PROVEN: a checkpoint of {finding.head.checkpoint.size} entries"
    match finding.fact:
        case RecordFact(refusal=None) as fact:
            return f"PROVEN: {_kind(fact)}, accepted"
        case RecordFact() as fact:
            return f"PROVEN: {_kind(fact)}, refused"
        case SubmissionFact():
            return "PROVEN: a submission, signed by its author"
        case BlockFact() as fact:
            return f"PROVEN: block {fact.block.height}"
        case DeadlineFact() as fact:
            return f"PROVEN: {bounded(fact.act)}, by itself"
        case GenesisFact():
            return "PROVEN: the founding of the union"
        case StateFact(raw=None) as fact:
            return f"PROVEN: {bounded(fact.key)} did not exist"
        case StateFact() as fact:
            return f"PROVEN: the state of {bounded(fact.key)}"


def rows(finding: Finding, policy: Policy, authors: Authors) -> list[Row]:
    """The finding at length. authors: of submissions proven by other files (`authors_of`)."""
    if isinstance(finding, NotProven):
        return [("failed at", finding.step), ("found", bounded(finding.reason))]
    if isinstance(finding, WholeFile):
        return list(finding.rows)
    if isinstance(finding, ProvenFork):
        return list(_fork_rows(finding, policy))
    if isinstance(finding, PublishedHead):
        return list(_checkpoint_rows(finding, policy))
    return [
        *_fact_rows(finding.fact, authors),
        ("in the log", _place(finding.proof)),
        *_trust_rows(finding.proof.checkpoint, policy),
    ]


def together(findings: Iterable[Finding]) -> list[str]:
    """What state proofs of one and the same state say together, and none of them alone."""
    states = [
        finding.fact
        for finding in findings
        if isinstance(finding, Proven) and isinstance(finding.fact, StateFact)
    ]
    said: list[str] = []
    for fact in states:
        if not isinstance(fact.value, Guarantee):
            continue
        beside = [
            other.value
            for other in states
            if other.block == fact.block and isinstance(other.value, Reservation)
        ]
        text = only_open(fact.value, beside)
        if text is not None:
            said.append(f"together: after block {fact.block.height}, {text}")
    return list(dict.fromkeys(said))


def quorum_text(policy: Policy) -> str:
    """Whose cosignatures the policy asks for."""
    group = next((each for each in policy.groups if each.name == policy.quorum), None)
    if policy.quorum is None:
        return "none asked for: the log's word alone"
    if group is None:
        return f"asked for: {bounded(policy.quorum)}"
    members = ", ".join(bounded(member) for member in group.members)
    return f"asked for: {group.threshold} of {len(group.members)} ({members})"


def as_json(finding: Finding, authors: Authors) -> dict[str, Any]:
    """The finding for programs."""
    if isinstance(finding, NotProven):
        return {"proven": False, "step": finding.step, "reason": finding.reason}
    if isinstance(finding, WholeFile):
        return {"proven": True, **finding.fields}
    if isinstance(finding, ProvenFork):
        return {"proven": True, **fork_json(finding)}
    if isinstance(finding, PublishedHead):
        return {"proven": True, **_checkpoint_json(finding)}
    head = finding.proof.checkpoint
    return {
        "proven": True,
        "index": finding.proof.index,
        "tree_size": head.checkpoint.size,
        "root": head.checkpoint.root.hex(),
        "origin": head.checkpoint.origin,
        "cosignatures": [
            {"witness": each.witness.name, "time_s": each.timestamp} for each in head.cosignatures
        ],
        "entry": _fact_json(finding.fact, authors),
    }


# ---------------------------------------------------------------- forks


def fork_text(fork: ProvenFork) -> str:
    """What the evidence shows, in a sentence."""
    old, new = fork.first.checkpoint, fork.second.checkpoint
    named = ", ".join(bounded(each.name) for each in fork.culprits)
    who = f"{named} cosigned both" if named else "no witness cosigned both"
    also = "; one log key signed both" if fork.one_log_key else ""
    return (
        f"two histories of {bounded(old.origin)}, of {old.size} and {new.size} entries: {who}{also}"
    )


def fork_json(fork: ProvenFork) -> dict[str, Any]:
    """The same for programs: heads, and the signatures of each culprit on both."""
    return {
        "origin": fork.first.checkpoint.origin,
        "heads": [_head_json(head) for head in (fork.first, fork.second)],
        "root_of_second_at_first": fork.root.hex(),
        "culprits": [each.name for each in fork.culprits],
        "one_log_key": fork.one_log_key,
    }


def _head_json(head: VerifiedCheckpoint) -> dict[str, Any]:
    return {
        "size": head.checkpoint.size,
        "root": head.checkpoint.root.hex(),
        "log_key": head.log.key.format(),
        "cosignatures": [
            {
                "witness": each.witness.name,
                "key": each.witness.key.format(),
                "time_s": each.timestamp,
                "signature": each.signature.signature.hex(),
            }
            for each in head.cosignatures
        ],
    }


def _fork_rows(fork: ProvenFork, policy: Policy) -> Iterator[Row]:
    yield "shown", fork_text(fork)
    for name, head in (("first", fork.first), ("second", fork.second)):
        yield name, f"{head.checkpoint.size} entries, root {head.checkpoint.root.hex()}"
        for each in head.cosignatures:
            yield "", f"cosigned by {bounded(each.witness.name)} at {moment_s(each.timestamp)}"
    size, root = fork.first.checkpoint.size, fork.root.hex()
    yield "conflict", f"at {size} entries the second history had the root {root}"
    for witness in fork.culprits:
        yield "culprit", f"{bounded(witness.name)}, by its key {witness.key.format()}"
    if fork.one_log_key:
        yield "culprit", f"the holder of the log key {fork.first.log.key.format()}"
    yield "quorum", quorum_text(policy)


# ---------------------------------------------------------------- checkpoints


def _checkpoint_rows(found: PublishedHead, policy: Policy) -> Iterator[Row]:
    head = found.head.checkpoint
    yield "log", bounded(head.origin)
    yield "entries", f"{head.size}, root {head.root.hex()}"
    yield "signed by", f"the log's key {found.head.log.key.format()}"
    yield from _trust_rows(found.head, policy)
    if found.others:
        names = ", ".join(bounded(each.name) for each in found.others)
        yield "not counted", f"by keys that the policy does not list: {names}"


def _checkpoint_json(found: PublishedHead) -> dict[str, Any]:
    return {
        "origin": found.head.checkpoint.origin,
        **_head_json(found.head),
        "not_counted": [each.name for each in found.others],
    }


# ---------------------------------------------------------------- words


def _kind(fact: RecordFact) -> str:
    return "bytes that are no record" if fact.record is None else fact.record.kind()


def _fact_rows(fact: Fact, authors: Authors) -> Iterator[Row]:
    match fact:
        case RecordFact():
            yield from _record_rows(fact, authors)
        case SubmissionFact():
            yield "submission", fact.submission.hex()
            yield from _author_rows(fact.header)
            yield "records", f"{fact.header.record_count}, in the entries that follow"
            yield "expires", moment(fact.header.expiry_ms)
        case BlockFact(block):
            yield "block", f"height {block.height}, epoch {block.epoch}, view {block.view}"
            yield "block id", block.block.hex()
            yield "time", f"{moment(block.time_ms)} (the ledger's time)"
            yield "state root", block.state_root.hex()
            yield "contracts", block.contract_set.hex()
        case DeadlineFact(act, reference, keys):
            yield "deadline", f"{bounded(act)} of {bounded(reference)}"
            yield "changed", ", ".join(bounded(key) for key in keys)
        case GenesisFact():
            yield "union", f"{bounded(fact.name)}, {fact.union.hex()}"
            yield "members", ", ".join(bounded(code, 8) for code in fact.members)
            yield "founded", moment(fact.created_ms)
            yield "contracts", fact.contract_set.hex()
        case StateFact():
            yield from _state_rows(fact)


def _state_rows(fact: StateFact) -> Iterator[Row]:
    yield "state", bounded(sentence(fact.key, fact.value, fact.raw))
    yield "key", bounded(fact.key)
    if fact.value is not None:
        for name, text in field_lines(object_to_json(fact.value)):
            yield "", f"{name}: {text}"
    elif fact.raw is not None:
        yield "", f"{len(fact.raw)} bytes of an object that this program does not know"
    yield "as of", f"after block {fact.block.height}, {moment(fact.block.time_ms)}"
    if fact.newest:
        yield "", "the newest block under the checkpoint: nothing changed it up to there"
    else:
        yield "", "not the newest block under the checkpoint: later ones may have changed it"
    yield "state root", fact.block.state_root.hex()


def _record_rows(fact: RecordFact, authors: Authors) -> Iterator[Row]:
    if fact.record is None:
        yield "record", f"{len(fact.encoded)} bytes: {fact.encoded[:32].hex()}"
    else:
        yield "record", f"{fact.record.kind()}: {_meaning(fact)}"
        for name, text in field_lines(_fields(fact)):
            yield "", f"{name}: {text}"
    if fact.refusal is None:
        yield "outcome", "accepted; changed " + ", ".join(bounded(key) for key in fact.keys)
    else:
        rule = fact.refusal.rule
        text = rule.text if rule else "a rule that this program does not know"
        yield "outcome", f"refused under {bounded(fact.refusal.rule_id)}: {text}"
        if rule:
            yield "", f"source: {rule.source}"
        for name, value in fact.refusal.values:
            yield "", f"{bounded(name)}: {bounded(value)}"
    yield "submission", f"{fact.submission.hex()}, record {fact.position}"
    header = authors.get(fact.submission)
    if header is not None:
        yield from _author_rows(header)
    else:
        yield "signed by", f"the proof of entry {fact.submission_entry} says whom"


def _meaning(fact: RecordFact) -> str:
    """The first sentence of the record kind's own description."""
    text = " ".join((type(fact.record).__doc__ or "").split())
    return text.partition(". ")[0].removesuffix(".")


def _fields(fact: RecordFact) -> dict[str, Any]:
    assert fact.record is not None
    fields = record_to_json(fact.record)
    del fields["kind"]
    return fields


def _author_rows(header: SubmissionHeader) -> Iterator[Row]:
    yield "signed by", f"{bounded(header.author)}, with the key {header.public_key.hex()}"


def _place(proof: VerifiedProof) -> str:
    head = proof.checkpoint.checkpoint
    return f"{bounded(head.origin)}, entry {proof.index} of {head.size}"


def _trust_rows(head: VerifiedCheckpoint, policy: Policy) -> Iterator[Row]:
    for number, each in enumerate(head.cosignatures):
        label = "cosigned by" if number == 0 else ""
        yield label, f"{bounded(each.witness.name)} at {moment_s(each.timestamp)}"
    yield "quorum", quorum_text(policy)


# ---------------------------------------------------------------- JSON


def _fact_json(fact: Fact, authors: Authors) -> dict[str, Any]:
    match fact:
        case RecordFact():
            return _record_json(fact, authors)
        case SubmissionFact():
            return {
                "entry": "submission",
                "submission": fact.submission.hex(),
                "union": fact.header.union.hex(),
                **_author_json(fact.header),
                "record_count": fact.header.record_count,
                "records_root": fact.header.records_root.hex(),
                "expiry_ms": fact.header.expiry_ms,
            }
        case BlockFact(block):
            return {
                "entry": "block",
                "epoch": block.epoch,
                "height": block.height,
                "view": block.view,
                "block": block.block.hex(),
                "parent": block.parent.hex(),
                "time_ms": block.time_ms,
                "proposer": block.proposer,
                "contract_set": block.contract_set.hex(),
                "state_root": block.state_root.hex(),
            }
        case DeadlineFact(act, reference, keys):
            return {
                "entry": "deadline",
                "act": act,
                "reference": reference,
                "keys": list(keys),
            }
        case GenesisFact():
            return {
                "entry": "genesis",
                "union": fact.union.hex(),
                "name": fact.name,
                "origin": fact.origin,
                "created_ms": fact.created_ms,
                "contract_set": fact.contract_set.hex(),
                "members": list(fact.members),
            }
        case StateFact():
            return {
                "entry": "block",
                "key": fact.key,
                "exists": fact.raw is not None,
                "value": None if fact.raw is None else fact.raw.hex(),
                "object": None if fact.value is None else object_to_json(fact.value),
                "says": sentence(fact.key, fact.value, fact.raw),
                "height": fact.block.height,
                "time_ms": fact.block.time_ms,
                "state_root": fact.block.state_root.hex(),
                "newest": fact.newest,
            }


def _record_json(fact: RecordFact, authors: Authors) -> dict[str, Any]:
    header = authors.get(fact.submission)
    return {
        "entry": "record",
        "submission": fact.submission.hex(),
        "position": fact.position,
        "submission_entry": fact.submission_entry,
        **({} if header is None else _author_json(header)),
        "record": None if fact.record is None else record_to_json(fact.record),
        "encoded": fact.encoded.hex(),
        "accepted": fact.refusal is None,
        "refusal": None if fact.refusal is None else _refusal_json(fact),
        "keys": list(fact.keys),
    }


def _refusal_json(fact: RecordFact) -> dict[str, Any]:
    refusal = fact.refusal
    assert refusal is not None
    return {
        "rule": refusal.rule_id,
        "text": refusal.rule.text if refusal.rule else None,
        "source": refusal.rule.source if refusal.rule else None,
        "values": [[name, value] for name, value in refusal.values],
    }


def _author_json(header: SubmissionHeader) -> dict[str, Any]:
    return {"author": header.author, "public_key": header.public_key.hex()}
