"""What a finished run tells at a glance: counts, tiers, distributions and a sample of points. JSON-able, no NaN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.permutations import TIERS
from tables.distributions import distribution

Columns = Mapping[str, NDArray[Any]]
HEADLINES = ("day_one_value", "dscr_minimum", "sponsor_irr_rate", "senior_amount", "worst_stressed_dscr")
POINTS = 2_000
POINTS_FROM_TOP = 200
POINT_COLUMNS = ("index", "rank", "tier", *HEADLINES)


def histograms(columns: Columns, tiers: NDArray[Any]) -> dict[str, Any]:
    """Counts by bin and tier of each headline column over the ranked permutations; equal bins for all tiers."""
    return {name: _histogram(columns[name], tiers) for name in HEADLINES}


def points(columns: Columns) -> dict[str, Any]:
    """A fixed sample of ranked permutations for a scatter chart: the best ones, and others evenly spread by rank."""
    order = np.argsort(columns["rank"], kind="stable")
    ranked = order[columns["rank"][order] > 0]
    top, rest = ranked[:POINTS_FROM_TOP], ranked[POINTS_FROM_TOP:]
    wanted = min(len(rest), POINTS - len(top))
    spread = rest[np.linspace(0, len(rest) - 1, wanted).astype(np.int64)] if wanted else rest[:0]
    chosen = np.concatenate([top, spread])
    rows = [[plain(columns[name][row]) for name in POINT_COLUMNS] for row in chosen]
    return {"columns": list(POINT_COLUMNS), "rows": rows}


def plain(value: Any) -> Any:
    """A NumPy or Arrow value as JSON knows it; NaN becomes None."""
    item = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(item, float) and not np.isfinite(item) else item


def _histogram(values: NDArray[Any], tiers: NDArray[Any]) -> dict[str, Any]:
    found = distribution(values, tiers, TIERS)
    return {"edges": found.edges, "tiers": found.counts, "missing": found.missing}
