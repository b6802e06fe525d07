"""The last stage of a run: rank what is alive, keep the best as rows, and sum the run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from engine.permutations import RANK_COLUMNS, REASONS, TIERS, Ranking, rank
from permutations.files import RunFiles
from permutations.models import Chunk, Run, TopResult
from permutations.results import rows_of
from permutations.shards import read_alive, write_ranking
from permutations.summary import histograms, points
from permutations.translate import RunCase

TOP_COUNT = 1_000


def rank_run(run: Run, case: RunCase) -> dict[str, Any]:
    """The run's summary, once its ranking is on disk and its best permutations are rows; safe to do twice."""
    files = RunFiles(run.code)
    alive = read_alive(files, run.chunk_count, RANK_COLUMNS)
    ranking = rank(alive, case.case.terms, run.evaluated_count)
    write_ranking(files, ranking.columns)
    top = _keep_top(run, ranking)
    return _summary(run, alive, ranking, top)


def _keep_top(run: Run, ranking: Ranking) -> list[TopResult]:
    ranks = ranking.columns["rank"]
    order = np.argsort(ranks, kind="stable")
    best = order[ranks[order] > 0][:TOP_COUNT]
    metrics = rows_of(run, ranking.columns["index"][best].tolist())
    top = [_top_result(run, ranking.columns, row, metrics) for row in best.tolist()]
    with transaction.atomic():
        TopResult.objects.filter(run=run).delete()
        TopResult.objects.bulk_create(top, batch_size=500)
    return top


def _top_result(
    run: Run, columns: Mapping[str, NDArray[Any]], row: int, metrics: Mapping[int, dict[str, Any]]
) -> TopResult:
    index = int(columns["index"][row])
    return TopResult(
        run=run,
        rank=int(columns["rank"][row]),
        permutation_index=index,
        tier=TIERS[int(columns["tier"][row])],
        score=float(columns["score"][row]),
        metrics=metrics[index],
    )


def _summary(run: Run, alive: Mapping[str, NDArray[Any]], ranking: Ranking, top: list[TopResult]) -> dict[str, Any]:
    columns = {**alive, **_aligned(alive["index"], ranking.columns)}
    ranked = {name: values[columns["rank"] > 0] for name, values in columns.items()}
    return {
        "counts": _counts(run),
        "tiers": _tier_counts(run, ranking),
        "ranked": len(ranked["rank"]),
        "best": _best(top),
        "histograms": histograms(ranked, ranked["tier"]),
        "points": points(ranked),
    }


def _aligned(index: NDArray[np.int64], ranking: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Rank and tier of each alive permutation; 0 and not viable for those the ranking leaves out."""
    found: dict[str, NDArray[Any]] = {}
    places = np.searchsorted(index, ranking["index"])
    for name in ("rank", "tier"):
        values = np.zeros(len(index), dtype=np.int64)
        values[places] = ranking[name]
        found[name] = values
    return found


def _counts(run: Run) -> dict[str, Any]:
    reasons: Counter[int] = Counter()
    near_misses = 0
    for counts in Chunk.objects.filter(run=run).values_list("counts", flat=True):
        reasons.update({int(code): number for code, number in counts["reasons"].items()})
        near_misses += counts["near_misses"]
    run.refresh_from_db(fields=("gate_a_alive", "gate_b_alive"))
    return {
        "evaluated": run.evaluated_count,
        "gate_a_alive": run.gate_a_alive,
        "gate_b_alive": run.gate_b_alive,
        "near_misses": near_misses,
        "reasons": {REASONS[code]: reasons[code] for code in sorted(reasons) if code},
    }


def _tier_counts(run: Run, ranking: Ranking) -> dict[str, int]:
    """Permutations in each tier, best first; whatever was never ranked is not viable."""
    tiers = np.bincount(ranking.columns["tier"], minlength=max(TIERS) + 1)
    viable = {TIERS[tier]: int(tiers[tier]) for tier in sorted(TIERS, reverse=True) if tier}
    return {**viable, TIERS[0]: run.evaluated_count - sum(viable.values())}


def _best(top: list[TopResult]) -> dict[str, Any] | None:
    if not top:
        return None
    first = top[0]
    return {
        "index": first.permutation_index, "rank": first.rank, "tier": first.tier, "score": first.score,
        "metrics": first.metrics,
    }  # fmt: skip
