"""Pictures with few parts: horizontal bars, stacked bars, lines.

Drawn by hand, so that the same figures give the same bytes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 760
LABELS: Final = 290
"""Pixels for the names left of bars."""
VALUES: Final = 90
"""Pixels for the figures right of them."""
ROW: Final = 22
TOP: Final = 44
COLOURS: Final = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999",
    "#f0e442", "#444444",
)  # fmt: skip
"""Okabe and Ito's, told apart by colour-blind people too."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. low, high: the spread, drawn as a line; group: rows of one colour."""

    label: str
    value: float
    low: float
    high: float
    group: str


def bars(title: str, rows: Sequence[Bar], unit: str) -> str:
    """One bar a row, with its spread and its figure."""
    groups = list(dict.fromkeys(row.group for row in rows))
    scale = (WIDTH - LABELS - VALUES) / max([row.high for row in rows] + [1e-9])
    parts = []
    for number, row in enumerate(rows):
        y = TOP + number * ROW
        colour = COLOURS[groups.index(row.group) % len(COLOURS)]
        middle = y + ROW / 2 - 2
        low, high = LABELS + row.low * scale, LABELS + row.high * scale
        parts += [
            _text(LABELS - 8, middle + 4, row.label, "end"),
            f'<rect x="{LABELS}" y="{y}" width="{row.value * scale:.1f}" height="{ROW - 6}" '
            f'fill="{colour}"/>',
            f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}" stroke="#222" stroke-width="1.5"/>',
            _text(high + 6, middle + 4, f"{row.value:,.0f} {unit}"),
        ]
    return _picture(title, parts, TOP + len(rows) * ROW + 8)


def stacked(title: str, rows: dict[str, dict[str, float]], unit: str) -> str:
    """Rows of parts that add up, with a legend. rows: by label, parts by name."""
    names = list(next(iter(rows.values())))
    scale = (WIDTH - LABELS - VALUES) / max(sum(parts.values()) for parts in rows.values())
    out = []
    for number, (label, values) in enumerate(rows.items()):
        y, x = TOP + number * ROW * 1.6, float(LABELS)
        out.append(_text(LABELS - 8, y + ROW * 0.75, label, "end"))
        for name, value in values.items():
            width = value * scale
            colour = COLOURS[names.index(name) % len(COLOURS)]
            out.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{ROW * 1.2:.1f}" '
                f'fill="{colour}"><title>{escape(name)}: {value:.1f} {unit}</title></rect>'
            )
            x += width
        out.append(_text(x + 6, y + ROW * 0.75, f"{sum(values.values()):,.0f} {unit}"))
    y = TOP + len(rows) * ROW * 1.6 + 8
    return _picture(title, out + _legend(names, y), y + ROW)


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y), joined."""

    label: str
    points: Sequence[tuple[float, float]]


def lines(
    title: str, drawn: Sequence[Line], x_name: str, y_name: str, *, log_x: bool = False
) -> str:
    """Lines from zero upwards; each x that occurs is marked."""
    left, bottom, height = 80, TOP + 220, 200
    right = WIDTH - 40
    xs = sorted({x for line in drawn for x, _ in line.points})
    top = _nice(max(y for line in drawn for _, y in line.points))

    def place(x: float) -> float:
        low, high = (math.log(xs[0]), math.log(xs[-1])) if log_x else (xs[0], xs[-1])
        at = math.log(x) if log_x else x
        return left + (at - low) / ((high - low) or 1) * (right - left)

    def rise(y: float) -> float:
        return bottom - y / top * height

    parts = [f'<path d="M{left} {bottom}H{right}" stroke="#888"/>']
    for step in range(5):
        y = top * step / 4
        parts.append(f'<path d="M{left} {rise(y):.1f}H{right}" stroke="#ddd"/>')
        parts.append(_text(left - 6, rise(y) + 4, f"{y:,.0f}", "end"))
    for x in xs:
        parts.append(_text(place(x), bottom + 16, f"{x:,.0f}", "middle"))
    for number, line in enumerate(drawn):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{place(x):.1f},{rise(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{place(x):.1f}" cy="{rise(y):.1f}" r="3.5" fill="{colour}"/>'
            for x, y in line.points
        ]
    parts.append(_text((left + right) / 2, bottom + 34, x_name, "middle"))
    parts.append(_text(left, TOP - 8, y_name))
    y = bottom + 44
    return _picture(title, parts + _legend([line.label for line in drawn], y), y + ROW)


def _nice(value: float) -> float:
    """A round number not below `value`."""
    power = 10.0 ** math.floor(math.log10(value or 1))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= value)


def _legend(names: Sequence[str], y: float) -> list[str]:
    parts, x = [], 20.0
    for number, name in enumerate(names):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(x + 14, y + 9, name))
        x += 34 + 6.6 * len(name)
    return parts


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _picture(title: str, parts: Sequence[str], height: float) -> str:
    heading = f'<text x="20" y="22" font-weight="bold">{escape(title)}</text>'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            'font-family="sans-serif" font-size="12" fill="#222">',
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>',
            heading,
            *parts,
            "</svg>\n",
        )
    )
