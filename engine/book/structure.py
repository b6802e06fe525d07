"""Both tranches, the swaps, the reserve and the refinancing of a structure, from its levers. Sections 5 and 6."""

from __future__ import annotations

from engine.book.algebra import (
    NO_LIMIT,
    Column,
    Expr,
    both,
    cell,
    either,
    expr,
    is_blank,
    largest,
    least,
    pick,
    same,
    total,
    total_product,
    when,
)
from engine.book.debt import ALWAYS, FLAGS, MONTH, SLACK, Cap, Tranche, after_maturity, late_capacity, with_relet
from engine.book.inputs import ard_names, lock_up_names
from engine.book.rows import Row, Section
from engine.debt.kinds import BY_COST, BY_GAP, BY_GEARING, BY_TOTAL_ADVANCE

MONTHS = Column("months")
SWEEPS, WRAP_RATE, SPREAD = cell("sweeps"), cell("wrap_rate"), cell("refinance_spread")
STEP_UP = cell("step_up_bps") / 10000 / 12
COST, HEADROOM, GEARING = cell("internal_cost"), cell("over_raise_ratio"), cell("gearing_limit")
ADVANCE = cell("max_total_advance_ratio") * largest(cell("agency_value"), 0)
WAITS = same(cell("senior_amortisation"), "interest_only")
BALLOONS = cell("senior_balloon_share") > 0


def _gearing_cap(code: str, uses: Expr, brought: Expr) -> Expr:
    """The balance with which all debt is at the gearing limit; each unit adds its own costs to the uses."""
    unit, spent = cell(f"{code}_proceeds_unit"), cell(f"{code}_spent_unit")
    taken = unit - GEARING * spent
    on_uses = when(taken > 0, (GEARING * uses - brought) / taken, NO_LIMIT)
    return when(same(cell("gearing_basis"), "uses"), on_uses, (GEARING * cell("market_cost") - brought) / unit)


def _senior() -> Tranche:
    coupon = cell("senior_coupon_rate") / 12
    reserve = when(
        cell("senior_sized") > 0, total(MONTHS.span("senior_reserve", 1)) / largest(cell("senior_sized"), 1e-9), 0.0
    )
    lifted = when(is_blank(HEADROOM), 1.0, 1 + HEADROOM)
    uses = COST + cell("structuring_fee_fixed_amount") - cell("escrow_income")
    return Tranche(
        code="senior",
        label="Senior",
        kind=cell("senior_amortisation"),
        rate=coupon,
        all_in_rate=cell("senior_rate") + WRAP_RATE,
        later_rate=cell("senior_rate") + when(SWEEPS, STEP_UP, SPREAD),
        refinance_rate=cell("senior_all_in") + SPREAD,
        maturity=12 * cell("senior_tenor_years"),
        held=cell("grace_months"),
        sweeps=SWEEPS,
        capacity=MONTHS("base_underwritten") / cell("senior_dscr"),
        exists=ALWAYS,
        alone=after_maturity("senior", cell("senior_refinance_rate"), cell("senior_tail")),
        refinanced=with_relet("senior", cell("senior_refinance_rate"), cell("senior_maturity"), cell("senior_alone")),
        by_refinancing=BALLOONS,
        spent=reserve + cell("trs_share") * cell("trs_haircut_ratio"),
        caps=(
            Cap("cost", "internal cost", BY_COST, lifted * COST / cell("senior_proceeds_unit")),
            Cap("gearing", "gearing", BY_GEARING, _gearing_cap("senior", uses, expr(0.0))),
            Cap("advance", "total advance", BY_TOTAL_ADVANCE, ADVANCE),
        ),
    )


def _mezz(senior: Tranche) -> Tranche:
    """Sized on what CFADS over the total DSCR leaves after senior service.

    Behind a senior with a balloon it takes the senior's form to the same date, both within what is refinanced then.
    """
    years, brought = cell("mezz_tenor_years"), senior["proceeds"]
    sized, dscr = same(cell("mezzanine"), "sized"), cell("mezz_dscr")
    dearer = cell("mezz_coupon_rate") > cell("senior_coupon_rate") * (1 + SLACK)
    behind = both(dscr < cell("senior_dscr") * (1 - SLACK), dearer)
    room, alone = (
        senior[name] * cell("senior_dscr") / dscr - senior["balance"] * senior["balloon_share"]
        for name in ("refinanced", "alone")
    )
    rate, maturity = cell("mezz_refinance_rate"), cell("mezz_maturity")
    fees = cell("structuring_fee_fixed_amount") + cell("structuring_fee_rate") * brought
    uses = COST + fees + cell("initial_dsra") + cell("trs_margin") + senior["prefunded"] - cell("escrow_income")
    unit, share = cell("mezz_proceeds_unit"), cell("max_mezz_share_of_gap")
    return Tranche(
        code="mezz",
        label="Mezzanine",
        kind=when(BALLOONS, cell("senior_amortisation"), cell("mezz_amortisation")),
        rate=cell("mezz_coupon_rate") / 12,
        all_in_rate=cell("mezz_rate"),
        later_rate=cell("mezz_rate") + when(cell("mezz_sweeps"), STEP_UP, SPREAD),
        refinance_rate=cell("mezz_later_rate"),
        maturity=when(either(BALLOONS, is_blank(years)), senior["maturity"], least(12 * years, senior["maturity"])),
        held=0.0,
        sweeps=cell("mezz_sweeps"),
        capacity=MONTHS("base_underwritten") / dscr - senior.column("service"),
        exists=both(sized, behind),
        alone=when(BALLOONS, alone, after_maturity("mezz", rate, cell("mezz_tail"))),
        refinanced=when(BALLOONS, room, with_relet("mezz", rate, maturity, cell("mezz_alone"))),
        by_refinancing=BALLOONS,
        spent=expr(0.0),
        caps=(
            Cap("gearing", "gearing", BY_GEARING, _gearing_cap("mezz", uses, brought)),
            Cap("gap", "share of what senior leaves", BY_GAP,
                when(share < 1, share * largest(COST - brought, 0) / unit, NO_LIMIT)),
            Cap("advance", "total advance", BY_TOTAL_ADVANCE, ADVANCE - senior["balance"]),
        ),
        # What a senior at its cap leaves to the last digit is no tranche.
        dust=senior["balance"] * SLACK,
    )  # fmt: skip


SENIOR = _senior()
MEZZ = _mezz(SENIOR)
MATURITY = SENIOR["maturity"]
BALLOON_SWEPT = both(BALLOONS, SWEEPS)
SWEPT_EARLY = cell("swept_early_share")
SCENARIO_RATE = SENIOR["refinance_rate"] + cell("shock")


def _terms() -> tuple[Row, ...]:
    wraps = either(same(cell("wrap"), "senior"), both(is_blank(cell("wrap")), same(cell("project_wrap"), "senior")))
    carry = cell("senior_coupon_rate") - cell("trs_financing_rate") - cell("trs_spread_bps") / 10000
    return (
        Row("wrap_rate", "Wrap premium a month", when(wraps, cell("insurance_premium_bps") / 10000 / 12, 0.0), "factor"),
        Row("refinance_spread", "Refinance spread a month", cell("refinance_spread_bps") / 10000 / 12, "factor"),
        Row("sweeps", "The balloon is swept", same(cell("balloon_mode"), "sweep"), ""),
        Row("mezz_sweeps", "The mezzanine is swept behind it", BALLOON_SWEPT, ""),
        Row("swept_early_share", "Share of the residual that repays senior early",
            when(same(cell("senior_amortisation"), "cash_sweep"), cell("sweep_ratio"), 0.0), "share"),
        Row("trs_carry", "TRS carry a month on the senior balance", cell("trs_share") * carry / 12, "factor"),
        Row("gearing_limit", "Gearing allowed",
            when(is_blank(HEADROOM), cell("max_gearing_ratio"), 1 + HEADROOM), "share"),
    )  # fmt: skip


def trap_names(steps: int) -> tuple[tuple[str, str], ...]:
    """The figures of each step of the structure's own cash trap: its threshold, and the share trapped below it."""
    return tuple((f"trap_level_{n}", f"trap_share_{n}") for n in range(1, steps + 1))


def _trap(steps: int) -> tuple[Row, ...]:
    """The steps and window of the cash trap: an interest-only note has its own."""
    rows = []
    for (level, share), lock_up, ard in zip(trap_names(steps), lock_up_names(steps), ard_names(steps), strict=True):
        rows.append(Row(level, "Threshold", when(WAITS, cell(ard[0]), cell(lock_up[0])), "times"))
        rows.append(Row(share, "Share trapped below it", when(WAITS, cell(ard[1]), cell(lock_up[1])), "share"))
    window = when(WAITS, cell("ard_trap_window_months"), cell("lock_up_window_months"))
    return (*rows, Row("trap_window", "Months of the test", window, "months"))


def _hedge() -> tuple[Row, ...]:
    """The swap's margin, and what a shift of rates costs at its maturity: duration x shift on its notional."""
    value, notional = MONTHS.span("duration_value", 1), cell("trs_share") * SENIOR["balance"]
    weighted = total_product(value, MONTHS.span("month", 1)) / largest(total(value), 1e-9)
    loss = notional * cell("senior_duration") * cell("shift_bps") / 10000
    return (
        Row("senior_duration", "Modified duration of the senior notes", weighted / 12 / (1 + SENIOR["rate"]), "years"),
        Row("trs_margin", "Margin posted", notional * cell("trs_haircut_ratio")),
        Row("trs_loss", "Loss settled at maturity", loss),
    )


def _refinancing() -> tuple[Row, ...]:
    """What of the balloon the market takes in the scenario: all of it where it is left to a sweep."""
    carried, balloon, rounding = cell("scenario_refinanced"), cell("balloon"), cell("rounding")
    alone = after_maturity("scenario", SCENARIO_RATE, SENIOR["tail"])
    taken = either(SWEEPS, carried >= balloon - rounding)
    return (
        Row("scenario_alone", "The lease alone would carry refinanced", alone),
        Row("scenario_refinanced", "A refinancing would carry",
            with_relet("scenario", SCENARIO_RATE, MATURITY, cell("scenario_alone"))),
        Row("balloon", "Balloon at maturity", pick(MONTHS.span("senior_schedule"), MATURITY + 1)),
        Row("rounding", "An amount below this is rounding", largest(SENIOR["balance"], 1) / 1e12, "factor"),
        Row("refinanced_share", "Share of the balloon the market takes",
            when(taken, 1.0, carried / largest(balloon, rounding)), "share"),
    )  # fmt: skip


def _reserve_target() -> Expr:
    """The next months of senior service with its premium, none from maturity."""
    until = least(MONTH + cell("dsra_months"), MATURITY)
    return largest(pick(MONTHS.span("service_so_far"), until + 1) - MONTHS("service_so_far"), 0)


def _reserve_carried() -> Expr:
    """Service in the reserve at close, of the balance before the caps."""
    opening = SENIOR.opening("carried")
    service = opening * (1 + SENIOR["all_in"]) - SENIOR.column("carried")
    return when(least(cell("dsra_months"), MATURITY) >= MONTH, service, 0.0)


def _duration_value() -> Expr:
    owed = SENIOR.opening("schedule") * (1 + SENIOR["rate"])
    paid = owed - when(SENIOR.is_on("matures"), 0.0, SENIOR.column("schedule"))
    return when(SENIOR.is_on("in_term"), paid * (1 + SENIOR["rate"]) ** (-MONTH), 0.0)


_DUE = when(SENIOR.is_on("in_term"), SENIOR.column("service"), 0.0)


def debt(steps: int) -> tuple[Section, ...]:
    """The figures of the structure, a cash trap of so many steps."""
    return (
        Section("Terms of the structure", _terms()),
        SENIOR.section(),
        MEZZ.section(),
        Section("Cash trap", _trap(steps)),
        Section("Total return swap", _hedge()),
        Section("Refinancing in the scenario", _refinancing()),
    )


MONTH_ROWS = (
    *FLAGS,
    *SENIOR.columns(),
    *MEZZ.columns(),
    Row("duration_value", "Senior: value of service at coupon", _duration_value(), group="Duration"),
    Row("senior_reserve", "Senior: service carried in the first reserve", _reserve_carried(), group="Reserve"),
    Row("service_due", "Senior: service to maturity", _DUE),
    Row("service_so_far", "Senior: service so far", MONTHS.so_far("service_due"), opening=expr(0.0)),
    Row("dsra_target", "DSRA target", _reserve_target(), opening=_reserve_target()),
    *late_capacity("scenario", "Cash over DSCR, scenario,", MONTHS("underwritten") / cell("senior_dscr"), SCENARIO_RATE,
                   MATURITY, "Refinancing"),
)  # fmt: skip
