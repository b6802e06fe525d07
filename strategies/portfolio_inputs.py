"""What a version's portfolio is worked out on: prices, members, weights before, scores, restricted names.

What changes from day to day is put into a run's terms when it is asked for, so that the run can be done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils import timezone

from engine.errors import CalculationError, InputProblems
from engine.strategies.construction import (
    CASH,
    EQUAL,
    HELD,
    SIGNAL,
    Construction,
    Inputs,
    Prepared,
    prepare,
    read_construction,
)
from engine.strategies.panels import Panel
from jobs.models import JobState
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.benchmarks import benchmark_in, index_returns
from strategies.benchmarks import weights_of as benchmark_weights
from strategies.checking import lists_on
from strategies.members import stays_of
from strategies.models import DatasetKind, ListKind, StrategyRun, StrategyVersion, Task, Universe
from strategies.portfolio_facts import amount_of, held_weights, market_of
from strategies.queries import datasets_in_force, last_done, runs_of
from strategies.translate import panel_of

SCORES, BEFORE, RESTRICTED = "scores", "before", "restricted"


def construction_of(version: StrategyVersion) -> Construction:
    """How the version makes its portfolio; Invalid where its content cannot be read."""
    try:
        return read_construction(version.content.get("construction") or {})
    except InputProblems as refused:
        raise Invalid(refused.problems) from refused


def terms_now(version: StrategyVersion, terms: Construction) -> dict[str, Any]:
    """What is true now of a version: weights before, scores, restricted names."""
    restricted = lists_on(version.strategy.desk, timezone.localdate())[ListKind.RESTRICTED]
    scores = scores_of(version) if terms.expected == SIGNAL else {}
    return {BEFORE: _before(version, terms), SCORES: scores, RESTRICTED: restricted}


def prepared(version: StrategyVersion, file_hash: str, terms: Construction, now: Mapping[str, Any]) -> Prepared:
    """The task of the version on a panel; Invalid with every reason why it cannot be stated."""
    prices = panel_of(file_hash)
    sectors = sectors_on(version.strategy.universe, prices)
    before = now[BEFORE]
    if terms.before == EQUAL:
        before = {name: 1.0 / len(sectors) for name in sectors}
    try:
        benchmark = benchmark_in(version.content)
        against, index = benchmark_weights(benchmark, {}), None
        if against is None:
            index = index_returns(_indices(version, now), benchmark, prices.days)
        inputs = Inputs(prices, sectors, before, now[SCORES], frozenset(now[RESTRICTED]), against, index)
        return prepare(terms, inputs)
    except InputProblems as refused:
        raise Invalid(refused.problems) from refused
    except CalculationError as refused:
        raise refuse("no_index", "benchmark", str(refused)) from refused


def _indices(version: StrategyVersion, now: Mapping[str, Any]) -> Panel | None:
    """The indices as they were when a run was asked for, else those in force."""
    held = now.get(DatasetKind.INDICES) or datasets_in_force(version.strategy.universe).get(DatasetKind.INDICES)
    return panel_of(held) if held else None


def prepared_run(run: StrategyRun) -> Prepared:
    """The task of a run, as it was asked for."""
    indices = {str(DatasetKind.INDICES): run.datasets.get(DatasetKind.INDICES)}
    return prepared(run.version, run.datasets["prices"], construction_of(run.version), {**run.terms, **indices})


def sectors_on(universe: Universe, prices: Panel) -> dict[str, str]:
    """Who may be held on the panel's last day, each with its sector."""
    day = prices.days[-1]
    rows = universe.members
    if not rows:
        return dict.fromkeys(prices.names, "")
    pairs = zip(rows, stays_of(rows), strict=True)
    return {row["ident"]: row.get("sector") or "" for row, stay in pairs if stay.on(day)}


def scores_of(version: StrategyVersion) -> dict[str, float]:
    """The last scores of the version's signal, by name; none where it has not been run."""
    run = last_done(version, Task.SIGNALS)
    if run is None or not run.summary.get("scores"):
        return {}
    panel = panel_of(run.summary["scores"])
    last = zip(panel.names, panel["score"][-1], strict=True)
    return {name: float(score) for name, score in last if np.isfinite(score)}


def _before(version: StrategyVersion, terms: Construction) -> dict[str, float]:
    if terms.before in {CASH, EQUAL}:
        return {}
    if terms.before == HELD:
        strategy = version.strategy
        held = held_weights(strategy, market_of(strategy.universe), amount_of(version))
        return {name: float(weight) for name, weight in held.items()}
    last = runs_of(version.strategy).filter(task=Task.OPTIMISE, state=JobState.DONE)
    rows = next((run.summary["weights"] for run in last if run.summary.get("weights")), ())
    return {row["ident"]: row["weight"] for row in rows}
