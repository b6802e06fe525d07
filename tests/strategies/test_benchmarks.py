"""What a strategy is held against: chosen, kept with the version, and measured alike by portfolio, risk, backtest and limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.strategies.panels import Panel
from engine.strategies.returns import name_returns
from lib.errors import Forbidden, Invalid
from strategies.benchmarks import daily_returns, index_returns
from strategies.checking import judged
from strategies.models import DatasetKind, Strategy, StrategyRun, Task, Universe
from strategies.portfolio_facts import market_of
from strategies.queries import latest_dataset, latest_version
from strategies.role_runs import run_of
from strategies.services.construct import request_portfolio, save_construction
from strategies.services.import_panel import apply_import, open_import
from strategies.services.measures import change_benchmark
from strategies.translate import panel_of, panel_of_rows

pytestmark = pytest.mark.django_db
YEAR = 252**0.5


def prices_of(universe: Universe) -> Panel:
    """The panel of prices that was taken in last."""
    dataset = latest_dataset(universe, DatasetKind.PRICES)
    assert dataset is not None
    return panel_of(dataset.file_hash)


def take_index(by: User, universe: Universe) -> np.ndarray:
    """Levels of one index on every day of the prices, taken in as a file."""
    prices = prices_of(universe)
    levels = 100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.01, prices.days.size)))
    lines = [f"{day},World,{level:.6f}" for day, level in zip(prices.days, levels, strict=True)]
    content = "\n".join(["Date,Index,Level", *lines]).encode()
    found = open_import(by=by, universe=universe, kind="indices", sender="Vendor", file_name="i.csv", content=content)
    apply_import(by=by, found=found)
    return levels.round(6)


def ran(by: User, strategy: Strategy, task: Task) -> StrategyRun:
    return run_of(by, latest_version(strategy), task, lambda: None)


def test_an_index_is_taken_in_and_measured_against_everywhere(strategy: Strategy, quant: User):
    levels = take_index(quant, strategy.universe)
    version = change_benchmark(by=quant, strategy=strategy, benchmark="index:World")
    assert (version.number, version.content["benchmark"]) == (2, "index:World")
    index = levels[1:] / levels[:-1] - 1
    prices = prices_of(strategy.universe)
    returns = name_returns(prices)

    portfolio = ran(quant, strategy, Task.OPTIMISE).summary
    held = {row["ident"]: row["weight"] for row in portfolio["weights"]}
    ours = np.nan_to_num(returns) @ np.array([held.get(name, 0.0) for name in prices.names])
    window = slice(-portfolio["days"]["returns"], None)
    slope = np.polyfit(index[window], ours[window], 1)[0]
    assert portfolio["measures"]["beta"] == pytest.approx(slope, abs=1e-6)
    assert portfolio["measures"]["tracking_error_rate"] is None
    assert {row["benchmark"] for row in portfolio["weights"]} == {None}

    risk = ran(quant, strategy, Task.RISK).summary
    assert risk["benchmark"] == "the index World"
    assert risk["against"]["tracking_error"] == pytest.approx((ours - index).std(ddof=1) * YEAR, rel=1e-3)
    assert risk["factors"]["active"] is None

    backtest = ran(quant, strategy, Task.BACKTEST).summary["against"]
    assert backtest["benchmark"] == "the index World"
    assert backtest["benchmark_return"] == pytest.approx(levels[-1] / levels[-1 - backtest["days"]] - 1)

    market = market_of(strategy.universe, "index:World")
    weights = {name: Decimal(repr(weight)) for name, weight in held.items()}
    risk = market.risk(weights)["tracking_error"]
    assert risk is not None
    assert float(risk) == pytest.approx((ours - index).std(ddof=1) * YEAR)
    found = judged(latest_version(strategy), weights)
    indices = latest_dataset(strategy.universe, DatasetKind.INDICES)
    assert indices is not None
    assert found.inputs["benchmark"] == {"held_against": "index:World", "hash": indices.file_hash}
    assert float(found.inputs["risk"]["tracking_error"]) == pytest.approx((ours - index).std(ddof=1) * YEAR)


def test_a_limit_on_tracking_error_needs_weights(strategy: Strategy, quant: User):
    take_index(quant, strategy.universe)
    rows = [{"kind": "sum_equal", "limit": 1.0}, {"kind": "tracking_error_most", "limit": 0.05}]
    save_construction(by=quant, strategy=strategy, construction={"goal": "minimum_variance", "rows": rows})
    version = change_benchmark(by=quant, strategy=strategy, benchmark="index:World")
    with pytest.raises(Invalid, match="an index has no weights"):
        request_portfolio(by=quant, version=version, enqueue=False)


def test_one_name_is_a_benchmark(strategy: Strategy, quant: User):
    rows = [{"kind": "sum_equal", "limit": 1.0}, {"kind": "tracking_error_most", "limit": 1e-4}]
    save_construction(by=quant, strategy=strategy, construction={"goal": "minimum_variance", "rows": rows})
    change_benchmark(by=quant, strategy=strategy, benchmark="name:RA03")
    weights = {row["ident"]: row["weight"] for row in ran(quant, strategy, Task.OPTIMISE).summary["weights"]}
    assert weights["RA03"] == pytest.approx(1.0, abs=1e-3)
    against = ran(quant, strategy, Task.RISK).summary["against"]
    assert against["beta"] == pytest.approx(1.0, abs=1e-3)
    assert against["tracking_error"] < 2e-4


def test_equal_weights_are_set_anew_each_day_among_members(universe: Universe):
    prices = prices_of(universe)
    returns = name_returns(prices)
    universe.members = [
        {**row, "until_date": "2022-06-30"} if row["ident"] == "RA01" else row for row in universe.members
    ]
    found = daily_returns("equal_weight", universe, prices, None)
    day = int(np.flatnonzero(prices.days > np.datetime64("2022-07-10"))[0])
    others = [k for k, name in enumerate(prices.names) if name != "RA01"]
    assert found[0] == pytest.approx(np.nanmean(returns[0]))
    assert found[day] == pytest.approx(np.nanmean(returns[day][others]))
    assert found[day] != pytest.approx(np.nanmean(returns[day]))


def test_a_day_without_a_level_is_not_known():
    days = np.array(["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-06"], "datetime64[D]")
    rows = pa.table(
        {"date": [date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 6)], "ident": ["W"] * 3, "close": [100.0, 101, 99]}
    )
    found = index_returns(panel_of_rows(rows), "index:W", days)
    assert found[0] == pytest.approx(0.01)
    assert np.isnan(found[1:]).all()


def test_what_has_no_data_is_no_choice_and_readers_choose_nothing(strategy: Strategy, quant: User, viewer: User):
    for wrong in ("index:World", "name:NONE", "", "cash"):
        with pytest.raises(Invalid, match="choose equal weights"):
            change_benchmark(by=quant, strategy=strategy, benchmark=wrong)
    with pytest.raises(Forbidden):
        change_benchmark(by=viewer, strategy=strategy, benchmark="name:RA03")


def test_the_benchmark_is_chosen_on_the_page(client: Client, strategy: Strategy, quant: User, viewer: User):
    client.force_login(quant)
    address = reverse("strategy-backtest", args=[strategy.code])
    assert 'value="name:RA03"' in client.get(address).content.decode()
    refused = client.post(address, {"do": "benchmark", "benchmark": "name:NONE", "based_on": "1"})
    assert refused.status_code == 422
    assert "choose equal weights" in refused.content.decode()
    page = client.post(address, {"do": "benchmark", "benchmark": "name:RA03", "based_on": "1"}, follow=True)
    assert "Version 2 is saved." in page.content.decode()
    assert latest_version(strategy).content["benchmark"] == "name:RA03"
    client.force_login(viewer)
    assert "Held against RA03." in client.get(address).content.decode()
