"""Single calculations of structuring, each by the engine's own function: typed numbers in, figures out, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

import numpy as np

from engine.basics.dates import add_months
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.deal.tax import tax_years
from engine.debt.buckets import contracted_and_merchant, size_bullet
from engine.debt.construction import FacilityTerms, capitalise_interest, size_facility
from engine.errors import CalculationError, InputProblems, Problem
from engine.hedges.valuation import (
    InflationMarket,
    InflationSide,
    TotalReturnSwap,
    ZeroCouponInflationSwap,
    run_total_return_swap,
    settle_zcis,
    value_strip,
    value_zcis,
)
from engine.measures.returns import discounted_payback_years, hold_returns, irr, irr_at_months, moic, npv, payback_years
from engine.project.inputs import Tax

Values = Mapping[str, Any]
_N, _I, _D, _S, _F, _C = (
    FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.DATE, FieldKind.NUMBERS, FieldKind.FLAG, FieldKind.CHOICE,
)  # fmt: skip
SEPARATED = "With spaces or semicolons between."


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the answer, in the engine's unit."""

    label: str
    value: Any
    unit: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: figures, and a table of periods where there is one (its columns with their unit)."""

    figures: tuple[Figure, ...]
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Calculation:
    """One calculation: what it is for, by which formula, from which fields."""

    slug: str
    title: str
    about: str
    formula: str
    fields: tuple[FieldSpec, ...]
    work: Callable[[Values], Found]

    def run(self, payload: Values) -> Found:
        """The answer; InputProblems with every field's fault, or with the formula's own where it has no answer."""
        reader = Reader(self.fields, payload)
        values = reader.read()
        problems = [*reader.problems, *_empty_rows(self.fields, values)]
        if problems:
            raise InputProblems(problems)
        try:
            return self.work(values)
        except CalculationError as error:
            raise InputProblems([Problem("no_answer", "", f"{error}.")]) from error
        except ArithmeticError as error:
            sentence = "These values have no finite answer: some are nought, or too far apart."
            raise InputProblems([Problem("no_answer", "", sentence)]) from error


def _empty_rows(fields: Sequence[FieldSpec], values: Values) -> list[Problem]:
    return [
        Problem("missing", spec.path, f"{spec.label}: type one number at least.")
        for spec in fields
        if spec.kind is _S and values.get(spec.path) == ()
    ]


def _amount(path: str, label: str, *, minimum: float | None = 0, kind: FieldKind = _N, hint: str = "") -> FieldSpec:
    return FieldSpec(path, label, kind, "amount", required=True, minimum=minimum, help=hint)


def _rate(path: str, label: str, *, kind: FieldKind = _N, unit: str = "rate", hint: str = "") -> FieldSpec:
    return FieldSpec(path, label, kind, unit, required=True, minimum=-0.5, maximum=2, help=hint)


def _dscr(path: str, label: str) -> FieldSpec:
    return FieldSpec(path, label, _N, "times", required=True, minimum=0.5, maximum=10)


def _share(path: str, label: str) -> FieldSpec:
    return FieldSpec(path, label, _N, "share", required=True, minimum=0, maximum=1)


def _bullet(given: Values) -> Found:
    loan = size_bullet(
        given["noi"], given["dscr"], given["rate"], given["property_value"], given["max_ltv"]
    )  # fmt: skip
    return Found((
        Figure("Loan", loan.debt_amount, "amount"),
        Figure("Limited by", "Coverage" if loan.binding == "dscr" else "Value", "name"),
        Figure("Loan by coverage", loan.debt_by_dscr_amount, "amount"),
        Figure("Loan by value", loan.debt_by_ltv_amount, "amount"),
        Figure("Interest a year", loan.interest_amount, "amount"),
        Figure("Debt yield", loan.debt_yield_ratio, "rate"),
        Figure("LTV", loan.ltv_ratio, "share"),
        Figure("Value may fall before the balloon exceeds it", loan.breakeven_value_fall_ratio, "share"),
        Figure("DSCR if refinanced after rates moved", loan.dscr_if_rates_move(given["shift"]), "times"),
    ))  # fmt: skip


def _two_qualities(given: Values) -> Found:
    debt = contracted_and_merchant(
        given["contracted"], given["merchant"], given["dscr_contracted"], given["dscr_merchant"], given["period_rate"]
    )
    rows = zip(range(1, debt.service.size + 1), debt.service.tolist(), debt.blended_dscr.tolist(), strict=True)
    columns = (("Period", "count"), ("Debt service", "amount"), ("Blended DSCR", "times"))
    return Found((Figure("Debt", debt.debt_amount, "amount"),), columns, tuple(rows))


def _capitalised(given: Values) -> Found:
    loan = capitalise_interest(given["costs"], given["gearing"], given["period_rate"])
    rows = zip(given["costs"], loan.interest_by_period.tolist(), strict=True)
    return Found((
        Figure("Loan at completion", loan.loan_at_completion_amount, "amount"),
        Figure("Interest during construction", loan.interest_amount, "amount"),
        Figure("Equity", loan.equity_amount, "amount"),
        Figure("All uses", loan.total_uses_amount, "amount"),
        Figure("Gearing, interest included", loan.gearing_ratio, "share"),
    ), (("Period", "count"), ("Cost", "amount"), ("Interest", "amount")),
        tuple((at, *row) for at, row in enumerate(rows, start=1)))  # fmt: skip


def _facility(given: Values) -> Found:
    terms = FacilityTerms(given["gearing"], given["period_rate"], given["commitment_rate"], given["upfront"])
    facility = size_facility(given["costs"], terms)
    uses = facility.uses_by_period.tolist()
    return Found((
        Figure("Facility", facility.facility_amount, "amount"),
        Figure("Interest", facility.interest_amount, "amount"),
        Figure("Commitment fee", facility.commitment_fee_amount, "amount"),
        Figure("Upfront fee", facility.upfront_fee_amount, "amount"),
        Figure("Equity", facility.equity_amount, "amount"),
        Figure("All uses", facility.total_uses_amount, "amount"),
    ), (("Period", "count"), ("Uses", "amount")), tuple(enumerate(uses, start=1)))  # fmt: skip


def _inflation_swap(given: Values) -> Found:
    day, lag = date.fromisoformat(given["valuation_date"]), given["lag"]
    month = add_months(day.replace(day=1), -lag)
    fixings = {month: given["index"]} | (
        {add_months(month, 1): given["next_index"]} if given.get("next_index") is not None else {}
    )
    quotes = dict(zip((int(tenor) for tenor in given["tenors"]), given["breakevens"], strict=False))
    if len(given["tenors"]) != len(given["breakevens"]):
        raise CalculationError("inflation swap: expected one breakeven for each quoted tenor")
    market = InflationMarket(day, lag, fixings, quotes, given["discount_rate"], bool(given["linear"]))
    swap = ZeroCouponInflationSwap(
        given["notional"], given["fixed_rate"], given["tenor"], InflationSide(given["side"])
    )  # fmt: skip
    value = value_zcis(swap, market)
    return Found((
        Figure("Value to the holder", value.value_amount, "amount"),
        Figure("Inflation leg, value", value.inflation_leg_value_amount, "amount"),
        Figure("Fixed leg, value", value.fixed_leg_value_amount, "amount"),
        Figure("Rate at which it is worth nothing", value.breakeven_rate, "rate"),
        Figure("Index at the start", value.base_index, "factor"),
        Figure("Index expected at the end", value.projected_index, "factor"),
        Figure("Discount factor", value.discount_factor, "factor"),
        Figure("Paid on", value.payment_date.isoformat(), "name"),
    ))  # fmt: skip


def _settlement(given: Values) -> Found:
    legs = settle_zcis(given["notional"], given["fixed_rate"], given["years"], given["index"], given["final_index"])
    return Found((
        Figure("Paid to the receiver of inflation", legs.net_amount, "amount"),
        Figure("Inflation leg", legs.inflation_leg_amount, "amount"),
        Figure("Fixed leg", legs.fixed_leg_amount, "amount"),
        Figure("Inflation a year", legs.realised_rate, "rate"),
    ))  # fmt: skip


def _strip(given: Values) -> Found:
    strip = value_strip(
        given["rent"], given["breakeven"], given["view"], given["discount_rate"], given["years"]
    )  # fmt: skip
    return Found((
        Figure("Rent that stays flat", strip.flat_rent_value_amount, "amount"),
        Figure("Rent fixed to grow at breakeven", strip.rent_at_breakeven_value_amount, "amount"),
        Figure("Rent if the view comes true", strip.rent_at_view_value_amount, "amount"),
        Figure("Growth locked in", strip.uplift_value_amount, "amount"),
        Figure("Worth to whoever pays inflation, by the view", strip.value_to_inflation_payer_amount, "amount"),
    ))  # fmt: skip


def _return_swap(given: Values) -> Found:
    swap = TotalReturnSwap(
        given["notional"], given["price"], given["spread"] / 1e4, given["basis"], bool(given["resets"])
    )
    run = run_total_return_swap(swap, given["prices"], given["income"], given["reference_rates"], given["days"])
    columns = ("Notional", "Price return", "Income", "Financing", "Net to the receiver")
    rows = zip(run.notional, run.price_return, run.income, run.financing, run.net, strict=True)
    return Found(
        (Figure("Net to the receiver of the return", float(run.net.sum()), "amount"),),
        (("Period", "count"), *((name, "amount") for name in columns)),
        tuple((at, *map(float, row)) for at, row in enumerate(rows, start=1)),
    )


def _cash_flows(given: Values) -> Found:
    flows, periods = given["flows"], float(given["periods"])
    found = irr_at_months(given["months"], flows) if given.get("months") else irr(flows, periods)
    return Found((
        Figure("IRR", found.rate, "rate"),
        Figure("Net present value", npv(given["discount_rate"], flows, periods), "amount"),
        Figure("Money multiple", moic(flows), "times"),
        Figure("Paid back after", payback_years(flows, periods), "years"),
        Figure("Paid back after, discounted", discounted_payback_years(given["discount_rate"], flows, periods), "years"),
    ))  # fmt: skip


def _tax(given: Values) -> Found:
    terms = Tax(given["tax_rate"], 1.0, given["allowance_years"], given["interest_cap"])
    if len(given["ebitda"]) != len(given["finance"]):
        raise CalculationError("tax: expected finance costs for each year of EBITDA")
    years = tax_years(np.array(given["ebitda"]), np.array(given["finance"]), given["capex"], terms)
    columns = ("Interest taken off", "Allowance", "Losses used", "Taxable", "Tax", "Losses carried on")
    rows = [(at, *astuple(year)[1:]) for at, year in enumerate(years, start=1)]
    return Found(
        (Figure("Tax of all years", sum(year.tax_amount for year in years), "amount"),),
        (("Year", "count"), *((name, "amount") for name in columns)),
        tuple(rows),
    )


def _hold(given: Values) -> Found:
    held = hold_returns(given["capex"], given["noi"], given["service"], given["debt"], given["cap_rate"])
    return Found((
        Figure("Equity IRR", held.equity.rate, "rate"),
        Figure("Unlevered IRR", held.unlevered.rate, "rate"),
        Figure("Exit value", held.terminal_value_amount, "amount"),
        Figure("Loan to cost", held.loan_to_cost_ratio, "share"),
    ))  # fmt: skip


_NOTIONAL = _amount("notional", "Notional")
_FIXED = _rate("fixed_rate", "Fixed rate")
_COSTS = _amount("costs", "Cost of each period", kind=_S, hint=SEPARATED)
_PERIOD_RATE = _rate("period_rate", "Interest a period")
_INDEX = FieldSpec("index", "Index at the start", _N, "factor", required=True, minimum=0, exclusive_minimum=True)

CALCULATIONS: tuple[Calculation, ...] = (
    Calculation(
        "bullet", "Interest-only loan", "The loan that coverage and value allow, and how it stands at refinancing.",
        "The lower of NOI / (DSCR x rate) and LTV x value.",
        (_amount("noi", "NOI a year"), _dscr("dscr", "DSCR"), _rate("rate", "Interest rate"), _amount("property_value", "Value"),
         _share("max_ltv", "Highest LTV"),
         FieldSpec("shift", "Rates move by", _N, "bps", 100.0, minimum=-1_000, maximum=2_000)),
        _bullet,
    ),
    Calculation(
        "two-qualities", "Cash of two qualities", "Debt on contracted and on uncontracted cash, each at its own coverage.",
        "Debt service of a period is the sum of each cash over its DSCR; debt is its present value.",
        (_amount("contracted", "Contracted cash of each period", kind=_S, hint=SEPARATED),
         _amount("merchant", "Uncontracted cash of each period", kind=_S, hint=SEPARATED),
         _dscr("dscr_contracted", "DSCR, contracted"), _dscr("dscr_merchant", "DSCR, uncontracted"), _PERIOD_RATE),
        _two_qualities,
    ),
    Calculation(
        "capitalised-interest", "Interest added while building", "A loan drawn with the costs, its interest owed at completion.",
        "Balance = (balance before + gearing x cost) x (1 + rate).",
        (_COSTS, _share("gearing", "Gearing"), _PERIOD_RATE), _capitalised,
    ),
    Calculation(
        "construction-facility", "Construction facility", "A facility that pays its share of costs and of its own interest and fees.",
        "Uses = cost + rate x drawn + commitment fee x undrawn + upfront fee; the facility is drawn in full at completion.",
        (_COSTS, _share("gearing", "Gearing"), _PERIOD_RATE, _rate("commitment_rate", "Commitment fee a period"), _share("upfront", "Upfront fee")),
        _facility,
    ),
    Calculation(
        "inflation-swap", "Inflation swap before maturity", "What a zero-coupon inflation swap that starts today is worth.",
        "Notional x (index at the end / index at the start - 1) against notional x ((1 + fixed rate)^years - 1), discounted.",
        (_NOTIONAL, _FIXED, FieldSpec("tenor", "Tenor", _I, "years", required=True, minimum=1, maximum=50),
         FieldSpec("side", "Side", _C, default="receive_inflation", choices=("receive_inflation", "pay_inflation")),
         FieldSpec("valuation_date", "Valued on", _D, required=True),
         FieldSpec("lag", "Lag of the index", _I, "months", 2, minimum=0, maximum=12), _INDEX,
         FieldSpec("next_index", "Index of the next month", _N, "factor", minimum=0, exclusive_minimum=True, help="Where the index of a day lies between two months."),
         FieldSpec("linear", "Index between two months on a straight line", _F, default=False),
         FieldSpec("tenors", "Quoted tenors", _S, "years", required=True, minimum=1, maximum=50, help=SEPARATED),
         _rate("breakevens", "Breakeven of each tenor", kind=_S, hint=SEPARATED), _rate("discount_rate", "Discount rate")),
        _inflation_swap,
    ),
    Calculation(
        "inflation-settlement", "Inflation swap at maturity", "What is paid on the last day.",
        "Notional x (index at the end / index at the start - 1) against notional x ((1 + fixed rate)^years - 1).",
        (_NOTIONAL, _FIXED, FieldSpec("years", "Years", _N, "years", required=True, minimum=0, maximum=50, exclusive_minimum=True), _INDEX,
         FieldSpec("final_index", "Index at the end", _N, "factor", required=True, minimum=0, exclusive_minimum=True)),
        _settlement,
    ),
    Calculation(
        "inflation-strip", "Strip of inflation swaps", "A rent whose growth is fixed year by year, against a view of inflation.",
        "Sum over the years of rent x (1 + growth)^year, discounted, at no growth, at the breakeven and at the view.",
        (_amount("rent", "Rent a year"), _rate("breakeven", "Breakeven inflation"), _rate("view", "View of inflation"),
         _rate("discount_rate", "Discount rate"), FieldSpec("years", "Years", _I, "years", required=True, minimum=1, maximum=60)),
        _strip,
    ),
    Calculation(
        "return-swap", "Total return swap", "Return, income and financing of each period, with or without a notional that resets.",
        "Units x change of price + units x income - notional x (reference rate + spread) x days / basis.",
        (_NOTIONAL, FieldSpec("price", "Price at the start", _N, "factor", required=True, minimum=0, exclusive_minimum=True),
         FieldSpec("spread", "Financing spread", _N, "bps", required=True, minimum=-1_000, maximum=5_000),
         FieldSpec("basis", "Days of a year", _N, "count", 365, minimum=360, maximum=366),
         FieldSpec("resets", "Notional follows the price", _F, default=True),
         FieldSpec("prices", "Price at the end of each period", _S, "factor", required=True, minimum=0, help=SEPARATED),
         FieldSpec("income", "Income of each period for 100", _S, "factor", required=True, minimum=0, help=SEPARATED),
         _rate("reference_rates", "Reference rate of each period", kind=_S, hint=SEPARATED),
         FieldSpec("days", "Days of each period", _S, "count", required=True, minimum=0, maximum=400, help=SEPARATED)),
        _return_swap,
    ),
    Calculation(
        "cash-flows", "Measures of cash flows", "Return, value, multiple and payback of a row of cash flows.",
        "IRR sets the present value to nought; payback lies within the period in which the sum turns.",
        (_amount("flows", "Cash flow of each period", kind=_S, minimum=None, hint="The first today; paid out with a minus. With spaces or semicolons between."),
         FieldSpec("periods", "Periods a year", _I, "count", 1, minimum=1, maximum=12),
         FieldSpec("months", "Month of each flow", _S, "months", minimum=0, maximum=600, help="For the IRR, where flows lie at months of their own; empty: one a period."), _rate("discount_rate", "Discount rate")),
        _cash_flows,
    ),
    Calculation(
        "tax", "Corporation tax", "Tax of each year with a limit on interest, straight-line allowances, and losses carried on.",
        "Taxable = EBITDA - the lower of interest and its share of EBITDA - allowance - losses of earlier years, not below nought.",
        (_amount("ebitda", "EBITDA of each year", kind=_S, minimum=None, hint=SEPARATED),
         _amount("finance", "Net finance cost of each year", kind=_S, minimum=None, hint=SEPARATED),
         _amount("capex", "Cost that allowances write off"), _share("tax_rate", "Rate of tax"),
         FieldSpec("allowance_years", "Years of allowances", _I, "years", 25, minimum=1, maximum=60), _share("interest_cap", "Interest taken off, at most of EBITDA")),
        _tax,
    ),
    Calculation(
        "hold", "Hold and sell", "Returns of buying with debt, holding, and selling on the next year's NOI.",
        "Equity = NOI - debt service, and at the end NOI of the year after / capitalisation rate.",
        (_amount("capex", "Cost"), _amount("noi", "NOI of each year", kind=_S, hint="One year more than debt service: the last sets the exit value. " + SEPARATED),
         _amount("service", "Debt service of each year", kind=_S, hint=SEPARATED), _amount("debt", "Debt"), _rate("cap_rate", "Capitalisation rate")),
        _hold,
    ),
)  # fmt: skip


def calculation_of(slug: str) -> Calculation | None:
    """The calculation of this name."""
    return next((each for each in CALCULATIONS if each.slug == slug), None)
