"""A small desk with one of each thing that a page of the room may be about."""

from typing import Any

from accounts.models import User
from jobs.work import work
from strategies.defaults import default_content
from strategies.demo import fill_universe
from strategies.limit_seeds import install_limit_sets
from strategies.models import Desk, Strategy, StrategyRun, Task
from strategies.queries import latest_version
from strategies.services.desks import open_desk
from strategies.services.request_run import request_run
from strategies.services.strategies import make_strategy

FAMILY = "long-only-fund"


def small_desk(by: User) -> Desk:
    """A desk with a universe of eight names over 300 days."""
    install_limit_sets()
    desk = open_desk(by=by, name="Test desk", currency="USD")
    fill_universe(by, desk, names=8, days=300)
    return desk


def small_strategy(by: User, desk: Desk, name: str = "Carry", **parts: Any) -> Strategy:
    """A strategy on the desk's universe as a new one begins, with `parts` in place of its content's."""
    content = {**default_content(), **parts}
    return make_strategy(by=by, universe=desk.universes.get(), name=name, limits_family=FAMILY, content=content)


def done_run(by: User, strategy: Strategy, task: Task, terms: dict[str, Any] | None = None) -> StrategyRun:
    """A run of a task, done in this process."""
    run = request_run(by=by, version=latest_version(strategy), task=task, terms=terms, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    return run


def strategy_things(by: User) -> dict[str, Any]:
    """One of each."""
    desk = small_desk(by)
    return {"desk": desk, "strategy": small_strategy(by, desk)}
