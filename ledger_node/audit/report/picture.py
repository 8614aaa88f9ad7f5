"""Pictures as SVG: a timeline with a lane for each who acted, and bars of records a day.

Outcomes differ by shape as well as by colour, so that they can be told apart in print and by
whoever does not see the colours. Numbers in the timeline are those of the table below it. Colours
are attributes, not styles: not every program that draws SVG takes styles from the page around it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ledger_node.audit.display import moment
from ledger_node.audit.report.history import DAY_MS, Event
from ledger_node.audit.report.markup import escaped

WIDTH: Final = 960
LABEL: Final = 190
LANE: Final = 34
MARGIN: Final = 24
MAX_LANES: Final = 14
OTHERS: Final = "others"
BY_ITSELF: Final = "by itself"
GOOD: Final = "#1a7f5a"
BAD: Final = "#b3261e"
DUE: Final = "#8a6100"
DIM: Final = "#57606a"
LINE: Final = "#d0d7de"
_BAR_HEIGHT: Final = 140
_GAP: Final = 16
"""Pixels between two marks of one lane below which the later is moved to the right."""


def timeline(events: Sequence[Event]) -> str:
    """The events along the time, a lane for each author in order of first appearance."""
    lanes = _lanes(events)
    height = MARGIN * 2 + LANE * len(lanes)
    first, last = events[0].time_ms, events[-1].time_ms
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height + 20}" role="img" aria-label="Timeline of '
        f'{len(events)} events, {moment(first)} to {moment(last)}">'
    ]
    for row, lane in enumerate(lanes):
        y = MARGIN + LANE * row + LANE // 2
        parts.append(
            f'<line stroke="{LINE}" x1="{LABEL}" y1="{y}" x2="{WIDTH - MARGIN}" y2="{y}"/>'
        )
        label = escaped(lane if len(lane) <= 24 else f"{lane[:23]}…")
        parts.append(
            f'<text font-size="12" x="{LABEL - 10}" y="{y + 4}" text-anchor="end">{label}</text>'
        )
    occupied: dict[int, int] = {}
    for number, event in enumerate(events, start=1):
        row = _row(event, lanes)
        x = _place(event.time_ms, first, last)
        x = max(x, occupied.get(row, 0) + _GAP if row in occupied else x)
        occupied[row] = x
        parts += _mark(event, number, min(x, WIDTH - MARGIN), MARGIN + LANE * row + LANE // 2)
    for x, anchor, time_ms in ((LABEL, "start", first), (WIDTH - MARGIN, "end", last)):
        parts.append(
            f'<text font-size="12" fill="{DIM}" x="{x}" y="{height + 12}" text-anchor="{anchor}">'
            f"{moment(time_ms)}</text>"
        )
    return "".join([*parts, "</svg>"])


def days_chart(days: Mapping[int, tuple[int, int]]) -> str:
    """Records a day, accepted ones below refused ones."""
    numbers = range(min(days), max(days) + 1)
    top = max(good + bad for good, bad in days.values())
    width = max(1, min(40, (WIDTH - 2 * MARGIN) // len(numbers)))
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {_BAR_HEIGHT + 40}" role="img" aria-label="Records a day, at '
        f'most {top}">'
    ]
    # Days beyond the picture's width share a column.
    for day, (good, bad) in sorted(days.items()):
        x = MARGIN + min((day - numbers[0]) * width, WIDTH - 2 * MARGIN - width)
        for colour, begin, count in ((GOOD, 0, good), (BAD, good, bad)):
            size = count * _BAR_HEIGHT / top
            y = 10 + _BAR_HEIGHT - (begin + count) * _BAR_HEIGHT / top
            parts.append(
                f'<rect fill="{colour}" x="{x}" y="{y:.1f}" width="{max(1, width - 1)}" '
                f'height="{size:.1f}"><title>{moment(day * DAY_MS)[:10]}: {good} accepted, '
                f"{bad} refused</title></rect>"
            )
    ends = f"{moment(numbers[0] * DAY_MS)[:10]} to {moment(numbers[-1] * DAY_MS)[:10]}"
    parts.append(
        f'<text font-size="12" fill="{DIM}" x="{MARGIN}" y="{_BAR_HEIGHT + 30}">'
        f"{ends}; highest bar {top}</text>"
    )
    return "".join([*parts, "</svg>"])


def _lanes(events: Sequence[Event]) -> list[str]:
    names = list(dict.fromkeys(event.author or BY_ITSELF for event in events))
    return names if len(names) <= MAX_LANES else [*names[: MAX_LANES - 1], OTHERS]


def _row(event: Event, lanes: Sequence[str]) -> int:
    name = event.author or BY_ITSELF
    return lanes.index(name) if name in lanes else len(lanes) - 1


def _place(time_ms: int, first: int, last: int) -> int:
    span = WIDTH - MARGIN - LABEL
    return LABEL + (span * (time_ms - first) // (last - first) if last > first else 0)


def _mark(event: Event, number: int, x: int, y: int) -> Iterator[str]:
    title = escaped(f"{number}: {event.kind}, {moment(event.time_ms)}")
    if event.is_deadline:
        shape = f'<path fill="{DUE}" d="M{x} {y - 7}l7 7l-7 7l-7 -7z">'
        closing = "path"
    elif event.refusal is not None:
        shape = f'<path fill="{BAD}" d="M{x - 6} {y - 6}h12v12h-12z">'
        closing = "path"
    else:
        shape = f'<circle fill="{GOOD}" cx="{x}" cy="{y}" r="6">'
        closing = "circle"
    yield f"{shape}<title>{title}</title></{closing}>"
    place = f'x="{x}" y="{y - 9}" text-anchor="middle"'
    yield f'<text font-size="9" fill="{DIM}" {place}>{number}</text>'
