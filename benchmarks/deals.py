"""The deals that all sides price: monthly, two tranches, a reserve, one seed.

Healthy deals are the common ground of every peer: annuity senior and mezzanine, a six-month reserve funded at
close, cash that always covers the service, nothing hedged, no lock-up. Strained deals use everything the waterfall
knows (shortfalls, draws, deferral, traps, swaps that cost, balloons) and compare the engine with plain NumPy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Deals(NamedTuple):
    """A batch of deals: paths are (months, deals), schedules (months + 1, deals), terms (deals,).

    Rates are monthly. `targets` is the reserve each deal must hold at the end of months 0..months, `sweep_ratio` the
    share of the residual that repays senior early.
    """

    gross_income: Floats
    opex: Floats
    swap: Floats
    senior_schedule: Floats
    mezz_schedule: Floats
    targets: Floats
    senior_maturity: Ints
    senior_rate: Floats
    senior_later_rate: Floats
    wrap_rate: Floats
    mezz_maturity: Ints
    mezz_rate: Floats
    mezz_later_rate: Floats
    trs_carry: Floats
    margin_amount: Floats
    margin_loss_amount: Floats
    dsra_months: Ints
    dsra_initial_amount: Floats
    refinance_capacity: Floats
    sweeps: NDArray[np.bool_]
    mezz_sweeps: NDArray[np.bool_]
    lock_levels: Floats
    lock_shares: Floats
    window_months: int
    sweep_ratio: float = 0.0

    @property
    def months(self) -> int:
        """Months priced."""
        return int(self.gross_income.shape[0])

    @property
    def size(self) -> int:
        """Deals in the batch."""
        return int(self.gross_income.shape[1])


def annuity_schedule(balance: Floats, rate: Floats, periods: Ints, months: int) -> Floats:
    """Closing balances of level-payment loans, (months + 1, deals), nil from maturity."""
    month = np.arange(months + 1)[:, None]
    grown = (1.0 + rate) ** month
    full = (1.0 + rate) ** periods
    return np.asarray(np.where(month < periods, balance * (full - grown) / (full - 1.0), 0.0))


def bullet_schedule(balance: Floats, rate: Floats, periods: Ints, months: int) -> Floats:
    """Closing balances that stand in full to maturity, then run off as an annuity to the last month."""
    month = np.arange(months + 1)[:, None]
    tail = np.maximum(months - periods, 1)
    full = (1.0 + rate) ** tail
    after = balance * (full - (1.0 + rate) ** np.maximum(month - periods, 0)) / (full - 1.0)
    return np.asarray(np.where(month <= periods, balance, np.where(month < months, after, 0.0)))


def reserve_targets(schedule: Floats, rate: Floats, maturity: Ints, months_ahead: Ints) -> Floats:
    """The next `months_ahead` months of scheduled service up to maturity, (months + 1, deals)."""
    months = schedule.shape[0] - 1
    month = np.arange(1, months + 1)[:, None]
    service = schedule[:-1] * rate + schedule[:-1] - schedule[1:]
    service = np.where(month <= maturity, service, 0.0)
    total = np.concatenate([np.zeros((1, schedule.shape[1])), np.cumsum(service, axis=0)])
    ends = np.minimum(np.arange(months + 1)[:, None] + months_ahead, months)
    ahead = np.take_along_axis(total, ends, axis=0) - total
    return np.asarray(np.where(np.arange(months + 1)[:, None] < maturity, np.maximum(ahead, 0.0), 0.0))


def healthy_deals(count: int, months: int = 300, seed: int = 7) -> Deals:
    """Deals that every side can price: rent rises 2% a year and covers the service 1.3 to 1.8 times."""
    draw = np.random.default_rng(seed)
    rent = draw.uniform(2.5e6, 4.5e6, count)
    gross = np.repeat(1.02 ** np.arange(months // 12), 12)[:, None] * rent
    opex = gross * draw.uniform(0.1, 0.2, count)
    maturity = 12 * draw.integers(10, 22, count)
    rate = draw.uniform(0.04, 0.07, count) / 12.0
    mezz_rate = draw.uniform(0.08, 0.11, count) / 12.0
    service = (gross[0] - opex[0]) / draw.uniform(1.5, 1.8, count)
    mezz_service = (gross[0] - opex[0]) / 1.3 - service
    senior = service * (1.0 - (1.0 + rate) ** -maturity) / rate
    mezz = mezz_service * (1.0 - (1.0 + mezz_rate) ** -maturity) / mezz_rate
    schedule = annuity_schedule(senior, rate, maturity, months)
    ahead = np.full(count, 6)
    targets = reserve_targets(schedule, rate, maturity, ahead)
    nil = np.zeros(count)
    return Deals(
        gross_income=gross,
        opex=opex,
        swap=np.zeros_like(gross),
        senior_schedule=schedule,
        mezz_schedule=annuity_schedule(mezz, mezz_rate, maturity, months),
        targets=targets,
        senior_maturity=maturity,
        senior_rate=rate,
        senior_later_rate=rate,
        wrap_rate=nil,
        mezz_maturity=maturity,
        mezz_rate=mezz_rate,
        mezz_later_rate=mezz_rate,
        trs_carry=nil,
        margin_amount=nil,
        margin_loss_amount=nil,
        dsra_months=ahead,
        dsra_initial_amount=targets[0],
        refinance_capacity=np.full(count, np.inf),
        sweeps=np.zeros(count, dtype=np.bool_),
        mezz_sweeps=np.zeros(count, dtype=np.bool_),
        lock_levels=np.array([1.10]),
        lock_shares=np.array([1.0]),
        window_months=12,
    )


def strained_deals(count: int, months: int = 300, seed: int = 11) -> Deals:
    """Deals with too little cash at times: every branch of the waterfall is taken by some of them."""
    draw = np.random.default_rng(seed)
    calm = healthy_deals(count, months, seed)
    months_lost = draw.integers(0, 36, count)
    onset = draw.integers(0, months, count)
    month = np.arange(months)[:, None]
    lost = (month >= onset) & (month < onset + months_lost)
    gross = calm.gross_income * np.where(lost, draw.uniform(0.0, 0.7, count), 1.0)
    gross = gross * (0.997 ** np.where(draw.random(count) < 0.3, month, 0))
    bullet = draw.random(count) < 0.4
    later = calm.senior_rate + 0.01 / 12.0
    stood = bullet_schedule(calm.senior_schedule[0] * 0.6, later, calm.senior_maturity, months)
    sweeps = bullet & (draw.random(count) < 0.5)
    standing = sweeps & (month_plus(months) < months)
    schedule = np.where(bullet, np.where(standing, stood[0], stood), calm.senior_schedule)
    # Behind a swept senior the mezzanine stands to the end as well, and is swept after it.
    mezz_schedule = np.where(sweeps, np.where(standing, calm.mezz_schedule[0], 0.0), calm.mezz_schedule)
    ahead = draw.integers(0, 13, count)
    targets = reserve_targets(schedule, calm.senior_rate, calm.senior_maturity, ahead)
    margin = draw.uniform(0.0, 2e6, count) * (draw.random(count) < 0.5)
    return calm._replace(
        gross_income=gross,
        swap=draw.normal(0.0, 1e5, (months, count)),
        senior_schedule=schedule,
        mezz_schedule=mezz_schedule,
        targets=targets,
        senior_later_rate=np.where(bullet, later, calm.senior_rate),
        wrap_rate=draw.uniform(0.0, 0.005, count) / 12.0,
        trs_carry=draw.uniform(-0.002, 0.002, count) / 12.0,
        margin_amount=margin,
        margin_loss_amount=margin * draw.uniform(0.0, 2.0, count),
        dsra_months=ahead,
        dsra_initial_amount=targets[0],
        refinance_capacity=np.where(draw.random(count) < 0.5, np.inf, schedule[0] * draw.uniform(0.3, 1.2, count)),
        sweeps=sweeps,
        mezz_sweeps=sweeps,
        lock_levels=np.array([1.45, 1.10]),
        lock_shares=np.array([0.5, 1.0]),
    )


def month_plus(months: int) -> Ints:
    """Months 0..months as a column."""
    return np.arange(months + 1)[:, None]
