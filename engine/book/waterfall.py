"""The monthly priority of payments. Model book, sections 6 and 9.

Gross income, costs, wrap, hedges beside senior interest, senior principal, DSRA, margin call, mezzanine interest and
principal, sweeps of senior and mezzanine, cash trap, equity: each paid from what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.book.algebra import Column, Expr, both, cell, expr, largest, least, missing, same, when
from engine.book.debt import LAST, MONTH, flag, on
from engine.book.rows import Row
from engine.book.structure import MEZZ, SENIOR, SWEEPS, SWEPT_EARLY, WRAP_RATE, trap_names

# Stands for nil in a denominator.
LEAST_DUE = 1e-9
# A ratio this close to its threshold meets it.
THRESHOLD_SLACK = 1e-9
MONTHS = Column("months")
NIL = expr(0.0)
PASSED_ON, SHOCK, ROUNDING = cell("passed_on"), cell("shock"), cell("rounding")
_CARRY = cell("trs_carry") + cell("trs_share") * (PASSED_ON - SHOCK)
IN_TERM, BEFORE, MATURES = SENIOR.is_on("in_term"), SENIOR.is_on("is_before"), SENIOR.is_on("matures")
CARRY = MONTHS("carry")
SWEEPING = on("is_swept")
# Unfixed coupons rise with the scenario, a refinancing is priced at its rates.
SENIOR_RATE, MEZZ_RATE = MONTHS("senior_coupon"), MONTHS("mezz_coupon")
_SENIOR_LATER = SENIOR["later_rate"] + when(SWEEPS, PASSED_ON, SHOCK)
MEZZ_SWEEPS = cell("mezz_sweeps")
_MEZZ_LATER = MEZZ["later_rate"] + when(MEZZ_SWEEPS, PASSED_ON, SHOCK)
SENIOR_OWED, MEZZ_OWED = MONTHS.before("senior_balance"), MONTHS.before("mezz_balance")
# The part of a balloon that the market does not take is due at maturity.
LEFT_STANDING = SENIOR.column("schedule") * when(BEFORE, 1.0, cell("refinanced_share")) * MONTHS.before("tail_growth")
# What is refinanced beyond the lease grows while nothing is let, at the rate it bears.
GROWS = both(same(IN_TERM, False), SENIOR.column("schedule") > SENIOR.opening("schedule"))
# What an early sweep has repaid comes off the last instalments.
AHEAD = MONTHS.before("swept_ahead")
RESERVE = MONTHS.before("dsra_balance")


def beside(cash: Expr, due: Expr, other: Expr) -> Expr:
    """What is paid of an amount that ranks with another: all of it, or the same share of both."""
    return least(due, cash * due / largest(due + other, LEAST_DUE))


def payments(lock_up_steps: int) -> tuple[Row, ...]:
    """The columns of payments, month by month."""
    return (*_coupons(), *_tests(lock_up_steps), *_operation(), *_senior(), *_reserve(), *_mezz(), *_equity())


def _coupons() -> Sequence[Row]:
    """What a unit of each balance bears in the month, in the scenario."""
    return (
        flag("is_swept", "Swept after the repayment date", both(SWEEPS, same(IN_TERM, False)), "Coupons"),
        Row("senior_coupon", "Senior coupon", when(IN_TERM, SENIOR["rate"] + PASSED_ON, _SENIOR_LATER), "factor"),
        Row("mezz_coupon", "Mezzanine coupon", when(MEZZ.is_on("in_term"), MEZZ["rate"] + PASSED_ON, _MEZZ_LATER), "factor"),
        Row("carry", "TRS carry, a unit of senior", when(IN_TERM, _CARRY, 0.0), "factor"),
    )  # fmt: skip


def _tests(lock_up_steps: int) -> Sequence[Row]:
    """DSCR on scheduled service, before anyone is paid, of the month and of the lock-up's window."""
    cash, service = MONTHS("test_cash"), MONTHS("test_service")
    opening, fall = SENIOR.opening("schedule"), SENIOR.opening("schedule") - SENIOR.column("schedule")
    first = largest(MONTH - cell("trap_window"), 0) + 1
    due = MONTHS.since("test_service", first)
    trailing = MONTHS("trailing_dscr")
    steps = [
        when(trailing < cell(level) * (1 - THRESHOLD_SLACK), cell(share), 0.0)
        for level, share in trap_names(lock_up_steps)
    ]
    scheduled = opening * (SENIOR_RATE + WRAP_RATE) + when(SWEEPING, 0.0, fall)
    return (
        Row("test_cash", "Cash for senior service", MONTHS("cfads") + MONTHS("swap") + opening * CARRY, group="Tests"),
        Row("test_service", "Scheduled senior service", scheduled),
        Row("dscr", "DSCR", when(service > ROUNDING, cash / service, missing()), "times", without=""),
        Row(
            "trailing_dscr",
            "DSCR, trailing",
            when(due > ROUNDING, MONTHS.since("test_cash", first) / due, missing()),
            "times",
            without="",
        ),
        # The last month keeps nothing back.
        Row("trapped_share", "Share trapped", when(same(MONTH, LAST), 0.0, largest(*steps)), "share"),
    )


def _operation() -> Sequence[Row]:
    """Costs, then premium; hedges rank with interest. What cannot be paid is owed next month, without interest."""
    income, costs = MONTHS("income"), MONTHS("costs")
    net = MONTHS("swap") + SENIOR_OWED * CARRY
    received, premium, wrap = MONTHS("hedge_received"), MONTHS("wrap_due"), MONTHS("wrap_premium")
    left = income - MONTHS("opex") + received
    cash = left - wrap + MONTHS("trap_released") + MONTHS("margin_returned")
    due, paid = MONTHS("hedge_due"), MONTHS("hedge_paid")
    back = when(MATURES, largest(cell("trs_margin") - cell("trs_loss"), 0), 0.0)
    released = when(same(MONTHS("trapped_share"), 0), MONTHS.before("trap_balance"), 0.0)
    return (
        Row("costs", "Costs due", income - MONTHS("cfads"), group="Operation and hedges"),
        Row("opex", "Costs paid", least(income, costs)),
        Row("hedge_received", "Hedges received", largest(net, 0)),
        Row("wrap_due", "Wrap premium and arrears due", SENIOR_OWED * WRAP_RATE + MONTHS.before("wrap_arrears")),
        Row("wrap_premium", "Wrap premium paid", least(left, premium)),
        Row("wrap_arrears", "Wrap premium in arrears", premium - wrap, opening=NIL),
        Row("trap_released", "Trap released", released),
        Row("margin_returned", "TRS margin returned", back),
        Row("hedge_due", "Hedges and arrears due", largest(-net, 0) + MONTHS.before("hedge_arrears")),
        Row("hedge_paid", "Hedges paid, beside senior interest", beside(cash, due, MONTHS("interest_due"))),
        Row("hedge_arrears", "Hedges in arrears", due - paid, opening=NIL),
    )


def _senior() -> Sequence[Row]:
    """Interest, then principal, each from cash and then from the reserve; interest not paid earns interest."""
    cash, interest, principal = MONTHS("senior_cash"), MONTHS("interest_due"), MONTHS("principal_due")
    from_cash, repaid = MONTHS("interest_paid"), MONTHS("principal_paid")
    drawn, redrawn = MONTHS("interest_drawn"), MONTHS("principal_drawn")
    operated = (
        MONTHS("income") - MONTHS("opex") + MONTHS("hedge_received") - MONTHS("hedge_paid") - MONTHS("wrap_premium")
    )
    owed = SENIOR_OWED * SENIOR_RATE + MONTHS.before("senior_deferred") * (1 + SENIOR_RATE)
    unpaid = MONTHS("senior_deferred") + principal - repaid - redrawn
    return (
        Row("senior_cash", "Cash for senior", operated + MONTHS("trap_released") + MONTHS("margin_returned"), group="Senior"),
        Row("tail_growth", "Growth in a void over its schedule",
            MONTHS.before("tail_growth") * when(GROWS, (1 + SENIOR_RATE) * SENIOR.opening("schedule")
                                                / largest(SENIOR.column("schedule"), ROUNDING), 1.0),
            "factor", opening=expr(1.0)),
        Row("interest_due", "Interest due", owed),
        Row("principal_due", "Principal due", largest(SENIOR_OWED - largest(LEFT_STANDING - AHEAD, 0), 0)),
        Row("interest_paid", "Interest from cash", least(cash, interest)),
        Row("principal_paid", "Principal from cash", least(cash - from_cash, principal)),
        Row("interest_drawn", "Interest from DSRA", least(RESERVE, interest - from_cash)),
        Row("principal_drawn", "Principal from DSRA", least(RESERVE - drawn, principal - repaid)),
        Row("interest_added", "Interest added to the balance", when(GROWS, interest - from_cash - drawn, 0.0)),
        Row("senior_deferred", "Interest deferred", interest - from_cash - drawn - MONTHS("interest_added"), opening=NIL),
        Row("senior_unpaid", "Senior unpaid", unpaid),
    )  # fmt: skip


def _reserve() -> Sequence[Row]:
    """Topped up to its target while senior is outstanding, released at its maturity; then any margin call."""
    left = RESERVE - MONTHS("interest_drawn") - MONTHS("principal_drawn")
    released, top_up = MONTHS("dsra_released"), MONTHS("dsra_top_up")
    missed = when(BEFORE, largest(MONTHS("dsra_target") - left, 0), 0.0)
    cash = MONTHS("senior_cash") - MONTHS("interest_paid") - MONTHS("principal_paid") + released
    lost = when(MATURES, largest(cell("trs_loss") - cell("trs_margin"), 0), 0.0)
    call_due, called = MONTHS("margin_due"), MONTHS("margin_call")
    return (
        Row("dsra_released", "DSRA released", when(BEFORE, 0.0, left), group="Reserve and margin"),
        Row("dsra_top_up", "DSRA topped up", least(cash, missed)),
        Row("dsra_balance", "DSRA balance", left - released + top_up, opening=MONTHS("dsra_target")),
        Row("margin_due", "Margin call and arrears due", lost + MONTHS.before("margin_arrears")),
        Row("margin_call", "Margin call paid", least(cash - top_up, call_due)),
        Row("margin_arrears", "Margin call in arrears", call_due - called, opening=NIL),
        Row("mezz_cash", "Cash for mezzanine", cash - top_up - called, group="Mezzanine"),
    )


def _mezz() -> Sequence[Row]:
    cash, due, interest = MONTHS("mezz_cash"), MONTHS("mezz_due"), MONTHS("mezz_interest")
    scheduled = largest(MEZZ_OWED - MEZZ.column("schedule"), 0)
    return (
        Row("mezz_due", "Interest due", MEZZ_OWED * MEZZ_RATE + MONTHS.before("mezz_deferred") * (1 + MEZZ_RATE)),
        Row("mezz_interest", "Interest paid", least(cash, due)),
        Row("mezz_principal", "Principal paid", least(cash - interest, scheduled)),
        Row(
            "mezz_added",
            "Interest added to the balance",
            least(due - interest, largest(MEZZ.column("schedule") - MEZZ.opening("schedule"), 0)),
        ),
        Row("mezz_deferred", "Interest deferred", due - interest - MONTHS("mezz_added"), opening=NIL),
    )


def _equity() -> Sequence[Row]:
    """The sweeps ahead of maturity and after the anticipated repayment date, the trap, and equity with what is left."""
    cash = MONTHS("mezz_cash") - MONTHS("mezz_interest") - MONTHS("mezz_principal")
    left = SENIOR_OWED + MONTHS("interest_added") - MONTHS("principal_paid") - MONTHS("principal_drawn")
    mezz_left = MEZZ_OWED + MONTHS("mezz_added") - MONTHS("mezz_principal")
    swept, mezz_swept, trapped = MONTHS("swept"), MONTHS("mezz_swept"), MONTHS("cash_trapped")
    mezz_sweep = when(both(MEZZ_SWEEPS, same(MEZZ.is_on("in_term"), False)), least(cash - swept, mezz_left), 0.0)
    early = when(BEFORE, least(SWEPT_EARLY * cash, left), 0.0)
    kept = MONTHS.before("trap_balance") - MONTHS("trap_released") + trapped
    return (
        Row("swept", "Swept to senior", when(SWEEPING, least(cash, left), early), group="Equity"),
        Row("swept_ahead", "Swept ahead of maturity so far", AHEAD + when(BEFORE, swept, 0.0), opening=NIL),
        Row("senior_balance", "Senior balance", left - swept, opening=SENIOR["balance"]),
        Row("mezz_swept", "Swept to mezzanine", mezz_sweep),
        Row("mezz_balance", "Mezzanine balance", mezz_left - mezz_swept, opening=MEZZ["balance"]),
        Row("cash_trapped", "Cash trapped", (cash - swept - mezz_swept) * MONTHS("trapped_share")),
        Row("trap_balance", "Trap balance", kept, opening=NIL),
        Row("equity", "Equity distribution", cash - swept - mezz_swept - trapped),
    )
