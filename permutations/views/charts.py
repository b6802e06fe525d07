"""What the charts of a run draw, as plain data for the page's script."""

from __future__ import annotations

from typing import Any

from financings.catalogue import RESULTS
from financings.words import tier_class, tier_words
from permutations.models import Run
from permutations.results import distributions
from permutations.tiers import best_first


def run_currency(run: Run) -> str:
    """The currency of the run's amounts."""
    return str(run.snapshot.content.get("currency", ""))


def run_charts(run: Run) -> dict[str, Any]:
    """Histograms by tier and the points of the scatter chart of a finished run."""
    return {
        "currency": run_currency(run),
        "histograms": [_histogram(name, found) for name, found in distributions(run).items() if found["edges"]],
        "scatter": _scatter(run),
    }


def _histogram(name: str, found: dict[str, Any]) -> dict[str, Any]:
    column = RESULTS.columns[name]
    series = [
        {"label": label, "tier": tier_class(label), "counts": counts}
        for label, counts in best_first(found["tiers"])
        if any(counts)
    ]
    return {"name": name, "label": column.title, "unit": column.unit, "edges": found["edges"], "series": series}


def _scatter(run: Run) -> dict[str, Any]:
    points = run.summary.get("points", {"columns": [], "rows": []})
    columns: list[str] = points["columns"]
    if "tier" not in columns:
        return {"columns": {}, "rows": [], "place": {}}
    place = {name: number for number, name in enumerate(columns)}
    rows = [[*row[: place["tier"]], tier_class(tier_words(row[place["tier"]])), *row[place["tier"] + 1 :]]
            for row in points["rows"]]  # fmt: skip
    shown = {name: {"label": RESULTS.columns[name].title, "unit": RESULTS.columns[name].unit} for name in columns}
    return {"columns": shown, "place": place, "rows": rows}
