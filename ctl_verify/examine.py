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
    (b"customs-trust-ledger/policy-history@v1\n", "a policy history: give it as --history"),
    (b"ctlbkp1\n", "a backup: `ledger-node restore` checks it"),
    (b"%PDF-", "a PDF: what can be checked is the text of its code, or the .ctlproof beside it"),
    (b'{\n  "genesis": {\n', "a genesis: give it as --genesis"),
)

_AS_MADE: Final = "have it passed on as it was made, in an archive if need be"


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
    mistaken = _mistaken(data)
    if mistaken is not None:
        raise Refused(KIND, f"it is {mistaken}")
    if is_evidence(data):
        return verify_fork
    if is_checkpoint(data):
        return verify_checkpoint
    if is_state_proof(data):
        return verify_state_proof
    if is_compact(data):
        return verify_compact
    return _codes if is_text(data) else _entry


def _mistaken(data: bytes) -> str | None:
    """What a file is that is taken for a proof, or what became of it on its way."""
    if not data:
        return "empty"
    for opening, kind in _ELSEWHERE:
        if data.startswith(opening):
            return kind
    if data.startswith((b"log ", b"# ")) and b"\nquorum " in data:
        return "a trust policy: give it as --policy"
    if data.startswith(b"\xef\xbb\xbf"):
        return f"text that was saved again, with a byte order mark: {_AS_MADE}"
    line = data[:256].split(b"\n")[0]
    if line.endswith(b"\r") and line[:-1].isascii() and not is_text(data):
        return f"a file whose lines were made to end in CR LF: {_AS_MADE}"
    if data.startswith(b"ctl/audit-bundle/"):
        return "an audit bundle of a form that this program does not know"
    return None


def _codes(data: bytes, policy: Policy) -> Finding:
    return verify_compact(from_text(data), policy)


def _entry(data: bytes, policy: Policy) -> Finding:
    proof = verify_proof(data, policy)
    return ReadEntry(proof, read_entry(proof.entry, proof.index))
