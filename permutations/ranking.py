"""The last stage of a run: rank what is alive, keep the best as rows, and sum the run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction

from engine.permutations import (
    RANK_COLUMNS,
    REASONS,
    TIERS,
    Alive,
    LeverSet,
    Outcomes,
    Ranked,
    RankedBlock,
    Scale,
    Scores,
    Standing,
    Survey,
    ranked_block,
)
from engine.permutations.order import NewShelf, in_memory
from engine.terms import StructuringTerms
from jobs.models import Part
from permutations.aside import OUTCOMES, PLACES, Aside, shelf_file
from permutations.files import RunFiles, chunk_file
from permutations.integrity import FILES, mend_chunks
from permutations.kept import MOST_KEPT, Firsts
from permutations.models import KEEPING, ORDERING, Run, TopResult
from permutations.results import alive_rows, rows_of
from permutations.shards import ranking_table, read_alive, write_kept, write_ranking_tables
from permutations.shelves import on_disk
from permutations.summary import Gathered, among, summed, widen
from permutations.translate import RunCase

TOP_COUNT = 1_000
# Rows alive that are sorted in memory; of more what is not sorted now lies on the disk.
MOST_IN_MEMORY = 1_000_000


def rank_run(run: Run, case: RunCase, aside: Aside | None = None) -> dict[str, Any]:
    """The run's summary, once its ranking is on disk and its best permutations are rows; safe to do twice."""
    ranking = RunRanking(run, case, aside or Aside(run.code))
    RunFiles(run.code).sweep()
    every = range(run.chunk_count)
    return ranking.close([every], [ranking.keep(0, every)])


def rank_part(run: Run, case: RunCase, part: Part) -> dict[str, Any]:
    """The answer of a part of a large run's ranking; of the closing one the run's summary."""
    ranking, at = RunRanking(run, case, Aside(run.code, is_shared=True)), part.number - run.chunk_count
    if part.stage == ORDERING:
        (ranking.order_scores, ranking.order_outcomes)[at]()
        return {}
    if part.stage == KEEPING:
        return ranking.keep(at - 2, run.shelves[at - 2])
    RunFiles(run.code).sweep()
    kept = Part.objects.filter(job=run.code, stage=KEEPING).order_by("number")
    return ranking.close(run.shelves, list(kept.values_list("counts", flat=True)))


@dataclass(frozen=True, slots=True)
class RunRanking:
    """The ranking of a run, stage by stage: where rows stand; what is kept of each chunk; the summary of it all.

    Every stage gives the same whoever does it; of those before it what is not there is made again.
    """

    run: Run
    case: RunCase
    aside: Aside

    def order_scores(self) -> None:
        """Nothing; the place by score of every row alive is put aside, with the limits of what is measured."""
        survey, limits = self._survey(), dict[str, tuple[float, float]]()
        scores = Scores(self._alive, self._terms, survey, _new_shelf(survey.count))
        for alive in self._alive():
            widen(limits, alive.rows)
        self.aside.tell(PLACES, {"alive": survey.count, "scale": dict(survey.scale), "limits": limits})
        self.aside.put(PLACES, (pa.table({"place": place.astype(np.uint32)}) for place in scores.places()))

    def order_outcomes(self) -> None:
        """Nothing; the rank of every row alive, or which stands for it, is put aside, with the ranks that are kept come what may."""
        survey, firsts = self._survey(), Firsts(self.case.case.levers)
        standing = Standing(self._alive, self._terms, survey, _new_shelf(survey.count))

        def tables() -> Iterator[pa.Table]:
            for alive, found in zip(self._alive(), standing.outcomes(), strict=True):
                if survey.count > MOST_KEPT:
                    firsts.add(alive.rows, found.rank)
                yield pa.table({
                    "rank": found.rank.astype(np.uint32),
                    "representative": found.representative,
                    "merged_count": found.merged_count.astype(np.uint32),
                })  # fmt: skip

        self.aside.put(OUTCOMES, tables())
        self.aside.tell(OUTCOMES, {"distinct": standing.distinct_count, "always": firsts.ranks().tolist()})

    def keep(self, shelf: int, numbers: range) -> dict[str, Any]:
        """What is gathered of these chunks, once the ranking of what is kept of them is put aside, and their best are files."""
        run, files = self.run, RunFiles(self.run.code)
        mend_chunks(run, self.case, numbers, all_files=True)
        places, outcomes = self._told(PLACES), self._told(OUTCOMES)
        gathered = Gathered(places["limits"], outcomes["distinct"], TOP_COUNT)
        always, written, kept = np.array(outcomes["always"], dtype=np.int64), dict[str, str](), 0

        def tables() -> Iterator[pa.Table]:
            nonlocal kept
            for number in numbers:
                alive, block = self._ranked(number, places["scale"])
                gathered.add(alive.rows, block)
                if self._keeps_only_best(places["alive"]):
                    is_kept = (block.rank > 0) & ((block.rank <= MOST_KEPT) | among(block.rank, always))
                    written.update(write_kept(files, number, is_kept))
                    block = block.of(is_kept)
                kept += block.index.size
                yield ranking_table(block)

        self.aside.put(shelf_file(shelf), tables())
        return {**gathered.told(), "kept": kept, FILES: written}

    def close(self, shelves: Sequence[range], kept: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The run's summary, of what was gathered of all its chunks, shelf by shelf."""
        run, counts, places, outcomes = self.run, _counts(self.run), self._told(PLACES), self._told(OUTCOMES)
        for shelf, numbers in enumerate(shelves):
            if not self.aside.has(shelf_file(shelf)):
                self.keep(shelf, numbers)
        tables = (table for shelf in range(len(kept)) for table in self.aside.batches(shelf_file(shelf)).tables())
        written = {name: each for answer in kept for name, each in answer[FILES].items()}
        written |= write_ranking_tables(RunFiles(run.code), tables)
        found = summed(kept, outcomes["distinct"], run.evaluated_count, TOP_COUNT)
        top = _keep_top(run, self.case, found.top)
        rows = {
            "alive": places["alive"],
            "kept": sum(answer["kept"] for answer in kept),
            "only_best": self._keeps_only_best(places["alive"]),
        }
        return {
            "counts": counts,
            "by_lever": _by_lever(run, self.case.case.levers),
            **({} if run.keeps_all_rows else {"rows": rows}),
            "tiers": found.tiers,
            "distinct": outcomes["distinct"],
            "best": _best(top),
            "histograms": found.histograms,
            "points": found.points,
            FILES: written,
        }

    @property
    def _terms(self) -> StructuringTerms:
        return self.case.case.terms

    def _survey(self) -> Survey:
        return Survey.of(self._alive(), self.run.evaluated_count)

    def _alive(self) -> Iterator[Alive]:
        return (alive_of(self.run, self.case, self.aside, number) for number in range(self.run.chunk_count))

    def _keeps_only_best(self, alive_count: int) -> bool:
        return not self.run.keeps_all_rows and alive_count > MOST_KEPT

    def _ranked(self, number: int, scale: Scale) -> tuple[Alive, RankedBlock]:
        alive = alive_of(self.run, self.case, self.aside, number)
        place, found = (self.aside.batches(name).columns(number) for name in (PLACES, OUTCOMES))
        outcomes = Outcomes(
            found["rank"].astype(np.int64), found["representative"], found["merged_count"].astype(np.int64)
        )
        block = ranked_block(
            alive, place["place"].astype(np.int64), outcomes, scale, self._terms, self.run.evaluated_count
        )
        return alive, block

    def _told(self, name: str) -> dict[str, Any]:
        """What was told where rows stand; they are ordered now if they were not."""
        if not (self.aside.has(name) and self.aside.has(f"{name}.json")):
            (self.order_scores if name == PLACES else self.order_outcomes)()
        return self.aside.told(name)


def ranked_rows(run: Run, case: RunCase, aside: Aside) -> Ranked:
    """The ranking of the run's rows; beyond what memory holds by way of the disk."""
    ranking = RunRanking(run, case, aside)
    alive = ranking._survey().count
    return Ranked(ranking._alive, case.case.terms, run.evaluated_count, _new_shelf(alive))


def alive_of(run: Run, case: RunCase, aside: Aside, number: int) -> Alive:
    """What is alive of a chunk; made from its file where it is not put aside here."""
    found = aside.alive(number)
    if found is None:
        mend_chunks(run, case, range(number, number + 1), all_files=True)
        aside.put_alive(number, Alive.of(read_alive(RunFiles(run.code), [chunk_file(number)], RANK_COLUMNS)))
        found = aside.alive(number)
    assert found is not None
    return found


def _new_shelf(alive_count: int) -> NewShelf:
    return in_memory if alive_count <= MOST_IN_MEMORY else on_disk


def _keep_top(run: Run, case: RunCase, best: Sequence[Mapping[str, Any]]) -> list[TopResult]:
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
    for counts in run.chunks.values_list("counts", flat=True):
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
    for counts in run.chunks.values_list("counts", flat=True):
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
