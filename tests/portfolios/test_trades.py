"""Trades tried on a pool: cash, tests before and after, and the search that must agree with them."""

import time
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from engine.errors import InputProblems
from engine.portfolios.search import Ledger, search
from engine.portfolios.trades import Side, Trade, traded, try_trades
from tests.portfolios.cases import case, near

D = Decimal


def candidates() -> list[Trade]:
    others = case("pool_b")[0].assets
    return [Trade(Side.BUY, asset, D(1_000_000), D(99)) for asset in others if not asset.default_obligation]


def test_cash_follows_par_at_its_price_and_exchange_rate():
    pool, terms = case("pool_a")
    euro = next(trade for trade in candidates() if trade.asset.currency == "EUR")
    sold = Trade(Side.SELL, pool.assets[0], D(500_000), D("99.5"))
    after = traded(pool, [euro, sold], terms)
    assert after.principal_cash == pool.principal_cash - D(1_000_000) * D("0.99") * D("1.085") + D(497_500)
    assert after.assets[0].deal_par_amount == pool.assets[0].deal_par_amount - D(500_000)


def test_what_is_bought_and_sold_again_leaves_the_tests_as_they_were():
    pool, terms = case("pool_a")
    buy = replace(candidates()[40], price_pct=D(100))
    tried = try_trades(pool, [buy, replace(buy, side=Side.SELL)], terms)
    assert tried.pool == pool
    assert {change.change for change in tried.changes} == {D(0)}


def test_a_failing_test_may_stay_but_not_worsen():
    pool, terms = case("pool_a")  # test 16 fails
    germans = [t for t in candidates() if t.asset.country == "Germany"]
    americans = [
        t for t in candidates() if t.asset.country == "USA" and t.asset.facility_size and t.asset.facility_size > 10**9
    ]
    assert 16 in [c.after.rule.number for c in try_trades(pool, germans[:1], terms).changes if c.is_worse]
    assert not [c for c in try_trades(pool, americans[:1], terms).changes if c.is_worse and c.after.rule.number == 16]


@pytest.mark.parametrize(
    ("par", "price", "code"), [(D(0), D(99), "no_par"), (D(10) ** 9, D(99), "oversold"), (D(1000), D(-1), "price")]
)
def test_what_cannot_be_traded_is_told(par: Decimal, price: Decimal, code: str):
    pool, terms = case("pool_a")
    with pytest.raises(InputProblems) as refused:
        traded(pool, [Trade(Side.SELL, pool.assets[0], par, price)], terms)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_the_search_agrees_with_single_trades_on_50_random_ones():
    pool, terms = case("pool_b")
    ledger, random = Ledger(pool, terms), Random(7)
    every = [*candidates(), *(Trade(Side.BUY, asset, D(2_000_000), D("98.5")) for asset in case("pool_a")[0].assets)]
    for _ in range(50):
        held = random.choice(pool.assets)
        share = D(random.randint(1, 100)) / 100
        trades = [
            random.choice(every),
            Trade(Side.SELL, held, held.deal_par_amount * share, D(random.randint(50, 101))),
        ]
        tried = try_trades(pool, trades, terms)
        quick = ledger.values_after(tried.pool)
        for result in tried.after.results:
            value, status = quick[result.rule.number]
            assert near(value, result.value), (result.rule.number, value, result.value)
            assert status is result.status, result.rule.number


def test_candidates_that_hold_come_first_and_in_the_order_of_the_objective():
    pool, terms = case("pool_a")
    found = search(pool, terms, candidates(), {32: D("0.6"), 36: D("0.4")})
    assert len(found) == len(candidates())
    assert [each.holds for each in found] == sorted((each.holds for each in found), reverse=True)
    scores = [each.score for each in found if each.holds]
    assert scores == sorted(scores, reverse=True)


def test_a_thousand_candidates_in_ten_seconds():
    pool, terms = case("pool_a")
    few = candidates()[:50]
    start = time.process_time()
    search(pool, terms, few, {32: D(1)})
    assert (time.process_time() - start) * 1000 / len(few) < 10
