"""What the structure comes to: cover by year, sources and uses, returns, average life, and the checks on all of it."""

from __future__ import annotations

from engine.book.algebra import (
    NO_LIMIT,
    PERIOD,
    Column,
    Expr,
    average,
    both,
    cell,
    either,
    expr,
    internal_rate,
    is_missing,
    largest,
    least,
    lowest,
    missing,
    or_missing,
    pick,
    same,
    total,
    total_product,
    when,
)
from engine.book.construction import BUILDING
from engine.book.debt import LAST, MONTH, Tranche
from engine.book.rows import Row, Section
from engine.book.structure import MATURITY, MEZZ, SENIOR, SWEEPS, WRAP_RATE

NOT_COMPUTED = "none"
# Relative to the senior debt: what a spreadsheet's sums may lose.
TOLERANCE = 1e-9
MONTHS, YEARS, FLOWS = Column("months"), Column("years"), Column("flows")
ROUNDING, BUILT, RAISED = cell("rounding"), cell("project_months"), cell("debt_raised")
_WITHIN = MONTH <= MATURITY
_RATE = SENIOR["rate"] + WRAP_RATE + cell("passed_on")
_AFTER = when(_WITHIN, MONTHS("cover_cash"), MONTHS("cfads") + MONTHS("swap"))


def _to_maturity(name: str, label: str, amount: Expr, group: str = "") -> Row:
    return Row(name, label, when(_WITHIN, amount, 0.0), group=group)


def held_until(tranche: Tranche) -> Expr:
    """Month in which the holder is out: maturity, or lease end if a balloon is swept or something is still unpaid."""
    if tranche is SENIOR:
        unpaid = pick(MONTHS.span("senior_unpaid", 1), MATURITY)
        swept = both(SWEEPS, tranche.is_kind("interest_only"))
        late = either(swept, unpaid > tranche["balance"] * TOLERANCE)
    else:
        at = tranche["maturity"] + 1
        behind = pick(MONTHS.span("mezz_balance"), at) - pick(MONTHS.span("mezz_schedule"), at)
        late = pick(MONTHS.span("mezz_deferred"), at) + behind > tranche["balance"] * TOLERANCE
    return when(late, LAST, tranche["maturity"])


def _repaid(tranche: Tranche, group: str = "") -> Row:
    fall = tranche.opening("balance") - tranche.column("balance")
    weighted = when(held_until(tranche) >= MONTH, fall * MONTH, 0.0)
    return Row(f"{tranche.code}_repaid", f"{tranche.label}: repaid x month", weighted, group=group)


def _average_life(tranche: Tranche) -> Expr:
    """Years from close to each repayment, weighted by it; what a refinancing takes over counts at maturity."""
    until = held_until(tranche)
    standing = pick(MONTHS.span(f"{tranche.code}_balance"), until + 1)
    weighted = total(MONTHS.span(f"{tranche.code}_repaid", 1)) + standing * until
    years = (BUILT + weighted / largest(tranche["balance"], 1e-9)) / 12
    return when(tranche["balance"] > 0, years, missing(NOT_COMPUTED))


MONTH_ROWS = (
    _to_maturity("cover_cash", "Cash to maturity", MONTHS("test_cash"), "Cover"),
    _to_maturity("cover_service", "Service to maturity", MONTHS("test_service")),
    _to_maturity("cover_interest", "Interest to maturity", SENIOR.opening("schedule") * _RATE),
    Row("cash_value", "Value of cash to lease end", _AFTER * (1 + _RATE) ** (-MONTH)),
    Row("to_maturity", "To maturity", when(_WITHIN, 1.0, 0.0), "count"),
    _repaid(SENIOR, "Average life"),
    _repaid(MEZZ),
)


def _cover(of: str) -> Expr:
    return when(YEARS(of) > ROUNDING, YEARS("cash") / YEARS(of), missing())


YEAR_ROWS = (
    Row("cash", "Cash for senior service", MONTHS.of_year("cover_cash"), group="Cover to senior maturity"),
    Row("service", "Senior service", MONTHS.of_year("cover_service")),
    Row("interest", "Senior interest and premium", MONTHS.of_year("cover_interest")),
    Row("dscr", "DSCR", _cover("service"), "times", without=""),
    Row("icr", "ICR", _cover("interest"), "times", without=""),
    Row("equity", "Equity distributions", MONTHS.of_year("equity"), group="Cash"),
    Row("senior_balance", "Senior balance, year end", MONTHS.at_year_end("senior_balance")),
    Row("mezz_balance", "Mezzanine balance, year end", MONTHS.at_year_end("mezz_balance")),
)
_OWED = largest(SENIOR["balance"], ROUNDING)
COVER = (
    Section("In the scenario; base case where none is entered", (
        Row("dscr_minimum", "DSCR, minimum", lowest(YEARS.span("dscr")), "times"),
        Row("dscr_average", "DSCR, average", average(YEARS.span("dscr")), "times"),
        Row("icr_minimum", "ICR", lowest(YEARS.span("icr")), "times"),
        Row("llcr", "LLCR", total_product(MONTHS.span("cash_value", 1), MONTHS.span("to_maturity", 1)) / _OWED, "times"),
        Row("plcr", "PLCR", total(MONTHS.span("cash_value", 1)) / _OWED, "times"),
        Row("agency_ltv", "LTV, agency value", SENIOR["balance"] / cell("agency_value"), "share"),
        Row("appraisal_ltv", "LTV, appraisal", SENIOR["balance"] / cell("value"), "share"),
        Row("cost_ltv", "LTV, market cost", SENIOR["balance"] / cell("market_cost"), "share"),
    )),
)  # fmt: skip


def _contribution() -> Expr:
    position = least(largest(FLOWS("month"), 1), BUILDING.last("month"))
    return when(both(FLOWS("month") > 0, FLOWS("month") <= BUILT), pick(BUILDING.span("uncovered", 1), position), 0.0)


def _distribution() -> Expr:
    # A spreadsheet reads position 0 as the whole column, and past the end as an error.
    position = least(largest(FLOWS("month") - BUILT, 1), MONTHS.last("month"))
    operates = both(FLOWS("month") > BUILT, FLOWS("month") <= BUILT + LAST)
    return when(operates, pick(MONTHS.span("equity", 1), position), 0.0)


def _worth(rate: str) -> Expr:
    return FLOWS("net") * (1 + cell(rate)) ** (-FLOWS("month") / 12)


EQUITY = cell("sponsor_equity")
# Equity flows by month from financial close; the sponsor pays construction interest that no tranche covers.
FLOW_ROWS = (
    Row("month", "Month from close", PERIOD, "months", group="Equity"),
    Row("contribution", "Construction interest paid", _contribution()),
    Row("distribution", "Distribution", _distribution()),
    Row("net", "Net, after close", FLOWS("distribution") - FLOWS("contribution")),
    Row("value", "Value at the equity target", _worth("equity_irr_rate")),
    Row("npv", "Value at the discount rate", _worth("discount_rate")),
    Row("sponsor", "Sponsor's flow", FLOWS("net"), opening=FLOWS("net") - EQUITY),
    Row("so_far", "So far", FLOWS("sponsor") + FLOWS.before("so_far"), opening=FLOWS("sponsor")),
    Row("repaid", "Month of payback",
        when(both(FLOWS("month") > BUILT, FLOWS("so_far") >= 0), FLOWS("month"), NO_LIMIT), "months"),
)  # fmt: skip


def _wacc() -> Expr:
    costs = [((1 + tranche["rate"]) ** 12 - 1) * tranche["proceeds"] for tranche in (SENIOR, MEZZ)]
    held = largest(cell("equity_proceeds"), 0)
    return (costs[0] + costs[1] + cell("equity_irr_rate") * held) / largest(RAISED + held, 1)


def _sponsor() -> tuple[Row, ...]:
    """Returns of a sponsor who pays the equity at close and holds to lease end; none where debt pays for all."""
    none, invests = missing(NOT_COMPUTED), EQUITY > 0
    rate = or_missing((1 + internal_rate(FLOWS.span("sponsor"))) ** 12 - 1, NOT_COMPUTED)
    payback = lowest(FLOWS.span("repaid"))
    multiple = total(FLOWS.span("distribution")) / largest(total(FLOWS.span("contribution")) + EQUITY, 1)
    return (
        Row("sponsor_irr", "Equity IRR", when(invests, rate, none), "rate", without=NOT_COMPUTED),
        Row(
            "payback",
            "Payback from close",
            when(both(invests, payback < NO_LIMIT), payback, none),
            "months",
            without=NOT_COMPUTED,
        ),
        Row("multiple", "Equity multiple", when(invests, multiple, none), "times", without=NOT_COMPUTED),
    )


_FEES = cell("structuring_fee_fixed_amount") + cell("structuring_fee_rate") * (SENIOR["proceeds"] + MEZZ["proceeds"])
_USED = cell("internal_cost") + cell("structuring_fees") + cell("initial_dsra") + cell("prefunded_interest")
_COVERAGE = (RAISED - cell("structuring_fees") - cell("prefunded_interest")) / cell("internal_cost")
RETURNS = (
    Section("Uses at close", (
        Row("structuring_fees", "Structuring fees", _FEES),
        Row("initial_dsra", "Initial DSRA", pick(MONTHS.span("dsra_target"), expr(1.0))),
        Row("prefunded_interest", "Pre-funded interest", SENIOR["prefunded"] + MEZZ["prefunded"]),
        Row("uses", "Uses, cost included", _USED + cell("trs_margin")),
    )),
    Section("Sources at close", (
        Row("debt_raised", "Senior and mezzanine at close", SENIOR["proceeds"] + MEZZ["proceeds"]),
        Row("escrow_income", "Escrow income", cell("escrow_rate") / 12 * total(BUILDING.span("waiting", 1))),
        Row("sponsor_equity", "Sponsor equity", cell("uses") - cell("escrow_income") - RAISED, note="Below nil: debt alone pays for all uses."),
    )),
    Section("Value at the equity target", (
        Row("equity_proceeds", "Equity proceeds", total(FLOWS.span("value", 1))),
        Row("day_one_value", "Day-one value", cell("equity_proceeds") - EQUITY),
    )),
    Section("Sponsor", (
        Row("sponsor_npv", "Equity NPV", total(FLOWS.span("npv", 1)) - EQUITY),
        Row("coverage", "Capex coverage", _COVERAGE, "share"),
        Row("wacc", "WACC", _wacc(), "rate"),
        *_sponsor(),
        Row("senior_wal", "Senior WAL", _average_life(SENIOR), "years", without=NOT_COMPUTED),
        Row("mezz_wal", "Mezzanine WAL", _average_life(MEZZ), "years", without=NOT_COMPUTED),
    )),
)  # fmt: skip

# The run's result columns, by the figure of the book that gives them.
FIGURES = {
    "senior_amount": "senior_balance", "senior_proceeds_amount": "senior_proceeds", "mezz_amount": "mezz_balance",
    "mezz_proceeds_amount": "mezz_proceeds", "coverage_ratio": "coverage", "agency_ltv_ratio": "agency_ltv",
    "appraisal_ltv_ratio": "appraisal_ltv", "cost_ltv_ratio": "cost_ltv", "dscr_minimum": "dscr_minimum",
    "dscr_average": "dscr_average", "llcr": "llcr", "plcr": "plcr", "icr": "icr_minimum",
    "structuring_fee_amount": "structuring_fees", "dsra_initial_amount": "initial_dsra",
    "prefunded_interest_amount": "prefunded_interest", "trs_margin_amount": "trs_margin",
    "sponsor_equity_amount": "sponsor_equity", "equity_proceeds_amount": "equity_proceeds",
    "day_one_value": "day_one_value", "sponsor_npv_amount": "sponsor_npv", "wacc_rate": "wacc",
    "sponsor_irr_rate": "sponsor_irr", "sponsor_payback_months": "payback", "sponsor_multiple": "multiple",
    "senior_wal_years": "senior_wal", "mezz_wal_years": "mezz_wal",
}  # fmt: skip
_IN = ("income", "hedge_received", "margin_returned")
_OUT = ("opex", "hedge_paid", "wrap_premium", "interest_paid", "principal_paid", "interest_drawn", "principal_drawn",
        "margin_call", "mezz_interest", "mezz_principal", "swept", "equity")  # fmt: skip


def _checked(name: str, label: str, holds: Expr) -> Row:
    return Row(name, label, when(holds, "OK", "CHECK"), "")


def _checks() -> tuple[Row, ...]:
    paid_in = total(*(MONTHS.span(name, 1) for name in _IN)) + cell("initial_dsra")
    kept = MONTHS.last("dsra_balance") + MONTHS.last("trap_balance")
    paid_out = total(*(MONTHS.span(name, 1) for name in _OUT)) + kept
    lost, scale = largest(paid_in - paid_out, paid_out - paid_in), largest(SENIOR["balance"], 1) * TOLERANCE * 1000
    repaid = pick(MONTHS.span("senior_balance"), least(LAST, MONTHS.last("month")) + 1) <= scale
    return (
        _checked("check_cash", "Cash paid in is paid out or kept", lost <= largest(paid_in, 1) * TOLERANCE),
        _checked("check_senior", "Senior is never below nil", lowest(MONTHS.span("senior_balance")) >= -scale),
        _checked("check_mezz", "Mezzanine is never below nil", lowest(MONTHS.span("mezz_balance")) >= -scale),
        _checked("check_equity", "Equity never pays in during operation", lowest(MONTHS.span("equity", 1)) >= -scale),
        _checked("check_repaid", "Senior is repaid by lease end", repaid),
        _checked("check_tenor", "Senior matures within the lease", MATURITY <= LAST),
        _checked("check_lease", "The lease ends within the months written", MONTHS.last("month") >= LAST),
    )


def _failed() -> Row:
    first, *others = (when(same(cell(row.name), "OK"), 0.0, 1.0) for row in _checks())
    return Row("checks_failed", "Checks that fail", total(first, *others), "count")


CHECKS = (Section("Of the model: OK, or what is wrong", (*_checks(), _failed())),)


def against(run: dict[str, tuple[str, float]]) -> Section:
    """The difference of each figure to the run's own, given by result column with its label."""
    rows = []
    for name, (label, value) in run.items():
        model = cell(FIGURES[name])
        difference = when(is_missing(model, NOT_COMPUTED), 0.0, model - value)
        rows.append(Row(f"off_{name}", f"{label}: model less run", difference, "factor"))
    return Section("Against the run: nil as issued, and until an input is changed", tuple(rows))
