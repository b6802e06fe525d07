"""The derived figures as the sheet computes them: the engine's formulas over named cells.

A test recalculates them, in a spreadsheet program where there is one, and holds them to engine.project.derive.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.project import (
    FIELDS,
    DerivedInputs,
    LeaseType,
    ProjectInputs,
    RentBasis,
    StampDutyBasis,
    derive,
)
from engine.project.derive import HOURS_A_YEAR
from engine.project.land import ACRES_PER_MW, GRID_PRICE_PER_MW_AMOUNT, PRICE_PER_ACRE_AMOUNT, Acquisition
from engine.terms import StructuringTerms
from projects import screen
from projects.differences import figure_label, figure_unit
from projects.translate import taxes_on_file
from projects.workbook.layout import SIDES, name_of

Value = Callable[[ProjectInputs, DerivedInputs], Any]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that projects do not choose, shown so that formulas can refer to it."""

    name: str
    label: str
    unit: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One derived figure: its engine path, its formula, and what must be there before it means anything.

    `needs` names inputs that must hold numbers, and sides of the cost table that must not be empty.
    """

    path: str
    label: str
    unit: str
    formula: str
    needs: tuple[str, ...]
    value: Value

    @property
    def name(self) -> str:
        """The cell's defined name."""
        return figure_name(self.path)

    @property
    def sheet_formula(self) -> str:
        """The formula, empty until its inputs are there."""
        if not self.needs:
            return f'=IFERROR({self.formula},"")'
        sums = [f"{lines_total_name(side)}>0" for side in SIDES if side in self.needs]
        plain = [name_of(place) for place in self.needs if place not in SIDES]
        ready = [f"COUNT({','.join(plain)})={len(plain)}"] if plain else []
        return f'=IF(AND({",".join([*ready, *sums])}),IFERROR({self.formula},""),"")'


_SPECS = {spec.path: spec for spec in FIELDS}
_JOINT = " | "
MW, PUE, RENT = "power.gross_facility_mw", "power.pue", "revenue.rent_amount"
OPEX = "revenue.opex_ratio"


def figure_name(path: str) -> str:
    """The defined name of a figure's cell: out_year_one_noi_amount."""
    return f"out_{path.replace('.', '_')}"


def lines_total_name(side: str) -> str:
    """The defined name of the sum of one side's cost lines."""
    return figure_name(f"capex.{side}.lines_total")


def total_name(side: str) -> str:
    """The defined name of one side's cost with fee and contingency, in the project's currency."""
    return figure_name(f"capex.{side}.total")


def assumptions() -> tuple[Assumption, ...]:
    """What the formulas take from the model and from a run's default terms."""
    terms = StructuringTerms.from_dict()
    return (
        Assumption("assume_hours_a_year", "Hours a year", "count", float(HOURS_A_YEAR)),
        Assumption("assume_capitalisation_rate", "Capitalisation rate", "rate", terms.capitalisation_rate),
        Assumption("assume_agency_haircut", "Agency value haircut", "share", terms.agency_haircut_ratio),
    )


def derived_of(inputs: ProjectInputs) -> DerivedInputs:
    """The engine's figures under the default terms, as the sheet states them."""
    return derive(inputs, StructuringTerms.from_dict())


def figures() -> tuple[tuple[str, tuple[Figure, ...]], ...]:
    """Every derived figure by heading, in the order in which they follow from each other."""
    return (
        ("Power and lease", _power()),
        ("Income, year 1", _income()),
        ("Land and fees", _land()),
        ("Cost and margin", _cost()),
        ("Value", _value()),
    )


def _power() -> tuple[Figure, ...]:
    it_load = figure_name("it_load_mw")
    total = _is("revenue.rent_basis", RentBasis.MONTHLY_TOTAL)
    return (
        _figure("it_load_mw", f"{_n(MW)}/{_n(PUE)}", (MW, PUE)),
        _figure("overhead_mw", f"{_n(MW)}-{it_load}", (MW, PUE)),
        _figure("monthly_rent_amount", f"IF({total},{_n(RENT)},{_n(RENT)}*{it_load}*1000)", (MW, PUE, RENT)),
        _figure("lease_months", f"12*{_n('lease.term_years')}", ("lease.term_years",)),
    )


def _income() -> tuple[Figure, ...]:
    needs = (MW, PUE, RENT, OPEX)
    rent, it_load = figure_name("monthly_rent_amount"), figure_name("it_load_mw")
    gross, power, opex, noi, fee, reserve = (
        figure_name(f"year_one.{leaf}_amount")
        for leaf in ("gross_revenue", "electricity", "opex", "noi", "asset_management_fee", "replacement_reserve")
    )
    pays = _is("revenue.lease_type", LeaseType.GROSS)
    price, drawn = _or_default("revenue.electricity_price_per_mwh"), _or_default("power.utilisation_ratio")
    rate, per_kw = (
        _or_default(f"revenue.{leaf}") for leaf in ("asset_management_fee_rate", "replacement_reserve_per_kw_amount")
    )
    return (
        _figure("year_one.gross_revenue_amount", f"{rent}*12*{_or_default('revenue.occupancy_ratio')}", needs[:3]),
        _figure("year_one.electricity_amount", f"IF({pays},{_n(MW)}*{drawn}*assume_hours_a_year*{price},0)", (MW, PUE)),
        _figure("year_one.opex_amount", f"{gross}*{_n(OPEX)}", needs),
        _figure("year_one.noi_amount", f"{gross}-{power}-{opex}", needs),
        _figure("year_one.asset_management_fee_amount", f"MAX({noi},0)*{rate}", needs),
        _figure("year_one.replacement_reserve_amount", f"{it_load}*1000*{per_kw}", (MW, PUE)),
        _figure("year_one.cfads_amount", f"{noi}-{fee}-{reserve}", needs),
    )


def _land() -> tuple[Figure, ...]:
    mw, purchase, grid = _n(MW), _n("land.purchase_amount"), _n("land.grid_amount")
    acres = _entered_or("land.acres_per_mw", _by_quality("land.location_quality", ACRES_PER_MW))
    price = _entered_or("land.price_per_acre_amount", _by_quality("land.location_quality", PRICE_PER_ACRE_AMOUNT))
    per_mw = _entered_or("land.grid_price_per_mw_amount", _by_quality("land.grid_quality", GRID_PRICE_PER_MW_AMOUNT))
    bought, connected = figure_name("land_purchase_amount"), figure_name("grid_connection_amount")
    duty, fee = figure_name("stamp_duty_amount"), figure_name("management_fee_amount")
    return (
        _figure("land_purchase_amount", f"IF(ISNUMBER({purchase}),{purchase},IFERROR(N({mw})*{acres}*{price},0))", ()),
        _figure("grid_connection_amount", f"IF(ISNUMBER({grid}),{grid},IFERROR(N({mw})*{per_mw},0))", ()),
        _figure("stamp_duty_amount", _stamp_duty(bought), ()),
        Figure("land.total_amount", "Land, grid and stamp duty", "amount", f"{bought}+{connected}+{duty}", (),
               lambda inputs, _: inputs.land.total_amount),
        _figure("management_fee_amount", _management_fee(bought, connected), ()),
        Figure("fees.total_amount", "Development and management fees", "amount",
               f"N({_n('fees.development_amount')})+{fee}", (), lambda inputs, _: inputs.fees.total_amount),
    )  # fmt: skip


def _stamp_duty(bought: str) -> str:
    """The fixed amount, each slice of the purchase at the rate of its band, or a share of the purchase."""
    basis, fixed = _n("land.stamp_duty_basis"), _n("land.stamp_duty_fixed_amount")
    is_fixed = f"OR({_is('land.stamp_duty_basis', StampDutyBasis.FIXED)},AND(ISBLANK({basis}),ISNUMBER({fixed})))"
    place, what = _n("land.stamp_duty_jurisdiction"), _n("land.acquisition")
    land = screen.choice_text(Acquisition.ASSET)
    key = f'{place}&"{_JOINT}"&IF(ISBLANK({what}),"{land}",{what})'
    banded = f"SUMPRODUCT((tax_key={key})*({bought}>tax_from)*({bought}-tax_from)*tax_step)"
    share = f"{bought}*N({_n('land.stamp_duty_rate')})"
    is_banded = _is("land.stamp_duty_basis", StampDutyBasis.BANDS)
    return f"IF({is_fixed},N({fixed}),IF({is_banded},{banded},{share}))"


def _management_fee(bought: str, connected: str) -> str:
    rate, amount = _n("fees.management_rate"), _n("fees.management_amount")
    lines = f"{lines_total_name('internal')}*IF(ISNUMBER({_n('fx_rate')}),{_n('fx_rate')},1)"
    return f"IF(ISNUMBER({amount}),{amount},N({rate})*({lines}+{bought}+{connected}))"


def tax_rows() -> tuple[tuple[str, float, float], ...]:
    """Every tax on file as (key, from, step): a price above `from` bears `step` more on what is above it."""
    rows = []
    for tax in taxes_on_file().values():
        key = f"{screen.choice_text(tax.place)}{_JOINT}{screen.choice_text(tax.acquisition)}"
        rates = (0.0, *(rate for _, rate in tax.bands))
        rows += [(key, start, rate - below) for (start, rate), below in zip(tax.bands, rates, strict=False)]
    return tuple(rows)


def _by_quality(place: str, figures_by_quality: Mapping[str, float]) -> str:
    """The figure of the quality that was chosen; an error where it stands for none."""
    formula = "NA()"
    for quality, figure in figures_by_quality.items():
        formula = f"IF({_is(place, quality)},{figure!r},{formula})"
    return formula


def _entered_or(place: str, otherwise: str) -> str:
    return f"IF(N({_n(place)})>0,{_n(place)},{otherwise})"


def _cost() -> tuple[Figure, ...]:
    shared = f"{figure_name('land.total_amount')}+{figure_name('fees.total_amount')}"
    inside, outside = figure_name("internal_cost_amount"), figure_name("market_cost_amount")
    profit, both = figure_name("developer_profit_amount"), tuple(SIDES)
    return (
        _figure("internal_capex_amount", total_name("internal"), both[:1]),
        _figure("market_capex_amount", total_name("market"), both[1:]),
        _figure("internal_cost_amount", f"{total_name('internal')}+{shared}", both[:1]),
        _figure("market_cost_amount", f"{total_name('market')}+{shared}", both[1:]),
        _figure("developer_profit_amount", f"{outside}-{inside}", both),
        _figure("developer_margin_ratio", f"{profit}/{inside}", both),
    )


def _value() -> tuple[Figure, ...]:
    appraisal, noi = _n("valuation.appraisal_amount"), figure_name("year_one.noi_amount")
    value = f"IF(ISNUMBER({appraisal}),{appraisal},MAX({noi},0)/assume_capitalisation_rate)"
    needs = (MW, PUE, RENT, OPEX)
    return (
        _figure("value_amount", value, needs),
        _figure("agency_value_amount", f"{figure_name('value_amount')}*(1-assume_agency_haircut)", needs),
    )


def _figure(path: str, formula: str, needs: Sequence[str]) -> Figure:
    def value(_: ProjectInputs, derived: DerivedInputs) -> Any:
        node: Any = derived
        for part in path.split("."):
            node = getattr(node, part)
        return node

    return Figure(path, figure_label(path), figure_unit(path), formula, tuple(needs), value)


def _n(place: str) -> str:
    return name_of(place)


def _or_default(place: str) -> str:
    """The cell, or the field's default where it is empty."""
    default = _SPECS[place].default
    return f"IF(ISBLANK({_n(place)}),{default!r},{_n(place)})"


def _is(place: str, choice: str) -> str:
    """Whether a choice was made, in the words the drop-down has."""
    return f'{_n(place)}="{screen.choice_text(choice)}"'
