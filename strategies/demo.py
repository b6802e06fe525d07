"""The demo desk: a drawn market of real assets, people in its functions, and a strategy worked out to its review."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.services import change_user
from jobs.work import work
from strategies.access import DESK
from strategies.defaults import default_content
from strategies.demo_market import SECTORS, market
from strategies.limit_seeds import install_limit_sets
from strategies.models import DatasetKind, Desk, Function, Strategy, StrategyVersion, Task, Universe
from strategies.queries import last_done, latest_version
from strategies.services.construct import request_portfolio, save_construction
from strategies.services.desks import open_desk, put_on_desk
from strategies.services.measures import request_backtest, request_risk, request_scenarios, save_scenario_set
from strategies.services.roles import request_roles
from strategies.services.signals import request_signals, save_signal
from strategies.services.strategies import make_strategy
from strategies.services.take_dataset import take_dataset
from strategies.services.universes import make_universe

NAME = "Listed real assets"
STRATEGY = "Resilient income"
NAMES = 30
ORIGIN = "Drawn with seed 20261127: a market that never was"


def ensure_demo_desk(by: User) -> Desk:
    """The desk with its universe and data, made where there is none of its name."""
    install_limit_sets()
    known = Desk.objects.filter(name=NAME).first()
    if known:
        return known
    desk = open_desk(by=by, name=NAME, currency="USD")
    fill_universe(by, desk, names=NAMES)
    return desk


def fill_universe(by: User, desk: Desk, names: int = 20, days: int = 756) -> Universe:
    """A universe of the drawn market with its four panels."""
    drawn = market(names, days)
    universe = make_universe(by=by, desk=desk, name=NAME, members=drawn.members)
    for kind, rows in (
        (DatasetKind.PRICES, drawn.prices),
        (DatasetKind.FACTORS, drawn.factors),
        (DatasetKind.RISK_MODEL, drawn.risk_factors),
        (DatasetKind.INDICES, drawn.indices),
    ):
        take_dataset(by=by, universe=universe, kind=kind, rows=rows, origin=ORIGIN)
    return universe


SIGNAL = {
    "factors": [
        {"field": "roe", "sign": 1, "weight": 0.4},
        {"field": "ev_ebitda", "sign": -1, "weight": 0.3},
        {"field": "momentum_12_1", "sign": 1, "weight": 0.3},
    ],
    "least_factors": 2,
}
CONSTRUCTION = {
    "goal": "mean_variance",
    "expected": "signal",
    "rows": [
        {"kind": "sum_equal", "limit": 1.0},
        {"kind": "weight_least", "limit": 0.0},
        {"kind": "weight_most", "limit": 0.045},
        *({"kind": "sector_most", "sector": sector, "limit": 0.28} for sector in SECTORS),
    ],
}
SHOCKS = (
    ("Market falls by a fifth", "factor", "market", "-20%"),
    ("Rates rise", "factor", "rates", "10%"),
    ("Momentum turns", "factor", "momentum", "-12%"),
    ("Market falls, one name fails", "factor", "market", "-10%"),
    ("Market falls, one name fails", "name", "RA03", "-65%"),
)


def ensure_demo_strategy(by: User, desk: Desk) -> Strategy:
    """A strategy on the desk's universe with every task done, made where there is none of its name."""
    known = Strategy.objects.filter(desk=desk, name=STRATEGY).first()
    if known:
        return known
    strategy = make_strategy(
        by=by,
        universe=desk.universes.get(),
        name=STRATEGY,
        limits_family="long-only-fund",
        content={**default_content(), "initial_cash_amount": "25000000.00"},
    )
    save_signal(by=by, strategy=strategy, signal=SIGNAL, note="Quality, value and momentum")
    version = save_construction(by=by, strategy=strategy, construction=CONSTRUCTION, note="Mean and variance")
    rows = [dict(zip(("scenario", "kind", "of", "shock"), row, strict=True)) for row in SHOCKS]
    shocks = save_scenario_set(by=by, desk=desk, name="House scenarios", rows=rows)
    # Each is asked for once what it stands on is done.
    work(request_signals(by=by, version=version, terms={}, enqueue=False).code)
    work(request_portfolio(by=by, version=version, enqueue=False).code)
    work(request_backtest(by=by, version=version, terms={}, enqueue=False).code)
    work(request_risk(by=by, version=version, terms={}, enqueue=False).code)
    work(request_scenarios(by=by, version=version, scenario_set=shocks, terms={}, enqueue=False).code)
    work(request_roles(by=by, version=version, enqueue=False).code)
    return strategy


def load_strategy(*, admin: User, second: User) -> list[str]:
    """The strategy in a few lines; whoever signs it off needs a second person, so `second` is the desk's compliance."""
    desk = ensure_demo_desk(admin)
    if DESK not in second.further_roles:
        second.further_roles = [*second.further_roles, DESK]
        change_user(by=admin, user=second)
    put_on_desk(by=admin, desk=desk, person=second, function=Function.COMPLIANCE)
    strategy = ensure_demo_strategy(admin, desk)
    version = latest_version(strategy)
    backtest, risk, tried = (_found(version, task) for task in (Task.BACKTEST, Task.RISK, Task.SCENARIOS))
    sheet, tail = backtest["sheet"], risk["tails"]["methods"][0]
    worst = min(tried["scenarios"], key=lambda each: each["pnl_amount"])
    return [
        (
            f"{strategy} of the desk {desk}, version {version.number}, {sheet['days']} days traded: "
            f"{sheet['yearly_return']:.1%} a year at {sheet['volatility']:.1%} volatility, "
            f"deepest fall {sheet['drawdown']['depth_ratio']:.1%}"
        ),
        f"Value at risk of a day at 95%: {tail['var']:.2%}; worst scenario: {worst['name']}, {worst['return']:.1%}",
    ]


def _found(version: StrategyVersion, task: Task) -> dict[str, Any]:
    run = last_done(version, task)
    assert run is not None
    found: dict[str, Any] = run.summary
    return found
