"""Which kind of file it is, and what it proves under the policies of a union."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ctl_verify.compact import from_text, is_compact, is_text, verify_compact
from ctl_verify.entries import Header, Submission, read_entry
from ctl_verify.fork import MAX_EVIDENCE, is_evidence, verify_fork
from ctl_verify.head import LOG_SIGNATURE, is_checkpoint, verify_checkpoint
from ctl_verify.policy import Policy
from ctl_verify.refusal import Refused
from ctl_verify.state_proof import MAX_STATE_PROOF, is_state_proof, verify_state_proof
from ctl_verify.tlog_proof import verify_proof
from ctl_verify.words import Finding, ReadEntry

MAX_FILE: Final = max(MAX_STATE_PROOF, MAX_EVIDENCE)

KIND: Final = "the file is of a kind that is checked here"

_ELSEWHERE: Final = (
    (b"ctl/audit-bundle/", "an audit bundle of a form that this program does not know"),
    (b"customs-trust-ledger/policy-history@v1\n", "a policy history: give it as --history"),
    (b"ctlbkp1\n", "a backup: `ledger-node restore` checks it"),
    (b"%PDF-", "a PDF: what can be checked is the text of its code, or the .ctlproof beside it"),
)


def examine(data: bytes, policy: Policy) -> Finding:
    """What a file proves under a policy, or the step at which it fails."""
    try:
        return _verifier(data)(data, policy)
    except Refused as refused:
        return refused


def examine_under(data: bytes, policies: Sequence[Policy]) -> tuple[Finding, Policy]:
    """The first finding that is proven, and its policy; else that which failed at something other
    than whose log it is. policies: at least one, the newest first."""
    closest: tuple[Refused, Policy] | None = None
    for policy in policies:
        finding = examine(data, policy)
        if not isinstance(finding, Refused):
            return finding, policy
        if closest is None or closest[0].step == LOG_SIGNATURE:
            closest = finding, policy
    assert closest is not None, "there is a policy"
    return closest


def authors_of(findings: Sequence[Finding]) -> Mapping[bytes, Header]:
    """Headers of the submissions proven among the findings, by id."""
    return {
        each.entry.id: each.entry.header
        for each in findings
        if isinstance(each, ReadEntry) and isinstance(each.entry, Submission)
    }


def _verifier(data: bytes) -> Callable[[bytes, Policy], Finding]:
    for opening, kind in _ELSEWHERE:
        if data.startswith(opening):
            raise Refused(KIND, f"it is {kind}")
    if is_evidence(data):
        return verify_fork
    if is_checkpoint(data):
        return verify_checkpoint
    if is_state_proof(data):
        return verify_state_proof
    if is_compact(data):
        return verify_compact
    return _codes if is_text(data) else _entry


def _codes(data: bytes, policy: Policy) -> Finding:
    return verify_compact(from_text(data), policy)


def _entry(data: bytes, policy: Policy) -> Finding:
    proof = verify_proof(data, policy)
    return ReadEntry(proof, read_entry(proof.entry, proof.index))
