"""What the structure comes to: cover by year, sources and uses, returns, average life, and the checks on all of it."""

from __future__ import annotations

from engine.book import default
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
from engine.book.debt import LAST, LEASE_END, MONTH, SLACK, Tranche
from engine.book.rows import NOT_COMPUTED, Row, Section
from engine.book.structure import BALLOON_SWEPT, MATURITY, MEZZ, SENIOR, SWEPT_EARLY, WRAP_RATE
from engine.book.waterfall import CARRY, MEZZ_RATE

# Relative to the senior debt: what a spreadsheet's sums may lose.
TOLERANCE = 1e-9
MONTHS, YEARS, FLOWS = Column("months"), Column("years"), Column("flows")
ROUNDING, BUILT, RAISED = cell("rounding"), cell("project_months"), cell("debt_raised")
_WITHIN = SENIOR.is_on("in_term")
_RATE = SENIOR["rate"] + WRAP_RATE + cell("passed_on")
# A note swept from its anticipated repayment date, as equity is valued before any reserve or lock-up.
_SWEPT = both(BALLOON_SWEPT, same(_WITHIN, False))


def held_until(tranche: Tranche) -> Expr:
    """Month in which the holder is out: maturity, or lease end if a balloon is swept or something is still unpaid."""
    if tranche is SENIOR:
        unpaid = pick(MONTHS.span("senior_unpaid", 1), MATURITY)
        late = either(BALLOON_SWEPT, unpaid > tranche["balance"] * TOLERANCE)
    else:
        at = tranche["maturity"] + 1
        behind = pick(MONTHS.span("mezz_balance"), at) - pick(MONTHS.span("mezz_schedule"), at)
        owed = pick(MONTHS.span("mezz_deferred"), at) + behind
        late = either(cell("mezz_sweeps"), owed > tranche["balance"] * TOLERANCE)
    return when(late, LAST, tranche["maturity"])


def _repaid(tranche: Tranche, group: str = "") -> Row:
    fall = tranche.opening("balance") - tranche.column("balance")
    weighted = when(tranche["held_until"] >= MONTH, fall * MONTH, 0.0)
    return Row(f"{tranche.code}_repaid", f"{tranche.label}: repaid x month", weighted, group=group)


def _average_life(tranche: Tranche) -> Expr:
    """Years from close to each repayment, weighted by it; what a refinancing takes over counts at maturity."""
    until = tranche["held_until"]
    standing = pick(MONTHS.span(f"{tranche.code}_balance"), until + 1)
    weighted = total(MONTHS.span(f"{tranche.code}_repaid", 1)) + standing * until
    years = (BUILT + weighted / largest(tranche["balance"], 1e-9)) / 12
    return when(tranche["balance"] > 0, years, missing(NOT_COMPUTED))


def _owed(tranche: Tranche) -> Row:
    standing = when(tranche.is_on("in_term"), tranche.opening("schedule"), 0.0)
    return Row(f"{tranche.code}_owed", f"{tranche.label}: scheduled to be owed", standing)


def _cover_months() -> tuple[Row, ...]:
    """Cash and service to maturity; only months in which something is due count towards a year's cover."""
    flow, opening = MONTHS("cover_flow"), SENIOR.opening("schedule")
    service = opening * (1 + _RATE) - SENIOR.column("schedule")
    total_service = service + MEZZ.opening("schedule") * (1 + MEZZ_RATE) - MEZZ.column("schedule")
    due, all_due = MONTHS("cover_service"), MONTHS("total_service")
    notional = SENIOR["notional"] + when(SENIOR["notional"] > 0, MEZZ["notional"], 0.0)
    short = both(_WITHIN, flow < due * (1 - 1e-12))
    return (
        Row("cover_flow", "Cash underwritten, after swaps", MONTHS("underwritten") + MONTHS("swap") + opening * CARRY,
            group="Cover"),
        Row("cover_service", "Service to maturity", when(_WITHIN, service, 0.0)),
        Row("cover_cash", "Cash while service is due", when(due > 0, flow, 0.0)),
        Row("cover_interest", "Interest to maturity", when(_WITHIN, opening * _RATE, 0.0)),
        Row("cover_notional", "Notional service", when(due > 0, SENIOR["notional"], 0.0)),
        Row("breach", "Month with less cash than service", when(short, MONTH, NO_LIMIT), "months"),
        Row("cash_value", "Value of cash to lease end", flow * (1 + _RATE) ** (-MONTH)),
        Row("to_maturity", "To maturity", when(_WITHIN, 1.0, 0.0), "count"),
        Row("total_service", "Service of all debt", when(_WITHIN, total_service, 0.0)),
        Row("total_cash", "Cash while any is due", when(all_due > 0, flow, 0.0)),
        Row("total_notional", "Notional service of all debt", when(all_due > 0, notional, 0.0)),
    )  # fmt: skip


def _residual_months() -> tuple[Row, ...]:
    """What base CFADS leaves after scheduled service of both: no reserve, no lock-up, swept early or after an ARD.

    After an ARD cash pays interest of both, then sweeps senior, then mezzanine.
    """
    later, mezz_later = SENIOR["later_rate"] + WRAP_RATE, MEZZ["later_rate"]
    rate = when(_WITHIN, SENIOR["all_in"], later)
    mezz_rate = when(MEZZ.is_on("in_term"), MEZZ["rate"], mezz_later)
    cash, owed, mezz_owed = largest(MONTHS("base_cfads"), 0), MONTHS.before("ard_owed"), MONTHS.before("ard_mezz_owed")
    interest, mezz_interest = MONTHS("ard_interest"), MONTHS("ard_mezz_interest")
    swept, mezz_swept = MONTHS("ard_swept"), MONTHS("ard_mezz_swept")

    ahead, mezz_service = (
        MONTHS.before("early_ahead"),
        MEZZ.opening("schedule") * (1 + mezz_rate) - MEZZ.column("schedule"),
    )
    scheduled = largest(SENIOR.column("schedule") - ahead, 0)
    standing = largest(SENIOR.opening("schedule") - ahead, 0)
    spare = MONTHS("base_cfads") - (standing * (1 + SENIOR["all_in"]) - scheduled) - mezz_service
    early = least(SWEPT_EARLY * largest(spare, 0), scheduled)

    def due(balance: Expr, growth: Expr, deferred: str) -> Expr:
        return when(_SWEPT, balance * growth + MONTHS.before(deferred) * (1 + growth), 0.0)

    def left(balance: Expr, repaid: Expr, scheduled: Expr) -> Expr:
        return when(_SWEPT, balance - repaid, scheduled)

    served = owed * (1 + rate) - MONTHS("ard_owed") + mezz_owed * (1 + mezz_rate) - MONTHS("ard_mezz_owed")
    paid = when(_SWEPT, interest + mezz_interest + swept + mezz_swept, served)
    worth = MONTHS("residual") * (1 + cell("equity_irr_rate")) ** (-(BUILT + MONTH) / 12)
    return (
        Row("ard_due", "Senior interest due after the ARD", due(owed, later, "ard_deferred"), group="Equity value"),
        Row("ard_interest", "Senior interest paid after it", least(cash, MONTHS("ard_due"))),
        Row("ard_deferred", "Senior interest deferred after it", MONTHS("ard_due") - interest, opening=expr(0.0)),
        Row("ard_mezz_due", "Mezzanine interest due after it", due(mezz_owed, mezz_later, "ard_mezz_deferred")),
        Row("ard_mezz_interest", "Mezzanine interest paid after it", least(cash - interest, MONTHS("ard_mezz_due"))),
        Row("ard_mezz_deferred", "Mezzanine interest deferred after it", MONTHS("ard_mezz_due") - mezz_interest,
            opening=expr(0.0)),
        Row("ard_swept", "Swept to senior, before trap and reserve",
            when(_SWEPT, least(cash - interest - mezz_interest, owed), 0.0)),
        Row("early_paid", "Senior swept early", when(SENIOR.is_on("is_before"), early, 0.0)),
        Row("early_ahead", "Senior swept early so far", ahead + MONTHS("early_paid"), opening=expr(0.0)),
        Row("ard_owed", "Senior owed", left(owed, swept, largest(SENIOR.column("schedule") - MONTHS("early_ahead"), 0)),
            opening=SENIOR["balance"]),
        Row("ard_mezz_swept", "Swept to mezzanine, before trap and reserve",
            when(_SWEPT, least(cash - interest - mezz_interest - swept, mezz_owed), 0.0)),
        Row("ard_mezz_owed", "Mezzanine owed", left(mezz_owed, mezz_swept, MEZZ.column("schedule")),
            opening=MEZZ["balance"]),
        Row("residual", "Base CFADS less service", MONTHS("base_cfads") - paid),
        Row("residual_value", "Value at the equity target", when(MONTH <= LEASE_END, worth, 0.0)),
        Row("relet_value", "Value of re-letting", when(both(LEASE_END < MONTH, MONTH <= LAST), worth, 0.0)),
    )  # fmt: skip


MONTH_ROWS = (
    *_cover_months(),
    *default.MONTH_ROWS,
    *_residual_months(),
    _repaid(SENIOR, "Average life"),
    _repaid(MEZZ),
    _owed(SENIOR),
    _owed(MEZZ),
)


def _cover(cash: str, service: str) -> Expr:
    return when(YEARS(service) > 0, YEARS(cash) / YEARS(service), missing())


def _read(cash: str, service: str, notional: str) -> Expr:
    """Cover of a year: of an interest-only note the lower of interest's and that of a level payment."""
    cover = YEARS(cash) / YEARS(service)
    read = when(YEARS(notional) > 0, least(cover, YEARS(cash) / YEARS(notional)), cover)
    return when(YEARS(service) > 0, read, missing())


YEAR_ROWS = (
    Row("cash", "Cash for senior service", MONTHS.of_year("cover_cash"), group="Cover to senior maturity"),
    Row("service", "Senior service", MONTHS.of_year("cover_service")),
    Row("interest", "Senior interest and premium", MONTHS.of_year("cover_interest")),
    Row("notional", "Notional senior service", MONTHS.of_year("cover_notional")),
    Row("dscr", "DSCR", _read("cash", "service", "notional"), "times", without=""),
    Row("notional_dscr", "DSCR, notional amortising", _cover("cash", "notional"), "times", without=""),
    Row("icr", "ICR", _cover("cash", "interest"), "times", without=""),
    Row("total_cash", "Cash for all debt", MONTHS.of_year("total_cash")),
    Row("total_service", "Service of all debt", MONTHS.of_year("total_service")),
    Row("total_notional", "Notional service of all debt", MONTHS.of_year("total_notional")),
    Row("total_dscr", "Total DSCR", _read("total_cash", "total_service", "total_notional"), "times", without=""),
    Row("equity", "Equity distributions", MONTHS.of_year("equity"), group="Cash"),
    Row("senior_balance", "Senior balance, year end", MONTHS.at_year_end("senior_balance")),
    Row("mezz_balance", "Mezzanine balance, year end", MONTHS.at_year_end("mezz_balance")),
)
_OWED, _DEBT = largest(SENIOR["balance"], ROUNDING), SENIOR["balance"] + MEZZ["balance"]
_VALUES, _TO_MATURITY = MONTHS.span("cash_value", 1), MONTHS.span("to_maturity", 1)
_NONE = missing(NOT_COMPUTED)
_BREACH = lowest(MONTHS.span("breach", 1))


def _at_ard() -> Expr:
    """Cash after the ARD at that date's value over the balloon."""
    after = total(_VALUES) - total_product(_VALUES, _TO_MATURITY)
    return when(cell("balloon") > 0, after * (1 + _RATE) ** MATURITY / largest(cell("balloon"), ROUNDING), _NONE)


def _survived() -> Expr:
    floor = cell("dscr_minimum") >= cell("scenario_floor") * (1 - TOLERANCE)
    return when(both(floor, same(cell("defaulted"), 0)), "yes", "no")


COVER = (
    Section("In the scenario; base case where none is entered", (
        Row("dscr_minimum", "DSCR, minimum", lowest(YEARS.span("dscr")), "times",
            note="Of an interest-only note the lower of interest cover and the notional amortising DSCR."),
        Row("dscr_average", "DSCR, average", average(YEARS.span("dscr")), "times"),
        Row("notional_minimum", "DSCR, notional amortising",
            when(SENIOR["notional"] > 0, lowest(YEARS.span("notional_dscr")), _NONE), "times", without=NOT_COMPUTED),
        Row("icr_minimum", "ICR", lowest(YEARS.span("icr")), "times"),
        Row("llcr", "LLCR", total_product(_VALUES, _TO_MATURITY) / _OWED, "times"),
        Row("plcr", "PLCR", total(_VALUES) / _OWED, "times"),
        Row("ard_plcr", "PLCR at the ARD", _at_ard(), "times", without=NOT_COMPUTED),
        Row("total_minimum", "Total DSCR, minimum", lowest(YEARS.span("total_dscr")), "times"),
        Row("total_average", "Total DSCR, average", average(YEARS.span("total_dscr")), "times"),
        Row("refinance_cover", "Refinancing cover, base case",
            when(cell("balloon") > 0, SENIOR["refinanced"] / largest(cell("balloon"), ROUNDING), _NONE), "times",
            without=NOT_COMPUTED),
    )),
    Section("Default in the scenario", (
        Row("breach_month", "First month with less cash than service", when(_BREACH < NO_LIMIT, _BREACH, 0.0), "months",
            note="0: none."),
        *default.FIGURES,
        Row("survived", "The scenario is survived", _survived(), "",
            note="Floor held and senior paid in full; the entered scenario has no floor."),
    )),
    Section("Size against value and cost", (
        Row("agency_ltv", "LTV, haircut value", SENIOR["balance"] / cell("agency_value"), "share"),
        Row("appraisal_ltv", "LTV, appraisal", SENIOR["balance"] / cell("value"), "share"),
        Row("cost_ltv", "LTV, market cost", SENIOR["balance"] / cell("market_cost"), "share"),
        Row("total_agency_ltv", "Total LTV, haircut value", _DEBT / cell("agency_value"), "share"),
        Row("total_advance", "Total advance within the limit of the mezzanine's rating",
            when(cell("total_agency_ltv") <= cell("mezz_advance_limit") * (1 + TOLERANCE), "yes", "no"), ""),
        Row("total_appraisal_ltv", "Total LTV, appraisal", _DEBT / cell("value"), "share"),
        Row("loan_to_cost", "Loan to cost, internal", _DEBT / cell("internal_cost"), "share"),
        Row("market_loan_to_cost", "Loan to cost, market", _DEBT / cell("market_cost"), "share"),
        Row("debt_yield", "Debt yield", cell("noi") / largest(_DEBT, ROUNDING), "share"),
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


def _funded() -> Expr:
    """What debt leaves to the sponsor; debt that fills its cap to the last digit leaves no equity, not a rounding of it."""
    left, dust = cell("uses") - RAISED, cell("uses") * TOLERANCE
    return when(both(left <= dust, RAISED - cell("uses") <= dust), 0.0, left)


_FEES = cell("structuring_fee_fixed_amount") + cell("structuring_fee_rate") * (SENIOR["proceeds"] + MEZZ["proceeds"])
_USED = cell("internal_cost") + cell("structuring_fees") + cell("initial_dsra") + cell("prefunded_interest")
_COVERAGE = (RAISED + cell("equity_value")) / cell("uses")
RETURNS = (
    Section("Uses at close", (
        Row("structuring_fees", "Structuring fees", _FEES),
        Row("initial_dsra", "Initial DSRA", pick(MONTHS.span("dsra_target"), expr(1.0))),
        Row("prefunded_interest", "Pre-funded interest", SENIOR["prefunded"] + MEZZ["prefunded"]),
        Row("escrow_income", "Escrow income", cell("escrow_rate") / 12 * total(BUILDING.span("waiting", 1))),
        Row("uses", "Uses, cost included, less escrow income", _USED + cell("trs_margin") - cell("escrow_income")),
    )),
    Section("Sources at close", (
        Row("debt_raised", "Senior and mezzanine at close", SENIOR["proceeds"] + MEZZ["proceeds"]),
        Row("sponsor_equity", "Cash equity", _funded(), note="Below nil: debt alone pays for all uses."),
        Row("equity_ratio", "Equity share of uses", EQUITY / cell("uses"), "share"),
        Row("cash_released", "Cash released", largest(-EQUITY, 0), note="Debt beyond all uses; only with headroom."),
    )),
    Section("Capex coverage", (
        Row("equity_value", "Equity value of base cash after service",
            total(MONTHS.span("residual_value", 1)) + largest(total(MONTHS.span("relet_value", 1)), 0),
            note="At the equity target; no reserve, no lock-up; nobody lets again at a loss."),
        Row("coverage", "Capex coverage", _COVERAGE, "share", note="Senior, mezzanine and equity value over all uses."),
    )),
    Section("Value at the equity target", (
        Row("equity_proceeds", "Equity proceeds", total(FLOWS.span("value", 1))),
        Row("day_one_value", "Day-one value", cell("equity_proceeds") - EQUITY),
    )),
    Section("Sponsor", (
        Row("sponsor_npv", "Equity NPV", total(FLOWS.span("npv", 1)) - EQUITY),
        Row("wacc", "WACC", _wacc(), "rate"),
        *_sponsor(),
        Row("senior_held_until", "Senior is held until", held_until(SENIOR), "months"),
        Row("mezz_held_until", "Mezzanine is held until", held_until(MEZZ), "months"),
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
    "senior_wal_years": "senior_wal", "mezz_wal_years": "mezz_wal", "uses_amount": "uses",
    "equity_ratio": "equity_ratio", "cash_released_amount": "cash_released", "loan_to_cost_ratio": "loan_to_cost",
    "market_loan_to_cost_ratio": "market_loan_to_cost", "total_agency_ltv_ratio": "total_agency_ltv",
    "total_appraisal_ltv_ratio": "total_appraisal_ltv", "total_dscr_minimum": "total_minimum",
    "total_dscr_average": "total_average", "debt_yield_ratio": "debt_yield",
    "notional_dscr_minimum": "notional_minimum", "refinance_cover_ratio": "refinance_cover",
    "sized_by": "senior_sized_by", "mezz_sized_by": "mezz_sized_by",
}  # fmt: skip
# Those of a market set, where the financing has one.
MARKET_FIGURES = {
    "senior_fair_coupon_rate": "senior_fair_coupon", "mezz_fair_coupon_rate": "mezz_fair_coupon",
    "senior_coupon_margin_bps": "senior_coupon_margin",
}  # fmt: skip
_IN = ("income", "hedge_received", "margin_returned")
_OUT = ("opex", "hedge_paid", "wrap_premium", "interest_paid", "principal_paid", "interest_drawn", "principal_drawn",
        "margin_call", "mezz_interest", "mezz_principal", "swept", "mezz_swept", "equity")  # fmt: skip


def _checked(name: str, label: str, holds: Expr) -> Row:
    return Row(name, label, when(holds, "OK", "CHECK"), "")


def _checks() -> tuple[Row, ...]:
    paid_in = total(*(MONTHS.span(name, 1) for name in _IN)) + cell("initial_dsra")
    kept = MONTHS.last("dsra_balance") + MONTHS.last("trap_balance")
    paid_out = total(*(MONTHS.span(name, 1) for name in _OUT)) + kept
    ins, outs = cell("check_in"), cell("check_out")
    lost, scale = largest(ins - outs, outs - ins), largest(SENIOR["balance"], 1) * TOLERANCE * 1000
    repaid = pick(MONTHS.span("senior_balance"), least(LAST, MONTHS.last("month")) + 1) <= scale
    return (
        Row("check_in", "Paid in, the first reserve included", paid_in),
        Row("check_out", "Paid out or kept", paid_out),
        _checked("check_cash", "Cash paid in is paid out or kept", lost <= largest(ins, 1) * TOLERANCE),
        _checked("check_senior", "Senior is never below nil", lowest(MONTHS.span("senior_balance")) >= -scale),
        _checked("check_mezz", "Mezzanine is never below nil", lowest(MONTHS.span("mezz_balance")) >= -scale),
        _checked("check_equity", "Equity never pays in during operation", lowest(MONTHS.span("equity", 1)) >= -scale),
        _checked("check_repaid", "Senior is repaid by the end of the cash", repaid),
        _checked("check_tenor", "Senior matures within the lease", MATURITY <= LEASE_END),
        _checked("check_lease", "The cash ends within the months written", MONTHS.last("month") >= LAST),
    )


def _failed() -> Row:
    first, *others = (when(same(cell(row.name), "OK"), 0.0, 1.0) for row in _checks() if row.unit == "")
    return Row("checks_failed", "Checks that fail", total(first, *others), "count")


def _ever(name: str) -> Expr:
    """Whether a balance of arrears was ever there, beyond rounding."""
    return when(total(MONTHS.span(name, 1)) > ROUNDING, "yes", "no")


def _events() -> tuple[Row, ...]:
    """What befalls lenders in the scenario."""
    drawn = total(MONTHS.span("interest_drawn", 1), MONTHS.span("principal_drawn", 1))
    refinanced = cell("scenario_refinanced") >= cell("balloon") * (1 - SLACK)
    return (
        Row("event_paid", "Senior is paid in full when due", when(same(cell("defaulted"), 0), "yes", "no"), ""),
        Row("event_refinanced", "Balloon could be refinanced in full", when(refinanced, "yes", "no"), ""),
        Row("event_reserve", "Drawn from the DSRA", drawn),
        Row("event_trapped", "Trapped in lock-up", total(MONTHS.span("cash_trapped", 1))),
        Row("event_hedges", "Hedge payments missed", _ever("hedge_arrears"), ""),
        Row("event_deferred", "Mezzanine interest deferred", _ever("mezz_deferred"), ""),
    )


def _gates() -> tuple[Row, ...]:
    """Gate A, as far as it needs no rating: whether each holds."""
    no_mezz, tail = MEZZ["balance"] <= 0, 12 * cell("lease_tail_years")
    held = (
        ("tenor", "Senior matures within the lease less its tail", LEASE_END - tail >= MATURITY),
        ("capacity", "Senior debt above nil", SENIOR["balance"] > 0),
        ("mezz_dscr", "Mezzanine DSCR below senior", either(no_mezz, cell("mezz_dscr") < cell("senior_dscr"))),
        ("mezz_coupon", "Mezzanine coupon above senior", either(no_mezz, cell("mezz_coupon_rate") > cell("senior_coupon_rate"))),
    )  # fmt: skip
    return tuple(Row(f"gate_{name}", label, when(condition, "yes", "no"), "") for name, label, condition in held)


EVENTS = _events()
CHECKS = (
    Section("Of the model: OK, or what is wrong", (*_checks(), _failed())),
    Section("Of the structure in the scenario, the base case where none is entered", EVENTS),
    Section("Of Gate A, as far as the workbook holds it", _gates()),
)


def against(run: dict[str, tuple[str, float]]) -> Section:
    """The difference of each figure to the run's own, given by result column with its label."""
    rows = []
    for name, (label, value) in run.items():
        model = cell((FIGURES | MARKET_FIGURES)[name])
        rows.append(Row(f"run_{name}", f"{label}: the run's own", expr(value), "factor"))
        difference = when(is_missing(model, NOT_COMPUTED), 0.0, model - cell(f"run_{name}"))
        rows.append(Row(f"off_{name}", f"{label}: model less run", difference, "factor"))
    return Section("Against the run: nil as issued, and until an input is changed", tuple(rows))
