"""A small desk with one of each thing that a page of the room may be about."""

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from jobs.work import work
from lib.signed_links import token_of
from strategies.access import DESK
from strategies.defaults import default_content
from strategies.demo import fill_universe
from strategies.limit_seeds import install_limit_sets
from strategies.models import Desk, DeskLimits, Function, Strategy, StrategyRun, Task
from strategies.queries import latest_version
from strategies.services.comments import make_comment
from strategies.services.construct import request_portfolio
from strategies.services.desks import open_desk, put_on_desk
from strategies.services.exports import make_export, make_export_link
from strategies.services.import_panel import open_import
from strategies.services.lists import put_on_list
from strategies.services.measures import request_backtest, save_scenario_set
from strategies.services.request_run import request_run
from strategies.services.roles import run_the_roles
from strategies.services.strategies import make_strategy
from tests import world
from tests.strategies.flow_cast import approved

FAMILY = "long-only-fund"
REVIEWERS = (("Rita Risk", Function.RISK), ("Cora Compliance", Function.COMPLIANCE))


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
    """One of each: a strategy at research with a portfolio and a backtest, and one that was signed."""
    desk = small_desk(by)
    universe = desk.universes.get()
    strategy = small_strategy(by, desk)
    version = latest_version(strategy)
    portfolio = request_portfolio(by=by, version=version, enqueue=False)
    work(portfolio.code)
    backtest = request_backtest(by=by, version=version, terms={}, enqueue=False)
    work(backtest.code)
    shock = {"scenario": "Market falls", "kind": "factor", "of": "market", "shock": "-20%"}
    today = timezone.localdate()
    dirty = b"date,id,close\n2024-01-02,RA01,10\n2024-01-03,RA01,-1\n"
    signed = signed_strategy(by, desk)
    export = make_export(by=by, strategy=signed, form="csv")
    link = make_export_link(by=by, export=export, recipient="A bank", days=3)
    return {
        "desk": desk,
        "universe": universe,
        "dataset": universe.datasets.first(),
        "panel_import": open_import(
            by=by, universe=universe, kind="prices", sender="Vendor", file_name="p.csv", content=dirty
        ),
        "strategy": strategy,
        "strategy_run": backtest,
        "portfolio_run": portfolio,
        "desk_scenarios": save_scenario_set(by=by, desk=desk, name="House", rows=[shock]),
        "desk_limits": DeskLimits.objects.get(family=FAMILY),
        "list_entry": put_on_list(by=by, desk=desk, kind="watch", ident="RA02", reason="Talks", from_date=today),
        "strategy_comment": make_comment(by=by, strategy=strategy, place="signal", text="Why so?"),
        "signed_strategy": signed,
        "export": export,
        "export_link": link,
        "export_shared": SimpleNamespace(code=token_of(link)),
        "role_run": run_the_roles(by=by, version=version),
    }


def signed_strategy(by: User, desk: Desk) -> Strategy:
    """A strategy of `by` that two others of the desk passed and signed, with runs as workers leave them."""
    risk_manager, officer = (on_desk(by, desk, name, function) for name, function in REVIEWERS)
    return approved(small_strategy(by, desk, name="Signed"), by, risk_manager, officer)


def on_desk(by: User, desk: Desk, name: str, function: Function) -> User:
    """Somebody of the desk in this function, and nowhere else."""
    person = world.person(f"{name.split(maxsplit=1)[0].lower()}@desk.example", name, Role.SPONSOR)
    person.further_roles = [DESK]
    person.save()
    put_on_desk(by=by, desk=desk, person=person, function=function)
    return person
