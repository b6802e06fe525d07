"""How a strategy makes its portfolio: saved as its next version, asked for as a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from engine.errors import InputProblems
from engine.strategies.construction import read_construction
from engine.strategies.optimise import Goal, problems_of
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import Action, require_on
from strategies.models import DatasetKind, Strategy, StrategyRun, StrategyVersion, Task
from strategies.portfolio_inputs import construction_of, prepared, terms_now
from strategies.queries import latest_dataset, latest_version
from strategies.services.request_run import request_run
from strategies.services.strategies import change_strategy

CONSTRUCTION = "construction"


def save_construction(
    *, by: User, strategy: Strategy, construction: Mapping[str, Any], note: str = "", based_on: int | None = None
) -> StrategyVersion:
    """The next version with this construction; Invalid with the place of everything that cannot be read."""
    require_on(by, strategy.desk, Action.RESEARCH)
    try:
        read_construction(construction)
    except InputProblems as refused:
        raise Invalid(refused.problems) from refused
    parts = {CONSTRUCTION: dict(construction)}
    return change_strategy(by=by, strategy=strategy, parts=parts, note=note, based_on=based_on)


def save_weights(
    *, by: User, strategy: Strategy, weights: Mapping[str, float], note: str = "", based_on: int | None = None
) -> StrategyVersion:
    """The next version with weights of one's own as its portfolio; its limits stay, and are measured beside them."""
    before = latest_version(strategy).content.get(CONSTRUCTION) or {}
    kept = {name: weight for name, weight in weights.items() if weight}
    construction = {**before, "goal": str(Goal.OWN_WEIGHTS), "weights": kept}
    return save_construction(by=by, strategy=strategy, construction=construction, note=note, based_on=based_on)


def request_portfolio(*, by: User, version: StrategyVersion, enqueue: bool = True) -> StrategyRun:
    """The run of a version's portfolio; Invalid where its limits speak of what is not there."""
    strategy = version.strategy
    require_on(by, strategy.desk, Action.RESEARCH)
    dataset = latest_dataset(strategy.universe, DatasetKind.PRICES)
    if dataset is None:
        raise refuse("no_prices", "datasets", f"{strategy.universe} has no prices yet: take a panel in first.")
    terms = construction_of(version)
    now = terms_now(version, terms)
    problems = tuple(problems_of(prepared(version, dataset.file_hash, terms, now).task))
    if problems:
        raise Invalid(problems)
    return request_run(by=by, version=version, task=Task.OPTIMISE, terms=now, enqueue=enqueue)
