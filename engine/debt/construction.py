"""Drawing a loan while the asset is built, and the reserve its service needs.

Rates here are per period: a nominal yearly rate over the periods a year. Money is drawn at the start of a period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from engine.errors import CalculationError

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def fill_capitalised(drawn: Floats, period_rate: float, periods: int, interest: Floats) -> float:
    """Balance at completion of a loan whose interest of the first `periods` is added to it; the interest by period, as far as there is room.

    `drawn` is what has been drawn by the start of each period: balance_k = (balance_{k-1} + draw_k) x (1 + rate).
    """
    balance, before = 0.0, 0.0
    for k in range(drawn.size):
        balance += drawn[k] - before
        before = drawn[k]
        accrued = balance * period_rate if k < periods else 0.0
        balance += accrued
        if k < interest.size:
            interest[k] = accrued
    return balance


@njit(cache=True, nogil=True)
def close_proceeds(balance: float, period_rate: float, periods: int, capitalised: bool, drawn: Floats) -> float:
    """What is drawn in all for a balance that stands at completion; `drawn` by share, 1 from the first if in full."""
    if not capitalised:
        return balance
    return balance / fill_capitalised(drawn, period_rate, periods, drawn[:0])


@njit(cache=True, nogil=True)
def prefunded_interest(balance: float, period_rate: float, periods: int, capitalised: bool, drawn: Floats) -> float:
    """Interest of the first `periods` set aside at close, on what is drawn by then."""
    if capitalised:
        return 0.0
    return balance * period_rate * float(np.sum(drawn[:periods]))


@dataclass(frozen=True, slots=True)
class CapitalisedLoan:
    """A loan drawn with the costs, its interest added to the balance until completion."""

    interest_by_period: Floats
    loan_at_completion_amount: float
    equity_amount: float
    total_uses_amount: float

    @property
    def interest_amount(self) -> float:
        """Interest during construction, all of it owed at completion."""
        return float(self.interest_by_period.sum())

    @property
    def gearing_ratio(self) -> float:
        """Loan at completion over total uses, interest included."""
        return self.loan_at_completion_amount / self.total_uses_amount


def capitalise_interest(costs: ArrayLike, gearing_ratio: float, period_rate: float) -> CapitalisedLoan:
    """The loan at completion when `gearing_ratio` of each cost is drawn and interest is added to the balance.

    >>> round(capitalise_interest([100.0, 100.0], 0.5, 0.01).loan_at_completion_amount, 3)
    101.505
    """
    spent = _costs(costs, gearing_ratio)
    draws = gearing_ratio * spent
    interest = np.empty_like(draws)
    balance = float(fill_capitalised(np.cumsum(draws), period_rate, draws.size, interest))
    equity = float((spent - draws).sum())
    return CapitalisedLoan(interest, balance, equity, balance + equity)


@dataclass(frozen=True, slots=True)
class ConstructionFacility:
    """A facility whose own interest and fees are among the uses it funds."""

    facility_amount: float
    uses_by_period: Floats
    interest_amount: float
    commitment_fee_amount: float
    upfront_fee_amount: float
    equity_amount: float

    @property
    def total_uses_amount(self) -> float:
        """Costs, interest and fees together."""
        return float(self.uses_by_period.sum())


@dataclass(frozen=True, slots=True)
class FacilityTerms:
    """What the lender charges, per period, and the share of all uses the facility pays."""

    gearing_ratio: float
    period_rate: float
    commitment_fee_period_rate: float
    upfront_fee_ratio: float


FACILITY_TOLERANCE_RATIO = 1e-12


def size_facility(costs: ArrayLike, terms: FacilityTerms) -> ConstructionFacility:
    """The facility L that is drawn in full at completion, though L itself sets the fees.

    uses_k = cost_k + rate x balance_{k-1} + commitment x (L - balance_{k-1}) + [k=1] upfront x L;
    draw_k = gearing x uses_k; find L with balance_N = L.

    The drawn balance is a straight line in L, so two runs give the line and its crossing; a third run proves
    it to 1e-12 of L.
    """
    spent = _costs(costs, terms.gearing_ratio)
    at_nothing = _drawn(spent, terms, 0.0).facility_amount
    scale = float(spent.sum())
    gain = (_drawn(spent, terms, scale).facility_amount - at_nothing) / scale if scale > 0.0 else 0.0
    if gain >= 1.0:
        raise CalculationError(f"facility: each 1 of limit adds {gain:g} of fees and interest, so no limit is enough")
    limit = at_nothing / (1.0 - gain)
    run = _drawn(spent, terms, limit)
    gap = abs(run.facility_amount - limit)
    if gap > FACILITY_TOLERANCE_RATIO * max(limit, 1.0):
        raise CalculationError(f"facility: drawn {run.facility_amount!r} against a limit of {limit!r}")
    return run


def size_facility_by_iteration(costs: ArrayLike, terms: FacilityTerms, rounds: int = 200) -> ConstructionFacility:
    """The same facility by repeated substitution: the plain twin of `size_facility`."""
    spent = _costs(costs, terms.gearing_ratio)
    run = _drawn(spent, terms, 0.0)
    for _ in range(rounds):
        run = _drawn(spent, terms, run.facility_amount)
    return run


def _drawn(costs: Floats, terms: FacilityTerms, limit: float) -> ConstructionFacility:
    """The facility's life for a given limit; `facility_amount` is what is drawn, limit or not."""
    uses = np.empty_like(costs)
    balance = interest = commitment = 0.0
    for k, cost in enumerate(costs):
        interest_now = terms.period_rate * balance
        commitment_now = terms.commitment_fee_period_rate * (limit - balance)
        upfront_now = terms.upfront_fee_ratio * limit if k == 0 else 0.0
        uses[k] = cost + interest_now + commitment_now + upfront_now
        interest += interest_now
        commitment += commitment_now
        balance += terms.gearing_ratio * float(uses[k])
    equity = float(uses.sum()) - balance
    return ConstructionFacility(balance, uses, interest, commitment, terms.upfront_fee_ratio * limit, equity)


@dataclass(frozen=True, slots=True)
class ReserveTargets:
    """What a debt service reserve must hold: at close, and at the end of each period."""

    at_close_amount: float
    by_period: Floats


def reserve_targets(service: ArrayLike, periods_ahead: int) -> ReserveTargets:
    """The next `periods_ahead` periods of debt service, seen from close and from the end of each period.

    >>> reserve_targets([7.0, 7.0, 8.0], 2).by_period.tolist()
    [15.0, 8.0, 0.0]
    """
    due = np.asarray(service, dtype=np.float64)
    if due.ndim != 1 or periods_ahead < 0:
        raise CalculationError(f"reserve: expected a row of service and zero or more periods, got {periods_ahead}")
    padded = np.concatenate([due, np.zeros(periods_ahead)])
    # Each window is summed by itself: differences of a running sum would leave rounding where nothing is due.
    windows = [float(padded[t : t + periods_ahead].sum()) for t in range(due.size + 1)]
    return ReserveTargets(windows[0], np.array(windows[1:]))


def _costs(costs: ArrayLike, gearing_ratio: float) -> Floats:
    spent = np.asarray(costs, dtype=np.float64)
    if spent.ndim != 1 or spent.size == 0 or not np.isfinite(spent).all() or (spent < 0.0).any():
        raise CalculationError("construction: expected one row of finite costs of zero or more")
    if not 0.0 <= gearing_ratio <= 1.0:
        raise CalculationError(f"construction: expected a gearing between 0 and 1, got {gearing_ratio:g}")
    return spent
