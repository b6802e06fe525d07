"""Where the coupons stand against the market: benchmark, spread and fair coupon of each tranche. Model book, section 4."""

from __future__ import annotations

from engine.book.algebra import Expr, both, cell, is_blank, missing, same, total, when
from engine.book.debt import MONTHS, Tranche
from engine.book.quotes import quote_name
from engine.book.rows import NOT_COMPUTED, Row, Section
from engine.book.structure import MEZZ, SENIOR


def market(lives: int) -> tuple[Section, ...]:
    """Benchmark and spread at the average life to maturity, for a market quoted at so many lives; none without one."""
    if not lives:
        return ()
    return tuple(Section(f"{each.label} against the market", _against(each, lives)) for each in (SENIOR, MEZZ))


def _against(tranche: Tranche, lives: int) -> tuple[Row, ...]:
    life, fair = tranche["priced_wal"], tranche["fair_coupon"]
    benchmark, spread = _quoted(life, "zero_rate", lives), _quoted(life, f"{tranche.code}_bps", lives)
    quoted = both(tranche["balance"] > 0, same(is_blank(cell(quote_name(1, f"{tranche.code}_bps"))), False))
    over = (cell(f"{tranche.code}_coupon_rate") - fair) * 10000

    def row(name: str, label: str, formula: Expr, unit: str) -> Row:
        shown = when(quoted, formula, missing(NOT_COMPUTED))
        return Row(f"{tranche.code}_{name}", label, shown, unit, without=NOT_COMPUTED)

    return (
        row("priced_wal", "Average life to maturity, from close", _life(tranche), "years"),
        row("benchmark", "Benchmark", benchmark, "rate"),
        row("fair_spread", "Spread at which such notes clear", spread, "bps"),
        row("fair_coupon", "Fair coupon", tranche["benchmark"] + tranche["fair_spread"] / 10000, "rate"),
        row("coupon_margin", "Coupon over fair", over, "bps"),
    )


def _life(tranche: Tranche) -> Expr:
    owed = total(MONTHS.span(f"{tranche.code}_owed", 1))
    return (cell("project_months") + owed / tranche["balance"]) / 12


def _quoted(life: Expr, part: str, lives: int) -> Expr:
    """The value at a life: on a straight line between quoted lives, flat beyond them."""

    def at(number: int, what: str) -> Expr:
        return cell(quote_name(number, what))

    found = at(lives, part)
    for n in range(lives, 1, -1):
        near, far = at(n - 1, "life_years"), at(n, "life_years")
        low, high = at(n - 1, part), at(n, part)
        found = when(life <= far, low + (high - low) * (life - near) / (far - near), found)
    return when(life <= at(1, "life_years"), at(1, part), found)
