"""The last stage of a run: rank what is alive, keep the best as rows, and sum the run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engine.permutations import RANK_COLUMNS, REASONS, TIERS, Case, Ranked
from engine.permutations.order import in_memory
from jobs.models import Part
from permutations.files import RunFiles
from permutations.integrity import FILES, mend_chunks
from permutations.models import Run, TopResult
from permutations.results import rows_of
from permutations.shards import MOST_IN_MEMORY, AliveBlocks, write_ranking
from permutations.shelves import on_disk
from permutations.summary import Gathered
from permutations.translate import RunCase

TOP_COUNT = 1_000


def rank_run(run: Run, case: RunCase) -> dict[str, Any]:
    """The run's summary, once its ranking is on disk and its best permutations are rows; safe to do twice."""
    files = RunFiles(run.code)
    files.sweep()
    mend_chunks(run, case)
    counts = _counts(run)
    ranked, blocks = ranked_rows(run, case.case, counts["gate_b_alive"] + counts["near_misses"])
    gathered = Gathered(blocks(), ranked.distinct_count, run.evaluated_count, TOP_COUNT)
    written = write_ranking(files, map(gathered.add, blocks(), ranked.blocks()))
    top = _keep_top(run, gathered)
    return {
        "counts": counts,
        "tiers": {TIERS[tier]: gathered.tiers[tier] for tier in sorted(TIERS, reverse=True)},
        "distinct": ranked.distinct_count,
        "best": _best(top),
        "histograms": gathered.histograms(),
        "points": gathered.points(),
        FILES: written,
    }


def ranked_rows(run: Run, case: Case, alive_count: int) -> tuple[Ranked, AliveBlocks]:
    """The ranking of the run's rows, and the blocks it comes in; beyond what memory holds by way of the disk."""
    blocks = AliveBlocks(RunFiles(run.code), run.chunk_count, RANK_COLUMNS, alive_count)
    new_shelf = in_memory if alive_count <= MOST_IN_MEMORY else on_disk
    return Ranked(blocks, case.terms, run.evaluated_count, new_shelf), blocks


def _keep_top(run: Run, gathered: Gathered) -> list[TopResult]:
    best = gathered.top()
    metrics = rows_of(run, [row["index"] for row in best])
    top = [_top_result(run, row, metrics) for row in best]
    with transaction.atomic():
        TopResult.objects.filter(run=run).delete()
        TopResult.objects.bulk_create(top, batch_size=500)
    return top


def _top_result(run: Run, row: Mapping[str, Any], metrics: Mapping[int, dict[str, Any]]) -> TopResult:
    return TopResult(
        run=run,
        rank=row["rank"],
        permutation_index=row["index"],
        tier=TIERS[row["tier"]],
        score=row["score"],
        metrics=metrics[row["index"]],
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
