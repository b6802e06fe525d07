"""The walk: permutations in index order, each layer of work done once for all that share it.

A cash flow serves every financing of it, a senior structure every mezzanine behind it, a debt structure every
swap on it, a hedged cash flow every equity target. What a layer computes is kept until its key changes, so memory
does not depend on the space. `engine.permutations.plain` evaluates one permutation at a time without any sharing;
tests hold the two equal.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.debt.kinds import INTEREST_ONLY, SCULPTED
from engine.debt.sizing import fill_schedule, fill_service, refinance_capacity, size_debt
from engine.measures.cover import (
    BREACH_MONTH,
    COVER_SIZE,
    DSCR_AVERAGE,
    DSCR_MINIMUM,
    ICR,
    LLCR,
    PLCR,
    RECOVERY_MONTHS,
    fill_cover,
)
from engine.measures.returns import irr_monthly
from engine.permutations.axes import AXES
from engine.permutations.columns import RESULT_COLUMNS, STRESS_COLUMNS
from engine.permutations.resolve import AxisTable, ProjectNumbers, Resolved
from engine.ratings.checks import (
    BINDING,
    BINDING_HEADROOM,
    CRITERION_COUNT,
    FIRST_FAILED,
    NEAR_MISS,
    PASSED,
    RATING,
    VERDICT_SIZE,
    fill_verdict,
)
from engine.waterfall.kernel import fill_reserve_targets, run_waterfall
from engine.waterfall.terms import (
    COLUMNS,
    EQUITY,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    MEZZ_INTEREST,
    MEZZ_PRINCIPAL,
    SENIOR_BALANCE,
    SENIOR_INTEREST,
    SENIOR_PRINCIPAL,
    SENIOR_UNPAID,
    WaterfallPaths,
    WaterfallTerms,
)

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

(
    A_RENT, A_OPEX, A_PUE, A_INDEXATION, A_FLOOR, A_CAP, A_TENOR, A_KIND, A_COUPON, A_DSCR, A_WRAP, A_GRACE, A_RAISE,
    A_MEZZ_DSCR, A_MEZZ_COUPON, A_MEZZ_TENOR, A_MEZZ_KIND, A_ZCIS, A_TRS, A_DSRA, A_IRR,
) = range(len(AXES))  # fmt: skip
(
    C_GATE, C_REASON, C_NEAR_MISS, C_SENIOR, C_SENIOR_PROCEEDS, C_MEZZ, C_MEZZ_PROCEEDS, C_COVERAGE,
    C_AGENCY_LTV, C_APPRAISAL_LTV, C_COST_LTV, C_DSCR_MINIMUM, C_DSCR_AVERAGE, C_LLCR, C_PLCR, C_ICR, C_RATING,
    C_BINDING, C_BINDING_HEADROOM, C_REPO, C_WORST_DSCR, C_WORST_SCENARIO, C_NOTCHES_LOST, C_STRESS_PASSED,
    C_STABILITY, C_STRESS_KEY, C_FEES, C_DSRA, C_PREFUNDED, C_MARGIN, C_EQUITY_PROCEEDS, C_DAY_ONE, C_WACC,
    C_SPONSOR_EQUITY, C_SPONSOR_IRR, C_SPONSOR_NPV, C_PAYBACK, C_MULTIPLE, C_SENIOR_WAL, C_MEZZ_WAL, C_SENIOR_YIELD,
    C_MEZZ_YIELD, C_FLAGS, C_INSTRUMENTS,
) = range(len(RESULT_COLUMNS))  # fmt: skip
RESULT_SIZE = len(RESULT_COLUMNS)
STRESS_SIZE = len(STRESS_COLUMNS)

TENOR_EXCEEDS, MEZZ_DSCR_HIGH, COUPON_OFF, NO_CAPACITY, UNCOVERED = 1, 2, 3, 4, 5
GATE_B_REASON = 10
MATH_ERROR = 30


@njit(cache=True, nogil=True)
def _value(axes: AxisTable, axis: int, index: int) -> float:
    return axes.values[axis, index // axes.strides[axis] % axes.lengths[axis]]


@njit(cache=True, nogil=True)
def _position(axes: AxisTable, axis: int, index: int) -> int:
    return index // axes.strides[axis] % axes.lengths[axis]


@njit(cache=True, nogil=True)
def fill_cash(resolved: Resolved, index: int, gross: Floats, opex: Floats, cash: Floats) -> float:
    """CFADS by (default, cpi path, month) into `cash`, base income and costs into `gross` and `opex`; year-1 NOI."""
    axes, project, paths = resolved.axes, resolved.project, resolved.paths
    pue = _value(axes, A_PUE, index)
    if np.isnan(pue):
        pue = project.pue
    it_load_mw = project.gross_facility_mw / pue
    per_kw = _value(axes, A_RENT, index)
    if np.isnan(per_kw):
        per_kw = project.rent_per_kw_month
    rent = project.monthly_rent_amount if np.isnan(per_kw) else per_kw * it_load_mw * 1000.0
    opex_ratio = _value(axes, A_OPEX, index)
    if np.isnan(opex_ratio):
        opex_ratio = project.opex_ratio
    power = it_load_mw * project.hours_a_year * project.electricity_price_per_mwh / 12.0
    collar = _position(axes, A_INDEXATION, index) * axes.lengths[A_FLOOR] + _position(axes, A_FLOOR, index)
    collar = collar * axes.lengths[A_CAP] + _position(axes, A_CAP, index)
    let = rent * project.occupancy_ratio
    for d in range(paths.rent_factor.shape[0]):
        for p in range(paths.rent_index.shape[1]):
            for m in range(project.months):
                level = paths.rent_index[collar, p, m // 12]
                income = let * paths.rent_factor[d, m] * level
                noi = income * (1.0 - opex_ratio) - power * level
                fee = max(noi, 0.0) * project.asset_management_rate
                cash[d, p, m] = noi - fee
                if d == 0 and p == 0:
                    gross[m] = income
                    opex[m] = income - noi + fee
    return 12.0 * (let * (1.0 - opex_ratio) - power)


@njit(cache=True, nogil=True)
def at_close(balance: float, period_rate: float, months: int, capitalised: bool) -> float:
    """Proceeds at close of a balance that stands at the start of operations."""
    return balance / (1.0 + period_rate) ** months if capitalised else balance


@njit(cache=True, nogil=True)
def fill_contributions(project: ProjectNumbers, senior_interest: float, mezz_interest: float, out: Floats) -> None:
    """Construction interest no tranche covers, by month 1..C into out[1..C]: the sponsor pays it."""
    for m in range(1, project.construction_months + 1):
        out[m] = 0.0
        if m > project.senior_covered_months:
            out[m] += senior_interest
        if m > project.mezz_covered_months:
            out[m] += mezz_interest


@njit(cache=True, nogil=True)
def average_life_years(balances: Floats, opening: float, months: int, construction_months: int) -> float:
    """Weighted average life from close: the area under the balance over the amount; `balances` close each month."""
    area, balance = 0.0, opening
    for m in range(months):
        area += balance
        balance = balances[m]
    return (construction_months + area / opening) / 12.0


@njit(cache=True, nogil=True)
def holder_yield(
    opening: float, proceeds: float, rate: float, covered_months: int, capitalised: bool, construction_months: int,
    interest: Floats, principal: Floats, repaid_at: int, balances: Floats, flows: Floats
) -> float:  # fmt: skip
    """Effective annual yield of a holder who pays the proceeds at close and is taken out at `repaid_at`; NaN if none."""
    flows[0] = -proceeds
    for m in range(1, construction_months + 1):
        flows[m] = 0.0 if capitalised and m <= covered_months else opening * rate
    for m in range(repaid_at):
        flows[construction_months + 1 + m] = interest[m] + principal[m]
    flows[construction_months + repaid_at] += balances[repaid_at - 1]
    found, status = irr_monthly(0, flows[: construction_months + repaid_at + 1])
    return found if status == 0 else np.nan


@njit(cache=True, nogil=True)
def effective_rate(monthly_rate: float) -> float:
    """Rate a year of a monthly rate, compounded."""
    return (1.0 + monthly_rate) ** 12 - 1.0


@njit(cache=True, nogil=True)
def walk(resolved: Resolved, indices: Indices, out: Floats, stress_out: Floats) -> int:  # noqa: C901, PLR0912, PLR0915 - the layers are one loop so that their scratch is shared
    """Results of sorted permutation `indices` into out (RESULT_SIZE, n), stress rows into stress_out; stress rows used.

    `out` comes filled with NaN, which stands for "not computed". `stress_out` is (rows, STRESS_SIZE).
    """
    axes, project, terms, paths, criteria = resolved
    months, built = project.months, project.construction_months
    shifts, lock_levels, lock_shares = paths.shifts, paths.lock_levels, paths.lock_shares
    defaults, cpis = paths.rent_factor.shape[0], paths.rent_index.shape[1]
    gross, opex = np.empty(months), np.empty(months)
    cash = np.empty((defaults, cpis, months))
    capacity, service, held_service = np.empty(months), np.empty(months), np.empty(months)
    mezz_capacity = np.empty(months)
    schedule, mezz_schedule = np.empty(months + 1), np.empty(months + 1)
    hedged, swap = np.empty(months), np.empty(months)
    targets = np.empty(months + 1)
    periods = np.empty((months, len(COLUMNS)))
    flows = np.zeros(built + months + 1)
    contributions = np.zeros(built + 1)
    headrooms = np.empty(CRITERION_COUNT + 1)
    hedge_count = axes.lengths[A_ZCIS] * axes.lengths[A_TRS]
    covers, verdicts = np.empty((hedge_count, COVER_SIZE)), np.empty((hedge_count, VERDICT_SIZE))
    stresses = np.empty((hedge_count, 5))
    state = np.zeros(hedge_count, dtype=np.int8)
    stressed, verdict = np.empty(COVER_SIZE), np.empty(VERDICT_SIZE)
    result = np.empty(RESULT_SIZE)
    cash_key, senior_key, mezz_key, flow_key = -1, -1, -1, -1
    stress_rows = 0
    noi, value, agency_value, ltv = 0.0, 0.0, 0.0, 0.0
    reason, senior, mezz, kind, maturity = 0, 0.0, 0.0, 0, 0
    senior_rate, wrap_rate, all_in_rate, later_rate, mezz_rate = 0.0, 0.0, 0.0, 0.0, 0.0
    mezz_maturity, mezz_later_rate = 0, 0.0
    senior_proceeds, mezz_proceeds, prefunded, senior_prefunded, fees, coverage = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    wrapped, refinance_limit, coupon, dscr = False, 0.0, 0.0, 0.0
    gate, computed = 0, False

    for r in range(indices.size):
        index = indices[r]
        if index // axes.below_cash != cash_key:
            cash_key, senior_key = index // axes.below_cash, -1
            noi = fill_cash(resolved, index, gross, opex, cash)
            value = project.appraisal_amount
            if np.isnan(value):
                value = max(noi, 0.0) / terms.capitalisation_rate
            agency_value = value * (1.0 - terms.agency_haircut_ratio)

        if index // axes.below_senior != senior_key:
            senior_key, mezz_key = index // axes.below_senior, -1
            state[:] = 0
            coupon, dscr = _value(axes, A_COUPON, index), _value(axes, A_DSCR, index)
            kind, maturity = int(_value(axes, A_KIND, index)), 12 * int(_value(axes, A_TENOR, index))
            wrapped = _value(axes, A_WRAP, index) > 0.0
            grace = int(_value(axes, A_GRACE, index))
            senior_rate = coupon / 12.0
            wrap_rate = project.wrap_premium_rate / 12.0 if wrapped else 0.0
            all_in_rate = senior_rate + wrap_rate
            later_rate = senior_rate + (terms.step_up_rate if terms.sweeps else terms.refinance_spread_rate) / 12.0
            senior = 0.0
            if maturity <= months - terms.lease_tail_months:
                for m in range(months):
                    capacity[m] = cash[0, 0, m] / dscr
                refinance_rate = all_in_rate + terms.refinance_spread_rate / 12.0
                senior = size_debt(kind, capacity, all_in_rate, maturity, grace, refinance_rate, months)
                refinance_limit = refinance_capacity(capacity, refinance_rate, maturity, months)
                limit = (1.0 + _value(axes, A_RAISE, index)) * project.internal_cost_amount
                if senior > limit:
                    if kind == SCULPTED:
                        for m in range(months):
                            capacity[m] *= limit / senior
                    senior = limit
                if senior > 0.0:
                    fill_schedule(
                        kind,
                        senior,
                        capacity,
                        all_in_rate,
                        maturity,
                        grace,
                        refinance_rate,
                        months,
                        terms.sweeps,
                        schedule,
                    )
                    fill_service(schedule, all_in_rate, maturity, later_rate + wrap_rate, months, service)
                    fill_service(schedule, senior_rate, maturity, later_rate, months, held_service)
                    if terms.sweeps:
                        service[months - 1] = schedule[months - 1] * (later_rate + wrap_rate)
                    ltv = senior / (project.market_cost_amount if terms.ltv_on_market_cost else max(agency_value, 1e-9))
            senior_proceeds = at_close(senior, all_in_rate, project.senior_covered_months, project.senior_capitalised)
            senior_prefunded = 0.0
            if not project.senior_capitalised:
                senior_prefunded = project.senior_covered_months * all_in_rate * senior

        if index // axes.below_mezz != mezz_key:
            mezz_key, flow_key = index // axes.below_mezz, -1
            mezz_dscr, mezz_coupon = _value(axes, A_MEZZ_DSCR, index), _value(axes, A_MEZZ_COUPON, index)
            mezz_years = _value(axes, A_MEZZ_TENOR, index)
            mezz_maturity = maturity if np.isnan(mezz_years) else min(12 * int(mezz_years), maturity)
            mezz_kind = int(_value(axes, A_MEZZ_KIND, index))
            mezz_rate = mezz_coupon / 12.0
            mezz_later_rate = mezz_rate + terms.refinance_spread_rate / 12.0
            mezz, mezz_proceeds, prefunded, fees, coverage = 0.0, 0.0, 0.0, 0.0, np.nan
            reason = 0
            if maturity > months - terms.lease_tail_months:
                reason = TENOR_EXCEEDS
            elif mezz_dscr >= dscr - 1e-12:
                reason = MEZZ_DSCR_HIGH
            elif mezz_coupon <= coupon + 1e-12:
                reason = COUPON_OFF
            elif not senior > 0.0:
                reason = NO_CAPACITY
            else:
                for m in range(months):
                    mezz_capacity[m] = cash[0, 0, m] / mezz_dscr - service[m]
                mezz = size_debt(mezz_kind, mezz_capacity, mezz_rate, mezz_maturity, 0, mezz_later_rate, months)
                mezz_schedule[:] = 0.0
                if mezz > 0.0:
                    fill_schedule(
                        mezz_kind, mezz, mezz_capacity, mezz_rate, mezz_maturity, 0, mezz_later_rate, months, False,
                        mezz_schedule,
                    )  # fmt: skip
                mezz_proceeds = at_close(mezz, mezz_rate, project.mezz_covered_months, project.mezz_capitalised)
                prefunded = senior_prefunded
                if not project.mezz_capitalised:
                    prefunded += project.mezz_covered_months * mezz_rate * mezz
                fees = terms.fee_fixed_amount + terms.fee_rate * (senior_proceeds + mezz_proceeds)
                coverage = (senior_proceeds + mezz_proceeds - fees - prefunded) / project.internal_cost_amount
                if coverage < terms.coverage_floor_ratio * (1.0 - 1e-9):
                    reason = UNCOVERED
                if not np.isfinite(senior + mezz + coverage):
                    reason = MATH_ERROR

        if index // axes.below_flow != flow_key:
            flow_key = index // axes.below_flow
            result[:] = np.nan
            result[C_NEAR_MISS] = 0.0
            gate, computed = 0, False
            if reason in (0, UNCOVERED):
                result[C_SENIOR], result[C_SENIOR_PROCEEDS] = senior, senior_proceeds
                result[C_MEZZ], result[C_MEZZ_PROCEEDS] = mezz, mezz_proceeds
                result[C_COVERAGE] = coverage
            result[C_REASON] = reason
            if reason == 0:
                zcis_at, trs_at = _position(axes, A_ZCIS, index), _position(axes, A_TRS, index)
                trs_share = _value(axes, A_TRS, index)
                slot = zcis_at * axes.lengths[A_TRS] + trs_at
                trs_carry = trs_share * (coupon - terms.trs_financing_rate) / 12.0
                tenor_years = maturity / 12.0
                hedged_noi = terms.hedged_ratio * noi
                if state[slot] == 0:
                    state[slot] = 1
                    for m in range(months):
                        hedged[m] = cash[0, 0, m] + hedged_noi * paths.zcis[zcis_at, 0, m]
                    fill_cover(hedged, schedule, trs_carry, all_in_rate, maturity, months, covers[slot])
                    fill_verdict(
                        criteria, covers[slot], ltv, tenor_years, kind, wrapped, terms.tenant_cap_notch,
                        terms.minimum_notch, terms.near_miss_ratio, headrooms, verdicts[slot],
                    )  # fmt: skip
                cover, verdict_at = covers[slot], verdicts[slot]
                passed, near = verdict_at[PASSED] > 0.0, verdict_at[NEAR_MISS] > 0.0
                gate = 2 if passed else 1
                result[C_NEAR_MISS] = 1.0 if near else 0.0
                result[C_AGENCY_LTV] = senior / agency_value
                result[C_APPRAISAL_LTV] = senior / value
                result[C_COST_LTV] = senior / project.market_cost_amount
                result[C_DSCR_MINIMUM], result[C_DSCR_AVERAGE] = cover[DSCR_MINIMUM], cover[DSCR_AVERAGE]
                result[C_LLCR], result[C_PLCR], result[C_ICR] = cover[LLCR], cover[PLCR], cover[ICR]
                result[C_RATING] = verdict_at[RATING]
                result[C_BINDING], result[C_BINDING_HEADROOM] = verdict_at[BINDING], verdict_at[BINDING_HEADROOM]
                if not passed:
                    result[C_REASON] = GATE_B_REASON + verdict_at[FIRST_FAILED]
                fits = verdict_at[RATING] <= terms.bank_notch and tenor_years <= terms.bank_tenor_years
                fits = fits and senior / value <= terms.bank_advance_ratio and terms.bank_currency_fits
                result[C_REPO] = 0.0
                if fits:
                    result[C_REPO] = 2.0 if terms.bank_class_confirmed else 1.0

                if passed or near:
                    computed = True
                    stress_key = senior_key * hedge_count + slot
                    if state[slot] == 1:
                        state[slot] = 2
                        worst, worst_scenario, lost = np.inf, 0, 0.0
                        scenario = 0
                        for p in range(cpis):
                            for s in range(shifts.size):
                                extra = terms.unfixed_ratio * shifts[s] / 12.0
                                carry = trs_carry + trs_share * (extra - shifts[s] / 12.0)
                                for d in range(defaults):
                                    for m in range(months):
                                        hedged[m] = cash[d, p, m] + hedged_noi * paths.zcis[zcis_at, p, m]
                                    fill_cover(hedged, schedule, carry, all_in_rate + extra, maturity, months, stressed)
                                    fill_verdict(
                                        criteria, stressed, ltv, tenor_years, kind, wrapped, terms.tenant_cap_notch,
                                        terms.minimum_notch, terms.near_miss_ratio, headrooms, verdict,
                                    )  # fmt: skip
                                    moved = verdict[RATING] - verdict_at[RATING]
                                    row = stress_out[stress_rows]
                                    row[0], row[1] = stress_key, scenario
                                    row[2], row[3] = cover[DSCR_MINIMUM], stressed[DSCR_MINIMUM]
                                    row[4] = 1.0 - stressed[DSCR_MINIMUM] / cover[DSCR_MINIMUM]
                                    row[5], row[6] = stressed[BREACH_MONTH], stressed[RECOVERY_MONTHS]
                                    row[7], row[8] = verdict[RATING], moved
                                    stress_rows += 1
                                    if scenario > 0 and stressed[DSCR_MINIMUM] < worst:
                                        worst, worst_scenario = stressed[DSCR_MINIMUM], scenario
                                    lost = max(lost, moved)
                                    scenario += 1
                        if scenario == 1:
                            worst = cover[DSCR_MINIMUM]
                        stresses[slot, 0], stresses[slot, 1], stresses[slot, 2] = worst, worst_scenario, lost
                        stresses[slot, 3] = 1.0 if worst >= terms.stressed_floor * (1.0 - 1e-9) else 0.0
                        stresses[slot, 4] = min(max(worst / cover[DSCR_MINIMUM], 0.0), 1.0)
                    result[C_WORST_DSCR], result[C_WORST_SCENARIO] = stresses[slot, 0], stresses[slot, 1]
                    result[C_NOTCHES_LOST], result[C_STRESS_PASSED] = stresses[slot, 2], stresses[slot, 3]
                    result[C_STABILITY], result[C_STRESS_KEY] = stresses[slot, 4], stress_key

                    for m in range(months):
                        swap[m] = hedged_noi * paths.zcis[zcis_at, 0, m]
                    dsra_months = int(_value(axes, A_DSRA, index))
                    fill_reserve_targets(held_service, dsra_months, maturity, targets)
                    margin = trs_share * senior * terms.trs_haircut_ratio
                    flags = run_waterfall(
                        WaterfallPaths(gross, opex, swap, schedule, mezz_schedule, lock_levels, lock_shares),
                        WaterfallTerms(
                            months, maturity, senior_rate, later_rate, wrap_rate, mezz_maturity, mezz_rate,
                            mezz_later_rate, trs_carry, margin, 0.0, dsra_months, targets[0], terms.window_months,
                            terms.sweeps, refinance_limit,
                        ),
                        targets,
                        periods,
                    )  # fmt: skip
                    result[C_FLAGS] = flags
                    result[C_FEES], result[C_DSRA] = fees, targets[0]
                    result[C_PREFUNDED], result[C_MARGIN] = prefunded, margin
                    uses = project.internal_cost_amount + fees + targets[0] + prefunded + margin
                    equity = uses - senior_proceeds - mezz_proceeds
                    result[C_SPONSOR_EQUITY] = equity
                    fill_contributions(project, senior * all_in_rate, mezz * mezz_rate, contributions)
                    used = 1.0 if mezz > 0.0 else 0.0
                    used += 1.0 if _value(axes, A_ZCIS, index) > 0.0 else 0.0
                    used += 1.0 if trs_share > 0.0 else 0.0
                    used += 1.0 if wrapped else 0.0
                    result[C_INSTRUMENTS] = used

                    swept = terms.sweeps and kind == INTEREST_ONLY
                    held = months if swept else maturity
                    result[C_SENIOR_WAL] = average_life_years(periods[:, SENIOR_BALANCE], senior, held, built)
                    clean = not swept and periods[maturity - 1, SENIOR_UNPAID] == 0.0
                    if clean and (not project.senior_capitalised or project.senior_covered_months == built):
                        clean = wrap_rate == 0.0 or not project.senior_capitalised
                    result[C_SENIOR_YIELD] = effective_rate(senior_rate)
                    if not clean:
                        result[C_SENIOR_YIELD] = holder_yield(
                            senior, senior_proceeds, senior_rate, project.senior_covered_months,
                            project.senior_capitalised, built, periods[:, SENIOR_INTEREST],
                            periods[:, SENIOR_PRINCIPAL], held, periods[:, SENIOR_BALANCE], flows,
                        )  # fmt: skip
                    if mezz > 0.0:
                        result[C_MEZZ_WAL] = average_life_years(periods[:, MEZZ_BALANCE], mezz, mezz_maturity, built)
                        result[C_MEZZ_YIELD] = effective_rate(mezz_rate)
                        late = periods[mezz_maturity - 1, MEZZ_DEFERRED_BALANCE] > 0.0
                        if late or periods[mezz_maturity - 1, MEZZ_BALANCE] > mezz_schedule[mezz_maturity] + 1e-6:
                            result[C_MEZZ_YIELD] = holder_yield(
                                mezz, mezz_proceeds, mezz_rate, project.mezz_covered_months, project.mezz_capitalised,
                                built, periods[:, MEZZ_INTEREST], periods[:, MEZZ_PRINCIPAL], months,
                                periods[:, MEZZ_BALANCE], flows,
                            )  # fmt: skip

                    flows[0] = -equity
                    for m in range(1, built + 1):
                        flows[m] = -contributions[m]
                    paid, present, back = 0.0, 0.0, -1
                    balance = -equity
                    for m in range(1, built + 1):
                        balance -= contributions[m]
                        present -= contributions[m] * paths.npv_discount[m]
                    put_in = -balance
                    for m in range(months):
                        flow = periods[m, EQUITY]
                        flows[built + 1 + m] = flow
                        paid += flow
                        present += flow * paths.npv_discount[built + 1 + m]
                        balance += flow
                        if back < 0 and balance >= 0.0:
                            back = built + 1 + m
                    result[C_SPONSOR_NPV] = present - equity
                    if equity > 0.0:
                        found, status = irr_monthly(0, flows)
                        if status == 0:
                            result[C_SPONSOR_IRR] = found
                        if back >= 0:
                            result[C_PAYBACK] = back
                        result[C_MULTIPLE] = paid / put_in

        for c in range(RESULT_SIZE):
            out[c, r] = result[c]
        out[C_GATE, r] = gate
        if computed:
            discount = paths.equity_discount[_position(axes, A_IRR, index)]
            proceeds = 0.0
            for m in range(1, built + 1):
                proceeds -= contributions[m] * discount[m]
            for m in range(months):
                proceeds += periods[m, EQUITY] * discount[built + 1 + m]
            out[C_EQUITY_PROCEEDS, r] = proceeds
            out[C_DAY_ONE, r] = proceeds - result[C_SPONSOR_EQUITY]
            target = _value(axes, A_IRR, index)
            raised = senior_proceeds + mezz_proceeds + max(proceeds, 0.0)
            cost = senior_proceeds * effective_rate(senior_rate) + mezz_proceeds * effective_rate(mezz_rate)
            out[C_WACC, r] = (cost + max(proceeds, 0.0) * target) / raised
    return stress_rows
