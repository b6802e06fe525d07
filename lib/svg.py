"""A chart of lines as geometry that a template draws as SVG: no script, no inline style.

Coordinates are in the units of the drawing's view box, WIDTH by HEIGHT, from the upper left corner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lib import figures
from lib.charts import Chart, Series
from lib.numbers import number_text

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 16, 14, 46
WANTED_TICKS, MOST_LABELS = 5, 10
DOT = 4.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with its words."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a series."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its stretches without a gap as the points of polylines, and a dot for each value."""

    number: int
    name: str
    stretches: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart laid out."""

    chart: Chart
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    unit: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def drawing(chart: Chart) -> Drawing:
    """The chart as lines over its categories, evenly spaced."""
    values = [value for series in chart.series for value in series.values if value is not None]
    ticks = _ticks(min(values, default=0.0), max(values, default=1.0))
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP), 2)

    places = _places(len(chart.categories))
    return Drawing(
        chart,
        tuple(_line(number, series, places, y, chart) for number, series in enumerate(chart.series, start=1)),
        tuple(Tick(x, text) for x, text in zip(places, chart.categories, strict=True))[:: _every(len(places))],
        tuple(Tick(y(tick), short_text(tick, chart.unit)) for tick in ticks),
        chart.currency if chart.unit == "amount" else "",
    )


def short_text(value: float, unit: str) -> str:
    """A figure short enough for an axis: amounts in millions.

    >>> short_text(80e6, "amount"), short_text(2.5e6, "amount")
    ('80m', '2.5m')
    """
    if unit != "amount":
        return figures.in_unit(value, unit)
    return f"{number_text(round(value / 1e6, 6), figures.readers_format())}m" if value else "0"


def _line(number: int, series: Series, places: Sequence[float], y: Callable[[float], float], chart: Chart) -> Line:
    dots = [
        None if value is None else Dot(x, y(value), f"{category}: {figures.in_unit(value, chart.unit)}")
        for x, value, category in zip(places, series.values, chart.categories, strict=True)
    ]
    return Line(number, series.name, tuple(_stretches(dots)), tuple(dot for dot in dots if dot))


def _stretches(dots: Iterable[Dot | None]) -> Iterator[str]:
    held: list[str] = []
    for dot in (*dots, None):
        if dot:
            held.append(f"{dot.x},{dot.y}")
        elif held:
            yield " ".join(held)
            held = []


def _places(count: int) -> list[float]:
    room = WIDTH - LEFT - RIGHT
    return [round(LEFT + room * (n + 0.5) / count, 2) for n in range(count)]


def _every(count: int) -> int:
    """How many categories there are to a label, so that labels do not run into each other."""
    return max(1, math.ceil(count / MOST_LABELS))


def _ticks(low: float, high: float) -> list[float]:
    """Round figures from at most `low` to at least `high`, evenly spaced."""
    span = high - low or abs(high) or 1.0
    magnitude = 10.0 ** math.floor(math.log10(span / WANTED_TICKS))
    step = next(m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * magnitude * WANTED_TICKS >= span * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * n, 12) for n in range(first, max(last, first + 1) + 1)]
