"""Worth and settlement of the hedges: zero-coupon inflation swaps, strips of them, total return swaps.

Sign: every `net` is what the receiver of inflation, or of total return, gets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.basics.dates import add_months, next_business_day
from engine.errors import CalculationError

Floats = NDArray[np.float64]


class InflationSide(StrEnum):
    """Which leg of an inflation swap is received."""

    RECEIVE_INFLATION = "receive_inflation"
    """Pay fixed growth, receive the index's: the lessor's creditor who fears inflation."""
    PAY_INFLATION = "pay_inflation"
    """Receive fixed growth, pay the index's: a lessor with CPI-linked rent who wants a fixed escalator."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Both legs of a zero-coupon inflation swap on its one payment date."""

    inflation_leg_amount: float
    fixed_leg_amount: float
    realised_rate: float

    @property
    def net_amount(self) -> float:
        """What the receiver of inflation is paid."""
        return self.inflation_leg_amount - self.fixed_leg_amount


def settle_zcis(
    notional_amount: float, fixed_rate: float, years: float, base_index: float, final_index: float
) -> Settlement:
    """Legs at maturity: N (I_T / I_0 - 1) against N ((1+K)^T - 1).

    >>> round(settle_zcis(100.0, 0.035, 5, 350.0, 424.2).net_amount, 6)
    2.431369
    """
    if min(base_index, final_index, years) <= 0.0 or fixed_rate <= -1.0:
        raise CalculationError("inflation swap: expected index levels and a term above zero, a rate above -100%")
    growth = final_index / base_index
    inflation = notional_amount * (growth - 1.0)
    fixed = notional_amount * ((1.0 + fixed_rate) ** years - 1.0)
    return Settlement(inflation, fixed, growth ** (1.0 / years) - 1.0)


@dataclass(frozen=True, slots=True)
class InflationMarket:
    """What is known of an index on a day: fixings by month, breakevens by tenor, one discount rate.

    `breakevens` are zero-coupon rates by whole years; between tenors they lie on a straight line, as QuantLib reads them.
    `discount_rate` is yearly effective over actual days / 365. Where `is_interpolated` (the dollar's market), the index of
    a day lies between the fixings of its lagged month and the next by the days gone of the unlagged month.
    """

    valuation_date: date
    observation_lag_months: int
    fixings: Mapping[date, float]
    breakevens: Mapping[int, float]
    discount_rate: float
    is_interpolated: bool = False

    def base_index(self) -> float:
        """The index a swap starting on the valuation date is measured from."""
        first = self.valuation_date.replace(day=1)
        near = self._fixing(add_months(first, -self.observation_lag_months))
        if not self.is_interpolated or self.valuation_date == first:
            return near
        far = self._fixing(add_months(first, 1 - self.observation_lag_months))
        gone = (self.valuation_date - first).days / (add_months(first, 1) - first).days
        return near + (far - near) * gone

    def _fixing(self, month: date) -> float:
        if month not in self.fixings:
            raise CalculationError(f"inflation: no fixing for {month:%Y-%m}")
        return self.fixings[month]

    def projected_index(self, years: int) -> float:
        """The index the market expects for a swap of that many years."""
        return self.base_index() * float((1.0 + self.breakeven_rate(years)) ** years)

    def breakeven_rate(self, years: int) -> float:
        """The fixed rate that makes a swap of that tenor worth nothing."""
        tenors = sorted(self.breakevens)
        if not tenors or not 1 <= years <= tenors[-1]:
            raise CalculationError(f"inflation: no breakeven reaches {years} years")
        place = bisect_left(tenors, years)
        if tenors[place] == years or place == 0:
            return self.breakevens[tenors[place]]
        near, far = tenors[place - 1], tenors[place]
        weight = (years - near) / (far - near)
        return self.breakevens[near] + (self.breakevens[far] - self.breakevens[near]) * weight

    def discount_factor(self, payment_date: date) -> float:
        """Value on the valuation date of 1 paid then."""
        days = (payment_date - self.valuation_date).days
        return float((1.0 + self.discount_rate) ** (-days / 365.0))


@dataclass(frozen=True, slots=True)
class ZeroCouponInflationSwap:
    """What the paper says: one exchange, `tenor_years` after the start."""

    notional_amount: float
    fixed_rate: float
    tenor_years: int
    side: InflationSide

    def __post_init__(self) -> None:
        if self.notional_amount <= 0.0 or self.tenor_years < 1 or self.fixed_rate <= -1.0:
            raise CalculationError("inflation swap: expected a notional above zero, a year or more, a rate above -100%")


@dataclass(frozen=True, slots=True)
class SwapValue:
    """A swap's worth; each leg's value carries the sign of who holds it."""

    payment_date: date
    base_index: float
    projected_index: float
    discount_factor: float
    breakeven_rate: float
    fixed_leg_amount: float
    inflation_leg_amount: float
    fixed_leg_value_amount: float
    inflation_leg_value_amount: float

    @property
    def value_amount(self) -> float:
        """Present value to the holder."""
        return self.fixed_leg_value_amount + self.inflation_leg_value_amount


def value_zcis(swap: ZeroCouponInflationSwap, market: InflationMarket) -> SwapValue:
    """Present value of a swap that starts on the valuation date, by leg."""
    payment = next_business_day(add_months(market.valuation_date, 12 * swap.tenor_years))
    factor = market.discount_factor(payment)
    projected = market.projected_index(swap.tenor_years)
    legs = settle_zcis(swap.notional_amount, swap.fixed_rate, swap.tenor_years, market.base_index(), projected)
    sign = 1.0 if swap.side is InflationSide.RECEIVE_INFLATION else -1.0
    return SwapValue(
        payment_date=payment,
        base_index=market.base_index(),
        projected_index=projected,
        discount_factor=factor,
        breakeven_rate=market.breakeven_rate(swap.tenor_years),
        fixed_leg_amount=legs.fixed_leg_amount,
        inflation_leg_amount=legs.inflation_leg_amount,
        fixed_leg_value_amount=-sign * legs.fixed_leg_amount * factor,
        inflation_leg_value_amount=sign * legs.inflation_leg_amount * factor,
    )


@dataclass(frozen=True, slots=True)
class StripValue:
    """A strip of yearly swaps that turns an index-linked rent into a fixed escalator."""

    flat_rent_value_amount: float
    rent_at_breakeven_value_amount: float
    rent_at_view_value_amount: float

    @property
    def value_to_inflation_payer_amount(self) -> float:
        """Worth of the strip to the lessor if the index follows the view."""
        return self.rent_at_breakeven_value_amount - self.rent_at_view_value_amount

    @property
    def uplift_value_amount(self) -> float:
        """Present value of the growth locked in at the breakeven."""
        return self.rent_at_breakeven_value_amount - self.flat_rent_value_amount


def value_strip(
    rent_amount: float, breakeven_rate: float, cpi_view_rate: float, discount_rate: float, years: int
) -> StripValue:
    """Present values of a rent paid at the end of years 1..n: flat, grown at breakeven, grown at a view of CPI.

    Each year t is one zero-coupon swap: sum rent ((1+K)^t - (1+cpi)^t) DF_t.
    """
    at = np.arange(1, years + 1, dtype=np.float64)
    factors = (1.0 + discount_rate) ** -at

    def worth(rate: float) -> float:
        return float(rent_amount * ((1.0 + rate) ** at @ factors))

    return StripValue(worth(0.0), worth(breakeven_rate), worth(cpi_view_rate))


@dataclass(frozen=True, slots=True)
class TotalReturnPeriods:
    """A total return swap period by period, from the side that receives the return."""

    notional: Floats
    price_return: Floats
    income: Floats
    financing: Floats

    @property
    def total_return(self) -> Floats:
        """Price change and income."""
        return self.price_return + self.income

    @property
    def net(self) -> Floats:
        """Total return less financing."""
        return self.total_return - self.financing


@dataclass(frozen=True, slots=True)
class TotalReturnSwap:
    """What the paper says: notional and price at the start, financing spread, day basis, and whether it resets.

    A resetting swap rebases its notional to units x price each period, so past moves are settled and not
    financed; otherwise the first notional is financed to the end.
    """

    initial_notional_amount: float
    initial_price: float
    spread_rate: float
    day_basis: float
    resets: bool = True

    def __post_init__(self) -> None:
        if min(self.initial_notional_amount, self.initial_price, self.day_basis) <= 0.0:
            raise CalculationError("total return swap: expected notional, price and day basis above zero")

    @property
    def units(self) -> float:
        """How many times 100 of the asset the notional buys, at prices per 100."""
        return self.initial_notional_amount / self.initial_price


def run_total_return_swap(
    swap: TotalReturnSwap, prices: ArrayLike, income_per_100: ArrayLike, reference_rates: ArrayLike, days: ArrayLike
) -> TotalReturnPeriods:
    """Return, income and financing of each period.

    price return_t = units (P_t - P_{t-1}); income_t = units x income; financing_t = N_{t-1} (ref + spread) days/basis;
    N_t = units x P_t if it resets, else N_0.
    """
    ends, paid, rates, counts = (
        np.asarray(row, dtype=np.float64) for row in (prices, income_per_100, reference_rates, days)
    )
    if not ends.shape == paid.shape == rates.shape == counts.shape or ends.ndim != 1:
        raise CalculationError("total return swap: expected one price, income, rate and day count for each period")
    starts = np.concatenate([[swap.initial_price], ends[:-1]])
    notional = swap.units * starts if swap.resets else np.full(ends.size, swap.initial_notional_amount)
    financing = notional * (rates + swap.spread_rate) * counts / swap.day_basis
    return TotalReturnPeriods(notional, swap.units * (ends - starts), swap.units * paid, financing)
