"""The runs that the roles' tools read: the last of a task, or one that is asked for and done now."""

from __future__ import annotations

import time
from collections.abc import Callable

from accounts.models import User
from jobs.models import JobState
from jobs.work import work
from lib.verbs import refuse
from strategies.models import StrategyRun, StrategyVersion, Task
from strategies.queries import last_done, standing_scenarios, under_way
from strategies.services.construct import request_portfolio
from strategies.services.measures import request_backtest, request_risk, request_scenarios
from strategies.services.signals import request_signals

PAUSE_SECONDS = 0.5


def run_of(by: User, version: StrategyVersion, task: Task, still_wanted: Callable[[], None]) -> StrategyRun:
    """The version's last run of the task; where there is none, one with the terms that its page begins with, asked for as
    `by` may and within their quota. AtlasError where they may not; Invalid where it fails or is cancelled.

    It is worked on here, in the worker that needs it, so that no worker waits for a queue that waits for it. `still_wanted`
    is called while another worker has it, and may raise.
    """
    if (known := last_done(version, task)) is not None:
        return known
    run = under_way(version, task) or _asked(by, version, task)
    while run.is_active:
        if not work(run.code):
            still_wanted()
            time.sleep(PAUSE_SECONDS)
        run.refresh_from_db()
    if run.state != JobState.DONE:
        why = run.error or f"The run of {task.label.lower()} was cancelled."
        raise refuse("no_run", "run", why)
    return run


def _asked(by: User, version: StrategyVersion, task: Task) -> StrategyRun:
    match task:
        case Task.SIGNALS:
            return request_signals(by=by, version=version, terms={}, enqueue=False)
        case Task.OPTIMISE:
            return request_portfolio(by=by, version=version, enqueue=False)
        case Task.BACKTEST:
            return request_backtest(by=by, version=version, terms={}, enqueue=False)
        case Task.RISK:
            return request_risk(by=by, version=version, terms={}, enqueue=False)
        case _:
            return _scenarios_asked(by, version)


def _scenarios_asked(by: User, version: StrategyVersion) -> StrategyRun:
    chosen = standing_scenarios(version.strategy.desk)
    if chosen is None:
        raise refuse("no_scenarios", "scenarios", "The desk has no set of scenarios yet: save one first.")
    return request_scenarios(by=by, version=version, scenario_set=chosen, terms={}, enqueue=False)
