"""The border between a run's rows and the engine's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.deal.axes import Lever
from engine.permutations import Case, Evaluated, GateCounts, LeverSet, evaluate, evaluate_alive, indices
from engine.permutations.levers import Indices
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from permutations.models import Run


@dataclass(frozen=True, slots=True)
class RunCase:
    """A run as the engine sees it, with its visit list drawn once when it is a sample."""

    case: Case
    size: int
    count: int
    seed: int
    visits: Indices | None

    def indices(self, start: int, stop: int) -> Indices:
        """Permutation indices of one slice of the run, rising."""
        if self.visits is not None:
            return self.visits[start:stop]
        return indices(self.size, None, self.seed, start, stop)


def engine_case(run: Run, content: Mapping[str, Any] | None = None) -> Case:
    """The engine's terms of `run`, read back from its rows; with other inputs where `content` gives them."""
    return Case(
        inputs=ProjectInputs.from_dict(run.snapshot.inputs if content is None else content),
        terms=StructuringTerms.from_dict(run.terms),
        rules=RuleSet.from_dict(run.rule_set.content),
        levers=LeverSet.from_dict(run.lever_set),
        market=run.market_set.terms() if run.market_set else None,
    )


def financing_values(run: Run, index: int) -> dict[str, Any]:
    """What names the financing that one permutation of the run is."""
    return values_with(run, LeverSet.from_dict(run.lever_set).levers_at(index))


def values_with(run: Run, levers: Mapping[str, Lever]) -> dict[str, Any]:
    """What names a financing of the run's inputs, rules and terms at any levers."""
    return {
        "project": run.project,
        "snapshot": run.snapshot,
        "rule_set": run.rule_set,
        "market_set": run.market_set,
        "terms": run.terms,
        "levers": levers,
        "engine_version": run.engine_version,
    }


def run_case(run: Run) -> RunCase:
    """The engine's terms of `run` and the permutations it visits."""
    case = engine_case(run)
    levers = case.levers
    visits = indices(levers.size, run.evaluated_count, run.seed, 0, run.evaluated_count) if run.is_sample else None
    return RunCase(case, levers.size, run.evaluated_count, run.seed, visits)


def chunk_blocks(run: Run, case: RunCase, start: int, stop: int) -> list[Evaluated]:
    """What a slice of the run gives: all of it at once, or what is alive of it block by block."""
    visited = case.indices(start, stop)
    return [evaluate(case.case, visited)] if run.keeps_all_rows else [*evaluate_alive(case.case, visited)]


def chunk_counts(blocks: Sequence[Evaluated]) -> dict[str, Any]:
    """The gate counts of one chunk as its row keeps them: alive after each gate, near misses, first reasons.

    `by_lever` has for each axis [value's position, reason, number].
    """
    counts = GateCounts.total([block.counts for block in blocks])
    return {
        "gate_a_alive": counts.gate_a_alive,
        "gate_b_alive": counts.gate_b_alive,
        "near_misses": counts.near_misses,
        "reasons": {str(code): number for code, number in counts.by_reason.items()},
        "by_lever": {
            code: [[*place, int(found[*place])] for place in np.argwhere(found).tolist()]
            for code, found in counts.by_lever.items()
        },
    }
