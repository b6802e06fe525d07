"""Whether cash flow and reserve pay senior in full when due in the scenario. Model book, section 10.

Cash as underwritten, after premium and the hedges beside interest, then the reserve: no trapped cash, no margin. A balloon
the market does not take is a default, and so is what is left of a swept note at legal final, the lease's end less its tail.
"""

from __future__ import annotations

from engine.book.algebra import Column, both, cell, either, expr, largest, least, pick, same, total, when
from engine.book.debt import LEASE_END, MONTH, SLACK
from engine.book.rows import Row
from engine.book.structure import BALLOON_SWEPT, MATURITY, SENIOR, SWEEPS, WRAP_RATE
from engine.book.waterfall import BEFORE, CARRY, LEFT_STANDING, SENIOR_RATE, SWEEPING, beside

MONTHS = Column("months")
OWED, RESERVE = MONTHS.before("tested_balance"), MONTHS.before("tested_dsra")
_CASH, _INTEREST, _DUE, _PAID = (MONTHS(f"tested_{name}") for name in ("cash", "interest", "due", "paid"))
_DUST = SENIOR["balance"] * SLACK


def _months() -> tuple[Row, ...]:
    net, premium, hedge = MONTHS("swap") + OWED * CARRY, MONTHS("tested_premium"), MONTHS("tested_hedge")
    income, operated = MONTHS("tested_income"), MONTHS("tested_operated")
    owed = OWED * SENIOR_RATE + MONTHS.before("tested_deferred") * (1 + SENIOR_RATE)
    left, kept = largest(_CASH - _DUE, 0), RESERVE - largest(_PAID - _CASH, 0)
    top_up = least(left, largest(MONTHS("dsra_target") - kept, 0))
    repaid = OWED - largest(_PAID - _INTEREST, 0)
    swept = when(SWEEPING, least(left + kept, repaid), 0.0)
    late = both(cell("test_end") >= MONTH, MONTHS("tested_unpaid") > _DUST)
    return (
        Row("tested_premium", "Premium and arrears due", OWED * WRAP_RATE + MONTHS.before("tested_premium_owed"),
            group="Default test"),
        Row("tested_income", "Cash underwritten and hedges received", largest(MONTHS("underwritten"), 0) + largest(net, 0)),
        Row("tested_operated", "Cash after premium", largest(income - premium, 0)),
        Row("tested_premium_owed", "Premium in arrears", largest(premium - income, 0), opening=expr(0.0)),
        Row("tested_hedge", "Hedges and arrears due", largest(-net, 0) + MONTHS.before("tested_hedge_owed")),
        Row("tested_interest", "Interest due", owed),
        Row("tested_hedge_owed", "Hedges in arrears", hedge - beside(operated, hedge, _INTEREST), opening=expr(0.0)),
        Row("tested_cash", "Cash after hedges", operated - beside(operated, hedge, _INTEREST)),
        Row("tested_due", "Interest and principal due", _INTEREST + largest(OWED - LEFT_STANDING, 0)),
        Row("tested_paid", "Paid, reserve included", least(_CASH + RESERVE, _DUE)),
        Row("tested_deferred", "Interest deferred", largest(_INTEREST - _PAID, 0), opening=expr(0.0)),
        Row("tested_dsra", "DSRA", when(BEFORE, kept + top_up, 0.0), opening=MONTHS("dsra_target")),
        Row("tested_balance", "Senior balance", repaid - swept, opening=SENIOR["balance"]),
        Row("tested_unpaid", "Unpaid", _DUE - _PAID),
        Row("tested_late", "Unpaid before legal final", when(late, 1.0, 0.0), "count"),
    )  # fmt: skip


def _figures() -> tuple[Row, ...]:
    short = cell("balloon") - cell("scenario_refinanced") > cell("balloon") * SLACK
    untaken = both(both(cell("balloon") > 0, same(SWEEPS, False)), short)
    at_end = pick(MONTHS.span("tested_balance"), cell("test_end") + 1) > _DUST
    unpaid = either(total(MONTHS.span("tested_late", 1)) > 0, both(BALLOON_SWEPT, at_end))
    tested = either(BALLOON_SWEPT, cell("breach_month") > 0)
    return (
        Row("test_end", "Legal final",
            when(BALLOON_SWEPT, LEASE_END - 12 * cell("lease_tail_years"), MATURITY), "months"),
        Row("defaulted", "Senior is not paid in full when due", when(either(untaken, both(tested, unpaid)), 1.0, 0.0),
            "count", note="1: a default in the scenario."),
    )  # fmt: skip


MONTH_ROWS, FIGURES = _months(), _figures()
