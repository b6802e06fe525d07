"""What a version is held against: its universe in equal weights, one of its names, or an index that was taken in.

In a version's content it is `equal_weight`, `name:IDENT` or `index:IDENT`. Names are weights, so they can be held and
limited against; an index is a series of levels alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.strategies.panels import Days, Floats, Panel
from engine.strategies.returns import name_returns
from lib.verbs import refuse
from strategies.members import members_by_day
from strategies.models import DatasetKind, Universe
from strategies.queries import latest_dataset
from strategies.translate import panel_of

EQUAL, NAME, INDEX = "equal_weight", "name", "index"
EQUAL_LABEL = "the universe in equal weights"


def benchmark_in(content: Mapping[str, Any]) -> str:
    """The benchmark of a version."""
    return str(content.get("benchmark") or EQUAL)


def label_of(benchmark: str) -> str:
    """The benchmark within a sentence."""
    kind, _, ident = benchmark.partition(":")
    return {NAME: ident, INDEX: f"the index {ident}"}.get(kind, EQUAL_LABEL)


def choices_of(universe: Universe) -> list[tuple[str, str]]:
    """What may be chosen on a universe, with its words."""
    found = [(EQUAL, "The universe in equal weights")]
    for kind, dataset_kind, words in (
        (INDEX, DatasetKind.INDICES, "Index {}"),
        (NAME, DatasetKind.PRICES, "{}"),
    ):
        dataset = latest_dataset(universe, dataset_kind)
        names = panel_of(dataset.file_hash).names if dataset else ()
        found += [(f"{kind}:{name}", words.format(name)) for name in names]
    return found


def require_choice(universe: Universe, benchmark: str) -> None:
    """Nothing; Invalid for what cannot be chosen on the universe."""
    if benchmark not in {value for value, _ in choices_of(universe)}:
        sentence = "Benchmark: choose equal weights, an index that was taken in, or a name with prices."
        raise refuse("not_a_choice", "benchmark", sentence)


def index_of(benchmark: str) -> str | None:
    """The index, where one was chosen."""
    kind, _, ident = benchmark.partition(":")
    return ident if kind == INDEX else None


def weights_of(benchmark: str, equal: Mapping[str, float]) -> Mapping[str, float] | None:
    """The benchmark as weights, `equal` being those of the universe; None for an index, which has none."""
    kind, _, ident = benchmark.partition(":")
    return None if kind == INDEX else {ident: 1.0} if kind == NAME else equal


def index_returns(indices: Panel | None, benchmark: str, days: Days) -> Floats:
    """Returns of the index from day to day (days - 1), NaN where it has no level; CalculationError where it is not there."""
    ident = index_of(benchmark)
    if indices is None or ident not in indices.names:
        raise CalculationError(f"benchmark: there is no index {ident} any more: take it in again or choose another")
    levels = np.full(days.size, np.nan)
    _, here, there = np.intersect1d(days, indices.days, return_indices=True)
    levels[here] = indices["close"][there, indices.names.index(ident)]
    found: Floats = levels[1:] / levels[:-1] - 1.0
    return found


def daily_returns(benchmark: str, universe: Universe, prices: Panel, indices: Panel | None) -> Floats:
    """Of each day after the first: equal weights are set anew each day among who is a member then. NaN where not known."""
    kind, _, ident = benchmark.partition(":")
    if kind == INDEX:
        return index_returns(indices, benchmark, prices.days)
    returns = name_returns(prices)
    if kind == NAME:
        if ident not in prices.names:
            raise CalculationError(f"benchmark: {ident} has no prices any more: choose another")
        return returns[:, prices.names.index(ident)]
    there = np.isfinite(returns)
    inside = members_by_day(universe, prices.days, prices.names)
    there = there if inside is None else there & inside[:-1]
    count = there.sum(axis=1)
    found: Floats = np.where(count, np.where(there, returns, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return found
