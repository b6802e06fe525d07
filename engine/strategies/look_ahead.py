"""Whether a backtest knows what it cannot: trading a day later must change it, another future must not change its past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.strategies.backtest import Backtest, Target, run_backtest
from engine.strategies.backtest_terms import BacktestTerms
from engine.strategies.panels import Floats, Panel

# Of a panel, up to a row: what comes later is not looked at.
MakeTargets = Callable[[Panel, int], Sequence[Target]]
# A split each day for each name would be another market, not another future of this one.
_KEPT_FIELDS = {"split_ratio"}
_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Both trials: the last equity and that of trading a day later; the days after which the future was changed.

    `moved_days` are those among them whose past changed: targets set, or equity reached, up to that day.
    """

    final_amount: float
    later_final_amount: float
    trade_count: int
    cut_days: tuple[str, ...]
    moved_days: tuple[str, ...]

    @property
    def is_moved_by_lag(self) -> bool:
        """True where a day's delay changes the result, as it must."""
        return self.final_amount != self.later_final_amount

    @property
    def is_clean(self) -> bool:
        """True where nothing points to knowledge of the future; a run without a trade shows nothing and is not."""
        return self.trade_count > 0 and self.is_moved_by_lag and not self.moved_days

    @property
    def words(self) -> tuple[str, ...]:
        """What was tried and found, a sentence each."""
        if self.trade_count == 0:
            return ("Nothing was traded, so nothing could be checked.",)
        lag = "changes the result, as it must" if self.is_moved_by_lag else "changes nothing: prices that could not be known were read"  # fmt: skip
        past = (
            f"changed what happened up to {', '.join(self.moved_days)}: the targets read later prices"
            if self.moved_days
            else "left everything before it as it was"
        )
        return (
            f"Trading one day later {lag}.",
            f"Other prices after {', '.join(self.cut_days) or 'the last target'} {past}.",
        )


def check_look_ahead(
    prices: Panel,
    make: MakeTargets,
    terms: BacktestTerms,
    found: Backtest,
    targets: Sequence[Target],
    left_on: Mapping[str, np.datetime64] | None = None,
) -> LookAhead:
    """Tries the run `found` of `targets` both ways; `make` gives the targets of any panel up to a row, as it gave these."""
    later = run_backtest(prices, targets, replace(terms, lag_days=terms.lag_days + 1), left_on)
    cuts = _cuts(prices, targets)
    moved = [row for row in cuts if _moves(prices, make, terms, found, targets, row, left_on)]
    return LookAhead(
        float(found.equity[-1]),
        float(later.equity[-1]),
        int(found.trades.row.size),
        tuple(str(prices.days[row]) for row in cuts),
        tuple(str(prices.days[row]) for row in moved),
    )


def _cuts(prices: Panel, targets: Sequence[Target]) -> list[int]:
    """Rows of targets a third and two thirds through: a target that reads the next day's price is told there."""
    rows = [row for row, _ in targets if row + 1 < prices.days.size]
    return sorted({rows[len(rows) // 3], rows[2 * len(rows) // 3]}) if rows else []


def _moves(
    prices: Panel, make: MakeTargets, terms: BacktestTerms, found: Backtest, targets: Sequence[Target], row: int,
    left_on: Mapping[str, np.datetime64] | None,
) -> bool:  # fmt: skip
    other = with_another_future(prices, row)
    made = [target for target in make(other, row) if target[0] <= row]
    again = run_backtest(other, made, terms, left_on)
    past = slice(0, row + 1)
    same_targets = made == [target for target in targets if target[0] <= row]
    same_account = np.array_equal(again.equity_cents[past], found.equity_cents[past])
    return not (same_targets and same_account and np.array_equal(again.shares[past], found.shares[past]))


def with_another_future(prices: Panel, row: int) -> Panel:
    """The panel with every known number after the row multiplied by a drawn factor, the same for the same row."""
    rng = np.random.default_rng(row)

    def redrawn(name: str, values: Floats) -> Floats:
        factors = np.exp(_SPREAD * rng.standard_normal(values.shape))
        if name in _KEPT_FIELDS:
            return values
        after = np.arange(values.shape[0])[:, None] > row
        return np.where(after, values * factors, values)

    return Panel(prices.days, prices.names, {name: redrawn(name, values) for name, values in prices.fields.items()})
