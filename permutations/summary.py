"""What a finished run tells at a glance: counts, tiers, distributions and a sample of points. JSON-able, no NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.permutations import TIERS, RankedBlock
from tables.distributions import Tally, limits_of

Columns = Mapping[str, NDArray[Any]]
Limits = dict[str, tuple[float, float]]
HEADLINES = ("day_one_value", "dscr_minimum", "sponsor_irr_rate", "senior_amount", "worst_stressed_dscr")
POINTS = 2_000
POINTS_FROM_TOP = 200
POINT_COLUMNS = ("index", "rank", "tier", *HEADLINES)


class Gathered:
    """What is kept of a ranking as its blocks go by: tiers, histograms, the best, and points for a scatter chart."""

    def __init__(self, limits: Mapping[str, tuple[float, float]], distinct_count: int, top_count: int) -> None:
        self._top_count = top_count
        self._tallies = {name: Tally(limits.get(name), TIERS) for name in HEADLINES}
        self._tiers = np.zeros(len(TIERS), dtype=np.int64)
        self._chosen = _chosen_ranks(distinct_count)
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: Columns, ranking: RankedBlock) -> None:
        """Nothing; what is to be kept of a block is."""
        for name, tally in self._tallies.items():
            tally.add(rows[name], ranking.tier)
        self._tiers += np.bincount(ranking.tier, minlength=len(TIERS))
        is_kept = (ranking.rank > 0) & ((ranking.rank <= self._top_count) | among(ranking.rank, self._chosen))
        self._rows += [self._row(rows, ranking, at) for at in np.flatnonzero(is_kept).tolist()]

    def told(self) -> dict[str, Any]:
        """All of it, JSON-able: rows by tier, counts by bin and tier of each headline column, the best and the points."""
        found = {name: tally.told() for name, tally in self._tallies.items()}
        return {
            "tiers": self._tiers.tolist(),
            "histograms": {n: {"edges": d.edges, "tiers": d.counts, "missing": d.missing} for n, d in found.items()},
            "best": self._rows,
        }

    def _row(self, rows: Columns, ranking: RankedBlock, at: int) -> dict[str, Any]:
        ranked = {name: plain(getattr(ranking, name)[at]) for name in ("index", "rank", "tier", "score")}
        return {**ranked, **{name: plain(rows[name][at]) for name in HEADLINES}}


@dataclass(frozen=True, slots=True)
class Summed:
    """What was gathered of all blocks: numbers by tier's word, histograms by headline, the best by rank, points."""

    tiers: dict[str, int]
    histograms: dict[str, Any]
    top: list[dict[str, Any]]
    points: dict[str, Any]


def summed(told: Sequence[Mapping[str, Any]], distinct_count: int, evaluated_count: int, top_count: int) -> Summed:
    """From what was told of each share of the chunks, of at least one."""
    tiers = np.sum([each["tiers"] for each in told], axis=0)
    tiers[0] += evaluated_count - tiers.sum()
    rows = sorted((row for each in told for row in each["best"]), key=lambda row: int(row["rank"]))
    chosen = set(_chosen_ranks(distinct_count).tolist())
    points = [[row[name] for name in POINT_COLUMNS] for row in rows if row["rank"] in chosen]
    return Summed(
        tiers={TIERS[tier]: int(tiers[tier]) for tier in sorted(TIERS, reverse=True)},
        histograms={name: _added([each["histograms"][name] for each in told]) for name in HEADLINES},
        top=[row for row in rows if row["rank"] <= top_count],
        points={"columns": list(POINT_COLUMNS), "rows": points},
    )


def _added(histograms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One histogram of several with the same edges."""
    first = histograms[0]
    tiers = {word: np.sum([each["tiers"][word] for each in histograms], axis=0).tolist() for word in first["tiers"]}
    return {"edges": first["edges"], "tiers": tiers, "missing": sum(each["missing"] for each in histograms)}


def widen(limits: Limits, rows: Columns) -> None:
    """Nothing; the limits of each headline hold the known values of these rows too; one that is never known has none."""
    for name in HEADLINES:
        if found := limits_of(rows[name]):
            low, high = limits.get(name, found)
            limits[name] = (min(low, found[0]), max(high, found[1]))


def among(ranks: NDArray[np.int64], few: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True where a rank is one of a few, which rise."""
    at = np.searchsorted(few, ranks)
    return np.asarray(few[np.minimum(at, few.size - 1)] == ranks) if few.size else np.zeros(ranks.size, dtype=bool)


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
