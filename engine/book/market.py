"""Where the coupons stand against the market: benchmark, spread and fair coupon of each tranche. Model book, section 4."""

from __future__ import annotations

from engine.book.algebra import Expr, both, cell, is_blank, largest, least, missing, same, total, when
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
    fair = tranche["fair_coupon"]
    quoted = both(tranche["balance"] > 0, same(is_blank(cell(quote_name(1, f"{tranche.code}_bps"))), False))
    over = (cell(f"{tranche.code}_coupon_rate") - fair) * 10000

    def row(name: str, label: str, formula: Expr, unit: str) -> Row:
        shown = when(quoted, formula, missing(NOT_COMPUTED))
        return Row(f"{tranche.code}_{name}", label, shown, unit, without=NOT_COMPUTED)

    return (
        row("priced_wal", "Average life to maturity, from close", _life(tranche), "years"),
        *(
            row(f"reach_{n}", f"Share of the way to quoted life {n}", _reach(tranche["priced_wal"], n), "factor")
            for n in range(2, lives + 1)
        ),
        *(
            row(
                f"benchmark_{n}",
                f"Benchmark up to quoted life {n}",
                _quoted(tranche, "benchmark", "zero_rate", n),
                "rate",
            )
            for n in range(2, lives)
        ),
        row("benchmark", "Benchmark", _quoted(tranche, "benchmark", "zero_rate", lives), "rate"),
        *(
            row(
                f"fair_spread_{n}",
                f"Spread up to quoted life {n}",
                _quoted(tranche, "fair_spread", f"{tranche.code}_bps", n),
                "bps",
            )
            for n in range(2, lives)
        ),
        row(
            "fair_spread",
            "Spread at which such notes clear",
            _quoted(tranche, "fair_spread", f"{tranche.code}_bps", lives),
            "bps",
        ),
        row("fair_coupon", "Fair coupon", tranche["benchmark"] + tranche["fair_spread"] / 10000, "rate"),
        row("coupon_margin", "Coupon over fair", over, "bps"),
    )


def _life(tranche: Tranche) -> Expr:
    owed = total(MONTHS.span(f"{tranche.code}_owed", 1))
    return (cell("project_months") + owed / tranche["balance"]) / 12


def _reach(life: Expr, number: int) -> Expr:
    """How far a life lies on the way from the quoted life before to this one, from 0 to 1."""
    near, far = cell(quote_name(number - 1, "life_years")), cell(quote_name(number, "life_years"))
    return least(largest((life - near) / (far - near), 0), 1)


def _quoted(tranche: Tranche, figure: str, part: str, number: int) -> Expr:
    """The value up to a quoted life: on a straight line between quoted lives, flat beyond them."""
    if number == 1:
        return cell(quote_name(1, part))
    low, high = cell(quote_name(number - 1, part)), cell(quote_name(number, part))
    before = low if number == 2 else tranche[f"{figure}_{number - 1}"]
    return before + (high - low) * tranche[f"reach_{number}"]
