"""The last stage of a run: rank what is alive, keep the best as rows, and sum the run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import transaction

from engine.permutations import RANK_COLUMNS, REASONS, TIERS, Ranking, rank
from jobs.models import Part
from permutations.files import RunFiles
from permutations.integrity import FILES, mend_chunks
from permutations.models import Run, TopResult
from permutations.results import rows_of
from permutations.shards import read_alive, write_ranking
from permutations.summary import histograms, points
from permutations.translate import RunCase

TOP_COUNT = 1_000


def rank_run(run: Run, case: RunCase) -> dict[str, Any]:
    """The run's summary, once its ranking is on disk and its best permutations are rows; safe to do twice."""
    files = RunFiles(run.code)
    files.sweep()
    mend_chunks(run, case)
    alive = read_alive(files, run.chunk_count, RANK_COLUMNS)
    ranking = rank(alive, case.case.terms, run.evaluated_count)
    written = write_ranking(files, ranking)
    top = _keep_top(run, ranking)
    return {
        "counts": _counts(run),
        "tiers": {TIERS[tier]: ranking.tier_counts[tier] for tier in sorted(TIERS, reverse=True)},
        "distinct": int(np.count_nonzero(ranking.rank)),
        "best": _best(top),
        "histograms": histograms(alive, ranking.tier),
        "points": points({**alive, "rank": ranking.rank, "tier": ranking.tier}),
        FILES: written,
    }


def _keep_top(run: Run, ranking: Ranking) -> list[TopResult]:
    order = np.argsort(ranking.rank, kind="stable")
    best = order[ranking.rank[order] > 0][:TOP_COUNT]
    metrics = rows_of(run, ranking.index[best].tolist())
    top = [_top_result(run, ranking, row, metrics) for row in best.tolist()]
    with transaction.atomic():
        TopResult.objects.filter(run=run).delete()
        TopResult.objects.bulk_create(top, batch_size=500)
    return top


def _top_result(run: Run, ranking: Ranking, row: int, metrics: Mapping[int, dict[str, Any]]) -> TopResult:
    index = int(ranking.index[row])
    return TopResult(
        run=run,
        rank=int(ranking.rank[row]),
        permutation_index=index,
        tier=TIERS[int(ranking.tier[row])],
        score=float(ranking.score[row]),
        metrics=metrics[index],
    )


def _counts(run: Run) -> dict[str, Any]:
    """Counts over all chunks: alive after each gate, near misses, and how many stopped for each first reason."""
    totals: Counter[str] = Counter()
    reasons: Counter[int] = Counter()
    for counts in Part.objects.filter(job=run.code, is_closing=False).values_list("counts", flat=True):
        reasons.update({int(code): number for code, number in counts["reasons"].items()})
        totals.update({name: counts[name] for name in ("gate_a_alive", "gate_b_alive", "near_misses")})
    return {
        "evaluated": run.evaluated_count,
        **totals,
        "reasons": {REASONS[code]: reasons[code] for code in sorted(reasons)},
    }


def _best(top: list[TopResult]) -> dict[str, Any] | None:
    if not top:
        return None
    first = top[0]
    return {
        "index": first.permutation_index, "rank": first.rank, "tier": first.tier, "score": first.score,
        "metrics": first.metrics,
    }  # fmt: skip
