"""One permutation priced straight from the model book, without the engine's calculation code.

It reads the same inputs, terms, rules and levers and shares no formula with the engine: sizing by closed forms over
arrays, schedules by plain recursion, the waterfall by the benchmarks' NumPy version, rates by scan and bisection.
Slow, and meant to be read beside the book. `price` gives the result columns of one permutation and its stress rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import numpy_waterfall
from benchmarks.deals import Deals
from engine.measures.returns import irr_plain
from engine.permutations import Case

Floats = NDArray[np.float64]
SCALE = (
    "AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-", "B+", "B", "B-",
    "CCC+", "CCC", "CCC-", "CC", "C", "D",
)  # fmt: skip
NOT_RATED = 23
SLACK = 1e-9


def notch(label: str) -> int:
    """1 for AAA; 23 where there is no rating."""
    return SCALE.index(label) + 1 if label in SCALE else NOT_RATED


def annuity_factor(rate: float, periods: int) -> float:
    """Discount factors added up one by one."""
    return float(((1 + rate) ** -np.arange(1.0, periods + 1)).sum())


@dataclass
class Loan:
    """A sized tranche with its scheduled balances 0..months."""

    amount: float
    schedule: Floats
    rate: float
    later_rate: float
    maturity: int

    def service(self, extra_rate: float = 0.0) -> Floats:
        """Scheduled interest and principal by month."""
        rates = np.where(np.arange(self.schedule.size - 1) < self.maturity, self.rate, self.later_rate) + extra_rate
        return self.schedule[:-1] * rates - np.diff(self.schedule)


@dataclass
class Priced:
    """Result columns, stress rows by scenario, and the monthly flows behind them."""

    columns: dict[str, float] = field(default_factory=dict)
    stress: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Book:
    """One permutation: the case and its levers; a closed axis is absent where the project decides."""

    case: Case
    levers: dict[str, Any]

    def __post_init__(self) -> None:
        inputs, terms = self.case.inputs, self.case.terms
        self.inputs, self.terms, self.rules = inputs, terms, self.case.rules
        self.months, self.built = 12 * inputs.lease.term_years, inputs.construction.months
        self.it_mw = inputs.power.gross_facility_mw / float(self.levers.get("pue", inputs.power.pue))
        self.opex_share = self.levers.get("opex_ratio", inputs.revenue.opex_ratio)
        self.power_a_month = 0.0
        if inputs.revenue.lease_type == "gross":
            pue = float(self.levers.get("pue", inputs.power.pue))
            drawn_mw = self.it_mw * pue * inputs.power.utilisation_ratio
            self.power_a_month = drawn_mw * 8760 * inputs.revenue.electricity_price_per_mwh / 12
        self.reserve_a_month = self.it_mw * 1000 * inputs.revenue.replacement_reserve_per_kw_amount / 12
        self.let_rent = self._rent() * inputs.revenue.occupancy_ratio
        self.noi = 12 * (self.let_rent * (1 - self.opex_share) - self.power_a_month)
        appraisal = inputs.valuation.appraisal_amount
        self.value = appraisal if appraisal is not None else max(self.noi, 0.0) / terms.capitalisation_rate
        self.agency_value = self.value * (1 - terms.agency_haircut_ratio)
        shared = inputs.land.total_amount + inputs.fees.total_amount
        self.cost = inputs.capex_internal.total_amount + shared
        self.market_cost = inputs.capex_market.total_amount + shared
        wrapped = self.levers.get("wrap", "senior" if inputs.credit.insurance_wrap else "none")
        self.wrapped = wrapped == "senior"
        self.wrap_rate = inputs.credit.insurance_premium_bps / 1e4 / 12 if self.wrapped else 0.0
        self.coupon = float(self.levers["senior_coupon_rate"])
        self.dscr = self.levers["senior_dscr"]
        self.kind = self.levers["senior_amortisation"]
        self.maturity = 12 * int(self.levers["senior_tenor_years"])
        self.sweeps = terms.balloon_mode == "sweep"

    def _rent(self) -> float:
        revenue = self.inputs.revenue
        if "rent_per_kw_month" in self.levers:
            return float(self.levers["rent_per_kw_month"]) * self.it_mw * 1000
        return revenue.rent_amount * (1.0 if revenue.rent_basis == "monthly_total" else self.it_mw * 1000)

    # Sections 1 and 3: index and cash.

    def index(self, cpi: float) -> list[float]:
        """Rent index by operating year under a level CPI; before operations the base CPI ruled."""
        lease = self.inputs.lease
        kind = self.levers.get("indexation", lease.indexation)
        floor = self.levers.get("cpi_floor_rate", lease.cpi_floor_rate)
        cap = self.levers.get("cpi_cap_rate", lease.cpi_cap_rate)
        levels = [1.0]
        for year in range(1, lease.term_years):
            # The year's rise is read `lag` months back, partly or wholly before operations.
            seen = min(max(12 * year - lease.indexation_lag_months, 0), 12)
            rise = (seen * cpi + (12 - seen) * self.terms.base_cpi_rate) / 12 + lease.indexation_spread_rate
            rise = rise if floor is None else max(rise, floor)
            rise = rise if cap is None else min(rise, cap)
            rise = {"none": 0.0, "fixed": lease.fixed_indexation_rate}.get(kind, rise)
            levels.append(levels[-1] * (1 + rise))
        return levels

    def operations(self, cpi: float, default: float) -> tuple[Floats, Floats]:
        """Income and all costs (power, opex, management fee, replacement reserve) by month."""
        level, years = np.repeat(self.index(cpi), 12), np.arange(self.months) // 12
        prices, rise = (1 + cpi) ** years, self.inputs.revenue.electricity_escalation_rate
        power = self.power_a_month * (prices if rise is None else (1 + rise) ** years)
        relet = np.where(np.arange(self.months) < self.terms.stress_relet_months, 0.0, self.terms.stress_relet_ratio)
        paid = self.let_rent * (1 - default + default * relet)
        noi = paid * level - self.opex_share * paid * prices - power
        fee = self.inputs.revenue.asset_management_fee_rate * np.maximum(noi, 0.0)
        return paid * level, paid * level - noi + fee + self.reserve_a_month * prices

    def swap_receipts(self, cpi: float) -> Floats:
        """Inflation strip by month: leg k settles over the twelve months after anniversary k."""
        tenor = int(self.levers["zcis_tenor_years"])
        out = np.zeros(self.months)
        for k in range(1, min(tenor, self.inputs.lease.term_years - 1) + 1):
            fixed = (1 + self._swap_rate(tenor)) ** k - 1
            floating = (1 + cpi) ** k - 1
            out[12 * k : 12 * k + 12] = self.terms.zcis_hedged_ratio * self.noi * (fixed - floating) / 12
        return out

    def _swap_rate(self, tenor: int) -> float:
        breakeven = {5: self.terms.zcis_breakeven_5y_rate, 10: self.terms.zcis_breakeven_10y_rate}[tenor]
        return breakeven - self.terms.zcis_dealer_spread_bps / 1e4

    # Sections 2 and 5: construction, sizing and schedules.

    def paid_capex(self, month: int) -> float:
        """Share of capex paid by the start of a month of construction."""
        x = month / self.built
        return {"at_close": 1.0, "straight_line": x, "s_curve": x * x * (3 - 2 * x)}[
            self.inputs.construction.draw_profile
        ]

    def drawn(self, month: int) -> float:
        """Share of debt drawn by the start of a month: all of it as notes, with the costs as a loan."""
        if self.inputs.construction.debt_form == "notes":
            return 1.0
        return 1 - self.inputs.capex_internal.total_amount / self.cost * (1 - self.paid_capex(month))

    def grown(self, rate: float, accruing: int) -> float:
        """What one drawn comes to at completion, each draw with the interest of the capitalised months it saw."""
        draws = np.diff([0.0, *(self.drawn(m) for m in range(1, self.built + 1))])
        seen = np.maximum(accruing - np.arange(self.built), 0)
        return float((draws * (1 + rate) ** seen).sum())

    def interest_on_draws(self, loan: Loan, months: int) -> float:
        """Interest of the first months on what is drawn by then."""
        return loan.rate * loan.amount * sum(self.drawn(m) for m in range(1, months + 1))

    def uncovered(self, loan: Loan, months: int, came_in: float) -> Floats:
        """Interest of each month of construction that the tranche does not cover, 0 at close."""
        owed = [loan.amount - came_in * (1 - self.drawn(m)) for m in range(1, self.built + 1)]
        return np.array([0.0] * (months + 1) + [loan.rate * amount for amount in owed[months:]])

    def escrow_income(self) -> float:
        """Simple interest on capex that waits; none on loans."""
        if self.inputs.construction.debt_form == "loan":
            return 0.0
        waiting = sum(1 - self.paid_capex(m) for m in range(1, self.built + 1))
        return waiting * self.inputs.capex_internal.total_amount * self.inputs.construction.escrow_rate / 12

    def size(self, kind: str, capacity: Floats, rate: float, periods: int, grace: int, refinance_rate: float) -> float:
        """The largest balance the capacity carries."""
        grace = min(grace, periods - 1)
        paying, n = capacity[grace:periods], periods - grace
        bearable = capacity[:grace].min() / rate if grace else np.inf
        if kind == "annuity":
            sized = paying.min() * annuity_factor(rate, n)
        elif kind == "straight_line":
            sized = (paying / (1 / n + rate * (1 - np.arange(n) / n))).min()
        elif kind == "sculpted":
            sized = min((paying * (1 + rate) ** -np.arange(1.0, n + 1)).sum(), paying[0] / rate)
        else:
            tail = capacity[periods:]
            bearable = capacity[:periods].min() / rate
            sized = tail.min() * annuity_factor(refinance_rate, tail.size) if tail.size else 0.0
        return max(0.0, float(min(sized, bearable)))

    def schedule(
        self, kind: str, amount: float, capacity: Floats, rate: float, periods: int, grace: int, after: float | None
    ) -> Floats:
        """Scheduled balances 0..months; `after` is the rate an interest-only balance amortises at, None if swept."""
        out = np.zeros(self.months + 1)
        out[0] = amount
        grace = min(grace, periods - 1)
        for m in range(1, self.months + 1):
            opening = out[m - 1]
            if kind == "interest_only" and m <= periods:
                out[m] = opening
            elif kind == "interest_only":
                tail = self.months - periods
                level = 0.0 if after is None else amount / annuity_factor(after, tail)
                principal = 0.0 if after is None else level - opening * after
                out[m] = opening - principal if m < self.months else 0.0
            elif m <= grace:
                out[m] = opening
            elif m < periods:
                principal = {
                    "annuity": amount / annuity_factor(rate, periods - grace) - opening * rate,
                    "straight_line": amount / (periods - grace),
                    "sculpted": capacity[m - 1] - opening * rate,
                }[kind]
                out[m] = opening - min(max(principal, 0.0), opening)
        return out

    def senior(self, base: Floats) -> tuple[Loan, float]:
        """Senior debt, and what a refinancing lender would give at maturity."""
        rate = self.coupon / 12 + self.wrap_rate
        spread = self.terms.refinance_spread_bps / 1e4 / 12
        capacity = base / self.dscr
        grace = int(self.levers["grace_months"])
        amount = self.size(self.kind, capacity, rate, self.maturity, grace, rate + spread)
        tail = capacity[self.maturity :]
        refinanced = max(0.0, float(tail.min()) * annuity_factor(rate + spread, tail.size)) if tail.size else 0.0
        if "over_raise_ratio" in self.levers:
            limit = (1 + self.levers["over_raise_ratio"]) * self.cost
            if amount > limit:
                capacity, amount = capacity * limit / amount, limit
        after = None if self.sweeps else rate + spread
        balances = self.schedule(self.kind, amount, capacity, rate, self.maturity, grace, after)
        step = self.terms.step_up_bps / 1e4 / 12 if self.sweeps else spread
        return Loan(amount, balances, rate, rate + step, self.maturity), refinanced

    def mezzanine(self, base: Floats, senior: Loan) -> Loan:
        """Mezzanine on what senior service leaves of its own coverage."""
        rate = self.levers["mezz_coupon_rate"] / 12
        later = rate + self.terms.refinance_spread_bps / 1e4 / 12
        kind = self.levers["mezz_amortisation"]
        maturity = min(12 * int(self.levers.get("mezz_tenor_years", 99)), self.maturity)
        service = senior.service()
        if self.sweeps:
            service[-1] -= senior.schedule[-2]
        capacity = base / self.levers["mezz_dscr"] - service
        sized = self.levers["mezzanine"] == "sized"
        amount = self.size(kind, capacity, rate, maturity, 0, later) if sized else 0.0
        return Loan(amount, self.schedule(kind, amount, capacity, rate, maturity, 0, later), rate, later, maturity)

    # Sections 8 and 10: cover and rating.

    def cover(self, cash: Floats, loan: Loan, carry: float, rate: float) -> dict[str, float]:
        """Coverage of scheduled senior service to maturity, years of twelve months."""
        n = loan.maturity
        opening = loan.schedule[:-1]
        flow = cash + np.where(np.arange(self.months) < n, opening * carry, 0.0)
        interest = opening * rate
        service = (interest - np.diff(loan.schedule))[:n]
        yearly = flow[:n].reshape(-1, 12).sum(1) / service.reshape(-1, 12).sum(1)
        discount = (1 + rate) ** -np.arange(1.0, self.months + 1)
        short = np.flatnonzero(flow[:n] < service * (1 - 1e-12))
        breach = int(short[0]) + 1 if short.size else 0
        healed = [m for m in range(breach, n) if flow[m] >= service[m] * (1 - 1e-12)] if breach else []
        return {
            "minimum": yearly.min(),
            "average": yearly.mean(),
            "llcr": (flow * discount)[:n].sum() / loan.amount,
            "plcr": (flow * discount).sum() / loan.amount,
            "icr": (flow[:n].reshape(-1, 12).sum(1) / interest[:n].reshape(-1, 12).sum(1)).min(),
            "breach": breach,
            "recovery": 0 if not breach else (healed[0] + 1 - breach if healed else -1),
        }

    def headrooms(self, row: Any, cover: dict[str, float], ltv: float) -> list[float]:
        """Relative headroom of criteria 1 to 8 against one rating's row."""
        relief = row.wrap_dscr_relief if self.wrapped else 0.0
        return [
            cover["minimum"] / (row.dscr_minimum - relief) - 1,
            cover["average"] / (row.dscr_average - relief) - 1,
            1 - ltv / row.max_advance_ratio,
            1 - self.maturity / 12 / row.max_tenor_years,
            cover["llcr"] / row.llcr - 1,
            cover["icr"] / row.icr - 1,
            0.0 if self.kind in row.amortisations else -1.0,
            0.0 if self.wrapped or not row.wrap_required else -1.0,
        ]

    def verdict(self, cover: dict[str, float], ltv: float) -> dict[str, float]:
        """Rating achieved, whether it is enough, and the criterion that decides."""
        rows = sorted(
            (r for r in self.rules.criteria if r.jurisdiction == self.inputs.country), key=lambda r: notch(r.rating)
        )
        tables = [self.headrooms(row, cover, ltv) for row in rows]
        failures = [sum(h < -SLACK for h in table) for table in tables]
        wanted = notch(self.terms.minimum_rating)
        tenant = notch(self.inputs.credit.tenant_rating)
        cap = NOT_RATED if tenant == NOT_RATED else max(1, tenant - self.rules.tenant_cap_notches)
        rating = NOT_RATED
        achieved = next((k for k, count in enumerate(failures) if count == 0), None)
        if achieved is not None:
            if self.wrapped:
                cap = min(cap, notch(rows[achieved].wrap_insurer_rating))
            rating = max(notch(rows[achieved].rating), cap)
        passed = rating <= wanted
        good_enough = [k for k, row in enumerate(rows) if notch(row.rating) <= wanted]
        if achieved in good_enough:
            judged = achieved
        else:
            fewest = min((failures[k] for k in good_enough), default=0)
            judged = max((k for k in good_enough if failures[k] == fewest), default=len(rows) - 1)
        table = tables[judged]
        failed = [k + 1 for k, h in enumerate(table) if h < -SLACK]
        binds = [(h, k + 1) for k, h in enumerate(table) if k < 6 or h < 0]
        least, binding = min(binds)
        if not passed and not failed:
            failed, least, binding = [9], -1.0, 9
        near = not passed and len(failed) == 1 and failed[0] != 9 and least >= -self.terms.near_miss_ratio - SLACK
        return {
            "rating": rating,
            "passed": float(passed),
            "first_failed": 0 if passed else failed[0],
            "near": float(near),
            "binding": binding,
            "headroom": least,
            "tied": sorted(h for h, _ in binds)[1] - least if len(binds) > 1 else 1.0,
        }

    def stress_grid(self, loan: Loan, ltv: float, base: dict[str, float], base_rating: int) -> list[dict[str, float]]:
        """Every combination of CPI path, rate shock and tenant default, base first."""
        rows = []
        share = self.levers["trs_share"]
        for cpi in (self.terms.base_cpi_rate, *self.terms.stress_cpi_rates):
            for shift_bps in (0.0, *self.terms.stress_rate_shifts_bps):
                for default in (0.0, *self.terms.stress_default_ratios):
                    income, costs = self.operations(cpi, default)
                    shift = shift_bps / 1e4 / 12
                    felt = self.terms.unfixed_ratio * shift
                    cash = income - costs + self.swap_receipts(cpi)
                    carry = self.trs_carry + share * (felt - shift)
                    cover = self.cover(cash, loan, carry, loan.rate + felt)
                    rating = self.verdict(cover, ltv)["rating"]
                    tail = (income - costs)[self.maturity :] / self.dscr
                    again = loan.rate + self.terms.refinance_spread_bps / 1e4 / 12 + shift
                    carried = tail.min() * annuity_factor(again, tail.size) if tail.size else 0.0
                    balloon = 0.0 if self.sweeps else loan.schedule[self.maturity]
                    rows.append(
                        {
                            "balloon_carried": float(balloon <= 0 or carried >= balloon * (1 - SLACK)),
                            "base_dscr": base["minimum"],
                            "stressed_dscr": cover["minimum"],
                            "dscr_degradation_ratio": 1 - cover["minimum"] / base["minimum"],
                            "breach_month": cover["breach"],
                            "recovery_months": cover["recovery"],
                            "rating_notch": rating,
                            "notches_moved": rating - base_rating,
                        }
                    )
        return rows

    @property
    def trs_carry(self) -> float:
        """What the TRS adds a month per unit of senior balance."""
        financing = self.terms.trs_financing_rate + self.terms.trs_spread_bps / 1e4
        return float(self.levers["trs_share"]) * (self.coupon - financing) / 12

    # Sections 7 and 9: waterfall and value.

    def waterfall(self, senior: Loan, mezz: Loan, refinanced: float, margin: float) -> dict[str, Floats]:
        """The base case month by month, one deal wide."""
        income, costs = self.operations(self.terms.base_cpi_rate, 0.0)
        steps = sorted(self.terms.lock_up_steps, reverse=True)
        targets = self.reserve_targets(senior)
        one = np.array
        deal = Deals(
            gross_income=income[:, None],
            opex=costs[:, None],
            swap=self.swap_receipts(self.terms.base_cpi_rate)[:, None],
            senior_schedule=senior.schedule[:, None],
            mezz_schedule=mezz.schedule[:, None],
            targets=targets[:, None],
            senior_maturity=one([self.maturity]),
            senior_rate=one([self.coupon / 12]),
            senior_later_rate=one([senior.later_rate - self.wrap_rate]),
            wrap_rate=one([self.wrap_rate]),
            mezz_maturity=one([mezz.maturity]),
            mezz_rate=one([mezz.rate]),
            mezz_later_rate=one([mezz.later_rate]),
            trs_carry=one([self.trs_carry]),
            margin_amount=one([margin]),
            margin_loss_amount=one([0.0]),
            dsra_months=one([int(self.levers["dsra_months"])]),
            dsra_initial_amount=targets[:1],
            refinance_capacity=one([refinanced]),
            sweeps=one([self.sweeps]),
            lock_levels=one([level for level, _ in steps]),
            lock_shares=one([share for _, share in steps]),
            window_months=self.terms.lock_up_window_months,
        )
        return {name: column[:, 0] for name, column in numpy_waterfall.run(deal).items()}

    def reserve_targets(self, senior: Loan) -> Floats:
        """The next months of senior interest and principal, up to maturity."""
        service = senior.schedule[:-1] * self.coupon / 12 - np.diff(senior.schedule)
        service[self.maturity :] = 0.0
        ahead = int(self.levers["dsra_months"])
        return np.array([service[m : m + ahead].sum() if m < self.maturity else 0.0 for m in range(self.months + 1)])

    def price(self) -> Priced:
        """Every result column; what the engine leaves out is left out."""
        found = Priced({"gate": 0.0, "near_miss": 0.0})
        columns = found.columns
        income, costs = self.operations(self.terms.base_cpi_rate, 0.0)
        base = income - costs
        columns["reason"] = self._lever_reason()
        if columns["reason"]:
            return found
        senior, refinanced = self.senior(base)
        if senior.amount <= 0:
            columns["reason"] = 4
            return found
        mezz = self.mezzanine(base, senior)
        cover_terms = self.inputs.construction
        senior_months, mezz_months = cover_terms.covered_months("senior"), cover_terms.covered_months("mezz")
        adds = cover_terms.is_capitalised("senior"), cover_terms.is_capitalised("mezz")
        senior_in = senior.amount / self.grown(senior.rate, senior_months) if adds[0] else senior.amount
        mezz_in = mezz.amount / self.grown(mezz.rate, mezz_months) if adds[1] else mezz.amount
        prefunded = 0.0 if adds[0] else self.interest_on_draws(senior, senior_months)
        prefunded += 0.0 if adds[1] else self.interest_on_draws(mezz, mezz_months)
        fees = self.terms.structuring_fee_fixed_amount + self.terms.structuring_fee_rate * (senior_in + mezz_in)
        coverage = (senior_in + mezz_in - fees - prefunded) / self.cost
        columns |= {
            "senior_amount": senior.amount,
            "senior_proceeds_amount": senior_in,
            "mezz_amount": mezz.amount,
            "mezz_proceeds_amount": mezz_in,
            "coverage_ratio": coverage,
        }
        if coverage < self.rules.capex_coverage_min_ratio * (1 - SLACK):
            columns["reason"] = 5
            return found

        ltv = senior.amount / (self.market_cost if self.rules.ltv_basis == "market_cost" else self.agency_value)
        hedged = base + self.swap_receipts(self.terms.base_cpi_rate)
        cover = self.cover(hedged, senior, self.trs_carry, senior.rate)
        verdict = self.verdict(cover, ltv)
        bank = next((b for b in self.rules.central_banks if b.jurisdiction == self.inputs.country), None)
        takes = (
            bank is not None
            and verdict["rating"] <= notch(bank.minimum_rating)
            and self.maturity <= 12 * bank.max_tenor_years
            and senior.amount <= bank.max_advance_ratio * self.value
            and bank.currency == self.inputs.currency
        )
        columns |= {
            "gate": 2.0 if verdict["passed"] else 1.0,
            "reason": 0.0 if verdict["passed"] else 10 + verdict["first_failed"],
            "near_miss": verdict["near"],
            "agency_ltv_ratio": senior.amount / self.agency_value,
            "appraisal_ltv_ratio": senior.amount / self.value,
            "cost_ltv_ratio": senior.amount / self.market_cost,
            "dscr_minimum": cover["minimum"],
            "dscr_average": cover["average"],
            "llcr": cover["llcr"],
            "plcr": cover["plcr"],
            "icr": cover["icr"],
            "rating_notch": verdict["rating"],
            "binding_headroom_ratio": verdict["headroom"],
            "repo_verdict": (2.0 if bank.class_confirmed else 1.0) if bank is not None and takes else 0.0,
        }
        if verdict["tied"] > 1e-9 or verdict["binding"] == 9:
            columns["binding_criterion"] = verdict["binding"]
        if not verdict["passed"] and not verdict["near"]:
            return found

        found.stress = self.stress_grid(senior, ltv, cover, int(verdict["rating"]))
        worst = min(row["stressed_dscr"] for row in found.stress)
        carried = min(row.pop("balloon_carried") for row in found.stress) == 1.0
        rows = sorted(self.rules.criteria, key=lambda r: notch(r.rating))
        wanted = [r for r in rows if r.jurisdiction == self.inputs.country]
        floor_row = next((r for r in wanted if notch(r.rating) >= notch(self.terms.minimum_rating)), wanted[-1])
        columns |= {
            "worst_stressed_dscr": worst,
            "notches_lost": max(0.0, *(row["notches_moved"] for row in found.stress)),
            "stress_passed": float(carried and worst >= floor_row.stressed_dscr * (1 - SLACK)),
            "stability_ratio": min(max(worst / cover["minimum"], 0.0), 1.0),
        }
        margin = self.levers["trs_share"] * senior.amount * self.terms.trs_haircut_ratio
        periods = self.waterfall(senior, mezz, refinanced, margin)
        reserve = float(self.reserve_targets(senior)[0])
        uses = self.cost + fees + reserve + prefunded + margin
        uses -= self.escrow_income()
        equity = uses - senior_in - mezz_in
        contributions = self.uncovered(senior, senior_months, senior_in) + self.uncovered(mezz, mezz_months, mezz_in)
        flows = np.concatenate([-contributions, periods["equity_distribution"]])
        years = np.arange(flows.size) / 12
        target = self.levers["equity_irr_rate"]
        proceeds = float((flows * (1 + target) ** -years).sum())
        effective = [(1 + rate) ** 12 - 1 for rate in (self.coupon / 12, mezz.rate)]
        paid_in = max(proceeds, 0.0)
        columns |= {
            "structuring_fee_amount": fees,
            "dsra_initial_amount": reserve,
            "prefunded_interest_amount": prefunded,
            "trs_margin_amount": margin,
            "sponsor_equity_amount": equity,
            "equity_proceeds_amount": proceeds,
            "day_one_value": senior_in + mezz_in + proceeds - uses,
            "wacc_rate": (senior_in * effective[0] + mezz_in * effective[1] + paid_in * target)
            / (senior_in + mezz_in + paid_in),
            "instruments": float(mezz.amount > 0) + float(self.levers["zcis_tenor_years"] > 0)
            + float(self.levers["trs_share"] > 0) + float(self.wrapped),
            "flags": self._flags(periods, senior, refinanced),
        }  # fmt: skip
        flows[0] -= equity
        columns["sponsor_npv_amount"] = float((flows * (1 + self.terms.discount_rate) ** -years).sum())
        if equity > 0:
            columns["sponsor_irr_rate"] = irr_plain(flows, 12)
            running = np.cumsum(flows)
            back = [t for t in range(self.built + 1, flows.size) if running[t] >= 0]
            columns["sponsor_payback_months"] = back[0] if back else float("nan")
            columns["sponsor_multiple"] = flows[self.built + 1 :].sum() / -flows[: self.built + 1].sum()
        columns |= self._holders(periods, senior, mezz, senior_in, mezz_in)
        return found

    def _lever_reason(self) -> int:
        if self.maturity > self.months - 12 * self.rules.lease_tail_years:
            return 1
        if self.levers["mezzanine"] == "none":
            return 0
        if self.levers["mezz_dscr"] >= self.dscr * (1 - SLACK):
            return 2
        return 3 if self.levers["mezz_coupon_rate"] <= self.coupon * (1 + SLACK) else 0

    def _flags(self, periods: dict[str, Floats], senior: Loan, refinanced: float) -> int:
        dust = 1e-12 * max(1.0, senior.amount)
        lowest = max(level for level, _ in self.terms.lock_up_steps)
        short = not self.sweeps and refinanced < senior.schedule[self.maturity] - dust
        unswept = self.sweeps and periods["senior_balance"][-1] > dust
        raised = (
            (periods["trailing_dscr"][:-1] < lowest * (1 - SLACK)).any(),
            (periods["dsra_draw"] > dust).any(),
            (periods["senior_unpaid"] > dust).any(),
            (periods["mezz_deferred"] > dust).any(),
            short or unswept,
            (periods["hedge_unpaid"] > dust).any(),
        )
        return sum(2**k for k, is_raised in enumerate(raised) if is_raised)

    def _holders(
        self, periods: dict[str, Floats], senior: Loan, mezz: Loan, senior_in: float, mezz_in: float
    ) -> dict[str, float]:
        """Average life from close and effective yield of each tranche, by the holder's own flows."""
        swept = self.sweeps and self.kind == "interest_only"
        held = self.months if swept else self.maturity
        balance = periods["senior_balance"][held - 1]
        market_takes = 0.0 if swept else min(balance, senior.schedule[self.maturity])
        out = self._holder("senior", periods, senior, senior_in, held, market_takes)
        if mezz.amount > 0:
            last = mezz.maturity - 1
            late = periods["mezz_balance"][last] - mezz.schedule[mezz.maturity] + periods["mezz_deferred"][last]
            on_time = late <= 1e-9 * mezz.amount
            mezz_held = mezz.maturity if on_time else self.months
            out |= self._holder(
                "mezz", periods, mezz, mezz_in, mezz_held, periods["mezz_balance"][last] if on_time else 0.0
            )
        return out

    def _holder(
        self, name: str, periods: dict[str, Floats], loan: Loan, paid: float, held: int, redeemed: float
    ) -> dict[str, float]:
        terms = self.inputs.construction
        coupon = self.coupon / 12 if name == "senior" else loan.rate
        accrues = terms.covered_months(name) if terms.is_capitalised(name) else 0
        received = np.zeros(self.built + held + 1)
        owed, drawn = 0.0, 0.0
        for month in range(1, self.built + 1):
            draw = paid * (self.drawn(month) - drawn)
            received[month - 1] -= draw
            owed, drawn = owed + draw, self.drawn(month)
            if month > accrues:
                received[month] = owed * coupon
            else:
                owed *= 1 + loan.rate
        received[self.built + 1 :] = (periods[f"{name}_interest"] + periods[f"{name}_principal"])[:held]
        received[-1] += redeemed
        balances = np.concatenate([[loan.amount], periods[f"{name}_balance"][: held - 1]])
        return {
            f"{name}_yield_rate": irr_plain(received, 12),
            f"{name}_wal_years": (self.built + balances.sum() / loan.amount) / 12,
        }


def price(case: Case, index: int) -> Priced:
    """The permutation at `index` of the case's space, by the book."""
    return Book(case, dict(case.levers.levers_at(index))).price()
