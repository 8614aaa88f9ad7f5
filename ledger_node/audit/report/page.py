"""The report as one HTML page: what was verified, the picture, the table, who vouches for it."""

from collections.abc import Iterator
from html import escape
from typing import Final

from contracts import RULES
from ledger_node.audit.bundle.statement import completeness_text, outcomes_text, rows
from ledger_node.audit.bundle.verify import VerifiedBundle
from ledger_node.audit.display import moment, moment_s
from ledger_node.audit.report.history import Event, History, Overview
from ledger_node.audit.report.markup import definitions, escaped, table
from ledger_node.audit.report.picture import days_chart, timeline

_STYLE: Final = """
:root{--ink:#1b1f24;--dim:#57606a;--line:#d0d7de;--good:#1a7f5a;--bad:#b3261e;--due:#8a6100}
body{font:15px/1.5 system-ui,"Segoe UI","Noto Sans",sans-serif;color:var(--ink);
max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p.sub{color:var(--dim);margin:0}.box{border:1px solid var(--line);border-left:4px solid var(--good);
padding:.6rem 1rem;margin:1rem 0}.box.part{border-left-color:var(--due)}
table{border-collapse:collapse;width:100%;font-size:.88rem;table-layout:fixed}
td{overflow-wrap:anywhere}.events th:nth-child(1){width:2em}
.events th:nth-child(2){width:7em}.events th:nth-child(3){width:7em}
.events th:nth-child(5){width:25%}.events th:nth-child(6){width:5.5em}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--dim);font-weight:600}td.n{text-align:right}
dl{display:grid;grid-template-columns:8rem 1fr;gap:.15rem 1rem;font-size:.9rem}
dt{color:var(--dim);grid-column:1}dd{margin:0;grid-column:2;overflow-wrap:anywhere}
code{font:.85em ui-monospace,"Noto Sans Mono",monospace;overflow-wrap:anywhere}
svg{width:100%;height:auto}
.good{color:var(--good)}.bad{color:var(--bad)}.due{color:var(--due)}
td .good,td .bad,td .due{font-weight:600}
footer{color:var(--dim);font-size:.85rem;margin-top:2rem;border-top:1px solid var(--line)}
@media print{body{margin:0;max-width:none;font-size:11px}table,table code{font-size:9px}
h2{break-after:avoid}svg{break-inside:avoid}}
@page{size:A4;margin:16mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:9px}}
"""

_HEAD: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
"""


def render(found: VerifiedBundle, overview: Overview, history: History | None) -> str:
    """The page. history: of the subject the report is about, if it is about one."""
    if history is None:
        title = "Audit report"
    else:
        title = f"{history.concern.subject.capitalize()} {history.concern.reference}"
    parts = [
        _HEAD,
        f"<title>{escaped(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escaped(title)}</h1>",
        f'<p class="sub">{escaped(found.founding.genesis.name)} · '
        f"{escaped(found.checkpoint.checkpoint.origin)}</p>",
        *_verdict(found),
        *(_overview(overview) if history is None else _history(history)),
        "<h2>What was verified</h2>",
        definitions(rows(found)),
        *_signers(found),
        "<footer><p>Made from an audit bundle by <code>ledger-node audit report</code>. The bundle "
        "and the union's trust policy let anyone check all of this again, offline.</p></footer>",
        "</body></html>\n",
    ]
    return "".join(parts)


def _verdict(found: VerifiedBundle) -> Iterator[str]:
    whole = found.executed and completeness_text(found).startswith("yes")
    yield f'<div class="box{"" if whole else " part"}"><strong>Verified.</strong> '
    yield f"Outcomes: {escape(outcomes_text(found))}.<br>"
    yield f"Complete: {escape(completeness_text(found))}.</div>"


def _history(history: History) -> Iterator[str]:
    yield "<h2>Timeline</h2>"
    if not history.events:
        yield "<p>Nothing in this bundle concerns it.</p>"
        return
    yield timeline(history.events)
    yield (
        '<p class="sub"><span class="good">●</span> accepted · '
        '<span class="bad">■</span> refused · '
        '<span class="due">◆</span> by itself, when a deadline came</p>'
    )
    if history.more:
        yield f"<p>{history.more} further events are not shown.</p>"
    yield "<h2>Events</h2>"
    yield table(
        ("#", "time (UTC)", "who", "what", "outcome", "log"),
        (_event_row(number, event) for number, event in enumerate(history.events, start=1)),
        kind="events",
    )


def _event_row(number: int, event: Event) -> tuple[str, ...]:
    named = (f"<code>{escaped(name)}</code> {escaped(text)}" for name, text in event.fields)
    fields = "<br>" + " · ".join(named) if event.fields else ""
    who = escaped(event.author)
    if event.key:
        who += f"<br><code>key {event.key[2:10]}…</code>"
    what = f"<strong>{escaped(event.kind)}</strong><br>{escaped(event.meaning)}{fields}"
    place = f"entry {event.index}<br>block {event.height}"
    return (
        str(number),
        moment(event.time_ms).removesuffix(" UTC"),
        who,
        what,
        _outcome(event),
        place,
    )


def _outcome(event: Event) -> str:
    changed = "".join(f"<br><code>{escaped(key)}</code>" for key in event.changed)
    if event.is_deadline:
        return f'<span class="due">deadline</span>{changed}'
    if event.refusal is None:
        return f'<span class="good">accepted</span>{changed}'
    refusal = event.refusal
    values = "".join(
        f"<br><code>{escaped(name)}</code> {escaped(value)}" for name, value in refusal.values
    )
    return (
        f'<span class="bad">refused</span> under <strong>{escaped(refusal.rule)}</strong><br>'
        f"{escaped(refusal.text)}<br><em>{escaped(refusal.source)}</em>{values}"
    )


def _overview(overview: Overview) -> Iterator[str]:
    if overview.days:
        yield "<h2>Records a day</h2>"
        yield days_chart(overview.days)
    yield "<h2>Kinds of record</h2>"
    yield table(
        ("kind", "accepted", "refused"),
        (
            (escaped(kind), str(overview.accepted[kind]), str(overview.refused[kind]))
            for kind in overview.kinds
        ),
    )
    if overview.deadlines:
        yield "<h2>Deadlines that acted</h2>"
        yield table(
            ("deadline", "times"),
            ((escaped(act), str(count)) for act, count in sorted(overview.deadlines.items())),
        )
    if overview.rules:
        yield "<h2>Rules under which records were refused</h2>"
        yield table(
            ("rule", "times", "what it asks", "source"),
            (
                (escaped(rule), str(count), *_rule_cells(rule))
                for rule, count in sorted(overview.rules.items(), key=lambda item: -item[1])
            ),
        )


def _rule_cells(rule_id: str) -> tuple[str, str]:
    rule = RULES.get(rule_id)
    return (escaped(rule.text), escaped(rule.source)) if rule else ("", "")


def _signers(found: VerifiedBundle) -> Iterator[str]:
    yield "<h2>Who vouches for it</h2>"
    yield table(
        ("witness", "key", "cosigned at"),
        (
            (
                escaped(each.witness.name),
                f"<code>{escaped(each.witness.key.format())}</code>",
                moment_s(each.timestamp),
            )
            for each in found.checkpoint.cosignatures
        ),
    )
