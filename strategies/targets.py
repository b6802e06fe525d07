"""What a version wants to hold on which day: rebalance days, and the weights of each from what was known by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import CalculationError
from engine.strategies.backtest import Target
from engine.strategies.construction import EQUAL, SIGNAL, read_construction, weights_of
from engine.strategies.construction import Inputs as Given
from engine.strategies.optimise import Goal
from engine.strategies.panels import Days, Panel
from strategies.benchmarks import benchmark_in, index_of, index_returns
from strategies.benchmarks import weights_of as benchmark_weights
from strategies.members import sectors_of
from strategies.models import DatasetKind, StrategyRun, StrategyVersion, Task, Universe
from strategies.queries import last_done
from strategies.signal_panel import signal_on
from strategies.signal_terms import recipe_in
from strategies.translate import panel_of

Weights = Mapping[str, float]
Weigh = Callable[[int], Weights]
TURNOVER = "turnover_most"
_PERIODS = {"daily": "D", "weekly": "W", "monthly": "M", "quarterly": "M"}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run reads: the version's content, the universe, and panels by kind as its hashes name them."""

    content: Mapping[str, Any]
    universe: Universe
    prices: Panel
    datasets: Mapping[str, str]

    @property
    def left_on(self) -> dict[str, np.datetime64]:
        """The day after the last of each name that has left the universe for good."""
        last = {row["ident"]: row.get("until_date") for row in sorted(self.universe.members, key=_from_date)}
        return {name: np.datetime64(until, "D") + 1 for name, until in last.items() if until}

    def panel(self, kind: str) -> Panel | None:
        """The panel of this kind, if the universe has one."""
        return panel_of(self.datasets[kind]) if kind in self.datasets else None

    @property
    def benchmark(self) -> str:
        """What the version is held against."""
        return benchmark_in(self.content)


def inputs_of(run: StrategyRun) -> Inputs:
    """What the run was asked on."""
    version = run.version
    prices = panel_of(run.datasets[DatasetKind.PRICES])
    return Inputs(version.content, version.strategy.universe, prices, run.datasets)


def _from_date(row: Mapping[str, Any]) -> str:
    return str(row["from_date"])


def rebalance_rows(days: Days, how: str, first_row: int) -> list[int]:
    """The last day of each period, from the first row on; the last day of all is none: nothing could be traded after it."""
    shift = 3 if how == "weekly" else 0  # weeks of the calendar's count begin on a Thursday
    periods = (days + np.timedelta64(shift, "D")).astype(f"datetime64[{_PERIODS[how]}]").astype(np.int64)
    if how == "quarterly":
        periods //= 3
    ends = np.flatnonzero(periods[1:] != periods[:-1])
    return [int(row) for row in ends if row >= first_row]


def members_on(inputs: Inputs, prices: Panel, row: int) -> list[str]:
    """Names of the panel that are members on the day and have a close."""
    day = str(prices.days[row])
    inside = {
        each["ident"]
        for each in inputs.universe.members
        if each["from_date"] <= day and (not each.get("until_date") or day <= each["until_date"])
    }
    has_close = np.isfinite(prices["close"][row])
    return [
        name
        for name, is_there in zip(prices.names, has_close, strict=True)
        if is_there and (name in inside or not inputs.universe.members)
    ]


def equal_weights(inputs: Inputs, prices: Panel) -> Weigh:
    """The same in each member: what a version without signal and construction holds."""

    def weigh(row: int) -> Weights:
        names = members_on(inputs, prices, row)
        return dict.fromkeys(names, 1.0 / len(names)) if names else {}

    return weigh


def construction(inputs: Inputs, prices: Panel) -> Weigh:
    """The weights of any day by the version's signal and construction, from the panel up to that day alone.

    Asked of rising days, what was wanted before is what turnover counts from. It has no limit on the first day, nor on
    one by which a name that was held has left. Lists of the desk are of today: the past knows nothing of them.
    """
    terms = read_construction(inputs.content.get("construction") or {})
    if terms.goal is Goal.EQUAL_WEIGHTS:
        return equal_weights(inputs, prices)
    scores = _scores(inputs, prices) if terms.expected == SIGNAL else _no_scores
    unhurried = replace(terms, rows=tuple(each for each in terms.rows if each.kind != TURNOVER))
    sectors, before = sectors_of(inputs.universe), dict[str, float]()
    is_index = index_of(inputs.benchmark) is not None
    indices = inputs.panel(DatasetKind.INDICES) if is_index else None

    def weigh(row: int) -> Weights:
        known = Panel(
            prices.days[: row + 1], prices.names, {key: grid[: row + 1] for key, grid in prices.fields.items()}
        )
        inside = {name: sectors.get(name, "") for name in members_on(inputs, prices, row)}
        asked = terms if before and before.keys() <= inside.keys() else unhurried
        held = dict.fromkeys(inside, 1.0 / len(inside)) if terms.before == EQUAL and inside else dict(before)
        index = index_returns(indices, inputs.benchmark, known.days) if is_index else None
        against = benchmark_weights(inputs.benchmark, {})
        found = weights_of(asked, Given(known, inside, held, scores(row), benchmark=against, index=index))
        before.clear()
        before.update(found)
        return found

    return weigh


def _no_scores(row: int) -> Weights:
    return {}


def _scores(inputs: Inputs, prices: Panel) -> Weigh:
    """The version's score of each name on a day, as far as there is one."""
    found = signal_on(inputs.universe, recipe_in(inputs.content), prices, inputs.datasets)

    def score(row: int) -> Weights:
        return {
            name: float(each) for name, each in zip(found.names, found.score[row], strict=True) if np.isfinite(each)
        }

    return score


def make_targets(
    inputs: Inputs,
    prices: Panel,
    first_row: int,
    report: Callable[[int], None] = lambda done: None,
    last_row: int | None = None,
) -> list[Target]:
    """The weights of each rebalance day, up to the last row where one is named."""
    rows = rebalance_rows(prices.days, inputs.content["rebalance"], first_row)
    rows = rows if last_row is None else [row for row in rows if row <= last_row]
    weigh, found = construction(inputs, prices), []
    for number, row in enumerate(rows, start=1):
        found.append((row, weigh(row)))
        report(number)
    return found


def frozen_weights(version: StrategyVersion) -> dict[str, Any]:
    """The weights of the version's last portfolio run and its code, to be kept in a run's terms; none without one."""
    run = last_done(version, Task.OPTIMISE)
    rows = run.summary.get("weights") if run else None
    if run is None or not rows:
        return {"weights": None, "weights_from": None}
    return {"weights": {row["ident"]: row["weight"] for row in rows}, "weights_from": str(run.code)}


def weights_now(inputs: Inputs, terms: Mapping[str, Any]) -> Weights:
    """The weights kept in the terms, else those of the last day of the prices; CalculationError where nothing is held."""
    found: Weights | None = terms.get("weights")
    if found is None:
        found = construction(inputs, inputs.prices)(inputs.prices.days.size - 1)
    if not any(found.values()):
        raise CalculationError(f"portfolio: nothing is held on {inputs.prices.days[-1]}, the last day of the prices")
    return found


def vector(names: Sequence[str], weights: Weights) -> Any:
    """The weights in the order of the names."""
    return np.array([weights.get(name, 0.0) for name in names])
