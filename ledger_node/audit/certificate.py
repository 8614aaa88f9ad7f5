"""A certificate: one page that says what the ledger holds, and carries the proof of it in a code.

Made of a state proof that was verified under the reader's own policy; the page says nothing that
the code does not prove. HTML with the code as SVG, printed by `report.pdf` where that is installed.
A proof too long for one code, such as that of a movement with very many items, stands in several on
the same sheet, to be scanned in any order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Final

import segno

from contracts import object_to_json
from ledger_node.audit.display import bounded, field_lines, moment, moment_s
from ledger_node.audit.explain import quorum_text
from ledger_node.audit.report.markup import definitions, escaped, table
from ledger_node.audit.state_words import sentence
from ledger_node.audit.verify import NotProven, Proven, StateFact, examine
from ledger_node.ledger.code_text import MAX_CODES, PIECE_BYTES, code_count, encode_codes
from ledger_node.ledger.compact_proof import compact
from ledger_node.ledger.state_proof import verify_state_proof
from ledger_node.log.policy import Policy

MAX_SHOWN: Final = 24
"""Fields of the object that the page has room for; the code holds them all."""

MAX_SHOWN_TEXT: Final = 90
"""Characters of a field on the page."""

MAX_SIGNERS: Final = 12
"""Cosigners that the page has room for."""


class CertificateRefused(ValueError):
    """There can be no certificate. reason: text."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"certificate: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Certificate:
    """page: HTML; proof: the compact state proof that the page's codes hold, `codes` of them."""

    page: str
    proof: bytes
    codes: int


def certify(state_proof: bytes, policy: Policy) -> Certificate:
    """The certificate of a state-proof file.

    Raises StateProofRefused for a file that proves nothing under `policy`, CompactRefused for one
    without a compact form, CertificateRefused when the proof is too long for any codes.
    """
    proof = compact(verify_state_proof(state_proof, policy))
    if code_count(len(proof)) > MAX_CODES:
        raise CertificateRefused(
            f"the proof takes {len(proof)} bytes, {MAX_CODES} codes hold "
            f"{MAX_CODES * PIECE_BYTES}: hand on the state proof itself"
        )
    # From here on as any reader of the code: what the page says is what the code proves.
    found = examine(proof, policy)
    if isinstance(found, NotProven):
        raise CertificateRefused(f"its own proof fails at: {found.step}; {found.reason}")
    assert isinstance(found, Proven)
    assert isinstance(found.fact, StateFact)
    codes = [code(text) for text in encode_codes(proof)]
    return Certificate(_page(found, found.fact, policy, codes), proof, len(codes))


def code(text: str) -> segno.QRCode:
    """The QR code of a text, with as much error correction as its size has room for."""
    return segno.make_qr(text, error="l", mode="alphanumeric", boost_error=True)


_STYLE: Final = """
:root{--ink:#1b1f24;--dim:#57606a;--line:#d0d7de;--good:#1a7f5a}
body{font:14px/1.45 system-ui,"Segoe UI","Noto Sans",sans-serif;color:var(--ink);
max-width:50rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5em;margin:0}h2{font-size:1.05em;margin:1em 0 .3em}
p{margin:.3em 0}p.sub{color:var(--dim);margin:0}
.box{border:1px solid var(--line);border-left:4px solid var(--good);padding:.5em .9em;
margin:.8em 0;font-size:1.1em}
.beside{display:flex;gap:6mm}.beside>div:first-child{flex:1;min-width:0}
.beside h2:first-child{margin-top:0}
.code{flex:0 0 100mm;text-align:center;color:var(--dim);font-size:.85em}
.code svg{width:100mm;height:100mm;display:block}
.codes{display:flex;flex-wrap:wrap;gap:2mm 5mm;justify-content:center}
.codes .code{flex:0 0 84mm;break-inside:avoid}.codes .code svg{width:84mm;height:84mm}
dl,p.fields{margin:0;font-size:.85em;line-height:1.35;overflow-wrap:anywhere}dt{color:var(--dim)}
dd{margin:0 0 .1em;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:.78em}
th,td{text-align:left;vertical-align:top;padding:.15em .5em;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
th{color:var(--dim);font-weight:600}code{font-size:.9em;overflow-wrap:anywhere}
footer{color:var(--dim);font-size:.8em;margin-top:.8em;border-top:1px solid var(--line)}
@media print{body{margin:0;max-width:none;padding:0;font-size:10.5px}}
@page{size:A4;margin:14mm}
"""


def _page(found: Proven, fact: StateFact, policy: Policy, codes: Sequence[segno.QRCode]) -> str:
    head = found.proof.checkpoint.checkpoint
    kind, _, reference = fact.key.partition("/")
    title = f"Certificate · {kind} {reference}"
    beside = _svg(codes[0]) + "The whole proof" if len(codes) == 1 else ""
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escaped(title)}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{escaped(title)}</h1><p class="sub">{escaped(head.origin)}</p>',
        f'<div class="box">{escaped(_statement(fact))}</div>',
        '<div class="beside"><div><h2>As of</h2>',
        definitions(_as_of(found, fact)),
        *_fields(fact),
        "</div>",
        f'<div class="code">{beside}</div>' if beside else "",
        "</div><h2>Who vouches for it</h2>",
        definitions([("", f"cosignatures {quorum_text(policy)}")]),
        _signers(found),
        *_how_to_check(policy, len(codes)),
        *(_several(codes) if len(codes) > 1 else ()),
        "</body></html>\n",
    ]
    return "".join(parts)


def _several(codes: Sequence[segno.QRCode]) -> Iterator[str]:
    yield f'<h2>The whole proof, in {len(codes)} codes</h2><div class="codes">'
    for number, each in enumerate(codes, start=1):
        yield f'<div class="code">{_svg(each)}{number} of {len(codes)}</div>'
    yield "</div>"


def _statement(fact: StateFact) -> str:
    said = sentence(fact.key, fact.value, fact.raw)
    return f"At {moment(fact.block.time_ms)}, {said}."


def _svg(each: segno.QRCode) -> str:
    # The quiet zone of four modules is part of the code: scanners look for it.
    return each.svg_inline(border=4, omitsize=True, dark="#000", light="#fff")


def _as_of(found: Proven, fact: StateFact) -> Iterator[tuple[str, str]]:
    head = found.proof.checkpoint.checkpoint
    yield "block", f"{fact.block.height}, {moment(fact.block.time_ms)}"
    if fact.newest:
        yield "", "the newest under the checkpoint: nothing changed it up to there"
    else:
        yield "", "not the newest under the checkpoint: later ones may have changed it"
    yield "checkpoint", f"{head.size} entries, root {head.root.hex()}"


def _fields(fact: StateFact) -> Iterator[str]:
    if fact.value is None:
        return
    lines = list(field_lines(object_to_json(fact.value)))
    shown = "<br>".join(
        f"<code>{escape(name)}</code> {escape(bounded(text, MAX_SHOWN_TEXT))}"
        for name, text in lines[:MAX_SHOWN]
    )
    more = len(lines) - MAX_SHOWN
    rest = f"<br>and {more} more, all of them in the code" if more > 0 else ""
    yield f'<h2>The object, amounts in minor units</h2><p class="fields">{shown}{rest}</p>'


def _signers(found: Proven) -> str:
    signers = found.proof.checkpoint.cosignatures
    rows = [
        (
            escaped(each.witness.name),
            f"<code>{escaped(each.witness.key.format())}</code>",
            moment_s(each.timestamp),
        )
        for each in signers[:MAX_SIGNERS]
    ]
    if len(signers) > MAX_SIGNERS:
        rows.append((f"and {len(signers) - MAX_SIGNERS} more", "all of them in the code", ""))
    return table(("cosigner", "key", "cosigned at"), rows)


def _how_to_check(policy: Policy, codes: int) -> Iterator[str]:
    digest = sha256(policy.format()).hexdigest()
    scan = (
        "Do not believe the paper: believe the code. Scan it with any reader of QR codes and give "
        "the text, which opens with <code>CTL1:</code>,"
        if codes == 1
        else "Do not believe the paper: believe the codes. Scan them with any reader of QR codes, "
        "in any order, and give the texts, which open with <code>CTLP:</code>, one a line,"
    )
    yield (
        f"<h2>How to check it</h2><p>{scan} to the union's verification page, which also reads "
        "pictures and cameras, or to <code>ledger-node verify</code>. Both need the union's trust "
        "policy, which you get from its members, and no network. What they say is what is proven."
        "</p><footer><p>It is the state after the block named above. Later blocks may have changed "
        "it: ask for a new certificate where that matters. Made under the policy with SHA-256 "
        f"{digest[:32]} {digest[32:]} (without comments).</p></footer>"
    )
