"""Asks for backtests, risk and scenarios; changes how a version trades; keeps sets of scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.basics.fields import FieldSpec
from engine.errors import InputProblems
from engine.strategies.backtest_terms import BacktestTerms
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.benchmarks import label_of, require_choice
from strategies.models import Desk, ScenarioSet, Strategy, StrategyRun, StrategyVersion, Task
from strategies.run_terms import BACKTEST_FIELDS, CASH, REBALANCES, RISK_FIELDS, SCENARIO_FIELDS, read_terms
from strategies.scenario_rows import read_rows
from strategies.services.request_run import request_run
from strategies.services.strategies import change_strategy
from strategies.targets import frozen_weights

Terms = Mapping[str, Any]


def request_backtest(*, by: User, version: StrategyVersion, terms: Terms, enqueue: bool = True) -> StrategyRun:
    """The run, queued; Invalid for terms that cannot be."""
    frozen = {"asked": _read(BACKTEST_FIELDS, terms)}
    return request_run(by=by, version=version, task=Task.BACKTEST, terms=frozen, enqueue=enqueue)


def request_risk(*, by: User, version: StrategyVersion, terms: Terms, enqueue: bool = True) -> StrategyRun:
    """The run, queued; Invalid for terms that cannot be."""
    frozen = {"asked": _read(RISK_FIELDS, terms), **frozen_weights(version)}
    return request_run(by=by, version=version, task=Task.RISK, terms=frozen, enqueue=enqueue)


def request_scenarios(
    *, by: User, version: StrategyVersion, scenario_set: ScenarioSet, terms: Terms, enqueue: bool = True
) -> StrategyRun:
    """The run of the set as it is now, queued; Invalid for terms that cannot be and for an empty set."""
    if scenario_set.desk_id != version.strategy.desk_id:
        raise refuse("other_desk", "scenario_set", "Scenarios: choose a set of this desk.")
    if not scenario_set.scenarios:
        raise refuse("no_scenario", "scenario_set", f"{scenario_set} has no scenario yet: put one in first.")
    frozen = {
        "asked": _read(SCENARIO_FIELDS, terms),
        **frozen_weights(version),
        "set_name": scenario_set.name,
        "scenarios": scenario_set.scenarios,
    }
    return request_run(by=by, version=version, task=Task.SCENARIOS, terms=frozen, enqueue=enqueue)


def _read(specs: Sequence[FieldSpec], terms: Terms) -> dict[str, Any]:
    try:
        return read_terms(specs, terms)
    except InputProblems as error:
        raise Invalid(error.problems) from error


def change_costs(
    *, by: User, strategy: Strategy, costs: Terms, rebalance: str, based_on: int | None = None
) -> StrategyVersion:
    """The next version, trading so; Invalid for costs that cannot be. The cash at the start stands among `costs`."""
    try:
        read = BacktestTerms.from_dict(costs).to_dict()
    except InputProblems as error:
        raise Invalid(error.problems) from error
    if rebalance not in REBALANCES:
        raise refuse("not_a_choice", "rebalance", f"Rebalance: expected one of {', '.join(REBALANCES.values())}.")
    cash = read.pop(CASH.path)
    parts = {"costs": read, CASH.path: f"{cash:.2f}", "rebalance": rebalance}
    return change_strategy(by=by, strategy=strategy, parts=parts, note="Trading and costs", based_on=based_on)


def change_benchmark(*, by: User, strategy: Strategy, benchmark: str, based_on: int | None = None) -> StrategyVersion:
    """The next version, held against this; Invalid for what the universe has no data of."""
    require_on(by, strategy.desk, Action.RESEARCH)
    require_choice(strategy.universe, benchmark)
    note = f"Held against {label_of(benchmark)}"
    return change_strategy(by=by, strategy=strategy, parts={"benchmark": benchmark}, note=note, based_on=based_on)


@transaction.atomic
def save_scenario_set(
    *, by: User, desk: Desk, name: str, rows: Sequence[Mapping[str, str]], known: ScenarioSet | None = None
) -> ScenarioSet:
    """The set of these rows, new or in place of what `known` held; Invalid with every fault by row."""
    require_on(by, known.desk if known else desk, Action.MEASURE)
    scenarios, problems = read_rows(rows)
    if problems:
        raise Invalid(problems)
    found = known or ScenarioSet(desk=desk, made_by=by)
    before = {"name": found.name, "scenarios": found.scenarios} if known else None
    found.name, found.scenarios = " ".join(name.split()), scenarios
    save_checked(found)
    after = {"name": found.name, "scenarios": found.scenarios}
    audit.record(by=by, action="scenario_set.saved", target=found, before=before, after=after)
    return found


@transaction.atomic
def delete_scenario_set(*, by: User, scenario_set: ScenarioSet) -> None:
    """The set is gone; runs keep what they tried."""
    require_on(by, scenario_set.desk, Action.MEASURE)
    before = {"name": scenario_set.name, "scenarios": scenario_set.scenarios}
    audit.record(by=by, action="scenario_set.deleted", target=scenario_set, before=before)
    scenario_set.delete()
