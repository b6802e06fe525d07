"""What a version wants to hold on which day: rebalance days, and the weights of each from what was known by then.

Signal and construction are the version's own; restricted names are those of the desk's lists on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import CalculationError, EngineError
from engine.strategies.backtest import Target
from engine.strategies.constraints import NO_WEIGHT
from engine.strategies.construction import CASH, EQUAL, SIGNAL, Construction, prepare
from engine.strategies.construction import Inputs as Stated
from engine.strategies.optimise import Infeasible, Unsolved, solve
from engine.strategies.panels import Days, Floats, Panel
from engine.strategies.walk_forward import rows_of
from lib.errors import Invalid
from strategies.members import stays_of
from strategies.models import ListEntry, ListKind, StrategyRun, StrategyVersion, Task, Universe
from strategies.portfolio_inputs import construction_of
from strategies.queries import last_done
from strategies.signal_panel import prices_of, signal_on
from strategies.translate import panel_of

Weights = Mapping[str, float]
Report = Callable[[int], None]
_PERIODS = {"daily": "D", "weekly": "W", "monthly": "M", "quarterly": "M"}


# What a run reads


@dataclass(frozen=True, slots=True)
class Inputs:
    """The version, its prices and further panels by the hashes of the run, and when a name was restricted."""

    version: StrategyVersion
    prices: Panel
    datasets: Mapping[str, str]
    restricted: Sequence[Mapping[str, Any]]

    @property
    def universe(self) -> Universe:
        """Whose names they are."""
        return self.version.strategy.universe

    @property
    def content(self) -> Mapping[str, Any]:
        """What the version says."""
        found: Mapping[str, Any] = self.version.content
        return found

    @property
    def left_on(self) -> dict[str, np.datetime64]:
        """The day after the last of each name that has left the universe for good."""
        last = {row["ident"]: row.get("until_date") for row in sorted(self.universe.members, key=_from_date)}
        return {name: np.datetime64(until, "D") + 1 for name, until in last.items() if until}

    def panel(self, kind: str) -> Panel | None:
        """The panel of this kind, if the universe has one."""
        return panel_of(self.datasets[kind]) if kind in self.datasets else None

    def restricted_on(self, day: str) -> frozenset[str]:
        """Names on the restricted list that day."""
        return frozenset(row["ident"] for row in self.restricted if _holds(row, day))


def inputs_of(run: StrategyRun) -> Inputs:
    """What the run was asked on."""
    version = run.version
    return Inputs(
        version, prices_of(version.strategy.universe, run.datasets), run.datasets, run.terms.get("restricted", ())
    )


def frozen_lists(version: StrategyVersion) -> list[dict[str, Any]]:
    """The desk's restricted names with their days, to be kept in a run's terms."""
    rows = ListEntry.objects.filter(desk=version.strategy.desk, list=ListKind.RESTRICTED).order_by("ident", "from_date")
    return [
        {
            "ident": row.ident,
            "from_date": row.from_date.isoformat(),
            "until_date": row.until_date.isoformat() if row.until_date else None,
        }
        for row in rows
    ]


def frozen_weights(version: StrategyVersion) -> dict[str, Any]:
    """The weights of the version's last portfolio run and its code, to be kept in a run's terms; none without one."""
    run = last_done(version, Task.OPTIMISE)
    rows = run.summary.get("weights") if run else None
    if run is None or not rows:
        return {"weights": None, "weights_from": None}
    return {"weights": {row["ident"]: row["weight"] for row in rows}, "weights_from": str(run.code)}


def _from_date(row: Mapping[str, Any]) -> str:
    return str(row["from_date"])


def _holds(row: Mapping[str, Any], day: str) -> bool:
    return bool(row["from_date"] <= day and (not row["until_date"] or day <= row["until_date"]))


# Days


def rebalance_rows(days: Days, how: str, first_row: int) -> list[int]:
    """The last day of each period, from the first row on; the last day of all is none: nothing could be traded after it."""
    shift = 3 if how == "weekly" else 0  # weeks of the calendar's count begin on a Thursday
    periods = (days + np.timedelta64(shift, "D")).astype(f"datetime64[{_PERIODS[how]}]").astype(np.int64)
    if how == "quarterly":
        periods //= 3
    ends = np.flatnonzero(periods[1:] != periods[:-1])
    return [int(row) for row in ends if row >= first_row]


# Weights


class Maker:
    """Weights on any day of a panel, by the version's signal and construction from the panel up to that day alone."""

    def __init__(self, inputs: Inputs, prices: Panel) -> None:
        self.inputs, self.prices = inputs, prices
        self.terms: Construction = construction_of(inputs.version)

    @cached_property
    def scores(self) -> Floats:
        """The signal's score of each day, worked out once: what it reads of a day was known by then."""
        _, signal = signal_on(self.inputs.version, self.prices, self.inputs.datasets)
        return signal.score

    def weigh(self, row: int, before: Weights) -> Weights:
        """The weights wanted at this day's close; CalculationError, in words, where there is no such portfolio."""
        day = str(self.prices.days[row])
        try:
            prepared = prepare(self.terms, self._stated(row, day, before))
        except EngineError as error:
            raise CalculationError(f"{day}: {_words(error)}") from error
        answer = solve(prepared.task)
        if isinstance(answer, Infeasible):
            raise CalculationError(f"{day}: no portfolio keeps all of {'; '.join(answer.conflict.labels)}.")
        if isinstance(answer, Unsolved):
            raise CalculationError(f"{day}: {answer.reason}")
        pairs = zip(prepared.task.facts.names, answer.weights, strict=True)
        return {name: float(weight) for name, weight in pairs if abs(weight) > NO_WEIGHT}

    def _stated(self, row: int, day: str, before: Weights) -> Stated:
        sectors = members_on(self.inputs.universe, day)
        held = before
        if self.terms.before == CASH:
            held = {}
        elif self.terms.before == EQUAL:
            held = {name: 1.0 / len(sectors) for name in sectors}
        past, scores = rows_of(self.prices, 0, row + 1), self._scores_of(row)
        return Stated(past, sectors, held, scores, self.inputs.restricted_on(day))

    def _scores_of(self, row: int) -> dict[str, float]:
        if self.terms.expected != SIGNAL:
            return {}
        pairs = zip(self.prices.names, self.scores[row], strict=True)
        return {name: float(score) for name, score in pairs if np.isfinite(score)}


def _words(error: EngineError) -> str:
    problems = getattr(error, "problems", None)
    return " ".join(problem.message for problem in problems) if problems else str(error)


def members_on(universe: Universe, day: str) -> dict[str, str]:
    """Who is a member on the day, each with its sector."""
    rows, moment = universe.members, np.datetime64(day, "D")
    return {
        row["ident"]: row.get("sector") or "" for row, stay in zip(rows, stays_of(rows), strict=True) if stay.on(moment)
    }


def equal_weights(inputs: Inputs, row: int) -> dict[str, float]:
    """The same in each member that has a close that day: what portfolios are measured against."""
    members = members_on(inputs.universe, str(inputs.prices.days[row]))
    closes = zip(inputs.prices.names, inputs.prices["close"][row], strict=True)
    names = [name for name, close in closes if np.isfinite(close) and name in members]
    return dict.fromkeys(names, 1.0 / len(names)) if names else {}


@dataclass(frozen=True, slots=True)
class Made:
    """Targets in the order of their days, and why a day has none."""

    targets: tuple[Target, ...]
    notes: tuple[str, ...]


def make_targets(
    inputs: Inputs, prices: Panel, first_row: int, last_row: int | None = None, report: Report = lambda done: None
) -> Made:
    """The weights of each rebalance day up to the last row, each from those before; a day without stays with the old ones."""
    maker, targets, notes = Maker(inputs, prices), list[Target](), list[str]()
    before: Weights = {}
    for number, row in enumerate(_rows(inputs, prices, first_row, last_row), start=1):
        try:
            before = maker.weigh(row, before)
            targets.append((row, before))
        except (CalculationError, Invalid) as error:
            notes.append(f"No target was set. {error}")
        report(number)
    return Made(tuple(targets), tuple(notes))


def _rows(inputs: Inputs, prices: Panel, first_row: int, last_row: int | None) -> Iterator[int]:
    for row in rebalance_rows(prices.days, inputs.content["rebalance"], first_row):
        if last_row is None or row <= last_row:
            yield row


def weights_now(inputs: Inputs, terms: Mapping[str, Any]) -> Weights:
    """The weights kept in the terms, else those of the last day; CalculationError where nothing is held."""
    found: Weights | None = terms.get("weights")
    if found is None:
        found = Maker(inputs, inputs.prices).weigh(inputs.prices.days.size - 1, {})
    if not any(found.values()):
        raise CalculationError(f"portfolio: nothing is held on {inputs.prices.days[-1]}, the last day of the prices")
    return found


def vector(names: Sequence[str], weights: Weights) -> Floats:
    """The weights in the order of the names."""
    return np.array([weights.get(name, 0.0) for name in names])
