"""What a version wants to hold on past days: its construction on what was known by then."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from accounts.models import User
from engine.errors import CalculationError
from engine.strategies.panels import Panel
from jobs.work import work
from strategies.frames import keep_frame
from strategies.models import Strategy
from strategies.portfolio_inputs import construction_of, prepared, terms_now
from strategies.queries import latest_version
from strategies.running.optimise import answer_of
from strategies.services.construct import save_construction
from strategies.services.measures import request_backtest
from strategies.targets import Inputs, inputs_of, make_targets
from strategies.translate import rows_of_panel
from tests.strategies.test_portfolio_pages import FULL, LONG, most

pytestmark = pytest.mark.django_db


def asked(by: User, strategy: Strategy, **construction: Any) -> Inputs:
    """What a backtest of this construction reads."""
    save_construction(by=by, strategy=strategy, construction={"window_days": 60, **construction})
    terms = {"known_days": 100, "estimation_days": 120, "test_days": 60}
    return inputs_of(request_backtest(by=by, version=latest_version(strategy), terms=terms, enqueue=False))


def turned(one: Any, other: Any) -> float:
    return float(sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in {*one, *other}))


def test_a_target_is_the_portfolio_of_its_day(strategy: Strategy, quant: User):
    """The portfolio page, on prices that end there, finds the same weights."""
    inputs = asked(quant, strategy, goal="minimum_variance", rows=[FULL, LONG, most(0.3)])
    row, weights = make_targets(inputs, inputs.prices, 99)[-1]
    assert row < len(inputs.prices.days) - 1
    fields = {key: grid[: row + 1] for key, grid in inputs.prices.fields.items()}
    kept = keep_frame(rows_of_panel(Panel(inputs.prices.days[: row + 1], inputs.prices.names, fields)))
    version = latest_version(strategy)
    terms = construction_of(version)
    answer = answer_of(prepared(version, kept, terms, terms_now(version, terms)))
    found = {each["ident"]: each["weight"] for each in answer["weights"] if each["weight"]}
    assert weights == pytest.approx(found, abs=1e-9)


def test_a_target_knows_nothing_of_later_prices(strategy: Strategy, quant: User):
    inputs = asked(quant, strategy, goal="mean_variance", expected="history", rows=[FULL, LONG, most(0.4)])
    prices = inputs.prices
    later = np.arange(len(prices.days))[:, None] > 200
    other = Panel(
        prices.days, prices.names, {**prices.fields, "close": np.where(later, 3 * prices["close"], prices["close"])}
    )
    one, two = (dict(make_targets(inputs, each, 99)) for each in (prices, other))
    before = [row for row in one if row <= 200]
    assert len(before) >= 3
    assert all(one[row] == two[row] for row in before)
    assert any(turned(one[row], two[row]) > 0.01 for row in one if row > 200)


def test_turnover_counts_from_the_target_before_and_the_first_has_none(strategy: Strategy, quant: User):
    rows = [FULL, LONG, most(0.5), {"kind": "turnover_most", "limit": 0.1}]
    inputs = asked(quant, strategy, goal="mean_variance", expected="history", rows=rows)
    found = [weights for _, weights in make_targets(inputs, inputs.prices, 99)]
    assert sum(found[0].values()) == pytest.approx(1.0, abs=1e-8)
    pairs = list(itertools.pairwise(found))
    moves = [turned(one, other) for one, other in pairs if "RA08" in other or "RA08" not in one]
    assert max(moves) == pytest.approx(0.1, abs=1e-6)
    assert len(moves) < len(pairs)  # RA08 left with a weight


def test_a_signal_leads_its_own_targets(strategy: Strategy, quant: User):
    inputs = asked(quant, strategy, goal="maximum_return", expected="signal", rows=[FULL, LONG, most(0.5)])
    row, weights = make_targets(inputs, inputs.prices, 270)[-1]
    assert sorted(weights.values()) == pytest.approx([0.5, 0.5], abs=1e-6)
    assert row >= 270


def test_limits_that_conflict_stop_a_backtest_in_words(strategy: Strategy, quant: User):
    inputs = asked(quant, strategy, goal="minimum_variance", rows=[FULL, LONG, most(0.1)])
    with pytest.raises(CalculationError, match="8 x 10% = 80%, less than 100%"):
        make_targets(inputs, inputs.prices, 99)


def test_a_backtest_of_a_construction_looks_at_nothing_ahead(strategy: Strategy, quant: User):
    save_construction(
        by=quant, strategy=strategy,
        construction={"goal": "minimum_variance", "window_days": 60, "rows": [FULL, LONG, most(0.3)]},
    )  # fmt: skip
    terms = {"known_days": 100, "estimation_days": 120, "test_days": 60}
    run = request_backtest(by=quant, version=latest_version(strategy), terms=terms, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert run.state == "done", run.error
    assert run.summary["look_ahead"]["is_clean"]
    assert len(run.summary["walk_forward"]) >= 1
