"""Text as HTML: escaped, so that nothing a participant wrote can act in a browser."""

from collections.abc import Iterable, Sequence
from html import escape

from ledger_node.audit.display import bounded


def escaped(text: str) -> str:
    """Bounded text in which nothing is markup, a control or a text direction override."""
    return escape(bounded(text))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "plain") -> str:
    """A table; its cells are HTML already. kind: its class, for the widths of columns."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    """Rows of label and plain text; an empty label goes on under the one above."""
    parts = [
        f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" if label else f"<dd>{escape(text)}</dd>"
        for label, text in rows
    ]
    return f"<dl>{''.join(parts)}</dl>"
