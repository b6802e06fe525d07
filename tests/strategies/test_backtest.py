"""A backtest is the reference case to the cent, its plain twin on any market, and loses no cent on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputProblems
from engine.strategies.backtest import FLOWS, Backtest, Target, run_backtest
from engine.strategies.backtest_terms import BacktestTerms, cut, exact, half_up, split_of
from engine.strategies.panels import Panel
from tests.strategies.market import (
    backtest_case,
    business_days,
    empty_fields,
    market,
    random_targets,
    reference_prices,
    reference_targets,
)
from tests.strategies.plain_backtest import plain_backtest

TERMS = BacktestTerms()
FREE = BacktestTerms(commission_bps=0.0, slippage_bps=0.0, borrow_rate=0.0, participation_cap_ratio=1.0)


def money(cents: Any) -> str:
    return f"{Decimal(int(cents)) / 100:.2f}"


@pytest.fixture(scope="module")
def reference() -> Backtest:
    return run_backtest(reference_prices(), reference_targets(), TERMS)


def small(close: list[list[float]], **fields: Any) -> Panel:
    """A market of a few days and names A, B, ... with a million shares of volume unless said."""
    values = np.array(close, dtype=np.float64)
    given = empty_fields(*values.shape)
    given["adv_shares"][:] = 1e6
    given["close"] = values
    for name, each in fields.items():
        given[name][:] = np.array(each, dtype=np.float64)
    return Panel(business_days(len(close)), tuple("ABCDEF"[: values.shape[1]]), given)


def codes(run: Backtest) -> list[str]:
    return [problem.code for problem in run.problems]


# The reference case


def test_every_trade_of_the_reference_case_to_the_cent(reference):
    found = [
        {
            "day": int(row) + 1, "asset": reference.names[name], "shares": int(shares), "close": f"{close:.2f}",
            "slippage_bps": f"{bps:.6f}", "amount": money(amount), "commission": money(commission), "left": int(left),
        }
        for row, name, shares, close, amount, commission, _, bps, left in zip(*reference.trades, strict=True)
    ]  # fmt: skip
    assert found == backtest_case()["expected"]["trades"]


def test_every_line_of_the_reference_ledger_to_the_cent(reference):
    for row, line in enumerate(backtest_case()["expected"]["ledger"]):
        assert str(reference.days[row]) == line["date"]
        assert money(reference.cash_cents[row]) == line["cash"]
        assert money(reference.equity_cents[row]) == line["equity"]
        assert reference.shares[row].tolist() == [line[name] for name in reference.names]
        assert money(-reference.flows["borrow_cents"][row]) == f"{Decimal(line['borrow']):.2f}"
        assert money(reference.flows["dividend_cents"][row]) == f"{Decimal(line['dividend']):.2f}"


def test_totals_of_the_reference_case(reference):
    expected = backtest_case()["expected"]
    assert {name: f"{amount:.2f}" for name, amount in reference.totals.items()} == expected["totals"]
    assert money(reference.equity_cents[-1]) == expected["final_equity"]
    assert codes(reference) == ["waited"]  # the one halted day


def test_a_lag_of_two_days_gives_the_other_figure_of_the_case():
    later = run_backtest(reference_prices(), reference_targets(), replace(TERMS, lag_days=2))
    assert money(later.equity_cents[-1]) == backtest_case()["look_ahead_check"]["final_equity_lag_2"]


# The plain twin


@given(
    seed=st.integers(0, 10_000), days=st.integers(2, 40), names=st.integers(1, 6), lag=st.integers(1, 3),
    every=st.integers(1, 9), slippage=st.sampled_from([0.0, 120.0, 12.5, 333.3]), cap=st.sampled_from([0.1, 1.0, 0.003, 1 / 3]),
    decimals=st.sampled_from([2, 4, 6]), basis=st.sampled_from([360, 365]), cash=st.sampled_from([1e4, 1e6, 123_456.78, 1e9]),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_the_fast_path_is_its_plain_twin_to_the_cent(
    seed, days, names, lag, every, slippage, cap, decimals, basis, cash
):
    panel = market(days, names, seed, halts=0.1, splits=0.05, dividends=0.1, decimals=decimals)
    targets = random_targets(panel, every, seed + 1)
    terms = BacktestTerms(cash, 7.5, slippage, cap, 0.031, basis, lag)
    left_on = {panel.names[0]: panel.days[days // 2]} if seed % 3 == 0 else {}
    run, plain = run_backtest(panel, targets, terms, left_on), plain_backtest(panel, targets, terms, left_on)
    assert [money(c) for c in run.equity_cents] == [f"{line['equity']:.2f}" for line in plain.ledger]
    assert [money(c) for c in run.cash_cents] == [f"{line['cash']:.2f}" for line in plain.ledger]
    assert run.shares.tolist() == [line["shares"] for line in plain.ledger]
    for name in FLOWS:
        assert [money(c) for c in run.flows[name]] == [
            f"{line[name.removesuffix('_cents')]:.2f}" for line in plain.ledger
        ]
    for name in ("row", "name", "shares", "left"):
        assert getattr(run.trades, name).tolist() == [trade[name] for trade in plain.trades]
    for name in ("amount", "commission", "slippage"):
        assert [money(c) for c in getattr(run.trades, f"{name}_cents")] == [f"{t[name]:.2f}" for t in plain.trades]


@pytest.mark.parametrize("bps", [0.5, 5.0, 25.0])
def test_halves_of_a_cent_go_up_as_in_the_twin(bps):
    """Amounts made to end on half a cent: 100 shares at 0.10 cost 10.00, half a basis point of it is 0.0005."""
    panel = small([[0.1, 20.0]] * 4)
    terms = BacktestTerms(1000.0, bps, 0.0, 1.0, 0.0)
    targets: list[Target] = [(0, {"A": 0.1, "B": 0.02}), (2, {"A": 0.05})]
    run, plain = run_backtest(panel, targets, terms), plain_backtest(panel, targets, terms)
    assert [money(c) for c in run.trades.commission_cents] == [f"{t['commission']:.2f}" for t in plain.trades]


# Conservation


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_opening_cash_and_the_day_s_flows_are_the_closing_cash(seed):
    panel = market(30, 5, seed, halts=0.1, splits=0.05, dividends=0.1)
    run = run_backtest(panel, random_targets(panel, 5, seed), TERMS, {panel.names[1]: panel.days[12]})
    opening = np.concatenate(([100_000_000], run.cash_cents[:-1]))
    assert (opening + sum(run.flows.values()) == run.cash_cents).all()
    assert (np.abs(run.cash_cents + run.long_cents + run.short_cents - run.equity_cents) <= 1).all()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_order_of_names_changes_nothing(seed):
    panel = market(25, 5, seed, halts=0.1, splits=0.05, dividends=0.1)
    order = np.random.default_rng(seed).permutation(5)
    other = Panel(
        panel.days, tuple(panel.names[k] for k in order), {name: each[:, order] for name, each in panel.fields.items()}
    )
    targets = random_targets(panel, 6, seed)
    one, two = run_backtest(panel, targets, TERMS), run_backtest(other, targets, TERMS)
    assert (one.equity_cents == two.equity_cents).all()
    assert (one.shares[:, order] == two.shares).all()


# One rule at a time


def test_weights_are_cut_towards_nil_both_ways():
    run = run_backtest(small([[3.0, 7.0]] * 3), [(0, {"A": 0.5, "B": -0.5})], replace(FREE, initial_cash_amount=100.0))
    assert run.shares[-1].tolist() == [16, -7]  # 50 / 3 = 16.67, -50 / 7 = -7.14


def test_a_weight_that_just_pays_for_a_share_buys_it():
    """0.7 of 10.00 is 7.00 though 0.7 x 1000 cents is 699.999... in floats."""
    run = run_backtest(small([[0.07], [0.07]]), [(0, {"A": 0.7})], replace(FREE, initial_cash_amount=10.0))
    assert run.shares[-1].tolist() == [100]


def test_a_day_trades_its_share_of_the_volume_and_the_rest_waits():
    panel = small([[10.0]] * 4, adv_shares=[[999], [999], [1000], [1009]])
    run = run_backtest(
        panel, [(0, {"A": 1.0})], replace(FREE, initial_cash_amount=10_000.0, participation_cap_ratio=0.1)
    )
    assert run.trades.shares.tolist() == [99, 100, 100]  # 10% below, at, above
    assert run.trades.left.tolist() == [901, 801, 701]


def test_borrow_is_charged_on_calendar_days_at_the_price_before():
    """Sold short on Thursday at 50: Friday 1 day, Monday 3 days on Friday's 60. 100 x 60 x 3% x 3 / 360 = 1.50."""
    panel = small([[50.0]] * 5)
    days = np.array(["2026-05-06", "2026-05-07", "2026-05-08", "2026-05-11", "2026-05-12"], dtype="datetime64[D]")
    fields = {**panel.fields, "close": np.array([[50.0], [50.0], [60.0], [60.0], [60.0]])}
    run = run_backtest(Panel(days, ("A",), fields), [(0, {"A": -0.5})], replace(FREE, initial_cash_amount=10_000.0, borrow_rate=0.03))  # fmt: skip
    assert run.shares[-1].tolist() == [-100]
    assert run.flows["borrow_cents"].tolist() == [0, 0, -42, -150, -50]  # 0.4167, 1.50, 0.50


@pytest.mark.parametrize(("weight", "cents"), [(0.5, 1250), (-0.5, -1250)])
def test_dividends_go_to_longs_and_are_paid_by_shorts(weight, cents):
    panel = small([[10.0]] * 4, dividend_amount=[[0], [0], [0.25], [0]])
    run = run_backtest(panel, [(0, {"A": weight})], replace(FREE, initial_cash_amount=1000.0))
    assert run.flows["dividend_cents"].tolist() == [0, 0, cents, 0]


def test_a_split_doubles_what_is_held_and_what_is_wanted():
    panel = small([[10.0], [10.0], [5.0], [5.0]], split_ratio=[[1], [1], [2], [1]], adv_shares=[[600]] * 4)
    terms = replace(FREE, initial_cash_amount=1000.0, participation_cap_ratio=0.1)
    run = run_backtest(panel, [(0, {"A": 1.0})], terms)
    assert run.trades.shares.tolist() == [60, 60, 20]  # 60 of 100, then of the 80 wanted after the split
    assert run.shares[:, 0].tolist() == [0, 60, 180, 200]
    assert money(run.equity_cents[-1]) == "1000.00"


def test_a_reverse_split_pays_for_the_fraction():
    """105 shares, one for ten: 10 are left, half a share is paid at ten times the last price."""
    panel = small([[10.0], [10.0], [100.0]], split_ratio=[[1], [1], [0.1]])
    run = run_backtest(panel, [(0, {"A": 0.5})], replace(FREE, initial_cash_amount=2100.0))
    assert run.shares[:, 0].tolist() == [0, 105, 10]
    assert money(run.flows["split_cents"][-1]) == "50.00"
    assert money(run.equity_cents[-1]) == "2100.00"


def test_a_halted_name_waits_and_is_valued_at_its_last_close():
    panel = small([[10.0], [np.nan], [12.0], [np.nan]])
    run = run_backtest(panel, [(0, {"A": 1.0})], replace(FREE, initial_cash_amount=100.0))
    assert run.trades.row.tolist() == [2]
    assert run.trades.shares.tolist() == [10]  # by the close of the target day
    assert money(run.equity_cents[-1]) == "100.00"
    assert codes(run) == ["no_close", "waited", "cash_below_nil"]


def test_a_new_target_replaces_what_is_left_of_the_old():
    panel = small([[10.0]] * 5, adv_shares=[[10]] * 5)
    run = run_backtest(panel, [(0, {"A": 1.0}), (2, {"A": 0.1})], replace(FREE, initial_cash_amount=1000.0))
    assert run.shares[:, 0].tolist() == [0, 10, 20, 10, 10]


def test_a_name_that_leaves_is_closed_at_its_last_price_and_said():
    panel = small([[10.0], [11.0], [np.nan], [np.nan], [np.nan]])
    run = run_backtest(
        panel, [(0, {"A": 1.0}), (3, {"A": 1.0})], replace(FREE, initial_cash_amount=100.0), {"A": panel.days[3]}
    )
    assert run.shares[:, 0].tolist() == [0, 10, 10, 0, 0]
    assert money(run.flows["left_cents"][3]) == "110.00"
    assert [p.message for p in run.problems if p.code in {"left", "has_left"}] == [
        f"A on {panel.days[3]}: has left: 10 shares were closed at the last price, 11.",
        f"A on {panel.days[3]}: has left: its target is not set.",
    ]


def test_no_volume_is_no_trade_and_said():
    run = run_backtest(small([[10.0]] * 3, adv_shares=[[0]] * 3), [(0, {"A": 1.0})], TERMS)
    assert run.trades.row.size == 0
    assert [p.message for p in run.problems] == ["A: orders waited on days: 2 without enough volume for one share."]


def test_a_name_without_a_price_yet_is_left_out_and_said():
    run = run_backtest(small([[np.nan, 10.0], [5.0, 10.0]]), [(0, {"A": 0.5, "B": 0.5})], FREE)
    assert run.shares[-1].tolist() == [0, 50_000]
    assert codes(run) == ["no_price"]


def test_an_account_worth_nothing_sets_no_target():
    panel = small([[10.0], [10.0], [30.0], [30.0]])
    run = run_backtest(panel, [(0, {"A": -1.0}), (2, {"A": 0.5})], replace(FREE, initial_cash_amount=1000.0))
    assert money(run.equity_cents[2]) == "-1000.00"
    assert run.shares[-1].tolist() == [0]
    assert "no_equity" in codes(run)


def swapped_days() -> Panel:
    panel = small([[1.0], [1.0]])
    return Panel(panel.days[::-1].copy(), panel.names, panel.fields)


@pytest.mark.parametrize(
    ("panel", "targets", "code"),
    [
        (lambda: small([[1.0], [0.0]]), [], "not_positive"),
        (lambda: small([[1.0], [-2.0]]), [], "not_positive"),
        (lambda: small([[1.0], [np.inf]]), [], "not_positive"),
        (lambda: small([[1.0]], split_ratio=[[0.0]]), [], "not_positive"),
        (lambda: small([[1.0]], adv_shares=[[-1.0]]), [], "not_positive"),
        (swapped_days, [], "unsorted_days"),
        (lambda: Panel(business_days(1), ("A",), {"close": np.ones((1, 1))}), [], "missing"),
        (lambda: small([[1.0]]), [(0, {"Z": 0.5})], "unknown_name"),
        (lambda: small([[1.0]]), [(1, {"A": 0.5})], "no_such_day"),
        (lambda: small([[1.0], [1.0]]), [(1, {}), (0, {})], "unsorted_targets"),
        (lambda: small([[1.0]]), [(0, {"A": float("nan")})], "no_weight"),
        (lambda: small([[1.0]]), [(0, {"A": 100.5})], "no_weight"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(panel: Callable[[], Panel], targets: list[Target], code: str):
    with pytest.raises(InputProblems) as refused:
        run_backtest(panel(), targets, TERMS)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert all(problem.message.endswith(".") for problem in refused.value.problems)


def test_terms_are_read_like_every_field():
    assert BacktestTerms.from_dict() == TERMS
    assert BacktestTerms.from_dict(TERMS.to_dict()) == TERMS
    with pytest.raises(InputProblems) as refused:
        BacktestTerms.from_dict({"lag_days": 0, "participation_cap_ratio": 0, "commission": 1})
    assert {problem.place for problem in refused.value.problems} == {
        "lag_days",
        "participation_cap_ratio",
        "commission",
    }


def test_numbers_are_rounded_as_money_is():
    assert [half_up(exact(x)) for x in (0.5, -0.5, 1.4999, 2.5)] == [1, -1, 1, 3]
    assert [cut(exact(x)) for x in (1.99, -1.99, 2.0)] == [1, -1, 2]
    assert split_of(1 / 3).as_integer_ratio() == (1, 3)
    assert split_of(1.5).as_integer_ratio() == (3, 2)
