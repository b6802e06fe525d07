"""A past run judged again under its own rules, snapshot, terms and levers: the same to the last bit, or what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import ENGINE_VERSION
from engine.deal.reasons import NOT_COMPUTED
from engine.permutations import RESULT_COLUMNS, TIERS, RankedBlock, evaluate
from permutations.aside import Aside
from permutations.models import Run, TopResult
from permutations.ranking import ranked_rows
from permutations.translate import engine_case, run_case


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one permutation that is not what was stored."""

    index: int
    column: str
    stored: Any
    found: Any

    def __str__(self) -> str:
        return f"permutation {self.index:,}, {self.column}: stored {self.stored!r}, now {self.found!r}"


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What judging a run again gave: how many figures were compared, and those that differ."""

    run: Run
    permutations: int
    figures: int
    differences: tuple[Difference, ...]

    @property
    def is_identical(self) -> bool:
        """True when every figure is the stored one."""
        return not self.differences

    @property
    def is_same_engine(self) -> bool:
        """True when the run was made by this engine's version."""
        return self.run.engine_version == ENGINE_VERSION

    def __str__(self) -> str:
        head = f"run {self.run.code}, rules {self.run.rule_set.label}: "
        compared = f"{self.figures:,} figures of its {self.permutations:,} best permutations"
        if self.is_identical:
            return f"{head}identical, {compared}"
        engine = "" if self.is_same_engine else f" (made by engine {self.run.engine_version}, this is {ENGINE_VERSION})"
        return f"{head}{len(self.differences):,} of {compared} differ{engine}; first: {self.differences[0]}"


def rejudge(run: Run, *, with_ranking: bool = True) -> Rejudged:
    """The run's best permutations evaluated and ranked again, compared bit for bit with its rows."""
    top = list(TopResult.objects.filter(run=run).order_by("permutation_index"))
    differences, figures = _evaluated_again(run, top)
    # A ranking needs all that is alive: where only the best rows are kept, their figures alone are compared.
    if with_ranking and not run.keeps_only_best:
        differences += _ranked_again(run, top)
        figures += 3 * len(top)
    return Rejudged(run, len(top), figures, tuple(differences))


def _evaluated_again(run: Run, top: list[TopResult]) -> tuple[list[Difference], int]:
    index = np.array([result.permutation_index for result in top], dtype=np.int64)
    if not top:
        return [], 0
    columns = evaluate(engine_case(run), index).columns
    found = [
        Difference(result.permutation_index, spec.name, result.metrics[spec.name], now)
        for spec in RESULT_COLUMNS
        if spec.name in top[0].metrics
        for result, now in zip(top, [_plain(value) for value in columns[spec.name]], strict=True)
        if not _same_bits(result.metrics[spec.name], now)
    ]
    known = sum(1 for spec in RESULT_COLUMNS if spec.name in top[0].metrics)
    return found, known * len(top)


def _ranked_again(run: Run, top: list[TopResult]) -> list[Difference]:
    stored = {result.permutation_index: result for result in top}
    found = []
    with Aside.again(run.code) as aside:
        for block in ranked_rows(run, run_case(run), aside).blocks():
            for at in np.flatnonzero(np.isin(block.index, list(stored))).tolist():
                found += _differences(stored[int(block.index[at])], block, at)
    return found


def _differences(result: TopResult, block: RankedBlock, at: int) -> list[Difference]:
    pairs = (
        ("rank", result.rank, int(block.rank[at])),
        ("score", result.score, float(block.score[at])),
        ("tier", result.tier, TIERS[int(block.tier[at])]),
    )
    return [Difference(result.permutation_index, *pair) for pair in pairs if not _same_bits(pair[1], pair[2])]


def _plain(value: Any) -> float | int | None:
    """As the row keeps it: None where nothing was computed."""
    if isinstance(value, np.floating):
        return None if np.isnan(value) else float(value)
    return None if value == NOT_COMPUTED else int(value)


def _same_bits(stored: Any, found: Any) -> bool:
    if isinstance(stored, float) and isinstance(found, float):
        return stored.hex() == found.hex()
    return bool(stored == found)
