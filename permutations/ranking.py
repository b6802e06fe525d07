"""The last stage of a run: rank what is alive, keep the best as rows, and sum the run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from django.db import transaction

from engine.permutations import RANK_COLUMNS, REASONS, TIERS, Case, LeverSet, Ranked, RankedBlock
from engine.permutations.order import in_memory
from jobs.models import Part
from permutations.files import RunFiles
from permutations.integrity import FILES, mend_chunks
from permutations.kept import MOST_KEPT, Firsts
from permutations.models import Run, TopResult
from permutations.results import alive_rows, rows_of
from permutations.shards import MOST_IN_MEMORY, AliveBlocks, write_kept, write_ranking
from permutations.shelves import on_disk
from permutations.summary import Gathered
from permutations.translate import RunCase

TOP_COUNT = 1_000


def rank_run(run: Run, case: RunCase) -> dict[str, Any]:
    """The run's summary, once its ranking is on disk and its best permutations are rows; safe to do twice."""
    files = RunFiles(run.code)
    files.sweep()
    mend_chunks(run, case, all_files=True)
    counts = _counts(run)
    alive = counts["gate_b_alive"] + counts["near_misses"]
    ranked, blocks = ranked_rows(run, case.case, alive)
    gathered = Gathered(blocks(), ranked.distinct_count, run.evaluated_count, TOP_COUNT)
    only_best = not run.keeps_all_rows and alive > MOST_KEPT
    if only_best:
        written, kept = _keep_best(files, case.case.levers, ranked, blocks, gathered)
    else:
        written, kept = write_ranking(files, map(gathered.add, blocks(), ranked.blocks())), alive
    top = _keep_top(run, case, gathered)
    rows = {} if run.keeps_all_rows else {"rows": {"alive": alive, "kept": kept, "only_best": only_best}}
    return {
        "counts": counts,
        "by_lever": _by_lever(run, case.case.levers),
        **rows,
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


def _keep_best(
    files: RunFiles, levers: LeverSet, ranked: Ranked, blocks: AliveBlocks, gathered: Gathered
) -> tuple[dict[str, str], int]:
    """The SHA-256 of the files with the best rows and their ranking, and how many they are; all rows are gathered."""
    firsts, written, kept = Firsts(levers), dict[str, str](), 0
    for rows, block in zip(blocks(), ranked.blocks(), strict=True):
        gathered.add(rows, block)
        firsts.add(rows, block)
    always = firsts.ranks()

    def best() -> Iterator[RankedBlock]:
        nonlocal kept
        for number, block in enumerate(ranked.blocks()):
            is_kept = (block.rank > 0) & ((block.rank <= MOST_KEPT) | np.isin(block.rank, always))
            kept += int(np.count_nonzero(is_kept))
            written.update(write_kept(files, number, is_kept))
            yield RankedBlock(**{each.name: getattr(block, each.name)[is_kept] for each in fields(RankedBlock)})

    written |= write_ranking(files, best())
    return written, kept


def _keep_top(run: Run, case: RunCase, gathered: Gathered) -> list[TopResult]:
    best = gathered.top()
    indices = [row["index"] for row in best]
    metrics = rows_of(run, indices) if run.keeps_all_rows else alive_rows(run, case, indices)
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


def _by_lever(run: Run, levers: LeverSet) -> dict[str, list[dict[str, int]]]:
    """For each lever's values in turn how many passed and how many stopped for each first reason."""
    found = {code: [Counter[str]() for _ in values] for code, values in levers.axes}
    for counts in Part.objects.filter(job=run.code, is_closing=False).values_list("counts", flat=True):
        for code, triples in counts.get("by_lever", {}).items():
            for position, reason, number in triples:
                found[code][position][REASONS[reason] if reason else "passed"] += number
    return {code: [dict(sorted(each.items())) for each in values] for code, values in found.items() if any(values)}


def _best(top: list[TopResult]) -> dict[str, Any] | None:
    if not top:
        return None
    first = top[0]
    return {
        "index": first.permutation_index, "rank": first.rank, "tier": first.tier, "score": first.score,
        "metrics": first.metrics,
    }  # fmt: skip
