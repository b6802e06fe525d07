"""A run on a terminal: one line of progress, and a table of what it found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.ratings import rating_label
from financings.words import cell_in
from lib.terminal import text_table
from permutations.models import Run, TopResult
from permutations.tiers import best_first

BAR_WIDTH = 24
LABEL_WIDTH = 28
TOP_HEADINGS = (
    "#",
    "Permutation",
    "Tier",
    "Day-one value",
    "Senior",
    "Mezzanine",
    "DSCR",
    "Stressed",
    "Rating",
    "Equity IRR",
)


def progress_line(progress: dict[str, Any]) -> str:
    """The run's progress in one line: bar, share, alive at each gate, rate, time left."""
    filled = round(progress["done_ratio"] * BAR_WIDTH)
    bar = "#" * filled + "." * (BAR_WIDTH - filled)
    parts = [
        f"[{bar}] {progress['done_ratio']:4.0%} {progress['done_count']:,}",
        f"Gate A {progress['gate_a_alive']:,}",
        f"Gate B {progress['gate_b_alive']:,}",
    ]
    if progress["rate_per_second"]:
        parts.append(f"{progress['rate_per_second']:,.0f}/s")
    if progress["seconds_left"]:
        parts.append(f"{progress['seconds_left']:.0f} s left")
    return "  ".join([*parts, progress["state_label"].lower()])


def result_table(run: Run, top: Sequence[TopResult]) -> str:
    """Counts by gate and reason, tiers, and the best permutations, as lines of text."""
    lines = ["", *_counts(run), "", *_tiers(run), ""]
    lines += _top(top) if top else ["No permutation passed both gates."]
    return "\n".join(lines)


def _counts(run: Run) -> list[str]:
    counts = run.summary["counts"]
    evaluated = counts["evaluated"]
    rows = [
        ("Evaluated", evaluated),
        ("Alive after Gate A", counts["gate_a_alive"]),
        ("Alive after Gate B", counts["gate_b_alive"]),
        ("Near misses", counts["near_misses"]),
        *((f"  {reason}", number) for reason, number in counts["reasons"].items()),
    ]
    return [_counted(label, number, evaluated) for label, number in rows]


def _tiers(run: Run) -> list[str]:
    return [_counted(label, number, run.evaluated_count) for label, number in best_first(run.summary["tiers"])]


def _counted(label: str, number: int, of: int) -> str:
    return f"{label:<{LABEL_WIDTH}}{number:>14,}  {number / of:7.2%}"


def _top(top: Sequence[TopResult]) -> list[str]:
    return text_table([TOP_HEADINGS, *(_top_row(result) for result in top)])


def _top_row(result: TopResult) -> tuple[str, ...]:
    metrics = result.metrics
    return (
        f"{result.rank}",
        f"{result.permutation_index:,}",
        result.tier,
        _amount(metrics["day_one_value"]),
        _amount(metrics["senior_amount"]),
        _amount(metrics["mezz_amount"]),
        _times(metrics["dscr_minimum"]),
        _times(metrics["worst_stressed_dscr"]),
        rating_label(metrics["rating_notch"] or 0),
        cell_in("sponsor_irr_rate", metrics).text,
    )


def _amount(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"
