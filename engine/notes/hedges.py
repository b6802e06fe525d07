"""What the issuer pays and is paid on its swaps, by payment date, in the terms of a waterfall's costs.

A rate swap exchanges N x (K - index - margin) x part of a year, a basis swap N x (basis - margin) x part of a year, a return swap
the pool's interest less its losses against N x (index + margin) x part of a year, all on what opens the period. An inflation swap
exchanges N ((1+K)^T - (1+i)^T) once. Nothing is floored. Source: model book section 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.hedges.valuation import settle_zcis
from engine.notes.terms import Hedge, HedgeKind, Notional

Floats = NDArray[np.float64]
BPS = 1e-4
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class HedgeTerms:
    """One swap by payment date: what the issuer pays net, negative where it is paid.

    `amounts` (periods,) are paid as they are, `rates` (periods,) on the opening balance of a class or of the pool; `income_share` and
    `loss_share` are of the pool's interest and losses, in the periods of `is_open`. `termination` is owed on its date.
    """

    amounts: Floats
    rates: Floats
    is_open: Floats
    income_share: float
    loss_share: float
    termination: Floats


def date_number(months: int, frequency_months: int) -> int:
    """The first payment date at or after so many months."""
    return -(-months // frequency_months)


def open_periods(hedge: Hedge, periods: int, frequency_months: int) -> Floats:
    """1 in the periods whose end exchanges, else 0."""
    numbers = np.arange(1, periods + 1)
    found = (numbers > date_number(hedge.starts_months, frequency_months)) & (
        numbers <= date_number(hedge.ends_months, frequency_months)
    )
    if hedge.default_months is not None:
        found &= numbers < defaults_on(hedge, frequency_months)
    return found.astype(np.float64)


def defaults_on(hedge: Hedge, frequency_months: int) -> int:
    """The payment date on which the counterparty is in default, from 1."""
    return max(date_number(hedge.default_months or 0, frequency_months), 1)


def growth_years(hedge: Hedge, frequency_months: int) -> float:
    """Years that an inflation swap runs."""
    first, last = (date_number(months, frequency_months) for months in (hedge.starts_months, hedge.ends_months))
    return (last - first) * frequency_months / MONTHS_A_YEAR


def hedge_terms(hedge: Hedge, periods: int, frequency_months: int, year_ratios: Floats, index: Floats) -> HedgeTerms:
    """What the swap exchanges where the index is read by period and inflation is what its terms say."""
    is_open = open_periods(hedge, periods, frequency_months)
    amounts, nil = np.zeros(periods), np.zeros(periods)
    share = hedge.notional_ratio if hedge.kind == HedgeKind.RETURN else 0.0
    rates = _net_rates(hedge, index) * year_ratios * is_open
    if hedge.kind == HedgeKind.INFLATION:
        rates, last = nil, date_number(hedge.ends_months, frequency_months)
        if last <= periods and is_open[last - 1]:
            amounts[last - 1] = _growth(hedge, growth_years(hedge, frequency_months))
    elif hedge.notional_kind == Notional.AMOUNT:
        amounts, rates = hedge.notional_amount * rates, nil
    else:
        rates = rates * hedge.notional_ratio
    termination = np.zeros(periods)
    if hedge.default_months is not None and (on := defaults_on(hedge, frequency_months)) <= periods:
        owed = hedge.termination_amount
        termination[on - 1] = max(owed, 0.0)
        amounts[on - 1] += min(owed, 0.0)
    return HedgeTerms(amounts, rates, is_open, hedge.sign * share, -hedge.sign * share, termination)


def _net_rates(hedge: Hedge, index: Floats) -> Floats:
    """The named leg's yearly rate less the other's; a return swap's return is not a rate."""
    received = index + hedge.margin_bps * BPS
    named: dict[HedgeKind, Callable[[], Floats]] = {
        HedgeKind.RATE: lambda: np.full(index.size, hedge.fixed_rate),
        HedgeKind.BASIS: lambda: index + hedge.basis_bps * BPS,
    }
    paid = named[hedge.kind]() if hedge.kind in named else np.zeros(index.size)
    return np.asarray(hedge.sign * (paid - received))


def _growth(hedge: Hedge, years: float) -> float:
    """What fixed growth is more than inflation's, at the end."""
    final = (1.0 + hedge.inflation_rate) ** years
    return -hedge.sign * settle_zcis(hedge.notional_amount, hedge.fixed_rate, years, 1.0, final).net_amount
