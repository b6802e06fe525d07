"""The priority of payments: the kernel against its plain twin, and both against sums done by hand."""

from __future__ import annotations

import functools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from benchmarks import numpy_waterfall
from benchmarks.deals import Deals
from engine.debt.kinds import AMORTISATIONS
from engine.waterfall.kernel import fill_reserve_targets, run_waterfall
from engine.waterfall.terms import (
    BALLOON,
    COLUMNS,
    DEFERRED,
    DRAW,
    HEDGE_UNPAID,
    LOCK_UP,
    MEZZ_UNPAID,
    SHORTFALL,
    WaterfallPaths,
    WaterfallTerms,
)
from tests.engine.book import reserve_targets, schedule

NOT_LOCKED = ((), ())
IN = ("gross_income", "hedge_net", "margin_returned", "trap_released", "dsra_draw", "dsra_released")
OUT = (
    "opex", "wrap_premium", "senior_interest", "senior_principal", "dsra_top_up", "mezz_interest", "mezz_principal",
    "cash_trapped", "equity_distribution",
)  # fmt: skip


def assert_cash_is_conserved(flows, reserve, scale):
    """Cash in, draws and releases equal cash out and retained, each month; the reserve and the trap keep their own."""
    into = sum(flows[name] for name in IN)
    out_of = sum(flows[name] for name in OUT)
    assert_allclose(into, out_of, rtol=0.0, atol=1e-6 * max(1.0, scale))
    held = np.concatenate(([reserve], flows["dsra_balance"]))
    assert_allclose(
        np.diff(held), flows["dsra_top_up"] - flows["dsra_draw"] - flows["dsra_released"], atol=1e-6 * max(1.0, scale)
    )
    trapped = np.concatenate(([0.0], flows["trap_balance"]))
    assert_allclose(np.diff(trapped), flows["cash_trapped"] - flows["trap_released"], atol=1e-6 * max(1.0, scale))


def assert_nothing_is_negative(flows, scale):
    for name in set(COLUMNS) - {"hedge_net", "margin_returned", "dscr", "trailing_dscr"}:
        assert (flows[name] >= -1e-12 * scale).all(), name


def plain_waterfall(paths, terms, targets):
    """Every month's flows and flags by the kernel's columns, and all flags raised, in plain NumPy."""
    one, steps = np.array, sorted(zip(paths.lock_levels, paths.lock_shares, strict=True), reverse=True)
    months = numpy_waterfall.run(Deals(
        paths.gross_income[:, None], paths.opex[:, None], paths.swap[:, None], paths.senior_schedule[:, None],
        paths.mezz_schedule[:, None], targets[:, None], one([terms.senior_maturity]), one([terms.senior_monthly_rate]),
        one([terms.senior_later_monthly_rate]), one([terms.wrap_monthly_rate]), one([terms.mezz_maturity]),
        one([terms.mezz_monthly_rate]), one([terms.mezz_later_monthly_rate]), one([terms.trs_carry]),
        one([terms.margin_amount]), one([terms.margin_loss_amount]), one([terms.dsra_months]),
        one([terms.dsra_initial_amount]), one([terms.refinance_capacity]), one([terms.sweeps]), one([terms.mezz_sweeps]),
        one([level for level, _ in steps]), one([share for _, share in steps]), terms.window_months,
        terms.sweep_ratio,
    ))  # fmt: skip
    found = {name: column[:, 0] for name, column in months.items()}
    found["flags"] = plain_flags(paths, terms, found)
    return found, int(np.bitwise_or.reduce(found["flags"].astype(int)))


def plain_flags(paths, terms, months):
    """Flags by month, each from what it says."""
    month, dust = np.arange(1, terms.months + 1), 1e-12 * max(1.0, paths.senior_schedule[0])
    trapped = np.zeros(terms.months, dtype=bool)
    for level, share in zip(paths.lock_levels, paths.lock_shares, strict=True):
        trapped |= (share > 0.0) & (months["trailing_dscr"] < level * (1 - 1e-9)) & (month < terms.months)
    short = not terms.sweeps and terms.refinance_capacity < paths.senior_schedule[terms.senior_maturity] - dust
    unswept = (month == terms.months) & terms.sweeps & (months["senior_balance"] > dust)
    raised = {
        LOCK_UP: trapped, DRAW: months["dsra_draw"] > dust, SHORTFALL: months["senior_unpaid"] > dust,
        DEFERRED: months["mezz_deferred"] > dust, BALLOON: short & (month == terms.senior_maturity) | unswept,
        HEDGE_UNPAID: months["hedge_unpaid"] > dust,
        MEZZ_UNPAID: months["mezz_balance"] - paths.mezz_schedule[1:] > dust,
    }  # fmt: skip
    return np.sum([flag * is_raised for flag, is_raised in raised.items()], axis=0).astype(float)


def run(paths, terms, targets):
    """Flows by column and the flags raised, after holding kernel and twin to each other and to conservation."""
    out = np.full((terms.months, len(COLUMNS)), np.nan)
    raised = run_waterfall(paths, terms, targets, out)
    months, plainly_raised = plain_waterfall(paths, terms, targets)
    scale = max(1.0, paths.gross_income.max(), paths.senior_schedule[0])
    for k, name in enumerate(COLUMNS):
        assert_allclose(out[:, k], months[name], rtol=1e-9, atol=1e-11 * scale, err_msg=name)
    assert raised == plainly_raised
    flows = {name: out[:, k] for k, name in enumerate(COLUMNS)}
    assert raised == functools.reduce(operator.or_, flows["flags"].astype(int).tolist())
    assert_cash_is_conserved(flows, terms.dsra_initial_amount, scale)
    assert_nothing_is_negative(flows, scale)
    return flows, raised


def story(gross, senior, *, mezz=None, opex=0.0, swap=0.0, lock=NOT_LOCKED, targets=None, **terms):
    """A short deal told month by month: income, the senior schedule, and whatever else it needs."""
    months = len(gross)
    mezz = [0.0] * (months + 1) if mezz is None else mezz
    defaults = WaterfallTerms(
        months=months, senior_maturity=months, senior_monthly_rate=0.0, senior_later_monthly_rate=0.0, wrap_monthly_rate=0.0,
        mezz_maturity=months, mezz_monthly_rate=0.0, mezz_later_monthly_rate=0.0, trs_carry=0.0, margin_amount=0.0,
        margin_loss_amount=0.0, dsra_months=0, dsra_initial_amount=0.0, window_months=1, sweeps=False,
        mezz_sweeps=False, refinance_capacity=1e9,
    )  # fmt: skip
    paths = WaterfallPaths(
        gross_income=np.array(gross),
        opex=np.full(months, opex),
        swap=np.zeros(months) + swap,
        senior_schedule=np.array(senior),
        mezz_schedule=np.array(mezz),
        lock_levels=np.array(lock[0]),
        lock_shares=np.array(lock[1]),
    )
    aims = np.zeros(months + 1) if targets is None else np.array(targets, dtype=np.float64)
    return run(paths, defaults._replace(**terms), aims)


QUARTERS = [100.0, 75.0, 50.0, 25.0, 0.0]


def test_all_is_paid_in_order_and_the_rest_is_equity():
    """100 of income: 20 costs, 5 swap, 1 wrap, 2 + 25 senior, 3 + 10 mezzanine, 34 left."""
    flows, raised = story(
        [100.0] * 4, QUARTERS, mezz=[40.0, 30.0, 20.0, 10.0, 0.0], opex=20.0, swap=-5.0,
        wrap_monthly_rate=0.01, senior_monthly_rate=0.02, mezz_monthly_rate=0.075,
    )  # fmt: skip
    first = {name: values[0] for name, values in flows.items()}
    assert first["hedge_net"] == -5.0
    assert first["wrap_premium"] == pytest.approx(1.0)
    assert first["senior_interest"] == pytest.approx(2.0)
    assert first["senior_principal"] == 25.0
    assert first["mezz_interest"] == pytest.approx(3.0)
    assert first["mezz_principal"] == 10.0
    assert first["equity_distribution"] == pytest.approx(34.0)
    assert first["dscr"] == pytest.approx((100 - 20 - 5) / (1 + 2 + 25))
    assert raised == 0


def test_lock_up_traps_the_residual_until_cover_is_back():
    flows, raised = story([50.0, 26.0, 50.0, 50.0], QUARTERS, lock=([1.1], [1.0]))
    assert flows["cash_trapped"].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert flows["trap_released"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert flows["equity_distribution"].tolist() == [25.0, 0.0, 26.0, 25.0]
    assert flows["flags"].tolist() == [0, LOCK_UP, 0, 0]
    assert raised == LOCK_UP


@pytest.mark.parametrize(("income", "trapped"), [(27.49, 2.49), (27.5, 0.0), (27.51, 0.0)])
def test_lock_up_at_the_threshold(income, trapped):
    """25 a month at 1.10x asks for 27.50: below it traps, at it does not."""
    flows, _ = story([50.0, income, 50.0, 50.0], QUARTERS, lock=([1.1], [1.0]))
    assert flows["cash_trapped"][1] == pytest.approx(trapped)


def test_lock_up_in_steps_releases_only_above_the_highest():
    """Half below 1.45x, all below 1.25x: 35 is 1.40x, 30 is 1.20x, 40 is 1.60x."""
    flows, _ = story([35.0, 30.0, 35.0, 40.0, 25.0], [125.0, *QUARTERS], lock=([1.45, 1.25], [0.5, 1.0]))
    assert flows["cash_trapped"].tolist() == [5.0, 5.0, 5.0, 0.0, 0.0]
    assert flows["trap_balance"].tolist() == [5.0, 10.0, 15.0, 0.0, 0.0]
    assert flows["equity_distribution"].tolist() == [5.0, 0.0, 5.0, 30.0, 0.0]
    assert flows["trap_released"].tolist() == [0.0, 0.0, 0.0, 15.0, 0.0]


def test_lock_up_reads_trailing_months():
    """Two months together: 60 over 50, 52 over 50, 76 over 50."""
    flows, _ = story([30.0, 30.0, 22.0, 54.0], QUARTERS, lock=([1.1], [1.0]), window_months=2)
    assert_allclose(flows["trailing_dscr"], [1.2, 1.2, 1.04, 1.52])
    assert_allclose(flows["dscr"], [1.2, 1.2, 0.88, 2.16])
    assert flows["flags"][2] == LOCK_UP | SHORTFALL


def test_what_was_trapped_pays_missed_senior_then_missed_mezzanine():
    """2 trapped at 1.16x; 15 of senior and 2 of mezzanine missed at 0.40x; at 2.00x 52 pays 40, then 4, then 8."""
    flows, _ = story([29.0, 10.0, 50.0, 50.0], QUARTERS, mezz=[8.0, 6.0, 4.0, 2.0, 0.0], lock=([1.3], [1.0]))
    assert flows["trap_balance"].tolist() == [2.0, 2.0, 0.0, 0.0]
    assert flows["senior_principal"].tolist() == [25.0, 10.0, 40.0, 25.0]
    assert flows["mezz_principal"].tolist() == [2.0, 0.0, 4.0, 2.0]
    assert flows["equity_distribution"].tolist() == [0.0, 0.0, 8.0, 23.0]


def test_the_last_month_releases_everything():
    flows, _ = story([26.0] * 4, QUARTERS, lock=([1.1], [1.0]), dsra_initial_amount=10.0, targets=[10.0] * 4 + [0.0])
    assert flows["trap_balance"].tolist() == [1.0, 2.0, 3.0, 0.0]
    assert flows["dsra_released"].tolist() == [0.0, 0.0, 0.0, 10.0]
    assert flows["equity_distribution"].tolist() == [0.0, 0.0, 0.0, 14.0]


def test_the_reserve_is_drawn_for_senior_and_filled_again():
    flows, raised = story([50.0, 20.0, 28.0, 50.0], QUARTERS, dsra_initial_amount=10.0, targets=[10.0] * 4 + [0.0])
    assert flows["dsra_draw"].tolist() == [0.0, 5.0, 0.0, 0.0]
    assert flows["dsra_top_up"].tolist() == [0.0, 0.0, 3.0, 0.0]
    assert flows["dsra_balance"].tolist() == [10.0, 5.0, 8.0, 0.0]
    assert flows["dsra_released"].tolist() == [0.0, 0.0, 0.0, 8.0]
    assert flows["senior_principal"].tolist() == [25.0] * 4
    assert raised == DRAW


def test_missed_senior_interest_earns_interest_and_missed_principal_stays_due():
    """10% on 100: 10 + 50 due, 4 paid; then 10 + 6.6 + 100 due."""
    flows, raised = story([4.0, 116.6], [100.0, 50.0, 0.0], senior_monthly_rate=0.1)
    assert_allclose(flows["senior_interest"], [4.0, 16.6])
    assert_allclose(flows["senior_principal"], [0.0, 100.0])
    assert_allclose(flows["senior_unpaid"], [56.0, 0.0], atol=1e-12)
    assert flows["flags"].tolist() == [SHORTFALL, 0]
    assert raised == SHORTFALL


def test_missed_mezzanine_interest_is_deferred_at_its_own_rate():
    """20% on 10: 2 due, 1 paid; then 2 + 1.2 due beside 10 of principal."""
    flows, raised = story([26.0, 50.0], [50.0, 25.0, 0.0], mezz=[10.0, 10.0, 0.0], mezz_monthly_rate=0.2)
    assert_allclose(flows["mezz_interest"], [1.0, 3.2])
    assert_allclose(flows["mezz_deferred"], [1.0, 0.0], atol=1e-12)
    assert_allclose(flows["mezz_principal"], [0.0, 10.0])
    assert_allclose(flows["equity_distribution"], [0.0, 11.8])
    assert raised == DEFERRED


def test_a_missed_swap_payment_comes_first_next_month():
    flows, raised = story([10.0, 60.0, 60.0], [75.0, 50.0, 25.0, 0.0], swap=np.array([-30.0, 0.0, 0.0]))
    assert flows["hedge_net"].tolist() == [-10.0, -20.0, 0.0]
    assert flows["senior_principal"].tolist() == [0.0, 40.0, 35.0]
    assert flows["flags"].tolist() == [HEDGE_UNPAID | SHORTFALL, SHORTFALL, 0]
    assert raised == HEDGE_UNPAID | SHORTFALL


@pytest.mark.parametrize(
    ("income", "hedge", "interest"),
    [(8.0, 6.0, 1.0), (7.0, 6.0, 1.0), (6.93, 5.94, 0.99), (3.5, 3.0, 0.5), (0.0, 0.0, 0.0)],
)
def test_a_swap_and_senior_interest_share_what_does_not_pay_both(income, hedge, interest):
    """6 and 1 due: above, at and below 7 of cash."""
    flows, raised = story([income], [100.0, 100.0], swap=-6.0, senior_monthly_rate=0.01)
    assert flows["hedge_net"][0] == pytest.approx(-hedge, rel=1e-12)
    assert flows["senior_interest"][0] == pytest.approx(interest, rel=1e-12)
    assert flows["equity_distribution"][0] == pytest.approx(max(income - 7.0, 0.0), abs=1e-12)
    assert raised == (HEDGE_UNPAID | SHORTFALL if income < 7.0 else 0)


def test_the_premium_comes_before_both_and_the_reserve_pays_interest_alone():
    """1 of premium; 3.50 left shared 3 and 0.50; 0.30 of interest from the reserve. Then 6 + 3, 1 + 0.202 and 1 again."""
    flows, raised = story(
        [4.5, 20.0], [100.0, 100.0, 100.0], swap=-6.0, senior_monthly_rate=0.01, wrap_monthly_rate=0.01,
        dsra_initial_amount=0.3, targets=[0.3, 0.3, 0.0],
    )  # fmt: skip
    assert flows["wrap_premium"].tolist() == [1.0, 1.0]
    assert_allclose(flows["hedge_net"], [-3.0, -9.0])
    assert_allclose(flows["senior_interest"], [0.8, 1.202])
    assert_allclose(flows["dsra_draw"], [0.3, 0.0])
    assert_allclose(flows["equity_distribution"], [0.0, 20 - 1 - 9 - 1.202], atol=1e-12)
    assert raised == HEDGE_UNPAID | SHORTFALL | DRAW


def test_a_missed_premium_is_owed_at_its_own_rank():
    """0.40 of 1 paid; then 1.60 ahead of the swap, which has 3.50 of its 6."""
    flows, _ = story(
        [0.4, 5.1, 20.0], [100.0] * 4, swap=np.array([0.0, -6.0, 0.0]), senior_monthly_rate=0.0, wrap_monthly_rate=0.01
    )
    assert_allclose(flows["wrap_premium"], [0.4, 1.6, 1.0])
    assert_allclose(flows["hedge_net"], [0.0, -3.5, -2.5])


def test_costs_beyond_income_are_not_paid_and_said():
    flows, _ = story([10.0, 60.0], [25.0, 12.5, 0.0], opex=15.0)
    assert flows["opex"].tolist() == [10.0, 15.0]
    assert flows["cost_unpaid"].tolist() == [5.0, 0.0]


def test_a_total_return_swap_carries_on_the_outstanding_balance():
    """Receives 1% of 100, 75, 50, 25 while senior stands; margin is back at maturity."""
    flows, _ = story([30.0] * 4, QUARTERS, trs_carry=0.01, margin_amount=6.0)
    assert_allclose(flows["hedge_net"], [1.0, 0.75, 0.5, 0.25])
    assert flows["margin_returned"].tolist() == [0.0, 0.0, 0.0, 6.0]


def test_a_loss_on_the_swap_is_taken_from_its_margin_then_ahead_of_mezzanine():
    covered, _ = story([30.0] * 4, QUARTERS, margin_amount=6.0, margin_loss_amount=4.0)
    assert covered["margin_returned"][-1] == 2.0
    beyond, raised = story([30.0] * 4, QUARTERS, mezz=[3.0] * 4 + [0.0], margin_amount=6.0, margin_loss_amount=10.0)
    assert beyond["margin_returned"][-1] == -4.0
    assert beyond["mezz_principal"][-1] == 1.0
    assert raised == MEZZ_UNPAID


def test_a_loss_on_the_swap_that_cannot_be_paid_stays_owed():
    """34 lost at maturity in month 2, no margin: 29 paid then; 5 behind the senior that month 3 leaves short."""
    flows, raised = story(
        [30.0, 30.0, 30.0, 130.0], IO, senior_maturity=2, margin_loss_amount=34.0, opex=1.0, refinance_capacity=100.0
    )
    assert flows["senior_principal"].tolist() == [0.0, 0.0, 29.0, 71.0]
    assert flows["margin_returned"].tolist() == [0.0, -29.0, 0.0, -5.0]
    assert flows["hedge_net"].tolist() == [0.0] * 4
    assert flows["flags"].tolist() == [0, HEDGE_UNPAID, HEDGE_UNPAID | SHORTFALL, 0]
    assert raised == HEDGE_UNPAID | SHORTFALL


IO = [100.0, 100.0, 100.0, 50.0, 0.0]


def test_a_balloon_is_refinanced_and_pays_the_later_rate():
    flows, raised = story(
        [60.0] * 4,
        IO,
        senior_maturity=2,
        senior_monthly_rate=0.01,
        senior_later_monthly_rate=0.02,
        refinance_capacity=100.0,
    )
    assert_allclose(flows["senior_interest"], [1.0, 1.0, 2.0, 1.0])
    assert_allclose(flows["senior_principal"], [0.0, 0.0, 50.0, 50.0])
    assert raised == 0


def test_a_balloon_the_market_will_not_take_in_full_is_due():
    """60 of 100 is refinanced: 40 falls due at maturity, the rest repays in proportion."""
    flows, raised = story([45.0] * 4, IO, senior_maturity=2, refinance_capacity=60.0)
    assert_allclose(flows["senior_principal"], [0.0, 40.0, 30.0, 30.0])
    assert_allclose(flows["senior_balance"], [100.0, 60.0, 30.0, 0.0])
    assert flows["flags"].tolist() == [0, BALLOON, 0, 0]
    assert raised == BALLOON


def test_a_balloon_neither_refinanced_nor_paid_is_a_shortfall():
    flows, raised = story([30.0] * 4, IO, senior_maturity=2, refinance_capacity=60.0)
    assert_allclose(flows["senior_principal"], [0.0, 30.0, 30.0, 30.0])
    assert_allclose(flows["senior_unpaid"], [0.0, 10.0, 10.0, 10.0])
    assert raised == BALLOON | SHORTFALL


def test_a_swept_balloon_takes_all_that_is_left_after_mezzanine():
    swept = [100.0, 100.0, 100.0, 100.0, 0.0]
    flows, raised = story(
        [60.0] * 4,
        swept,
        mezz=[20.0, 15.0, 10.0, 5.0, 0.0],
        senior_maturity=2,
        sweeps=True,
        senior_later_monthly_rate=0.05,
    )
    assert_allclose(flows["senior_principal"], [0.0, 0.0, 50.0, 50.0])
    assert_allclose(flows["mezz_principal"], [5.0] * 4)
    assert_allclose(flows["equity_distribution"], [55.0, 55.0, 0.0, 2.5])
    assert_allclose(flows["dscr"], [np.nan, np.nan, 12.0, 12.0])
    assert raised == 0


def test_a_sweep_that_ends_short_is_a_balloon_shortfall():
    swept = [100.0, 100.0, 100.0, 100.0, 0.0]
    flows, raised = story([30.0] * 4, swept, senior_maturity=2, sweeps=True)
    assert_allclose(flows["senior_balance"], [100.0, 100.0, 70.0, 40.0])
    assert flows["flags"].tolist() == [0, 0, 0, BALLOON | SHORTFALL]
    assert raised == BALLOON | SHORTFALL


STANDING = [100.0, 100.0, 100.0, 100.0, 0.0]


def test_behind_a_swept_senior_the_mezzanine_is_swept_after_it():
    """Month 3: 5 + 1 interest, 54 to senior; month 4: 2.3 and 1 interest, 46 senior, then 10.7 of the mezzanine's 20."""
    flows, raised = story(
        [60.0] * 4, STANDING, mezz=[20.0] * 4 + [0.0], senior_maturity=2, mezz_maturity=2, sweeps=True, mezz_sweeps=True,
        senior_later_monthly_rate=0.05, mezz_later_monthly_rate=0.05,
    )  # fmt: skip
    assert_allclose(flows["senior_principal"], [0.0, 0.0, 54.0, 46.0])
    assert_allclose(flows["mezz_interest"], [0.0, 0.0, 1.0, 1.0])
    assert_allclose(flows["mezz_principal"], [0.0, 0.0, 0.0, 60.0 - 2.3 - 46.0 - 1.0])
    assert_allclose(flows["equity_distribution"], [60.0, 60.0, 0.0, 0.0])
    # What stands at lease end was due then.
    assert flows["flags"].tolist() == [0, 0, 0, MEZZ_UNPAID]
    assert raised == MEZZ_UNPAID


def test_a_mezzanine_swept_in_full_leaves_the_rest_to_equity():
    """40 a month: 40 of senior in month 3 of the 40 owed, then 10 of the mezzanine and 30 left in month 4."""
    flows, raised = story(
        [40.0] * 4, [40.0] * 4 + [0.0], mezz=[10.0] * 4 + [0.0], senior_maturity=2, mezz_maturity=2, sweeps=True,
        mezz_sweeps=True,
    )  # fmt: skip
    assert flows["senior_principal"].tolist() == [0.0, 0.0, 40.0, 0.0]
    assert flows["mezz_principal"].tolist() == [0.0, 0.0, 0.0, 10.0]
    assert flows["equity_distribution"].tolist() == [40.0, 40.0, 0.0, 30.0]
    assert raised == 0


@pytest.mark.parametrize(("income", "missed"), [(34.0, 1.0), (35.0, 0.0), (36.0, 0.0)])
def test_mezzanine_principal_that_is_missed_is_said(income, missed):
    """25 of senior and 10 of mezzanine are due in month 2: below 35 some of the mezzanine's stays due."""
    flows, raised = story([50.0, income, 50.0, 50.0], QUARTERS, mezz=[40.0, 30.0, 20.0, 10.0, 0.0])
    assert flows["mezz_principal"].tolist() == [10.0, 10.0 - missed, 10.0 + missed, 10.0]
    assert raised == (MEZZ_UNPAID if missed else 0)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        (2, [3.0, 5.0, 7.0, 4.0, 0.0, 0.0]),
        (9, [10.0, 9.0, 7.0, 4.0, 0.0, 0.0]),
    ],
)
def test_the_reserve_aims_at_the_service_ahead(months, expected):
    """Service 1, 2, 3, 4 to maturity, 9 after it."""
    service, out = np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.empty(6)
    fill_reserve_targets(service, months, 4, out)
    assert_allclose(out, expected, atol=1e-12)
    assert_allclose(reserve_targets(service, months, 4), expected)


# Any deal


@st.composite
def deals(draw):
    """Any two tranches on any income, from plentiful to none, with whatever hedges and lock-up."""
    months = draw(st.integers(2, 40))
    maturity = draw(st.integers(1, months))
    sweeps = draw(st.booleans())
    mezz_sweeps = sweeps and draw(st.booleans())
    rates = st.floats(0.0, 0.03)
    senior_monthly_rate, later, mezz_monthly_rate = draw(rates), draw(rates), draw(rates)
    amount = draw(st.sampled_from([1.0, 1e3, 1e9]))
    mezz_maturity = maturity if mezz_sweeps else draw(st.integers(1, maturity))
    senior = _any_schedule(draw, amount, senior_monthly_rate, maturity, months, sweeps)
    mezz = _any_schedule(
        draw, amount * draw(st.sampled_from([0.0, 0.1, 0.5])), mezz_monthly_rate, mezz_maturity, months, mezz_sweeps
    )
    monthly = amount / maturity * draw(st.sampled_from([0.3, 1.0, 1.3, 4.0]))
    shares = arrays(np.float64, months, elements=st.floats(0.0, 1.0))
    steps = draw(
        st.lists(st.tuples(st.floats(0.5, 3.0), st.floats(0.0, 1.0)), max_size=3, unique_by=lambda step: step[0])
    )
    paths = WaterfallPaths(
        gross_income=monthly * (0.5 + draw(shares)),
        opex=monthly * draw(st.sampled_from([0.0, 0.3, 0.9])) * draw(shares),
        swap=monthly * draw(st.sampled_from([0.0, 0.3, -0.3, -1.5])) * draw(shares),
        senior_schedule=senior,
        mezz_schedule=mezz,
        lock_levels=np.array([level for level, _ in steps]),
        lock_shares=np.array([share for _, share in steps]),
    )
    held = np.array([senior[m] * senior_monthly_rate + senior[m] - senior[m + 1] for m in range(months)])
    dsra_months = draw(st.sampled_from([0, 3, 12]))
    targets = reserve_targets(held, dsra_months, maturity)
    terms = WaterfallTerms(
        months=months, senior_maturity=maturity, senior_monthly_rate=senior_monthly_rate, senior_later_monthly_rate=later,
        wrap_monthly_rate=draw(st.sampled_from([0.0, 0.001])), mezz_maturity=mezz_maturity, mezz_monthly_rate=mezz_monthly_rate,
        mezz_later_monthly_rate=draw(rates), trs_carry=draw(st.sampled_from([0.0, 0.002, -0.004])),
        margin_amount=amount * draw(st.sampled_from([0.0, 0.05])),
        margin_loss_amount=amount * draw(st.sampled_from([0.0, 0.02, 0.2])), dsra_months=dsra_months,
        dsra_initial_amount=float(targets[0]) * draw(st.sampled_from([1.0, 0.4])),
        window_months=draw(st.sampled_from([1, 3, 12])), sweeps=sweeps, mezz_sweeps=mezz_sweeps,
        refinance_capacity=amount * draw(st.sampled_from([0.0, 0.6, 1.0])), sweep_ratio=draw(st.sampled_from([0.0, 0.0, 0.5, 1.0])),
    )  # fmt: skip
    return paths, terms, targets


def _any_schedule(draw, amount, rate, maturity, months, sweeps):
    capacity = np.full(months, 1.2 * amount / maturity)
    return schedule(
        draw(st.sampled_from(AMORTISATIONS)), amount, capacity, rate, maturity, 0, None if sweeps else 0.01, months, 0.5
    )


@settings(max_examples=120, deadline=None)
@given(deals())
def test_any_deal_runs_the_same_both_ways(deal):
    run(*deal)
