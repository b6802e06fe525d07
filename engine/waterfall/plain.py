"""The twin of the waterfall kernel: the priority of payments in words, account by account, month by month.

Source: model book section 9. Written to be read; `engine.waterfall.kernel` does the same work compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.waterfall.terms import (
    BALLOON,
    DEFERRED,
    DRAW,
    HEDGE_UNPAID,
    LOCK_UP,
    SHORTFALL,
    Floats,
    WaterfallPaths,
    WaterfallTerms,
)

# An amount below this share of the senior debt is rounding; a DSCR this close to a threshold meets it.
ROUNDING = 1e-12
THRESHOLD_SLACK = 1e-9
Month = dict[str, float]


@dataclass(slots=True)
class Account:
    """Money held: it can be paid in, and out only as far as it reaches."""

    amount: float = 0.0

    def receive(self, amount: float) -> float:
        """What was paid in."""
        self.amount += amount
        return amount

    def pay(self, due: float) -> float:
        """As much of `due` as is there."""
        paid = min(self.amount, due)
        self.amount -= paid
        return paid

    def empty(self) -> float:
        """All of it."""
        return self.pay(self.amount)


@dataclass(slots=True)
class Ledger:
    """What is owed and held between months."""

    senior: float
    mezz: float
    reserve: Account
    trap: Account = field(default_factory=Account)
    senior_deferred: float = 0.0
    mezz_deferred: float = 0.0
    arrears: float = 0.0


@dataclass(frozen=True, slots=True)
class Deal:
    """The run's terms, and what they say of one month."""

    paths: WaterfallPaths
    terms: WaterfallTerms
    targets: Floats

    @property
    def rounding(self) -> float:
        return ROUNDING * max(1.0, float(self.paths.senior_schedule[0]))

    @property
    def refinanced_share(self) -> float:
        """Share of the balloon the market takes; one where there is none, or where it is left to a sweep."""
        balloon = float(self.paths.senior_schedule[self.terms.senior_maturity])
        if self.terms.sweeps or self.terms.refinance_capacity >= balloon - self.rounding:
            return 1.0
        return self.terms.refinance_capacity / balloon

    def senior_monthly_rate(self, month: int) -> float:
        return (
            self.terms.senior_monthly_rate
            if month <= self.terms.senior_maturity
            else self.terms.senior_later_monthly_rate
        )

    def mezz_monthly_rate(self, month: int) -> float:
        return self.terms.mezz_monthly_rate if month <= self.terms.mezz_maturity else self.terms.mezz_later_monthly_rate

    def trs_carry(self, month: int) -> float:
        return self.terms.trs_carry if month <= self.terms.senior_maturity else 0.0

    def is_sweeping(self, month: int) -> bool:
        return self.terms.sweeps and month > self.terms.senior_maturity

    def senior_due_balance(self, month: int) -> float:
        """Balance that should stand after the month's repayment."""
        scheduled = float(self.paths.senior_schedule[month])
        return scheduled if month < self.terms.senior_maturity else scheduled * self.refinanced_share


def plain_reserve_targets(service: Floats, months: int, maturity: int, size: int) -> Floats:
    """Reserve target at the end of months 0..size-1: the next `months` of senior service, none from maturity."""
    return np.array([float(np.sum(service[m : min(m + months, maturity)])) for m in range(size)])


def plain_waterfall(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats) -> tuple[list[Month], int]:
    """Every month's flows, balances and flags by column name, and all flags raised."""
    deal = Deal(paths, terms, targets)
    tests = _tests(deal)
    ledger = Ledger(float(paths.senior_schedule[0]), float(paths.mezz_schedule[0]), Account(terms.dsra_initial_amount))
    months = [_run_month(deal, ledger, m, tests[m - 1]) for m in range(1, terms.months + 1)]
    raised = 0
    for month in months:
        raised |= int(month["flags"])
    return months, raised


def _tests(deal: Deal) -> list[Month]:
    """Monthly and trailing DSCR on scheduled service, before anyone is paid."""
    lines = [_scheduled(deal, m) for m in range(1, deal.terms.months + 1)]
    window = deal.terms.window_months
    return [
        {
            "dscr": _ratio(lines[m : m + 1], deal.rounding),
            "trailing_dscr": _ratio(lines[max(0, m + 1 - window) : m + 1], deal.rounding),
        }
        for m in range(len(lines))
    ]


def _scheduled(deal: Deal, month: int) -> tuple[float, float]:
    """Cash for senior service and the service itself, as scheduled; what a sweep takes is not scheduled."""
    paths = deal.paths
    opening, closing = float(paths.senior_schedule[month - 1]), float(paths.senior_schedule[month])
    cash = paths.gross_income[month - 1] - paths.opex[month - 1] + paths.swap[month - 1]
    principal = 0.0 if deal.is_sweeping(month) else opening - closing
    service = opening * (deal.senior_monthly_rate(month) + deal.terms.wrap_monthly_rate) + principal
    return float(cash) + opening * deal.trs_carry(month), service


def _ratio(lines: Sequence[tuple[float, float]], rounding: float) -> float:
    service = sum(due for _, due in lines)
    return sum(cash for cash, _ in lines) / service if service > rounding else float("nan")


def _run_month(deal: Deal, ledger: Ledger, m: int, tested: Month) -> Month:
    cash = Account()
    month = dict(tested)
    _operate(deal, cash, m, month)
    _settle_hedges_and_wrap(deal, ledger, cash, m, month)
    share = _trapped_share(deal, m, tested["trailing_dscr"])
    month["trap_released"] = cash.receive(ledger.trap.empty()) if share == 0.0 else 0.0
    month["margin_returned"] = _return_margin(deal, cash, m)
    _pay_senior(deal, ledger, cash, m, month)
    _keep_reserve(deal, ledger, cash, m, month)
    month["margin_returned"] -= _pay_margin_call(deal, ledger, cash, m)
    _pay_mezz(deal, ledger, cash, m, month)
    _sweep(deal, ledger, cash, m, month)
    month["cash_trapped"] = ledger.trap.receive(cash.pay(share * cash.amount))
    month["equity_distribution"] = cash.empty()
    _close(deal, ledger, m, month, share)
    return month


def _operate(deal: Deal, cash: Account, m: int, month: Month) -> None:
    costs = float(deal.paths.opex[m - 1])
    month["gross_income"] = cash.receive(float(deal.paths.gross_income[m - 1]))
    month["opex"] = cash.pay(costs)
    month["cost_unpaid"] = costs - month["opex"]


def _settle_hedges_and_wrap(deal: Deal, ledger: Ledger, cash: Account, m: int, month: Month) -> None:
    """Swap settlements are netted; what cannot be paid is owed next month, without interest."""
    net = float(deal.paths.swap[m - 1]) + ledger.senior * deal.trs_carry(m)
    received = cash.receive(max(net, 0.0))
    hedge_due = max(-net, 0.0) + ledger.arrears
    wrap_due = ledger.senior * deal.terms.wrap_monthly_rate
    hedge_paid = cash.pay(hedge_due)
    month["wrap_premium"] = cash.pay(wrap_due)
    month["hedge_net"] = received - hedge_paid
    ledger.arrears = (hedge_due - hedge_paid) + (wrap_due - month["wrap_premium"])


def _trapped_share(deal: Deal, m: int, ratio: float) -> float:
    """Share of the residual the lock-up keeps; the last month keeps nothing."""
    if m == deal.terms.months:
        return 0.0
    steps = zip(deal.paths.lock_levels, deal.paths.lock_shares, strict=True)
    return max((float(share) for level, share in steps if ratio < level * (1.0 - THRESHOLD_SLACK)), default=0.0)


def _return_margin(deal: Deal, cash: Account, m: int) -> float:
    """The swap's margin less the loss it covers, back at maturity."""
    if m != deal.terms.senior_maturity:
        return 0.0
    return cash.receive(max(deal.terms.margin_amount - deal.terms.margin_loss_amount, 0.0))


def _pay_margin_call(deal: Deal, ledger: Ledger, cash: Account, m: int) -> float:
    """The swap's loss beyond its margin, behind senior and ahead of mezzanine; what is missing stays owed."""
    if m != deal.terms.senior_maturity:
        return 0.0
    due = max(deal.terms.margin_loss_amount - deal.terms.margin_amount, 0.0)
    paid = cash.pay(due)
    ledger.arrears += due - paid
    return paid


def _pay_senior(deal: Deal, ledger: Ledger, cash: Account, m: int, month: Month) -> None:
    """Interest, then principal, each from cash and then from the reserve; interest not paid earns interest."""
    rate = deal.senior_monthly_rate(m)
    interest_due = ledger.senior * rate + ledger.senior_deferred * (1.0 + rate)
    principal_due = max(ledger.senior - deal.senior_due_balance(m), 0.0)
    interest, principal = cash.pay(interest_due), cash.pay(principal_due)
    interest_drawn = ledger.reserve.pay(interest_due - interest)
    principal_drawn = ledger.reserve.pay(principal_due - principal)
    month["senior_interest"] = interest + interest_drawn
    month["senior_principal"] = principal + principal_drawn
    month["dsra_draw"] = interest_drawn + principal_drawn
    ledger.senior -= month["senior_principal"]
    ledger.senior_deferred = interest_due - month["senior_interest"]
    month["senior_unpaid"] = ledger.senior_deferred + (principal_due - month["senior_principal"])


def _keep_reserve(deal: Deal, ledger: Ledger, cash: Account, m: int, month: Month) -> None:
    """Topped up to its target while senior is outstanding, released at its maturity."""
    released, missing = 0.0, max(float(deal.targets[m]) - ledger.reserve.amount, 0.0)
    if m >= deal.terms.senior_maturity:
        released, missing = cash.receive(ledger.reserve.empty()), 0.0
    month["dsra_released"] = released
    month["dsra_top_up"] = ledger.reserve.receive(cash.pay(missing))


def _pay_mezz(deal: Deal, ledger: Ledger, cash: Account, m: int, month: Month) -> None:
    rate = deal.mezz_monthly_rate(m)
    interest_due = ledger.mezz * rate + ledger.mezz_deferred * (1.0 + rate)
    month["mezz_interest"] = cash.pay(interest_due)
    month["mezz_principal"] = cash.pay(max(ledger.mezz - float(deal.paths.mezz_schedule[m]), 0.0))
    ledger.mezz -= month["mezz_principal"]
    ledger.mezz_deferred = interest_due - month["mezz_interest"]


def _sweep(deal: Deal, ledger: Ledger, cash: Account, m: int, month: Month) -> None:
    """After the anticipated repayment date all that is left repays senior."""
    if deal.is_sweeping(m):
        swept = cash.pay(ledger.senior)
        ledger.senior -= swept
        month["senior_principal"] += swept


def _close(deal: Deal, ledger: Ledger, m: int, month: Month, share: float) -> None:
    month["senior_balance"] = ledger.senior
    month["mezz_balance"] = ledger.mezz
    month["dsra_balance"] = ledger.reserve.amount
    month["trap_balance"] = ledger.trap.amount
    month["mezz_deferred"] = ledger.mezz_deferred
    month["flags"] = _flags(deal, ledger, m, month, share)


def _flags(deal: Deal, ledger: Ledger, m: int, month: Month, share: float) -> int:
    rounding, terms = deal.rounding, deal.terms
    unrefinanced = m == terms.senior_maturity and deal.refinanced_share < 1.0
    unswept = m == terms.months and terms.sweeps and ledger.senior > rounding
    raised = {
        LOCK_UP: share > 0.0,
        DRAW: month["dsra_draw"] > rounding,
        SHORTFALL: month["senior_unpaid"] > rounding,
        DEFERRED: ledger.mezz_deferred > rounding,
        BALLOON: unrefinanced or unswept,
        HEDGE_UNPAID: ledger.arrears > rounding,
    }
    return sum(flag for flag, is_raised in raised.items() if is_raised)
