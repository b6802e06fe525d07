"""A strategy's signal: its recipe as the next version, and a run that measures it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from engine.strategies.recipes import recipe_content
from strategies.models import Strategy, StrategyRun, StrategyVersion, Task
from strategies.running.signals import STEPS
from strategies.services.request_run import request_run
from strategies.services.strategies import change_strategy
from strategies.signal_terms import read_run_terms, read_signal


def save_signal(
    *, by: User, strategy: Strategy, signal: Mapping[str, Any], note: str = "", based_on: int | None = None
) -> StrategyVersion:
    """The next version with this recipe; Invalid with every fault of it."""
    recipe = read_signal(signal, strategy.universe)
    parts = {"signal": recipe_content(recipe)}
    return change_strategy(by=by, strategy=strategy, parts=parts, note=note, based_on=based_on)


def request_signals(
    *, by: User, version: StrategyVersion, terms: Mapping[str, Any], enqueue: bool = True
) -> StrategyRun:
    """The run, queued; Invalid for terms that cannot be."""
    read = read_run_terms(terms)
    return request_run(by=by, version=version, task=Task.SIGNALS, terms=read, steps=STEPS, enqueue=enqueue)
