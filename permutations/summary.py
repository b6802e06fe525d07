"""What a finished run tells at a glance: counts, tiers, distributions and a sample of points. JSON-able, no NaN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.permutations import TIERS, RankedBlock, tier_counts_of
from tables.distributions import Tally, limits_of

Columns = Mapping[str, NDArray[Any]]
Limits = dict[str, tuple[float, float]]
HEADLINES = ("day_one_value", "dscr_minimum", "sponsor_irr_rate", "senior_amount", "worst_stressed_dscr")
POINTS = 2_000
POINTS_FROM_TOP = 200
POINT_COLUMNS = ("index", "rank", "tier", *HEADLINES)


class Gathered:
    """What is kept of a ranking as its blocks go by: tiers, histograms, the best, and points for a scatter chart."""

    def __init__(self, blocks: Iterable[Columns], distinct_count: int, evaluated_count: int, top_count: int) -> None:
        limits = _limits(blocks)
        self._top_count = top_count
        self._tallies = {name: Tally(limits.get(name), TIERS) for name in HEADLINES}
        self.tiers = tier_counts_of([], evaluated_count)
        self._chosen = _chosen_ranks(distinct_count)
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: Columns, ranking: RankedBlock) -> RankedBlock:
        """The block, once what is to be kept of it is."""
        for name, tally in self._tallies.items():
            tally.add(rows[name], ranking.tier)
        for tier in TIERS:
            self.tiers[tier] += int(np.count_nonzero(ranking.tier == tier))
        self.tiers[0] -= ranking.tier.size
        is_kept = (ranking.rank > 0) & ((ranking.rank <= self._top_count) | np.isin(ranking.rank, self._chosen))
        self._rows += [self._row(rows, ranking, at) for at in np.flatnonzero(is_kept).tolist()]
        return ranking

    def top(self) -> list[dict[str, Any]]:
        """The best, with index, rank, tier and score."""
        return [row for row in self._by_rank() if row["rank"] <= self._top_count]

    def histograms(self) -> dict[str, Any]:
        """Counts by bin and tier of each headline column over the ranked permutations; equal bins for all tiers."""
        found = {name: tally.told() for name, tally in self._tallies.items()}
        return {name: {"edges": d.edges, "tiers": d.counts, "missing": d.missing} for name, d in found.items()}

    def points(self) -> dict[str, Any]:
        """A fixed sample of ranked permutations: the best ones, and others evenly spread by rank."""
        chosen = set(self._chosen.tolist())
        rows = [[row[name] for name in POINT_COLUMNS] for row in self._by_rank() if row["rank"] in chosen]
        return {"columns": list(POINT_COLUMNS), "rows": rows}

    def _by_rank(self) -> list[dict[str, Any]]:
        return sorted(self._rows, key=lambda row: int(row["rank"]))

    def _row(self, rows: Columns, ranking: RankedBlock, at: int) -> dict[str, Any]:
        ranked = {name: plain(getattr(ranking, name)[at]) for name in ("index", "rank", "tier", "score")}
        return {**ranked, **{name: plain(rows[name][at]) for name in HEADLINES}}


def _limits(blocks: Iterable[Columns]) -> Limits:
    """The lowest and highest known value of each headline; nothing for one that is never known."""
    found: Limits = {}
    for rows in blocks:
        for name in HEADLINES:
            if limits := limits_of(rows[name]):
                low, high = found.get(name, limits)
                found[name] = (min(low, limits[0]), max(high, limits[1]))
    return found


def _chosen_ranks(distinct_count: int) -> NDArray[np.int64]:
    """The ranks that are points of the chart."""
    first = min(distinct_count, POINTS_FROM_TOP)
    rest = distinct_count - first
    wanted = min(rest, POINTS - first)
    spread = np.linspace(0, rest - 1, wanted).astype(np.int64) if wanted else np.empty(0, dtype=np.int64)
    return np.concatenate([np.arange(1, first + 1), first + 1 + spread])


def plain(value: Any) -> Any:
    """A NumPy or Arrow value as JSON knows it; NaN becomes None."""
    item = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(item, float) and not np.isfinite(item) else item
