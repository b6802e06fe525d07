"""What the structure comes to: cover by year, sources and uses, returns, average life, and the checks on all of it."""

from __future__ import annotations

from collections.abc import Mapping

from documents.live_model.algebra import (
    Expr,
    Span,
    average,
    both,
    either,
    internal_rate,
    largest,
    least,
    or_text,
    pick,
    same,
    total,
    total_product,
    when,
)
from documents.live_model.book import Grid, ListSheet, LiveBook
from documents.live_model.debt import NO_LIMIT, Tranche
from documents.live_model.operations import MONTHS, YEARS
from documents.live_model.structure import Structure
from engine.permutations import COLUMNS

LONGEST_CONSTRUCTION = 60
NOT_COMPUTED = "none"
# Relative to the senior debt: what a spreadsheet's sums may lose.
TOLERANCE = 1e-9


def write_results(book: LiveBook, structure: Structure, engine: Mapping[str, object]) -> dict[str, Expr]:
    """The sheets of cover, returns and checks: figures by result column. `engine` holds the run's own."""
    _write_cover_columns(structure)
    found = _write_cover(book, structure)
    flows = _write_flows(book, structure)
    found |= _write_returns(book, structure, flows)
    found["checks_failed"] = _write_checks(book, structure, found, engine)
    structure.operations.months.shade_after(structure.operations["lease_months"])
    structure.operations.years.shade_after(structure.inputs["term_years"])
    return found


def _write_cover_columns(structure: Structure) -> None:
    """Cash, service and interest to senior maturity, and their value at the senior rate."""
    months, senior = structure.operations.months, structure.senior
    heads = (("cover_cash", "Cash to maturity"), ("cover_service", "Service to maturity"), ("cover_interest", "Interest to maturity"),
             ("cash_value", "Value of cash to lease end"))  # fmt: skip
    for at, (name, label) in enumerate(heads):
        months.column(name, label, "amount", "" if at else "Cover")
    rate = senior.rate + structure["wrap_rate"] + structure.operations["passed_on"]
    for m in range(1, MONTHS + 1):
        month, opening = months.at("month", m), months.at("senior_schedule", m - 1)
        within = month <= senior.maturity
        cash = months.put("cover_cash", m, when(within, months.at("test_cash", m), 0.0))
        months.put("cover_service", m, when(within, months.at("test_service", m), 0.0))
        months.put("cover_interest", m, when(within, opening * rate, 0.0))
        after = when(within, cash, months.at("cfads", m) + months.at("swap", m))
        months.put("cash_value", m, after * (1 + rate) ** (-month))


def _write_cover(book: LiveBook, structure: Structure) -> dict[str, Expr]:
    years, months, senior = structure.operations.years, structure.operations.months, structure.senior
    years.column("cash", "Cash for senior service", "amount", "Cover to senior maturity")
    years.column("service", "Senior service")
    years.column("interest", "Senior interest and premium")
    years.column("dscr", "DSCR", "times")
    years.column("icr", "ICR", "times")
    years.column("equity", "Equity distributions", "amount", "Cash")
    years.column("senior_balance", "Senior balance, year end")
    years.column("mezz_balance", "Mezzanine balance, year end")
    for year in range(1, YEARS + 1):
        first, last = 12 * year - 11, 12 * year
        cash, service, interest = (
            years.put(name, year, total(months.span(f"cover_{name}", first, last)))
            for name in ("cash", "service", "interest")
        )
        years.put("dscr", year, when(service > structure["rounding"], cash / service, ""))
        years.put("icr", year, when(interest > structure["rounding"], cash / interest, ""))
        years.put("equity", year, total(months.span("equity", first, last)))
        years.put("senior_balance", year, months.at("senior_balance", last))
        years.put("mezz_balance", year, months.at("mezz_balance", last))
    sheet = ListSheet(book, "Cover", "Cover of senior service")
    sheet.heading("In the scenario; base case where none is entered")
    balance, operations = senior["balance"], structure.operations
    owed = largest(balance, structure["rounding"])
    to_maturity = total_product(months.span("cash_value", 1), _flags(structure))
    return {
        "dscr_minimum": sheet.figure("dscr_minimum", "DSCR, minimum", least(years.span("dscr")), "times"),
        "dscr_average": sheet.figure("dscr_average", "DSCR, average", average(years.span("dscr")), "times"),
        "icr": sheet.figure("icr_minimum", "ICR", least(years.span("icr")), "times"),
        "llcr": sheet.figure("llcr", "LLCR", to_maturity / owed, "times"),
        "plcr": sheet.figure("plcr", "PLCR", total(months.span("cash_value", 1)) / owed, "times"),
        "agency_ltv_ratio": sheet.figure(
            "agency_ltv", "LTV, agency value", balance / operations["agency_value"], "share"
        ),
        "appraisal_ltv_ratio": sheet.figure("appraisal_ltv", "LTV, appraisal", balance / operations["value"], "share"),
        "cost_ltv_ratio": sheet.figure("cost_ltv", "LTV, market cost", balance / operations["market_cost"], "share"),
    }


def _flags(structure: Structure) -> Span:
    """1 for each month to senior maturity."""
    months = structure.operations.months
    months.column("to_maturity", "To maturity", "count")
    for m in range(1, MONTHS + 1):
        months.put("to_maturity", m, when(months.at("month", m) <= structure.senior.maturity, 1.0, 0.0))
    return months.span("to_maturity", 1)


def _write_flows(book: LiveBook, structure: Structure) -> Grid:
    """Equity flows by month from financial close; the sponsor pays construction interest that no tranche covers."""
    flows = Grid(book, "Flows", "Equity flows from financial close", 0, LONGEST_CONSTRUCTION + MONTHS)
    for column in (
        ("month", "Month from close", "months", "Equity"), ("contribution", "Construction interest paid", "amount", ""),
        ("distribution", "Distribution", "amount", ""), ("net", "Net, after close", "amount", ""),
    ):  # fmt: skip
        flows.column(*column)
    built, lease = structure.inputs["project_months"], structure.operations["lease_months"]
    paid_out = structure.operations.months.span("equity", 1)
    for t in range(LONGEST_CONSTRUCTION + MONTHS + 1):
        month = flows.put("month", t, float(t))
        parts = [
            when(both(month > tranche["covered"], month <= built), tranche["balance"] * tranche.all_in, 0.0)
            for tranche in (structure.senior, structure.mezz)
        ]
        contribution = flows.put("contribution", t, parts[0] + parts[1])
        operates = both(month > built, month <= built + lease)
        # A spreadsheet reads position 0 as the whole column, and past the end as an error.
        position = least(largest(month - built, 1), MONTHS)
        distribution = flows.put("distribution", t, when(operates, pick(paid_out, position), 0.0))
        flows.put("net", t, distribution - contribution)
    return flows


def _write_returns(book: LiveBook, structure: Structure, flows: Grid) -> dict[str, Expr]:
    sheet = ListSheet(book, "Returns", "Sources, uses and returns")
    senior, mezz, inputs, operations = structure.senior, structure.mezz, structure.inputs, structure.operations
    raised = senior["proceeds"] + mezz["proceeds"]
    sheet.heading("Uses at close")
    fees = sheet.figure(
        "structuring_fees",
        "Structuring fees",
        inputs["structuring_fee_fixed_amount"] + inputs["structuring_fee_rate"] * raised,
    )
    reserve = sheet.figure("initial_dsra", "Initial DSRA", operations.months.at("dsra_target", 0))
    prefunded = sheet.figure("prefunded_interest", "Pre-funded interest", senior["prefunded"] + mezz["prefunded"])
    uses = sheet.figure(
        "uses", "Uses, cost included", operations["internal_cost"] + fees + reserve + prefunded + structure["margin"]
    )
    sheet.heading("Sources at close")
    debt = sheet.figure("debt_raised", "Senior and mezzanine at close", raised)
    equity = sheet.figure(
        "sponsor_equity", "Sponsor equity", uses - debt, note="Below nil: debt alone pays for all uses."
    )
    sheet.heading("Value at the equity target")
    flows.column("value", "Value at the equity target")
    flows.column("npv", "Value at the discount rate")
    for t in range(flows.last + 1):
        net, month = flows.at("net", t), flows.at("month", t)
        flows.put("value", t, net * (1 + inputs["equity_irr_rate"]) ** (-month / 12))
        flows.put("npv", t, net * (1 + inputs["discount_rate"]) ** (-month / 12))
    proceeds = sheet.figure("equity_proceeds", "Equity proceeds", total(flows.span("value", 1)))
    day_one = sheet.figure("day_one_value", "Day-one value", proceeds - equity)
    costs = [((1 + tranche.rate) ** 12 - 1) * tranche["proceeds"] for tranche in (senior, mezz)]
    held = largest(proceeds, 0)
    wacc = (costs[0] + costs[1] + inputs["equity_irr_rate"] * held) / largest(raised + held, 1)
    sheet.heading("Sponsor")
    npv = sheet.figure("sponsor_npv", "Equity NPV", total(flows.span("npv", 1)) - equity)
    return {
        "senior_amount": senior["balance"], "senior_proceeds_amount": senior["proceeds"], "mezz_amount": mezz["balance"],
        "mezz_proceeds_amount": mezz["proceeds"], "structuring_fee_amount": fees, "dsra_initial_amount": reserve,
        "prefunded_interest_amount": prefunded, "trs_margin_amount": structure["margin"], "sponsor_equity_amount": equity,
        "equity_proceeds_amount": proceeds, "day_one_value": day_one, "sponsor_npv_amount": npv,
        "coverage_ratio": sheet.figure("coverage", "Capex coverage", (raised - fees - prefunded) / operations["internal_cost"], "share"),
        "wacc_rate": sheet.figure("wacc", "WACC", wacc, "rate"),
        **_sponsor(sheet, structure, flows, equity),
        "senior_wal_years": sheet.figure("senior_wal", "Senior WAL", _average_life(structure, senior), "years"),
        "mezz_wal_years": sheet.figure("mezz_wal", "Mezzanine WAL", _average_life(structure, mezz), "years"),
    }  # fmt: skip


def _sponsor(sheet: ListSheet, structure: Structure, flows: Grid, equity: Expr) -> dict[str, Expr]:
    """Returns of a sponsor who pays the equity at close and holds to lease end; none where debt pays for all."""
    for name, label in (("sponsor", "Sponsor's flow"), ("so_far", "So far"), ("repaid", "Month of payback")):
        flows.column(name, label, "months" if name == "repaid" else "amount")
    built = structure.inputs["project_months"]
    for t in range(flows.last + 1):
        flow = flows.put("sponsor", t, flows.at("net", t) - (equity if t == 0 else 0.0))
        so_far = flows.put("so_far", t, flow + (flows.at("so_far", t - 1) if t else 0.0))
        month = flows.at("month", t)
        flows.put("repaid", t, when(both(month > built, so_far >= 0), month, NO_LIMIT))
    monthly = internal_rate(flows.span("sponsor"))
    invests = equity > 0
    rate = or_text((1 + monthly) ** 12 - 1, NOT_COMPUTED)
    payback = least(flows.span("repaid"))
    put_in = total(flows.span("contribution")) + equity
    return {
        "sponsor_irr_rate": sheet.figure("sponsor_irr", "Equity IRR", when(invests, rate, NOT_COMPUTED), "rate"),
        "sponsor_payback_months": sheet.figure(
            "payback", "Payback from close", when(both(invests, payback < NO_LIMIT), payback, NOT_COMPUTED), "months"
        ),
        "sponsor_multiple": sheet.figure(
            "multiple", "Equity multiple",
            when(invests, total(flows.span("distribution")) / largest(put_in, 1), NOT_COMPUTED), "times",
        ),
    }  # fmt: skip


def _average_life(structure: Structure, tranche: Tranche) -> Expr:
    """Years from close to each repayment, weighted by it; what a refinancing takes over counts at maturity."""
    months, code = structure.operations.months, tranche.terms.code
    months.column(
        f"{code}_repaid", f"{tranche.terms.label}: repaid x month", "amount", "Average life" if code == "senior" else ""
    )
    until = _held_until(structure, tranche)
    for m in range(1, MONTHS + 1):
        fall = months.at(f"{code}_balance", m - 1) - months.at(f"{code}_balance", m)
        month = months.at("month", m)
        months.put(f"{code}_repaid", m, when(month <= until, fall * month, 0.0))
    standing = pick(months.span(f"{code}_balance"), until + 1)
    weighted = total(months.span(f"{code}_repaid", 1)) + standing * until
    years = (structure.inputs["project_months"] + weighted / largest(tranche["balance"], 1e-9)) / 12
    return when(tranche["balance"] > 0, years, NOT_COMPUTED)


def _held_until(structure: Structure, tranche: Tranche) -> Expr:
    """Month in which the holder is out: maturity, or lease end if a balloon is swept or something is still unpaid."""
    months, at = structure.operations.months, tranche.maturity + 1
    if tranche.terms.code == "senior":
        unpaid = pick(months.span("senior_unpaid", 1), tranche.maturity)
        swept = both(structure["sweeps"], tranche.is_kind("interest_only"))
        late = either(swept, unpaid > tranche["balance"] * TOLERANCE)
    else:
        behind = pick(months.span("mezz_balance"), at) - pick(months.span("mezz_schedule"), at)
        late = pick(months.span("mezz_deferred"), at) + behind > tranche["balance"] * TOLERANCE
    return when(late, structure.operations["lease_months"], tranche.maturity)


def _write_checks(
    book: LiveBook, structure: Structure, found: Mapping[str, Expr], engine: Mapping[str, object]
) -> Expr:
    sheet = ListSheet(book, "Checks", "Checks")
    months, senior, operations = structure.operations.months, structure.senior, structure.operations
    scale = largest(senior["balance"], 1) * TOLERANCE * 1000
    sheet.heading("Of the model: OK, or what is wrong")
    paid_in = total(*(months.span(name, 1) for name in ("income", "hedge_received", "margin_returned"))) + months.at(
        "dsra_balance", 0
    )
    out = ("opex", "hedge_paid", "wrap_premium", "interest_paid", "principal_paid", "interest_drawn", "principal_drawn",
           "margin_call", "mezz_interest", "mezz_principal", "swept", "equity")  # fmt: skip
    kept = months.at("dsra_balance", MONTHS) + months.at("trap_balance", MONTHS)
    paid_out = total(*(months.span(name, 1) for name in out)) + kept
    lost = largest(paid_in - paid_out, paid_out - paid_in)
    checks = [
        ("check_cash", "Cash paid in is paid out or kept", lost <= largest(paid_in, 1) * TOLERANCE),
        ("check_senior", "Senior is never below nil", least(months.span("senior_balance")) >= -scale),
        ("check_mezz", "Mezzanine is never below nil", least(months.span("mezz_balance")) >= -scale),
        ("check_equity", "Equity never pays in during operation", least(months.span("equity", 1)) >= -scale),
        (
            "check_repaid",
            "Senior is repaid by lease end",
            pick(months.span("senior_balance"), operations["lease_months"] + 1) <= scale,
        ),
        ("check_tenor", "Senior matures within the lease", senior.maturity <= operations["lease_months"]),
    ]
    results = [sheet.figure(name, label, when(holds, "OK", "CHECK"), "") for name, label, holds in checks]
    failed = [when(same(result, "OK"), 0.0, 1.0) for result in results]
    count = sheet.figure("checks_failed", "Checks that fail", total(*failed), "count")
    sheet.heading("Against the run: nil as issued, and until an input is changed")
    for name, model in found.items():
        value = engine.get(name)
        if isinstance(value, (int, float)):
            difference = when(same(model, NOT_COMPUTED), 0.0, model - float(value))
            sheet.figure(f"off_{name}", f"{COLUMNS[name].label}: model less run", difference, "factor")
    return count
