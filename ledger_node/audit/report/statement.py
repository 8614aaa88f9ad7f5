"""What proof files prove, on paper: for a file at court, signed by whoever examined them.

The page says what was examined (each file by its SHA-256), under which policy, what each proves or
at which step it fails, and how anyone can repeat it. It repeats the words of `audit.explain`, and
adds none of its own about what is proven.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Final, Self

from ledger_node.audit.display import moment, printable
from ledger_node.audit.explain import headline, rows, together
from ledger_node.audit.report.markup import definitions
from ledger_node.audit.verify import Finding, NotProven, authors_of
from ledger_node.log.policy import Policy

_STYLE: Final = """
:root{--ink:#1b1f24;--dim:#57606a;--line:#d0d7de;--good:#1a7f5a;--bad:#b3261e}
body{font:15px/1.5 system-ui,"Segoe UI","Noto Sans",sans-serif;color:var(--ink);
max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6em;margin:0 0 .2em}h2{font-size:1.1em;margin:1.8em 0 .4em}
p.sub{color:var(--dim);margin:0}
section{border:1px solid var(--line);border-left:4px solid var(--good);padding:.2em 1em .8em;
margin:1em 0}section.bad{border-left-color:var(--bad)}
section h2{margin:.7em 0 .1em}section p{margin:.3em 0}
section strong{color:var(--good)}section.bad strong{color:var(--bad)}
dl{display:grid;grid-template-columns:7em 1fr;gap:.1em 1em;font-size:.92em;margin:.6em 0 0}
dt{color:var(--dim);grid-column:1}dd{margin:0;grid-column:2;overflow-wrap:anywhere}
code,pre{font:.82em ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;border:1px solid var(--line);padding:.5rem .8rem}
.sign{display:grid;grid-template-columns:2fr 1fr 2fr;gap:2rem;margin:3.2rem 0 0}
.sign span{border-top:1px solid var(--ink);color:var(--dim);font-size:.85rem;padding-top:.2rem}
@media print{body{margin:0;max-width:none;font-size:10.5px}.sign{break-inside:avoid}
h2{break-after:avoid}pre{font-size:8.5px}}
@page{size:A4;margin:16mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:9px}}
"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held. size: in bytes; digest: their SHA-256."""

    size: int
    digest: bytes

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Of a file that holds `data`."""
        return cls(len(data), sha256(data).digest())


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """name: as it was given; content: None when it could not be read, or is not asked for; policy:
    the one that the finding is under."""

    name: str
    content: Content | None
    finding: Finding
    policy: Policy


def statement(examined: Sequence[ExaminedFile], program: str, time_ms: int) -> str:
    """The statement as HTML. program: what examined the files; time_ms: by this machine's clock."""
    proven = sum(not isinstance(each.finding, NotProven) for each in examined)
    count = "all of them prove" if proven == len(examined) else f"{proven} of them prove"
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>Statement of verification</title><style>{_STYLE}</style></head><body>",
        "<h1>Statement of verification</h1>",
        f'<p class="sub">Made on {moment(time_ms)} by {escape(program)}</p>',
        f"<p>{len(examined)} file(s) were examined, and {count} what is written beside them. "
        "Nothing was trusted but the policy printed at the end: it names whose signatures count, "
        "and how many are asked for. No node was asked, and no network was used.</p>",
        *_files(examined),
        *_together(examined),
        *_policies(examined),
        *_repeat(),
        '<div class="sign"><span>Examined by</span><span>Date</span><span>Signature</span></div>',
        "</body></html>\n",
    ]
    return "".join(parts)


def _files(examined: Sequence[ExaminedFile]) -> Iterator[str]:
    authors = authors_of(each.finding for each in examined)
    for each in examined:
        refused = isinstance(each.finding, NotProven)
        yield f"<section{' class=bad' if refused else ''}><h2>{escape(printable(each.name))}</h2>"
        if each.content is not None:
            digest = each.content.digest.hex()
            yield f"<p><code>{each.content.size} bytes, SHA-256 {digest}</code></p>"
        yield f"<strong>{escape(headline(each.finding))}</strong>"
        yield definitions(rows(each.finding, each.policy, authors))
        yield "</section>"


def _together(examined: Sequence[ExaminedFile]) -> Iterator[str]:
    said = together(each.finding for each in examined)
    if said:
        yield f"<h2>Together</h2>{''.join(f'<p>{escape(printable(text))}</p>' for text in said)}"


def _policies(examined: Sequence[ExaminedFile]) -> Iterator[str]:
    texts = list(dict.fromkeys(each.policy.format() for each in examined))
    yield f"<h2>The trust {'policy' if len(texts) == 1 else 'policies'}</h2>"
    for text in texts:
        yield f"<p><code>Without comments, SHA-256 {sha256(text).hexdigest()}</code></p>"
        yield f"<pre>{escape(printable_lines(text))}</pre>"


def printable_lines(text: bytes) -> str:
    """Lines of a policy, each as it may be shown."""
    return "\n".join(printable(line) for line in text.decode("utf-8", "replace").splitlines())


def _repeat() -> Iterator[str]:
    yield (
        "<h2>To repeat it</h2><p>With the same files and policy, any of these gives the same "
        "answer: <code>ledger-node verify</code>; <code>ctl-verify</code>, one file for Python "
        "that shares no code with it; for entries of the log, any program that reads "
        "c2sp.org/tlog-proof. What a proof does not say: that a record is the last word, and that "
        "what was declared is true.</p>"
    )
