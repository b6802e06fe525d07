"""What a sized structure is judged by: its cover, its stresses, its rating, its coupons. All compiled.

The senior structure is judged once for every mezzanine behind it; what all debt together must show comes on top.
Source: model book sections 4, 5, 8 and 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.basics.kernels import uncounted
from engine.basics.lanes import LANES, any_of, each, fails, pick, put, take, take_lanes, width_of
from engine.deal.cash import CashLayer
from engine.deal.layers import (
    DUST,
    SLACK,
    HedgeLayer,
    MezzLayer,
    SeniorLayer,
    no_mezz,
    refinance_limit,
    shifted_carry,
    waterfall_terms,
)
from engine.deal.numbers import MarketNumbers, Resolved
from engine.measures.cover import BREACH_MONTH, COVER_SIZE, DSCR_MINIMUM, fill_cover, fill_total_cover
from engine.ratings.checks import (
    CRITERION_COUNT,
    FLOOR_STRESSED,
    MAX_TOTAL_ADVANCE,
    MEZZ_COUPON,
    NEAR_MISS,
    PASSED,
    RATING,
    SENIOR_COUPON,
    TOTAL_ADVANCE,
    TOTAL_DSCR,
    VERDICT_SIZE,
    Facts,
    advance_row,
    cap_headroom,
    cumulative_notch,
    fill_outcome,
    fill_verdict,
    floor_headroom,
    indicated_notch,
)
from engine.ratings.scale import DEFAULTED, NOT_RATED
from engine.waterfall.kernel import pay, spread
from engine.waterfall.terms import COLUMNS, Sheet, WaterfallPaths

Floats = NDArray[np.float64]

# Positions of what all debt together shows.
T_MINIMUM, T_AVERAGE, T_MEZZ_NOTCH, T_SENIOR_FAIR, T_MEZZ_FAIR, T_ABOVE_MARKET = range(6)
TOTAL_SIZE = 6


class Trial(NamedTuple):
    """Scratch of a test whether senior is paid when due: by month, of one path or of as many as there are lanes."""

    income: Floats
    swap: Floats
    schedule: Floats
    targets: Floats
    nothing: Floats
    no_steps: Floats
    sheet: Sheet


class Bench(NamedTuple):
    """Scratch of a judgement: by month, by scenario of the ratings, and by block of scenarios that stand side by side.

    `scenario_cash` is (blocks, months x lanes) of the cash flow at hand, as far as `cash_known`, `scenario_swaps` the
    same of the inflation swaps' settlements by their row of the paths.
    """

    hedged: Floats
    service: Floats
    trial: Trial
    headrooms: Floats
    stress: Floats
    lows: Floats
    defaulted: NDArray[np.bool_]
    cover: Floats
    verdict: Floats
    scenario_cash: Floats
    scenario_swaps: Floats
    cash_known: NDArray[np.bool_]
    swaps_known: NDArray[np.bool_]
    shifts: Floats
    covers: Floats
    refinanced: Floats
    defaults: Floats
    notches: Floats
    lane_headrooms: Floats


@njit(cache=True, nogil=True)
def new_bench(resolved: Resolved) -> Bench:
    """Scratch for one walk."""
    months, rows = resolved.project.months, resolved.criteria.shape[0]
    tests = resolved.paths.required.shape[1]
    scenarios, tenors = resolved.paths.scenarios, resolved.paths.zcis.shape[0]
    blocks = (scenarios.shape[0] + LANES - 1) // LANES
    size, longer = months * LANES, (months + 1) * LANES
    trial = Trial(
        np.empty(size), np.empty(size), np.empty(longer), np.empty(longer), np.zeros(longer), np.empty(0),
        Sheet(np.zeros(LANES), np.zeros(len(COLUMNS), dtype=np.int64), 0),
    )  # fmt: skip
    shifts = np.zeros(blocks * LANES)
    for k in range(scenarios.shape[0]):
        shifts[k] = resolved.paths.shifts[scenarios[k, 1]]
    return Bench(
        np.empty(months), np.empty(months), trial, np.zeros(CRITERION_COUNT + 1), np.zeros(rows), np.zeros(tests),
        np.zeros(tests, dtype=np.bool_), np.empty(COVER_SIZE), np.empty(VERDICT_SIZE),
        np.empty((blocks, months * LANES)), np.empty((tenors, blocks, months * LANES)),
        np.zeros(blocks, dtype=np.bool_), np.zeros((tenors, blocks), dtype=np.bool_), shifts,
        np.empty(COVER_SIZE * LANES), np.empty(LANES), np.empty(LANES), np.empty(LANES),
        np.empty((CRITERION_COUNT + 1) * LANES),
    )  # fmt: skip


@uncounted
def fill_scenario_cover(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, settlements: Floats, schedule: Floats,
    shift_rate: float, cover: Floats
) -> None:  # fmt: skip
    """Cover of one cash path into `cover`, with the swap's unit `settlements` and rates `shift_rate` higher.

    A shift moves the unfixed share of the coupon, and all of the return swap's financing rate; in lanes: as many paths.
    """
    extra = resolved.terms.unfixed_ratio * shift_rate / 12.0
    all_in = senior.monthly_rate + senior.wrap_monthly_rate + extra
    fill_cover(
        cash, settlements, hedge.hedged_noi_amount, schedule, shifted_carry(resolved, hedge, shift_rate), all_in,
        senior.maturity, resolved.project.months, senior.notional_amount, cover,
    )  # fmt: skip


@uncounted
def fill_scenario_covers(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, schedule: Floats, block: int, bench: Bench
) -> None:  # fmt: skip
    """Cover of the eight scenarios of a block, side by side, into `bench.covers`; `cash` is (default, cpi path, month).

    What each refinances at maturity into `bench.refinanced`.
    """
    paths, last, tenor = resolved.paths, resolved.paths.scenarios.shape[0] - 1, hedge.zcis_at
    if not bench.cash_known[block]:
        bench.cash_known[block] = True
        for lane in range(LANES):
            p, _, d = paths.scenarios[min(block * LANES + lane, last)]
            for m in range(resolved.project.months):
                bench.scenario_cash[block, m * LANES + lane] = cash[d, p, m]
    if not bench.swaps_known[tenor, block]:
        bench.swaps_known[tenor, block] = True
        for lane in range(LANES):
            p = paths.scenarios[min(block * LANES + lane, last), 0]
            for m in range(resolved.project.months):
                bench.scenario_swaps[tenor, block, m * LANES + lane] = paths.zcis[tenor, p, m]
    fill_scenario_cover(
        resolved, senior, hedge, bench.scenario_cash[block], bench.scenario_swaps[tenor, block], schedule,
        take_lanes(bench.shifts, block * LANES), bench.covers,
    )  # fmt: skip
    for lane in range(LANES):
        p, s, d = paths.scenarios[min(block * LANES + lane, last)]
        bench.refinanced[lane] = refinanced_at_maturity(resolved, senior, cash[d, p], schedule, paths.shifts[s])


@uncounted
def fill_scenario_defaults(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, schedule: Floats, targets: Floats, dsra_months: int,
    block: int, bench: Bench
) -> None:  # fmt: skip
    """Into `bench.defaults` a one where senior is not paid when due, of a block of scenarios whose cover is known."""
    shift = take_lanes(bench.shifts, block * LANES)
    late = is_defaulted(
        resolved, senior, hedge, bench.scenario_cash[block], bench.scenario_swaps[hedge.zcis_at, block], schedule,
        targets, shift, shift, take_lanes(bench.refinanced, 0), take_lanes(bench.covers, BREACH_MONTH * LANES),
        dsra_months, bench.trial,
    )  # fmt: skip
    put(bench.defaults, 0, pick(late, each(1.0, shift), 0.0))


@njit(cache=True, nogil=True)
def fill_cover_of_lane(covers: Floats, lane: int, cover: Floats) -> None:
    """Cover of one scenario of a block."""
    for k in range(COVER_SIZE):
        cover[k] = covers[k * LANES + lane]


@uncounted
def is_defaulted(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, settlements: Floats, schedule: Floats,
    targets: Floats, short_rate: float, long_rate: float, refinanced: float, breach_month: float, dsra_months: int,
    trial: Trial
) -> bool:  # fmt: skip
    """True if cash flow and reserve do not pay senior in full when due, a balloon and an ARD note's last pound included.

    Short rates move unfixed coupons and the return swap, long ones what is refinanced. Trapped cash is not counted on,
    nor the swap's margin, nor what an early sweep repaid. A refinanced balloon ends the test at maturity, where the cash
    after it refinances so much. Rates in lanes: of as many paths, side by side.
    """
    project, width, nil = resolved.project, width_of(short_rate), each(0.0, short_rate)
    balloon, tested, late = schedule[senior.maturity], breach_month > 0.0, nil > 0.0
    if senior.sweeps:
        tested = nil == 0.0
    elif senior.balloon_ratio > 0.0:
        late = balloon - refinanced > SLACK * balloon
    tested = tested & fails(late)
    if not any_of(tested):
        return late
    for m in range(project.months):
        at = m * width
        put(trial.income, at, max(take(cash, at, short_rate), 0.0))
        put(trial.swap, at, hedge.hedged_noi_amount * take(settlements, at, short_rate))
    for m in range(project.months + 1):
        put(trial.schedule, m * width, each(schedule[m], short_rate))
        put(trial.targets, m * width, each(targets[m], short_rate))
    terms = waterfall_terms(
        resolved, senior, no_mezz(senior), hedge, dsra_months, short_rate, long_rate, 0.0, 0.0, refinanced, 0.0
    )
    paid = pay(
        WaterfallPaths(
            trial.income, trial.nothing, trial.swap, trial.schedule, trial.nothing, trial.no_steps, trial.no_steps
        ),
        spread(terms, short_rate),
        trial.targets,
        project.lease_months - resolved.terms.lease_tail_months if senior.sweeps else senior.maturity,
        trial.sheet,
    )
    dust, unpaid = DUST * senior.amount, paid.unpaid_amount
    # Of notes that are swept the last pound is due, too.
    if senior.sweeps:
        unpaid = max(unpaid, paid.senior_amount)
    return late | (tested & (unpaid > dust))


@uncounted
def refinanced_at_maturity(
    resolved: Resolved, senior: SeniorLayer, cash: Floats, schedule: Floats, shift_rate: float
) -> float:
    """What one cash path refinances at maturity; nil where no balloon is refinanced."""
    if senior.sweeps or schedule[senior.maturity] <= 0.0:
        return 0.0
    limit: float = refinance_limit(resolved, senior, cash, shift_rate)
    return limit


@uncounted
def refinance_cover(senior: SeniorLayer, schedule: Floats, refinanced: float) -> float:
    """What is refinanced at maturity over the balloon; infinite without one, or where it is swept."""
    balloon: float = schedule[senior.maturity]
    if balloon <= 0.0 or senior.sweeps:
        return each(np.inf, refinanced)
    return refinanced / balloon


@uncounted
def facts_of(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, base_cash: Floats, schedule: Floats, refinanced: float,
    defaulted: bool
) -> Facts:  # fmt: skip
    """What the criteria read of the senior structure beside its cover; `refinanced` of a path, or of several in lanes."""
    balloon, n = schedule[senior.maturity], senior.maturity
    to_value = 0.0
    if balloon > 0.0:
        first, after = 0.0, 0.0
        for m in range(12):
            first += base_cash[m]
            after += base_cash[min(n + m, resolved.project.lease_months - 1)]
        # The value follows the cash of the year after the ARD.
        value = max(layer.agency_value_amount, 1e-9) * (after / first if first > 0.0 else 0.0)
        to_value = balloon / max(value, 1e-9)
    return Facts(
        senior.kind, senior.wrapped, senior.ltv_ratio, senior.repaid_month / 12.0, balloon / senior.amount,
        (senior.amount - balloon) / senior.amount / (senior.repaid_month / 12.0), to_value, refinanced,
        not (senior.sweeps and defaulted),
    )  # fmt: skip


@uncounted
def judge_senior(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, schedule: Floats,
    targets: Floats, dsra_months: int, bench: Bench, cover: Floats, verdict: Floats
) -> None:  # fmt: skip
    """Base cover and verdict of the senior structure; its rating survives the scenarios the rule set asks of it.

    `cash` is (default, cpi path, month). The ratings' scenarios are only run where the rest passes or nearly does;
    `bench.headrooms` is left as the judged row's.
    """
    base = cash[0, 0]
    settlements = resolved.paths.zcis[hedge.zcis_at, 0]
    fill_scenario_cover(resolved, senior, hedge, base, settlements, schedule, 0.0, cover)
    refinanced = refinanced_at_maturity(resolved, senior, base, schedule, 0.0)
    failed = is_defaulted(
        resolved, senior, hedge, base, settlements, schedule, targets, 0.0, 0.0, refinanced, cover[BREACH_MONTH],
        dsra_months, bench.trial,
    )  # fmt: skip
    facts = facts_of(resolved, layer, senior, base, schedule, refinance_cover(senior, schedule, refinanced), failed)
    bench.stress[:] = np.inf
    _fill_verdict(resolved, cover, facts, bench, verdict)
    if (verdict[PASSED] == 0.0 and verdict[NEAR_MISS] == 0.0) or bench.lows.size == 0:
        return
    fill_rating_tests(resolved, senior, hedge, cash, schedule, targets, dsra_months, bench)
    _fill_verdict(resolved, cover, facts, bench, verdict)


@uncounted
def _fill_verdict(resolved: Resolved, cover: Floats, facts: Facts, bench: Bench, verdict: Floats) -> None:
    """Verdict on the senior structure by the run's terms, with the stress headrooms of the bench."""
    terms = resolved.terms
    fill_verdict(
        resolved.criteria, cover, facts, bench.stress, terms.tenant_cap_notch, terms.minimum_notch,
        terms.near_miss_ratio, bench.headrooms, verdict,
    )  # fmt: skip


@uncounted
def fill_rating_tests(
    resolved: Resolved, senior: SeniorLayer, hedge: HedgeLayer, cash: Floats, schedule: Floats, targets: Floats,
    dsra_months: int, bench: Bench
) -> None:  # fmt: skip
    """Lowest cover and default in each of the ratings' scenarios, and the headroom they leave each criteria row."""
    for k in range(bench.lows.size):
        scenario = resolved.paths.grid_count + k
        if k == 0 or scenario % LANES == 0:
            fill_scenario_covers(resolved, senior, hedge, cash, schedule, scenario // LANES, bench)
            fill_scenario_defaults(resolved, senior, hedge, schedule, targets, dsra_months, scenario // LANES, bench)
        bench.lows[k] = bench.covers[DSCR_MINIMUM * LANES + scenario % LANES]
        bench.defaulted[k] = bench.defaults[scenario % LANES] > 0.0
    for r in range(resolved.criteria.shape[0]):
        bench.stress[r] = np.inf
        for k in range(bench.lows.size):
            if resolved.paths.required[r, k]:
                room = floor_headroom(bench.lows[k], resolved.criteria[r, FLOOR_STRESSED])
                bench.stress[r] = min(bench.stress[r], -1.0 if bench.defaulted[k] else room)


@njit(cache=True, nogil=True)
def scenario_notch(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, base_cash: Floats, cash: Floats, schedule: Floats,
    shift_rate: float, cover: Floats, defaulted: bool, bench: Bench
) -> int:  # fmt: skip
    """The rating the base criteria give under a scenario's cover; D where senior is not paid when due."""
    if defaulted:
        return DEFAULTED
    refinanced = refinanced_at_maturity(resolved, senior, cash, schedule, shift_rate)
    covered = refinance_cover(senior, schedule, refinanced)
    facts = facts_of(resolved, layer, senior, base_cash, schedule, covered, defaulted)
    return int(indicated_notch(resolved.criteria, cover, facts, resolved.terms.tenant_cap_notch, bench.headrooms))


@uncounted
def fill_scenario_notches(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, base_cash: Floats, schedule: Floats, bench: Bench
) -> None:  # fmt: skip
    """The same under `bench.covers` of a block of scenarios into `bench.notches`, as if senior were paid when due in each."""
    covered = refinance_cover(senior, schedule, take_lanes(bench.refinanced, 0))
    facts = facts_of(resolved, layer, senior, base_cash, schedule, covered, False)
    put(
        bench.notches,
        0,
        indicated_notch(resolved.criteria, bench.covers, facts, resolved.terms.tenant_cap_notch, bench.lane_headrooms),
    )


@njit(cache=True, nogil=True)
def quoted(lives: Floats, values: Floats, life_years: float) -> float:
    """A value quoted by life: linear between lives, flat beyond them."""
    if life_years <= lives[0]:
        return float(values[0])
    for k in range(1, lives.size):
        if life_years <= lives[k]:
            part = (life_years - lives[k - 1]) / (lives[k] - lives[k - 1])
            return float(values[k - 1] + (values[k] - values[k - 1]) * part)
    return float(values[lives.size - 1])


@njit(cache=True, nogil=True)
def coupon_at(market: MarketNumbers, table: Floats, notch: int, life_years: float) -> float:
    """The table's coupon at a notch and life; NaN without a market, or where nothing is quoted so low."""
    if market.lives.size == 0 or notch >= NOT_RATED:
        return np.nan
    return quoted(market.lives, table[notch], life_years)


@njit(cache=True, nogil=True)
def coupon_headroom(market: MarketNumbers, coupon_rate: float, fair_rate: float) -> float:
    """Headroom of a coupon over what the notes clear at; none without a market, a failure where nothing is quoted."""
    if market.lives.size == 0:
        return np.inf
    return -1.0 if np.isnan(fair_rate) else floor_headroom(coupon_rate, fair_rate)


@uncounted
def fill_totals(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, mezz: MezzLayer, hedge: HedgeLayer, base_cash: Floats,
    schedule: Floats, mezz_schedule: Floats, senior_notch: int, bench: Bench, out: Floats
) -> None:  # fmt: skip
    """Cover of all debt, the mezzanine's indicated rating and fair coupons into `out`."""
    settlements, n = resolved.paths.zcis[hedge.zcis_at, 0], senior.maturity
    all_in = senior.monthly_rate + senior.wrap_monthly_rate
    for m in range(1, n + 1):
        opening, mezz_opening = schedule[m - 1], mezz_schedule[m - 1]
        rate = mezz.monthly_rate if m <= mezz.maturity else mezz.later_monthly_rate
        bench.hedged[m - 1] = (
            base_cash[m - 1] + hedge.hedged_noi_amount * settlements[m - 1] + opening * hedge.trs_carry
        )
        bench.service[m - 1] = opening * (1.0 + all_in) - schedule[m] + mezz_opening * (1.0 + rate) - mezz_schedule[m]
    notional = senior.notional_amount + mezz.notional_amount if senior.notional_amount > 0.0 else 0.0
    fill_total_cover(bench.hedged, bench.service, n, notional, out)
    total_ltv = senior.ltv_ratio * (senior.amount + mezz.amount) / senior.amount
    notch, market = NOT_RATED, resolved.market
    if mezz.amount > 0.0:
        advance = total_advance_ratio(layer, senior, mezz)
        notch = cumulative_notch(resolved.criteria, out[T_MINIMUM], out[T_AVERAGE], total_ltv, advance, senior_notch)
    out[T_MEZZ_NOTCH] = notch if mezz.amount > 0.0 else np.nan
    out[T_SENIOR_FAIR] = coupon_at(market, market.senior_fair, senior_notch, senior.priced_wal_years)
    out[T_MEZZ_FAIR] = np.nan
    above = senior.coupon_rate > coupon_at(market, market.senior_cap, senior_notch, senior.priced_wal_years) * (
        1.0 + SLACK
    )
    if mezz.amount > 0.0:
        out[T_MEZZ_FAIR] = coupon_at(market, market.mezz_fair, notch, mezz.priced_wal_years)
        cap = coupon_at(market, market.mezz_cap, notch, mezz.priced_wal_years)
        above = above or 12.0 * mezz.monthly_rate > cap * (1.0 + SLACK)
    out[T_ABOVE_MARKET] = 1.0 if above else 0.0


@njit(cache=True, nogil=True)
def total_advance_ratio(layer: CashLayer, senior: SeniorLayer, mezz: MezzLayer) -> float:
    """All debt over the haircut value."""
    return (senior.amount + mezz.amount) / max(layer.agency_value_amount, 1e-9)


@njit(cache=True, nogil=True)
def total_advance_limit(resolved: Resolved, totals: Floats) -> float:
    """What all debt may be over the haircut value: the limit of the mezzanine's indicated rating, at most that of all."""
    loosest, row = resolved.terms.total_advance_limit_ratio, advance_row(resolved.criteria, totals[T_MEZZ_NOTCH])
    return loosest if row < 0 else min(resolved.criteria[row, MAX_TOTAL_ADVANCE], loosest)


@uncounted
def fill_all_debt(
    resolved: Resolved, layer: CashLayer, senior: SeniorLayer, mezz: MezzLayer, totals: Floats, headrooms: Floats,
    verdict: Floats
) -> None:  # fmt: skip
    """What is asked of every structure whatever its rating, added to `headrooms` of the judged row and to its verdict."""
    terms, market = resolved.terms, resolved.market
    rated = verdict[RATING] <= terms.minimum_notch
    total = total_advance_ratio(layer, senior, mezz)
    headrooms[TOTAL_ADVANCE] = cap_headroom(total, total_advance_limit(resolved, totals))
    headrooms[TOTAL_DSCR] = floor_headroom(totals[T_MINIMUM], terms.total_dscr_floor)
    # Below the accepted ratings there is no coupon to ask for.
    headrooms[SENIOR_COUPON] = coupon_headroom(market, senior.coupon_rate, totals[T_SENIOR_FAIR]) if rated else np.inf
    headrooms[MEZZ_COUPON] = np.inf
    if rated and mezz.amount > 0.0:
        headrooms[MEZZ_COUPON] = coupon_headroom(market, 12.0 * mezz.monthly_rate, totals[T_MEZZ_FAIR])
    fill_outcome(headrooms, CRITERION_COUNT, rated, terms.near_miss_ratio, verdict)
