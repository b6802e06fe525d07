"""Cash before debt: cost, the first year, indices by year; income, CFADS and swap settlements by month. Sections 2-4."""

from __future__ import annotations

from engine.book.algebra import (
    NO_LIMIT,
    PERIOD,
    Column,
    Expr,
    Operand,
    both,
    cell,
    choose,
    either,
    expr,
    is_blank,
    largest,
    least,
    pick,
    same,
    total,
    when,
    whole,
)
from engine.book.inputs import SHARED_COSTS, SIDES, capex_lines, lever, stress_name
from engine.book.rows import Row, Section
from engine.project.derive import HOURS_A_YEAR

MONTHS, YEARS = Column("months"), Column("years")


def _none(name: str) -> Expr:
    return both(is_blank(cell(name)), is_blank(cell(f"project_{name}")))


def _cost(side: str) -> Row:
    capex = total(*capex_lines(side)) * cell("fx_rate") * (1 + cell(f"{side}_construction_fee_rate"))
    whole_cost = capex * (1 + cell(f"{side}_contingency_rate")) + cell("land_and_fees")
    return Row(f"{side}_cost", f"Project cost, {side} prices", whole_cost)


_FREE_RENT, _RENT = cell("rent_per_kw_month"), cell("rent_amount")
_IN_TOTAL = both(is_blank(_FREE_RENT), same(cell("rent_basis"), "monthly_total"))
_PER_KW = when(is_blank(_FREE_RENT), _RENT, _FREE_RENT)
_ENERGY = cell("it_load") * lever("pue") * cell("utilisation_ratio") * HOURS_A_YEAR
_LOST = cell("lost_ratio")
_APPRAISAL = cell("appraisal_amount")
_CAPITALISED = largest(cell("noi"), 0) / cell("capitalisation_rate")

_HAIRCUT = cell("value_haircut_ratio")
_COUNTS = same(cell("relet_counts"), 1)
_VOID = when(is_blank(cell("relet_void_months")), 0.0, cell("relet_void_months"))


def _scenario(tests: int) -> tuple[Row, ...]:
    """The scenario entered, or the one of the ratings whose number is."""

    numbers = range(1, tests + 1)

    def chosen(entered: Expr, part: str) -> Expr:
        named = [entered, *(cell(stress_name(number, part)) for number in numbers)]
        return choose(cell("scenario_number") + 1, named) if tests else entered

    def cpi(name: str, label: str) -> Row:
        read = when(is_blank(cell(name)), cell("base_cpi_rate"), cell(name))
        return Row(f"{name}_read", label, read, "rate")

    asked = cell("rating_scenario")
    is_there = both(both(asked >= 0, asked <= tests), same(whole(asked), asked))
    return (
        Row("scenario_number", "Number of the scenario of the ratings, else 0", when(is_there, asked, 0.0), "count"),
        cpi("scenario_cpi_rate", "CPI entered, else base"),
        *(cpi(stress_name(number, "cpi_rate"), f"CPI of scenario {number}, else base") for number in numbers),
        Row("stressed_cpi", "CPI in operation", chosen(cell("scenario_cpi_rate_read"), "cpi_rate_read"), "rate"),
        Row("shift_bps", "Shift of rates", chosen(cell("scenario_shift_bps"), "rate_shift_bps"), "bps"),
        Row("lost_ratio", "Share of rent that stops", chosen(cell("scenario_default_ratio"), "default_ratio"), "share"),
        Row("relet_months", "Months until it is re-let", chosen(cell("stress_relet_months"), "relet_months"), "months"),
        Row("relet_ratio", "Share of rent on re-letting", chosen(cell("stress_relet_ratio"), "relet_ratio"), "share"),
        Row("scenario_floor", "DSCR floor of the scenario's rating", chosen(expr(0.0), "floor"), "times"),
        Row("shock", "Shift of rates a month", cell("shift_bps") / 10000 / 12, "factor"),
        Row("passed_on", "Of it on coupons", cell("unfixed_ratio") * cell("shock"), "factor"),
    )


def _is_relet() -> Expr:
    """A ratio and a term are entered, and the rule set counts them."""
    entered = either(is_blank(cell("project_relet_ratio")), is_blank(cell("relet_years")))
    return both(same(cell("relet_allowed"), 1), same(entered, False))


LAND_AND_FEES = Row("land_and_fees", "Land and fees", total(*(cell(name) for name in SHARED_COSTS)))
_COSTS = (
    Section("Cost", tuple(_cost(side) for side in SIDES)),
    Section("First year", (
        Row("it_load", "IT load", cell("gross_facility_mw") / lever("pue"), "mw"),
        Row("monthly_rent", "Rent a month, fully let", when(_IN_TOTAL, _RENT, _PER_KW * cell("it_load") * 1000)),
        Row("revenue", "Gross revenue", cell("monthly_rent") * 12 * cell("occupancy_ratio")),
        Row("energy", "Energy of the whole facility, MWh", _ENERGY, "count"),
        Row("electricity", "Electricity",
            when(same(cell("lease_type"), "gross"), cell("energy") * cell("electricity_price_per_mwh"), 0.0),
            note="Under a gross lease only."),
        Row("opex_share", "Operating costs, share of revenue", lever("opex_ratio"), "share"),
        Row("operating_costs", "Operating costs", cell("revenue") * cell("opex_share")),
        Row("noi", "NOI", cell("revenue") - cell("electricity") - cell("operating_costs")),
        Row("asset_management_fee", "Asset management fee", largest(cell("noi"), 0) * cell("asset_management_fee_rate")),
        Row("replacement_reserve", "Replacement reserve",
            cell("it_load") * 1000 * cell("replacement_reserve_per_kw_amount")),
        Row("cfads", "CFADS", cell("noi") - cell("asset_management_fee") - cell("replacement_reserve")),
    )),
    Section("Value", (
        Row("value", "Value", when(is_blank(_APPRAISAL), _CAPITALISED, _APPRAISAL)),
        Row("value_haircut", "Haircut, the rule set's own where it has one",
            when(is_blank(_HAIRCUT), cell("agency_haircut_ratio"), _HAIRCUT), "share"),
        Row("agency_value", "Haircut value (house assumption)", cell("value") * (1 - cell("value_haircut"))),
        Row("lease_months", "Lease", 12 * cell("term_years"), "months"),
    )),
    Section("Re-letting after lease end", (
        Row("relet_counts", "A re-letting counts", when(_is_relet(), 1.0, 0.0), "count",
            note="1: the project expects one and the rule set counts it."),
        Row("relet_from", "Let again after", cell("lease_months") + when(_COUNTS, _VOID, 0.0), "months"),
        Row("let_until", "Let until", cell("relet_from") + when(_COUNTS, 12 * cell("relet_years"), 0.0), "months"),
        Row("let_again", "Rent counted on re-letting",
            when(_COUNTS, least(cell("project_relet_ratio"), cell("max_relet_ratio")), 0.0), "share"),
        Row("last_month", "Months of cash, in whole years", 12 * whole((cell("let_until") + 11) / 12), "months"),
    )),
)  # fmt: skip


def costs(tests: int) -> tuple[Section, ...]:
    """Figures of cost, first year, value, and a scenario chosen among so many of the ratings."""
    return (*_COSTS, _indexation(), Section("Scenario", _scenario(tests)))


def _rise(rate: Expr) -> Expr:
    """CPI rise into the year as the lease reads it: lagged by months, before operations at base CPI."""
    prior, year, years, part = cell("base_cpi_rate"), YEARS("year"), cell("lag_years"), cell("lag_part")
    # The rise into year 2 is the first of the path.
    near, far = when(year - 1 <= years, prior, rate), when(year - 2 <= years, prior, rate)
    return near * (1 - part) + far * part


def _collared(which: str) -> Expr:
    raw = YEARS(f"{which}_rise") + cell("indexation_spread_rate")
    return least(largest(raw, cell("rent_floor")), cell("rent_cap"))


def _rent_index(which: str) -> Expr:
    kind = cell("rent_follows")
    fixed = when(same(kind, "fixed"), cell("fixed_indexation_rate"), 0.0)
    return YEARS.before(f"{which}_rent") * (1 + when(same(kind, "cpi"), YEARS(f"{which}_collared"), fixed))


def _leg() -> Expr:
    """The index the inflation swap pays on: CPI with the rent's own lag, floor and cap, without its spread."""
    rise = YEARS("scenario_collared") - cell("indexation_spread_rate")
    return when(same(cell("rent_follows"), "cpi"), YEARS.before("leg") * (1 + rise), YEARS("scenario_cpi"))


def _review() -> Expr:
    """The year of the last rent review; year 1 is one."""
    every = cell("review_years")
    return whole((YEARS("year") - 1) / every) * every + 1


def _power_index(which: str) -> Expr:
    own = cell("electricity_escalation_rate")
    return when(is_blank(own), YEARS(f"{which}_cpi"), (1 + own) ** (YEARS("year") - 1))


def _indices(which: str, rate: Expr, group: str) -> tuple[Row, ...]:
    return (
        Row(f"{which}_cpi", f"CPI, {which}", (1 + rate) ** (YEARS("year") - 1), "factor", group=group),
        Row(f"{which}_rise", f"CPI as read, {which}", _rise(rate), "rate"),
        Row(f"{which}_collared", f"Rise within floor and cap, {which}", _collared(which), "rate"),
        Row(f"{which}_rent", f"Rent index, {which}", _rent_index(which), "factor", opening=expr(1.0)),
        Row(f"{which}_paid", f"Rent index as paid, {which}", pick(YEARS.span(f"{which}_rent"), _review()), "factor"),
        Row(f"{which}_power", f"Electricity price, {which}", _power_index(which), "factor"),
    )


def _swap() -> Expr:
    """What the inflation swap brings in a year: its fixed growth less its leg's, in years 2 to its tenor and one."""
    since = YEARS("year") - 1
    hedged = both(YEARS("year") > 1, since <= cell("zcis_tenor_years"))
    return when(hedged, (1 + cell("zcis_fixed")) ** since - YEARS("leg"), 0.0)


def _indexation() -> Section:
    """How rent follows prices: the lever, else the project's own; no floor and no cap are limits never reached."""
    near, far = cell("zcis_breakeven_5y_rate"), cell("zcis_breakeven_10y_rate")
    beyond = least(largest((cell("zcis_tenor_years") - 5) / 5, 0), 1)
    fixed = near + (far - near) * beyond - cell("zcis_dealer_spread_bps") / 10000
    limits = (("floor", "Lowest rise", -1.0), ("cap", "Highest rise", NO_LIMIT))
    return Section("Indexation", (
        Row("rent_follows", "Rent follows", lever("indexation"), ""),
        *(Row(f"rent_{side}", label, when(_none(f"cpi_{side}_rate"), none, lever(f"cpi_{side}_rate")), "rate")
          for side, label, none in limits),
        Row("lag_years", "Whole years of lag", whole(cell("indexation_lag_months") / 12), "count"),
        Row("lag_part", "Rest of the lag, share of a year", cell("indexation_lag_months") / 12 - cell("lag_years"), "factor"),
        Row("zcis_fixed", "Fixed rate of the inflation swap", fixed, "rate"),
    ))  # fmt: skip


YEAR_ROWS = (
    Row("year", "Year", PERIOD, "count"),
    *_indices("base", cell("base_cpi_rate"), "Indices"),
    *_indices("scenario", cell("stressed_cpi"), ""),
    Row("leg", "Inflation leg of the swap", _leg(), "factor", opening=expr(1.0)),
    Row("swap", "Inflation swap, a year per unit of NOI", _swap(), "factor"),
)


def _of_year(name: str) -> Expr:
    return pick(YEARS.span(name), MONTHS("year")) / 12


def _paid() -> Expr:
    """Share of the let rent that is paid in the scenario: a default stops its share, which is re-let at less."""
    let = MONTHS("month") > cell("relet_months")
    return when(let, 1 - _LOST * (1 - cell("relet_ratio")), 1 - _LOST)


def _noi(which: str, paid: Operand) -> Expr:
    """Rent at the lease's index, less operating costs of the rent paid at CPI and power at its own price."""
    rent, costs = cell("revenue") * _of_year(f"{which}_paid"), cell("operating_costs") * _of_year(f"{which}_cpi")
    return MONTHS("let") * paid * (rent - costs) - cell("electricity") * _of_year(f"{which}_power")


def _cfads(which: str) -> Expr:
    noi = MONTHS(f"{which}_noi")
    fee = largest(noi, 0) * cell("asset_management_fee_rate")
    return noi - fee - cell("replacement_reserve") * _of_year(f"{which}_cpi")


def _underwritten(cfads: str) -> Expr:
    """What of the cash sizing, cover and rating read."""
    return MONTHS(cfads) * cell("underwritten_cash_ratio")


def _while_let(amount: Expr, until: str = "let_until") -> Expr:
    return when(MONTHS("month") <= cell(until), amount, 0.0)


def _let() -> Expr:
    """Share of the rent that the leases pay: nil in the void between them."""
    again = both(MONTHS("month") > cell("relet_from"), MONTHS("month") <= cell("let_until"))
    return when(MONTHS("month") <= cell("lease_months"), 1.0, when(again, cell("let_again"), 0.0))


MONTH_ROWS = (
    Row("month", "Month", PERIOD, "months", opening=expr(0.0), group="Cash before debt"),
    Row("year", "Year", whole((MONTHS("month") - 1) / 12) + 1, "count"),
    Row("let", "Share of rent let", _let(), "share"),
    Row("base_noi", "NOI, base", _while_let(_noi("base", 1.0))),
    Row("base_cfads", "CFADS, base", _while_let(_cfads("base"))),
    Row("base_underwritten", "CFADS underwritten, base", _underwritten("base_cfads")),
    Row("paid", "Share of rent paid, scenario", _paid(), "share"),
    Row(
        "income",
        "Income, scenario",
        _while_let(cell("revenue") * MONTHS("let") * MONTHS("paid") * _of_year("scenario_paid")),
    ),
    Row("scenario_noi", "NOI, scenario", _while_let(_noi("scenario", MONTHS("paid")))),
    Row("cfads", "CFADS, scenario", _while_let(_cfads("scenario"))),
    Row("underwritten", "CFADS underwritten, scenario", _underwritten("cfads")),
    Row(
        "swap", "Inflation swap", _while_let(cell("zcis_hedged_ratio") * cell("noi") * _of_year("swap"), "lease_months")
    ),
)
