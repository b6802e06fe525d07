"""Both tranches, the swaps, the reserve and the refinancing of a structure, from its levers. Sections 5 and 6."""

from __future__ import annotations

from engine.book.algebra import (
    NO_LIMIT,
    Column,
    Expr,
    annuity,
    both,
    cell,
    either,
    expr,
    is_blank,
    largest,
    least,
    lowest,
    pick,
    same,
    total,
    total_product,
    when,
)
from engine.book.debt import LAST, MONTH, Tranche
from engine.book.rows import Row, Section

MONTHS = Column("months")
SWEEPS, WRAP_RATE, SPREAD = cell("sweeps"), cell("wrap_rate"), cell("refinance_spread")


def _senior() -> Tranche:
    coupon = cell("senior_coupon_rate") / 12
    headroom = cell("over_raise_ratio")
    return Tranche(
        code="senior",
        label="Senior",
        rate=coupon,
        all_in_rate=cell("senior_rate") + WRAP_RATE,
        later_rate=cell("senior_rate") + when(SWEEPS, cell("step_up_bps") / 10000 / 12, SPREAD),
        refinance_rate=cell("senior_all_in") + SPREAD,
        maturity=12 * cell("senior_tenor_years"),
        held=cell("grace_months"),
        sweeps=SWEEPS,
        capacity=MONTHS("base_cfads") / cell("senior_dscr"),
        exists=expr(True),
        limit=when(is_blank(headroom), NO_LIMIT, (1 + headroom) * cell("internal_cost")),
    )


def _mezz(senior: Tranche) -> Tranche:
    """Sized on what CFADS over the total DSCR leaves after senior service."""
    years = cell("mezz_tenor_years")
    premium = senior.opening("schedule") * WRAP_RATE
    return Tranche(
        code="mezz",
        label="Mezzanine",
        rate=cell("mezz_coupon_rate") / 12,
        all_in_rate=cell("mezz_rate"),
        later_rate=cell("mezz_rate") + SPREAD,
        refinance_rate=cell("mezz_rate") + SPREAD,
        maturity=when(is_blank(years), senior["maturity"], least(12 * years, senior["maturity"])),
        held=0.0,
        sweeps=expr(False),
        capacity=MONTHS("base_cfads") / cell("mezz_dscr") - senior.column("service") - premium,
        exists=same(cell("mezzanine"), "sized"),
        limit=expr(NO_LIMIT),
    )


SENIOR = _senior()
MEZZ = _mezz(SENIOR)
MATURITY = SENIOR["maturity"]


def _terms() -> tuple[Row, ...]:
    wraps = either(same(cell("wrap"), "senior"), both(is_blank(cell("wrap")), same(cell("project_wrap"), "senior")))
    carry = cell("senior_coupon_rate") - cell("trs_financing_rate") - cell("trs_spread_bps") / 10000
    return (
        Row("wrap_rate", "Wrap premium a month", when(wraps, cell("insurance_premium_bps") / 10000 / 12, 0.0), "factor"),
        Row("refinance_spread", "Refinance spread a month", cell("refinance_spread_bps") / 10000 / 12, "factor"),
        Row("sweeps", "The balloon is swept", same(cell("balloon_mode"), "sweep"), ""),
        Row("trs_carry", "TRS carry a month on the senior balance", cell("trs_share") * carry / 12, "factor"),
    )  # fmt: skip


def _hedge() -> tuple[Row, ...]:
    """The swap's margin, and what a shift of rates costs at its maturity: duration x shift on its notional."""
    value, notional = MONTHS.span("duration_value", 1), cell("trs_share") * SENIOR["balance"]
    weighted = total_product(value, MONTHS.span("month", 1)) / largest(total(value), 1e-9)
    loss = notional * cell("senior_duration") * cell("scenario_shift_bps") / 10000
    return (
        Row("senior_duration", "Modified duration of the senior notes", weighted / 12 / (1 + SENIOR["rate"]), "years"),
        Row("trs_margin", "Margin posted", notional * cell("trs_haircut_ratio")),
        Row("trs_loss", "Loss settled at maturity", loss),
    )


def _refinancing() -> tuple[Row, ...]:
    """What of the balloon the market takes in the scenario: all of it where it is left to a sweep."""
    carried, balloon, rounding = cell("scenario_refinanced"), cell("balloon"), cell("rounding")
    able = lowest(MONTHS.span("scenario_after", 1)) * annuity(SENIOR["refinance_rate"] + cell("shock"), SENIOR["tail"])
    taken = either(SWEEPS, carried >= balloon - rounding)
    return (
        Row("scenario_refinanced", "A refinancing would carry", when(SENIOR["tail"] > 0, largest(able, 0), 0.0)),
        Row("balloon", "Balloon at maturity", pick(MONTHS.span("senior_schedule"), MATURITY + 1)),
        Row("rounding", "An amount below this is rounding", largest(SENIOR["balance"], 1) / 1e12, "factor"),
        Row("refinanced_share", "Share of the balloon the market takes",
            when(taken, 1.0, carried / largest(balloon, rounding)), "share"),
    )  # fmt: skip


def _reserve_target() -> Expr:
    """The next months of senior service, none from maturity."""
    until = least(MONTH + cell("dsra_months"), MATURITY)
    return largest(pick(MONTHS.span("service_so_far"), until + 1) - MONTHS("service_so_far"), 0)


def _duration_value() -> Expr:
    owed = when(same(MONTH, MATURITY), SENIOR.opening("schedule") * (1 + SENIOR["rate"]), SENIOR.column("service"))
    return when(MONTH <= MATURITY, owed * (1 + SENIOR["rate"]) ** (-MONTH), 0.0)


_DUE = when(MONTH <= MATURITY, SENIOR.column("service"), 0.0)
_LATE = both(MONTH > MATURITY, MONTH <= LAST)

DEBT = (
    Section("Terms of the structure", _terms()),
    SENIOR.section(),
    MEZZ.section(),
    Section("Total return swap", _hedge()),
    Section("Refinancing in the scenario", _refinancing()),
)
MONTH_ROWS = (
    *SENIOR.columns(),
    *MEZZ.columns(),
    Row("duration_value", "Senior: value of service at coupon", _duration_value(), group="Duration"),
    Row("service_so_far", "Senior: service so far", MONTHS.before("service_so_far") + _DUE, opening=expr(0.0),
        group="Reserve"),
    Row("dsra_target", "DSRA target", _reserve_target(), opening=_reserve_target()),
    Row("scenario_after", "CFADS after maturity over DSCR, scenario",
        when(_LATE, MONTHS("cfads") / cell("senior_dscr"), NO_LIMIT), group="Refinancing"),
)  # fmt: skip
