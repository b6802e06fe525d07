"""Charts as SVG: drawn by matplotlib from plain data, the same bytes for the same chart and size.

matplotlib takes half a second to import, so it is imported when the first chart is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from io import StringIO
from itertools import cycle
from typing import TYPE_CHECKING, Any

from documents.brand import FONT_FOLDER, PALETTE
from lib.charts import Chart, Mark, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHART_FONT = "Source Sans 3"
TEXT_POINTS = 7.5
POINTS_PER_MM = 72.0 / 25.4
# One salt for the ids inside an SVG, which are random otherwise.
SALT = "atlas-nexus"
# Above this many categories only every so many are named.
MOST_NAMES = 16


@lru_cache(maxsize=64)
def chart_svg(chart: Chart, width_mm: float, height_mm: float) -> bytes:
    """The chart as an SVG file of that size."""
    import matplotlib as mpl

    _know_font()
    with mpl.rc_context(_style()):
        figure = _figure(width_mm, height_mm)
        axes = figure.add_subplot()
        _draw(axes, chart)
        return _sized(_saved(figure), width_mm, height_mm)


@lru_cache(maxsize=1)
def _know_font() -> None:
    from matplotlib.font_manager import fontManager
    from svglib.fonts import register_font

    for weight in ("Regular", "SemiBold"):
        fontManager.addfont(str(FONT_FOLDER / f"SourceSans3-{weight}.ttf"))
    register_font(CHART_FONT, str(FONT_FOLDER / "SourceSans3-Regular.ttf"))


def _style() -> Any:
    return {
        "svg.hashsalt": SALT,
        "svg.fonttype": "none",
        "font.family": CHART_FONT,
        "font.size": TEXT_POINTS,
        "axes.edgecolor": PALETTE.rule,
        "axes.linewidth": 0.5,
        "axes.labelcolor": PALETTE.soft,
        "xtick.color": PALETTE.soft,
        "ytick.color": PALETTE.soft,
        "text.color": PALETTE.ink,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "legend.frameon": False,
    }


def _figure(width_mm: float, height_mm: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")


def _saved(figure: Figure) -> str:
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _sized(svg: str, width_mm: float, height_mm: float) -> bytes:
    """The drawing with its size in points: matplotlib's own rounds."""
    size = f'width="{width_mm * POINTS_PER_MM:.3f}pt" height="{height_mm * POINTS_PER_MM:.3f}pt"'
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', size, svg, count=1).encode()


def _draw(axes: Axes, chart: Chart) -> None:
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    if any(series.mark is Mark.BAR for series in chart.series):
        _bars(axes, chart)
    else:
        _columns_and_lines(axes, chart)
    _legend(axes, chart)


def _bars(axes: Axes, chart: Chart) -> None:
    """A bar for each category, the first on top, each with its figure at its end."""
    colours, at = cycle(PALETTE.series), range(len(chart.categories))
    for series in chart.series:
        if series.mark is Mark.LIMIT:
            _limit(axes, series, chart.unit, upright=True)
            continue
        widths = [scaled(value, chart.unit) for value in series.values]
        axes.barh(at, [w or 0.0 for w in widths], height=0.62, color=next(colours), label=series.name, clip_on=False)
        for place, width in zip(at, widths, strict=True):
            if width is not None:
                axes.annotate(worded(width, chart.unit), (width, place), xytext=(3, 0), textcoords="offset points",
                              va="center", fontsize=TEXT_POINTS - 0.5)  # fmt: skip
    axes.set_yticks(list(at), [*chart.categories])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.margins(x=0.12, y=0.02)


def _columns_and_lines(axes: Axes, chart: Chart) -> None:
    colours, at = cycle(PALETTE.series), list(range(len(chart.categories)))
    floor = [0.0] * len(at)
    stacked = [series for series in chart.series if series.mark in {Mark.STACKED, Mark.COLUMN}]
    for series in stacked:
        heights = [scaled(value, chart.unit) or 0.0 for value in series.values]
        axes.bar(at, heights, bottom=floor, width=0.68, color=next(colours), label=series.name, clip_on=False)
        floor = [below + height for below, height in zip(floor, heights, strict=True)]
    for series in chart.series:
        if series.mark is Mark.LINE:
            ink = PALETTE.ink if stacked else next(colours)
            values = [scaled(value, chart.unit) for value in series.values]
            axes.plot(at, [float("nan") if v is None else v for v in values], color=ink, linewidth=1.4,
                      label=series.name, clip_on=False)  # fmt: skip
        elif series.mark is Mark.LIMIT:
            _limit(axes, series, chart.unit, upright=False)
    _years(axes, chart)
    axes.yaxis.set_major_formatter(lambda value, _: worded(value, chart.unit))
    axes.grid(axis="y", color=PALETTE.rule, linewidth=0.4, clip_on=False)
    axes.set_axisbelow(True)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_ylabel({"amount": f"{chart.currency} million", "share": "share"}.get(chart.unit, "times"))


def _years(axes: Axes, chart: Chart) -> None:
    every = -(-len(chart.categories) // MOST_NAMES)
    shown = range(0, len(chart.categories), every)
    axes.set_xticks(list(shown), [chart.categories[at] for at in shown])
    axes.set_xlabel(chart.category_label)
    axes.margins(x=0.02)


def _limit(axes: Axes, series: Series, unit: str, *, upright: bool) -> None:
    value = next((scaled(v, unit) for v in series.values if v is not None), None)
    if value is None:
        return
    draw = axes.axvline if upright else axes.axhline
    colour = PALETTE.bad if "loor" in series.name else PALETTE.series[1]
    draw(
        value,
        color=colour,
        linewidth=0.9,
        linestyle=(0, (4, 2)),
        clip_on=False,
        label=f"{series.name} {worded(value, unit)}",
    )


def _legend(axes: Axes, chart: Chart) -> None:
    if len(chart.series) < 2:
        return
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=min(len(labels), 4),
                borderaxespad=0.2, handlelength=1.4, columnspacing=1.4, handletextpad=0.5)  # fmt: skip


def scaled(value: float | None, unit: str) -> float | None:
    """The value as it is drawn: amounts in millions."""
    return value if value is None or unit != "amount" else value / 1e6


def worded(value: float, unit: str) -> str:
    """`12.3` million, `12.5%`, or `1.35x`."""
    size = abs(value)
    text = f"{size:,.1f}" if unit == "amount" else f"{100 * size:,.1f}%" if unit == "share" else f"{size:,.2f}x"
    return f"\N{MINUS SIGN}{text}" if value < 0.0 and any(digit in text for digit in "123456789") else text


def told(chart: Chart) -> str:
    """What the chart shows in words, for who cannot see it: each series from its first figure to its last.

    >>> told(Chart("cover", "Cover", "times", "GBP", "year", ("1", "2"), (Series("DSCR", (1.3, 1.42), Mark.LINE),)))
    'Chart: Cover, by year. DSCR from 1.30x (1) to 1.42x (2).'
    """
    lines = []
    for series in chart.series:
        found = [
            (name, value) for name, value in zip(chart.categories, series.values, strict=True) if value is not None
        ]
        if not found:
            continue
        (first, start), (last, end) = found[0], found[-1]
        if series.mark == Mark.LIMIT:
            lines.append(f"{series.name} {_figure_in_words(start, chart)}.")
        else:
            lines.append(
                f"{series.name} from {_figure_in_words(start, chart)} ({first}) to {_figure_in_words(end, chart)} ({last})."
            )
    return " ".join([f"Chart: {chart.title}, by {chart.category_label}.", *lines])


def _figure_in_words(value: float, chart: Chart) -> str:
    scale = scaled(value, chart.unit) or 0.0
    return (
        f"{chart.currency} {worded(scale, chart.unit)} million" if chart.unit == "amount" else worded(scale, chart.unit)
    )


def charts_in(fields: Iterable[dict[str, Any]]) -> dict[str, Chart]:
    """Charts by their code, read back from the plain data of a document's fields."""
    found = (_chart(plain) for plain in fields)
    return {chart.code: chart for chart in found}


def _chart(plain: dict[str, Any]) -> Chart:
    series = tuple(Series(row["name"], tuple(row["values"]), Mark(row["mark"])) for row in plain["series"])
    return Chart(**{**plain, "categories": tuple(plain["categories"]), "series": series})
