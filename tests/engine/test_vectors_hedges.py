"""Every case of inflation_trs_vectors.json, every expected key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.hedges.valuation import (
    InflationMarket,
    InflationSide,
    TotalReturnSwap,
    ZeroCouponInflationSwap,
    run_total_return_swap,
    settle_zcis,
    value_strip,
    value_zcis,
)
from tests.engine.vectors import assert_matches, load

CASES = load("inflation_trs_vectors.json")
Case = dict[str, Any]


def _side(direction: str) -> InflationSide:
    return InflationSide.RECEIVE_INFLATION if "receive inflation" in direction else InflationSide.PAY_INFLATION


def _swap_value(given: Case) -> Case:
    market = InflationMarket(
        valuation_date=date.fromisoformat(given["evaluation_date"]),
        observation_lag_months=given["observation_lag_months"],
        fixings={date.fromisoformat(day): level for day, level in given["fixings"].items()},
        breakevens={int(tenor.removesuffix("Y")): rate for tenor, rate in given["zcis_quotes"].items()},
        discount_rate=given["flat_nominal_zero_rate_annual"],
    )
    side = _side(given["direction"])
    swap = ZeroCouponInflationSwap(given["notional"], given["fixed_rate"], given["tenor_years"], side)
    value = value_zcis(swap, market)
    return {
        "payment_date": value.payment_date.isoformat(),
        "year_fraction": float(swap.tenor_years),
        "base_index": value.base_index,
        "projected_final_index": value.projected_index,
        "discount_factor": value.discount_factor,
        "fair_rate": value.breakeven_rate,
        "fixed_leg_amount": value.fixed_leg_amount,
        "inflation_leg_amount": value.inflation_leg_amount,
        "fixed_leg_npv": value.fixed_leg_value_amount,
        "inflation_leg_npv": value.inflation_leg_value_amount,
        "npv": value.value_amount,
    }


def _settlement(given: Case) -> Case:
    settled = settle_zcis(
        given["notional"], given["fixed_rate"], given["years"], given["base_index"], given["final_index"]
    )
    return {
        "inflation_leg": settled.inflation_leg_amount,
        "fixed_leg": settled.fixed_leg_amount,
        "net_to_inflation_receiver": settled.net_amount,
        "realised_rate": settled.realised_rate,
    }


def _strip(given: Case) -> Case:
    strip = value_strip(
        given["rent_year0"],
        given["market_breakeven"],
        given["sponsor_cpi_view"],
        given["discount_rate"],
        given["years"],
    )
    return {
        "pv_flat_rent": strip.flat_rent_value_amount,
        "pv_rent_at_breakeven": strip.rent_at_breakeven_value_amount,
        "pv_rent_at_view": strip.rent_at_view_value_amount,
        "strip_value_to_inflation_payer_if_view_realised": strip.value_to_inflation_payer_amount,
        "pv_of_uplift_at_breakeven": strip.uplift_value_amount,
    }


def _total_return(given: Case) -> Case:
    swap = TotalReturnSwap(
        given["initial_notional"], given["initial_price"], given["spread"], given["basis"], given["reset_notional"]
    )
    run = run_total_return_swap(swap, given["prices"], given["income_per_100"], given["reference_rates"], given["days"])
    rows = zip(run.notional, run.price_return, run.income, run.total_return, run.financing, run.net, strict=True)
    names = ("notional", "price_return", "income", "total_return", "financing", "net_to_total_return_receiver")
    return {"periods": [dict(zip(names, row, strict=True)) for row in rows], "total_net": float(run.net.sum())}


COMPUTE: dict[str, Callable[[Case], Case]] = {
    "ZCIS-1": _swap_value,
    "ZCIS-2": _swap_value,
    "ZCIS-4": _settlement,
    "ZCIS-5": _strip,
    "TRS-1": _total_return,
    "TRS-2": _total_return,
}


def test_every_case_is_computed():
    assert set(COMPUTE) == set(CASES)


@pytest.mark.parametrize("case_id", sorted(CASES))
def test_case(case_id):
    assert_matches(COMPUTE[case_id](CASES[case_id]["inputs"]), CASES[case_id]["expected"], case_id)
