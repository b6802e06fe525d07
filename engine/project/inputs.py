"""What a sponsor says of a project, normalised: one `ProjectInputs`, whichever door it came through.

Amounts are in the project's currency, rates are fractions a year, shares are fractions.
Source: model book section 2; project data contract 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.basics.dates import is_business_day, nearest_months
from engine.basics.fields import FieldKind, FieldSpec, Reader, nested
from engine.errors import InputProblems, Problem
from engine.project.land import (
    TRANSFER_TAX_PLACES,
    Acquisition,
    GridQuality,
    Land,
    LocationQuality,
    StampDutyBasis,
    land_of,
    land_problems,
)


class Country(StrEnum):
    """Jurisdictions whose rating criteria the rule sets carry."""

    UK = "UK"
    EU = "EU"
    US = "US"


class Currency(StrEnum):
    """Currencies a project may report in (ISO 4217)."""

    GBP = "GBP"
    EUR = "EUR"
    USD = "USD"
    JPY = "JPY"


class RentBasis(StrEnum):
    """How the rent is quoted: per kW of IT load a month, or as one monthly total."""

    PER_KW_MONTH = "per_kw_month"
    MONTHLY_TOTAL = "monthly_total"


class LeaseType(StrEnum):
    """Who pays for power: the tenant (triple net) or the landlord (gross)."""

    TRIPLE_NET = "triple_net"
    GROSS = "gross"


class IndexationKind(StrEnum):
    """How rent moves each year: with CPI, by a fixed step, or not at all."""

    CPI = "cpi"
    FIXED = "fixed"
    NONE = "none"


class InterestCover(StrEnum):
    """How a tranche's interest is met during construction."""

    PREFUNDED = "dsra"
    CAPITALISED = "capitalised"
    NONE = "none"


class DrawProfile(StrEnum):
    """When capex is paid: all at close, evenly over construction, or slowly, then fast, then slowly."""

    AT_CLOSE = "at_close"
    STRAIGHT_LINE = "straight_line"
    S_CURVE = "s_curve"


class DebtForm(StrEnum):
    """Notes are drawn in full at close, loans with the costs."""

    NOTES = "notes"
    LOAN = "loan"


HOME_CURRENCY = {Country.UK: Currency.GBP, Country.EU: Currency.EUR, Country.US: Currency.USD}
TENANT_RATINGS = (
    "AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-",
    "BB+", "BB", "BB-", "B+", "B", "B-", "CCC+", "CCC", "CCC-", "NR",
)  # fmt: skip

# Code and label of the seventeen construction cost lines (source platform's contract).
CAPEX_LINES: dict[str, str] = {
    "architectural": "Architectural",
    "civil_structural": "Civil and structural",
    "substations": "Substations",
    "underground_utilities": "Underground utilities",
    "crusader_modules": "Crusader modules",
    "bess": "Battery energy storage",
    "main_contractor_installation": "Main contractor installation",
    "photovoltaic_system": "Photovoltaic system",
    "landscaping": "Landscaping",
    "preliminaries_general": "Preliminaries, general",
    "main_contractor_margin": "Main contractor margin",
    "connection": "Connection",
    "land": "Land works",
    "operations_team": "Operations team",
    "ose": "Operating supplies and equipment",
    "marketing": "Marketing",
    "build": "Build cost, not split by line",
}

_AMOUNT_MAX = 1e12
LONGEST_GAP_DAYS = 3 * 365
# The last month that paths are written for: a lease, a void and the lease after it together.
LONGEST_CASH_MONTHS = 360
_N, _I, _C, _F = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.CHOICE, FieldKind.FLAG


def _capex_fields(side: str, label: str) -> tuple[FieldSpec, ...]:
    place = f"capex.{side}"
    return (
        FieldSpec(f"{place}.lines", f"{label} capex by line", FieldKind.AMOUNTS_BY_LINE, "amount", default={},
                  required=True, minimum=0, maximum=_AMOUNT_MAX),
        FieldSpec(f"{place}.construction_fee_rate", f"{label} construction phase fee", _N, "share", default=0.0,
                  minimum=0, maximum=0.05, help="Share of the lines' total."),
        FieldSpec(f"{place}.contingency_rate", f"{label} contingency", _N, "share", default=0.0,
                  minimum=0, maximum=0.5, help="Share of the lines and the construction phase fee."),
    )  # fmt: skip


_NAME_LENGTH = 255

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("meta.sponsor_name", "Sponsor", FieldKind.TEXT, maximum=_NAME_LENGTH, help="The company behind the project."),
    FieldSpec("meta.location", "Location", FieldKind.TEXT, maximum=_NAME_LENGTH, help="Town or campus."),
    FieldSpec("country", "Country", _C, required=True, choices=tuple(Country)),
    FieldSpec("currency", "Currency", _C, required=True, choices=tuple(Currency)),
    FieldSpec("capex_currency", "Capex currency", _C, choices=tuple(Currency), help="Leave empty if the same."),
    FieldSpec("fx_rate", "FX rate", _N, "factor", minimum=0, exclusive_minimum=True, maximum=1e6,
              help="Project currency per unit of capex currency."),
    FieldSpec("power.gross_facility_mw", "Gross facility power", _N, "mw", required=True, minimum=5, maximum=500),
    FieldSpec("power.pue", "PUE", _N, "factor", required=True, minimum=0.95, maximum=1.5,
              help="Facility power over IT power. Below 1.00 is accepted but not physical."),
    FieldSpec("power.utilisation_ratio", "Utilisation", _N, "share", default=1.0, minimum=0, exclusive_minimum=True,
              maximum=1, help="Share of the facility's power that is drawn over a year: what a landlord buys under a gross lease."),
    FieldSpec("revenue.rent_basis", "Rent basis", _C, choices=tuple(RentBasis), default=RentBasis.PER_KW_MONTH.value),
    FieldSpec("revenue.rent_amount", "Rent", _N, "amount", required=True, minimum=0, exclusive_minimum=True,
              maximum=1e9, help="Per kW of IT load and month, or in total a month, as the rent basis says."),
    FieldSpec("revenue.occupancy_ratio", "Occupancy", _N, "share", default=1.0, minimum=0, exclusive_minimum=True,
              maximum=1),
    FieldSpec("revenue.lease_type", "Lease type", _C, choices=tuple(LeaseType), default=LeaseType.TRIPLE_NET.value),
    FieldSpec("revenue.opex_ratio", "Operating costs", _N, "share", required=True, minimum=0, maximum=1,
              help="Share of gross revenue."),
    FieldSpec("revenue.electricity_price_per_mwh", "Electricity price", _N, "amount_per_mwh", default=100.0,
              minimum=0, maximum=10_000, help="Paid by the landlord under a gross lease only."),
    FieldSpec("revenue.electricity_escalation_rate", "Electricity price, yearly rise", _N, "rate", minimum=-0.1,
              maximum=0.2, help="Leave empty to let the price follow CPI."),
    FieldSpec("revenue.asset_management_fee_rate", "Asset management fee", _N, "share", default=0.01, minimum=0,
              maximum=0.1, help="Share of NOI."),
    FieldSpec("revenue.replacement_reserve_per_kw_amount", "Replacement reserve", _N, "amount_per_kw_year", default=0.0,
              minimum=0, maximum=100_000,
              help="Set aside each year per kW of IT load for plant that wears out, rising with CPI; paid before debt service."),
    FieldSpec("lease.term_years", "Lease term", _I, "years", required=True, minimum=5, maximum=30),
    FieldSpec("lease.indexation", "Indexation", _C, choices=tuple(IndexationKind), default=IndexationKind.CPI.value),
    FieldSpec("lease.indexation_lag_months", "CPI lag", _I, "months", default=0, minimum=0, maximum=24),
    FieldSpec("lease.indexation_spread_rate", "Spread over CPI", _N, "rate", default=0.0, minimum=-0.05, maximum=0.05),
    FieldSpec("lease.cpi_floor_rate", "Indexation floor", _N, "rate", minimum=-0.05, maximum=0.1),
    FieldSpec("lease.cpi_cap_rate", "Indexation cap", _N, "rate", minimum=0, maximum=0.2),
    FieldSpec("lease.fixed_indexation_rate", "Fixed escalator", _N, "rate", default=0.0, minimum=-0.05, maximum=0.1),
    FieldSpec("lease.review_years", "Rent steps every", _I, "years", default=1, minimum=1, maximum=10,
              help="With 5, the rises of five years are paid from the next review on, all at once."),
    FieldSpec("lease.relet_ratio", "Rent on re-letting after lease end", _N, "share", minimum=0.5, maximum=1.1,
              help="New rent as a share of the rent that would be paid then. Leave empty and the cash ends with the lease; counted where the rule set allows it."),
    FieldSpec("lease.relet_void_months", "Void before re-letting", _I, "months", minimum=0, maximum=36,
              help="Without rent after lease end. Leave empty for none."),
    FieldSpec("lease.relet_years", "Lease term on re-letting", _I, "years", minimum=1, maximum=15),
    *_capex_fields("internal", "Internal"),
    *_capex_fields("market", "Market"),
    FieldSpec("land.location_quality", "Location quality", _C, choices=tuple(LocationQuality),
              help="Says how much land a MW takes and what an acre costs, where these are not entered."),
    FieldSpec("land.acres_per_mw", "Acres per MW", _N, "acres_per_mw", minimum=0, exclusive_minimum=True, maximum=100,
              help="Of gross facility power. Leave empty to take the location quality's."),
    FieldSpec("land.price_per_acre_amount", "Price per acre", _N, "amount_per_acre", minimum=0, exclusive_minimum=True,
              maximum=1e9, help="Leave empty to take the location quality's."),
    FieldSpec("land.purchase_amount", "Land purchase", _N, "amount", minimum=0, maximum=_AMOUNT_MAX,
              help="Left empty it is MW x acres x price of the detailed form, and 0 where neither location nor price is given."),
    FieldSpec("land.grid_quality", "Grid quality", _C, choices=tuple(GridQuality),
              help="Says what a MW of grid connection costs, where that is not entered."),
    FieldSpec("land.grid_price_per_mw_amount", "Grid connection per MW", _N, "amount_per_mw", minimum=0,
              exclusive_minimum=True, maximum=1e9, help="Leave empty to take the grid quality's."),
    FieldSpec("land.grid_amount", "Grid connection", _N, "amount", minimum=0, maximum=_AMOUNT_MAX,
              help="Left empty it is MW x price of the detailed form, and 0 where neither quality nor price is given."),
    FieldSpec("land.acquisition", "What is bought", _C, choices=tuple(Acquisition)),
    FieldSpec("land.stamp_duty_basis", "Stamp duty basis", _C, choices=tuple(StampDutyBasis),
              help="Leave empty to take the fixed amount if there is one, else the percentage."),
    FieldSpec("land.stamp_duty_rate", "Stamp duty", _N, "share", default=0.0, minimum=0, maximum=0.25,
              help="Share of the land purchase."),
    FieldSpec("land.stamp_duty_fixed_amount", "Stamp duty, fixed", _N, "amount", minimum=0, maximum=_AMOUNT_MAX,
              help="Takes the place of the percentage."),
    FieldSpec("land.stamp_duty_jurisdiction", "Stamp duty jurisdiction", _C, choices=tuple(TRANSFER_TAX_PLACES),
              help="Whose bands apply."),
    FieldSpec("land.stamp_duty_bands", "Stamp duty bands", FieldKind.PAIRS, "share",
              help="Worked out from the jurisdiction and what is bought: where a band starts, and its rate."),
    FieldSpec("fees.development_amount", "Development fee", _N, "amount", default=0.0, minimum=0, maximum=_AMOUNT_MAX),
    FieldSpec("fees.management_rate", "Management fee, percent", _N, "share", minimum=0, maximum=0.2,
              help="Of internal capex lines, land purchase and grid connection. Enter this or the amount."),
    FieldSpec("fees.management_amount", "Management fee", _N, "amount", minimum=0, maximum=_AMOUNT_MAX,
              help="Leave empty to work it out from the percentage."),
    FieldSpec("construction.close_date", "Financial close", FieldKind.DATE,
              help="Leave empty to close when construction starts. Months until then count as construction for interest."),
    FieldSpec("construction.start_date", "Construction start", FieldKind.DATE),
    FieldSpec("construction.months", "Construction", _I, "months", required=True, minimum=1, maximum=60),
    FieldSpec("construction.senior_cover", "Senior interest in construction", _C, choices=tuple(InterestCover),
              default=InterestCover.PREFUNDED.value),
    FieldSpec("construction.senior_cover_months", "Months covered, senior", _I, "months", minimum=0, maximum=60,
              help="Leave empty to cover the whole construction period."),
    FieldSpec("construction.mezz_cover", "Mezzanine interest in construction", _C, choices=tuple(InterestCover),
              default=InterestCover.CAPITALISED.value),
    FieldSpec("construction.mezz_cover_months", "Months covered, mezzanine", _I, "months", minimum=0, maximum=60,
              help="Leave empty to cover the whole construction period."),
    FieldSpec("construction.draw_profile", "Capex paid", _C, choices=tuple(DrawProfile), default=DrawProfile.AT_CLOSE.value,
              help="Land and fees are paid at close."),
    FieldSpec("construction.debt_form", "Debt drawn as", _C, choices=tuple(DebtForm), default=DebtForm.NOTES.value,
              help="Notes bear interest in full from close, loans on what is drawn."),
    FieldSpec("construction.escrow_rate", "Escrow income", _N, "rate", default=0.0, minimum=0, maximum=0.2,
              help="A year, on proceeds of notes that wait for capex; credited among the sources."),
    FieldSpec("tax.rate", "Tax rate", _N, "rate", minimum=0, maximum=0.6,
              help="Leave empty to show every figure before tax. Debt is sized before it either way."),
    FieldSpec("tax.allowance_ratio", "Capex with allowances", _N, "share", default=1.0, minimum=0, maximum=1,
              help="Share of internal capex that is written off against tax, in equal parts."),
    FieldSpec("tax.allowance_years", "Written off over", _I, "years", default=25, minimum=1, maximum=50),
    FieldSpec("tax.interest_cap_ratio", "Interest deductible up to", _N, "share", default=0.3, minimum=0, maximum=1,
              help="Share of EBITDA; interest above it is not deducted, now or later."),
    FieldSpec("credit.tenant_rating", "Tenant rating", _C, required=True, choices=TENANT_RATINGS),
    FieldSpec("credit.insurance_wrap", "Insurance wrap on senior", _F, default=False),
    FieldSpec("credit.insurance_premium_bps", "Wrap premium", _I, "bps", default=0, minimum=0, maximum=500),
    FieldSpec("valuation.appraisal_amount", "Appraised value", _N, "amount", minimum=0, exclusive_minimum=True,
              maximum=_AMOUNT_MAX, help="Leave empty to capitalise stabilised NOI."),
)  # fmt: skip

# Fields that came after the first snapshots: left out of the canonical dict while empty or at their default, so that
# what was entered before them keeps its content and its hash.
LATER_FIELDS = frozenset({
    "meta.sponsor_name", "meta.location", "land.location_quality", "land.acres_per_mw", "land.price_per_acre_amount",
    "land.grid_quality", "land.grid_price_per_mw_amount", "land.acquisition", "land.stamp_duty_basis",
    "land.stamp_duty_jurisdiction", "land.stamp_duty_bands", "fees.management_rate", "power.utilisation_ratio",
    "revenue.electricity_escalation_rate", "revenue.asset_management_fee_rate",
    "revenue.replacement_reserve_per_kw_amount", "construction.draw_profile", "construction.debt_form",
    "construction.escrow_rate", "lease.review_years", "construction.close_date", "tax.rate",
    "tax.allowance_ratio", "tax.allowance_years", "tax.interest_cap_ratio", "lease.relet_ratio",
    "lease.relet_void_months", "lease.relet_years",
})  # fmt: skip

# Amounts that follow from other fields while they are empty: the fields, any of which they may follow from. An entered
# nought holds. In the canonical dict an amount that follows is left out; one with nothing to follow from is 0.0.
FOLLOWERS: dict[str, tuple[str, ...]] = {
    "land.purchase_amount": ("land.location_quality", "land.acres_per_mw", "land.price_per_acre_amount"),
    "land.grid_amount": ("land.grid_quality", "land.grid_price_per_mw_amount"),
    "fees.management_amount": ("fees.management_rate",),
}


@dataclass(frozen=True, slots=True)
class CapexBudget:
    """Construction cost at one price basis, by line, before and after fee and contingency."""

    lines: tuple[tuple[str, float], ...]
    construction_fee_rate: float
    contingency_rate: float

    @property
    def lines_amount(self) -> float:
        """Sum of the lines."""
        return sum(amount for _, amount in self.lines)

    @property
    def construction_fee_amount(self) -> float:
        """Construction phase fee on the lines."""
        return self.lines_amount * self.construction_fee_rate

    @property
    def contingency_amount(self) -> float:
        """Contingency on lines and fee."""
        return (self.lines_amount + self.construction_fee_amount) * self.contingency_rate

    @property
    def total_amount(self) -> float:
        """Capex including fee and contingency."""
        return self.lines_amount + self.construction_fee_amount + self.contingency_amount


@dataclass(frozen=True, slots=True)
class Power:
    """Site power: gross facility megawatts, the PUE that turns them into IT load, and the share of them drawn."""

    gross_facility_mw: float
    pue: float
    utilisation_ratio: float


@dataclass(frozen=True, slots=True)
class Revenue:
    """Rent as quoted, how much of it is let, and who pays which costs."""

    rent_basis: RentBasis
    rent_amount: float
    occupancy_ratio: float
    lease_type: LeaseType
    opex_ratio: float
    electricity_price_per_mwh: float
    electricity_escalation_rate: float | None
    asset_management_fee_rate: float
    replacement_reserve_per_kw_amount: float


@dataclass(frozen=True, slots=True)
class Lease:
    """Term and yearly indexation of the rent, and on what it is let again; no ratio: the cash ends with the lease."""

    term_years: int
    indexation: IndexationKind
    indexation_lag_months: int
    indexation_spread_rate: float
    cpi_floor_rate: float | None
    cpi_cap_rate: float | None
    fixed_indexation_rate: float
    review_years: int
    relet_ratio: float | None
    relet_void_months: int | None
    relet_years: int | None


@dataclass(frozen=True, slots=True)
class Fees:
    """Development and management fees; the management fee is a share of its base, or an amount of its own."""

    development_amount: float
    management_amount: float
    management_base_amount: float
    is_management_derived: bool

    @property
    def management_rate(self) -> float | None:
        """The management fee as a share of internal capex lines, land purchase and grid connection."""
        return self.management_amount / self.management_base_amount if self.management_base_amount else None

    @property
    def total_amount(self) -> float:
        """Both fees."""
        return self.development_amount + self.management_amount


@dataclass(frozen=True, slots=True)
class Construction:
    """Building period and how each tranche's interest is met during it."""

    close_date: str | None
    start_date: str | None
    months: int
    senior_cover: InterestCover
    senior_cover_months: int | None
    mezz_cover: InterestCover
    mezz_cover_months: int | None
    draw_profile: DrawProfile
    debt_form: DebtForm
    escrow_rate: float

    def covered_months(self, tranche: str) -> int:
        """Months of construction interest that `tranche` ("senior" or "mezz") covers itself."""
        cover, months = self._cover(tranche)
        if cover is InterestCover.NONE:
            return 0
        return self.months_from_close if months is None else min(months, self.months_from_close)

    @property
    def gap_months(self) -> int:
        """Months from financial close to the start of construction, to the nearest; none where one is not known."""
        if self.close_date is None or self.start_date is None:
            return 0
        return nearest_months(date.fromisoformat(self.close_date), date.fromisoformat(self.start_date))

    @property
    def months_from_close(self) -> int:
        """Months from financial close to the start of operations: interest runs in all of them."""
        return self.gap_months + self.months

    def is_capitalised(self, tranche: str) -> bool:
        """True if the tranche's interest is added to its balance during construction."""
        return self._cover(tranche)[0] is InterestCover.CAPITALISED

    def _cover(self, tranche: str) -> tuple[InterestCover, int | None]:
        if tranche == "senior":
            return self.senior_cover, self.senior_cover_months
        return self.mezz_cover, self.mezz_cover_months


@dataclass(frozen=True, slots=True)
class Tax:
    """What the project pays tax on; no rate: everything is before tax."""

    rate: float | None
    allowance_ratio: float
    allowance_years: int
    interest_cap_ratio: float


@dataclass(frozen=True, slots=True)
class Credit:
    """The tenant's rating and the insurance wrap."""

    tenant_rating: str
    insurance_wrap: bool
    insurance_premium_bps: int


@dataclass(frozen=True, slots=True)
class Valuation:
    """An appraisal, where there is one."""

    appraisal_amount: float | None


@dataclass(frozen=True, slots=True)
class ProjectInputs:
    """A project as the engine takes it; build it with `from_dict`, which checks every field.

    `capex_internal` and `capex_market` are already in the project's currency.
    """

    country: Country
    currency: Currency
    capex_currency: Currency
    fx_rate: float | None
    power: Power
    revenue: Revenue
    lease: Lease
    capex_internal: CapexBudget
    capex_market: CapexBudget
    land: Land
    fees: Fees
    construction: Construction
    tax: Tax
    credit: Credit
    valuation: Valuation
    _values: tuple[tuple[str, Any], ...]

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> ProjectInputs:
        """The inputs of a nested mapping; raises InputProblems with every fault found."""
        reader = Reader(FIELDS, payload)
        values = reader.read()
        if not reader.problems:
            reader.problems.extend(_cross_checks(values))
        if reader.problems:
            raise InputProblems(reader.problems)
        return cls._build(values)

    @classmethod
    def _build(cls, values: dict[str, Any]) -> ProjectInputs:
        group = nested(values)
        currency = Currency(values["currency"])
        fx_rate = values["fx_rate"]
        lease, construction, revenue = group["lease"], group["construction"], group["revenue"]
        power, internal = Power(**group["power"]), _budget(group["capex"]["internal"], fx_rate)
        land = land_of(group["land"], power.gross_facility_mw)
        return cls(
            country=Country(values["country"]),
            currency=currency,
            capex_currency=Currency(values["capex_currency"] or currency),
            fx_rate=fx_rate,
            power=power,
            revenue=Revenue(
                **{
                    **revenue,
                    "rent_basis": RentBasis(revenue["rent_basis"]),
                    "lease_type": LeaseType(revenue["lease_type"]),
                }
            ),
            lease=Lease(**{**lease, "indexation": IndexationKind(lease["indexation"])}),
            capex_internal=internal,
            capex_market=_budget(group["capex"]["market"], fx_rate),
            land=land,
            fees=_fees(group["fees"], internal, land),
            construction=Construction(
                **{
                    **construction,
                    "senior_cover": InterestCover(construction["senior_cover"]),
                    "mezz_cover": InterestCover(construction["mezz_cover"]),
                    "draw_profile": DrawProfile(construction["draw_profile"]),
                    "debt_form": DebtForm(construction["debt_form"]),
                }
            ),
            tax=Tax(**group["tax"]),
            credit=Credit(**group["credit"]),
            valuation=Valuation(**group["valuation"]),
            _values=tuple({**values, **_noughts(values)}.items()),
        )

    def to_dict(self) -> dict[str, Any]:
        """The canonical nested dict as `from_dict` reads it back: every field, later ones only where they say something."""
        told = {path: value for path, value in self._values if not _goes_without_saying(path, value)}
        if "land.stamp_duty_bands" in told:
            told["land.stamp_duty_bands"] = [list(band) for band in told["land.stamp_duty_bands"]]
        return nested(told)

    def warnings(self) -> tuple[Problem, ...]:
        """What is accepted but worth a second look."""
        found = []
        if self.power.pue < 1.0:
            found.append(
                Problem(
                    "pue_not_physical", "power.pue", f"PUE {self.power.pue:g} is below 1.00, which is not physical."
                )
            )
        if self.capex_market.total_amount < self.capex_internal.total_amount:
            found.append(
                Problem("market_below_internal", "capex.market.lines", "Market capex is below internal capex: the developer margin is negative.")
            )  # fmt: skip
        return (*found, *_noughts_that_hold(dict(self._values)))


_DEFAULTS = {spec.path: spec.default for spec in FIELDS}


def _goes_without_saying(path: str, value: Any) -> bool:
    """True for what the canonical dict leaves out: a later field at its default, an amount that follows from others."""
    return value == _DEFAULTS[path] if path in LATER_FIELDS else value is None and path in FOLLOWERS


def _noughts_that_hold(values: Mapping[str, Any]) -> list[Problem]:
    labels = {spec.path: spec.label for spec in FIELDS}
    return [
        Problem("nought_holds", path, f"{labels[path]}: the 0 that was entered holds. Leave it empty to work it out.")
        for path in FOLLOWERS
        if values[path] == 0 and follows(path, values)
    ]


def _budget(group: Mapping[str, Any], fx_rate: float | None) -> CapexBudget:
    factor = 1.0 if fx_rate is None else fx_rate
    lines = tuple((code, amount * factor) for code, amount in sorted(group["lines"].items()))
    return CapexBudget(lines, group["construction_fee_rate"], group["contingency_rate"])


def _fees(group: Mapping[str, Any], internal: CapexBudget, land: Land) -> Fees:
    base, rate = internal.lines_amount + land.purchase_amount + land.grid_amount, group["management_rate"]
    entered = group["management_amount"]
    amount = (rate or 0.0) * base if entered is None else entered
    return Fees(group["development_amount"], amount, base, entered is None and rate is not None)


def _noughts(values: Mapping[str, Any]) -> dict[str, float]:
    """The amounts that stand empty and follow from nothing, as the nought they come to."""
    empty = (path for path in FOLLOWERS if values[path] is None)
    return {path: 0.0 for path in empty if not follows(path, values)}


def follows(path: str, values: Mapping[str, Any]) -> bool:
    """True where an amount has fields to follow from while it is empty; values are by path."""
    return any(values.get(source) is not None for source in FOLLOWERS.get(path, ()))


def _cross_checks(values: Mapping[str, Any]) -> list[Problem]:
    """Rules that read more than one field; fields themselves are sound here."""
    is_home = values["currency"] == HOME_CURRENCY[Country(values["country"])]
    land = land_problems(nested(dict(values))["land"], values["country"], is_home)
    return [
        *_currency_problems(values),
        *_calendar_problems(values),
        *_capex_problems(values),
        *_collar_problems(values),
        *_relet_problems(values),
        *land,
        *_fee_problems(values),
    ]


def _currency_problems(values: Mapping[str, Any]) -> list[Problem]:
    home = HOME_CURRENCY[Country(values["country"])]
    currency, capex_currency = values["currency"], values["capex_currency"] or values["currency"]
    problems = []
    if currency not in {home, Currency.JPY}:
        message = f"Currency: a {values['country']} project reports in {home.value}, got {currency}."
        problems.append(Problem("currency_mismatch", "currency", message))
    foreign, rate = capex_currency != currency, values["fx_rate"]
    if foreign and rate is None:
        message = "FX rate: needed when capex is in another currency."
        problems.append(Problem("fx_rate_missing", "fx_rate", message))
    # Once every JPY project had to enter a rate: it still counts.
    if not foreign and rate is not None and currency != Currency.JPY:
        message = "FX rate: leave it empty, capex is in the project's own currency."
        problems.append(Problem("fx_rate_unused", "fx_rate", message))
    return problems


def _calendar_problems(values: Mapping[str, Any]) -> list[Problem]:
    close, start = values["construction.close_date"], values["construction.start_date"]
    if close is None:
        return []
    if start is not None and not 0 <= (date.fromisoformat(start) - date.fromisoformat(close)).days <= LONGEST_GAP_DAYS:
        message = (
            f"Financial close: expected a day up to three years before construction starts on {start}, got {close}."
        )
        return [Problem("close_after_start", "construction.close_date", message)]
    if not is_business_day(date.fromisoformat(close)):
        message = f"Financial close: expected a business day, got the weekend of {close}."
        return [Problem("not_a_business_day", "construction.close_date", message)]
    return []


def _capex_problems(values: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    for side in ("internal", "market"):
        place = f"capex.{side}.lines"
        lines = values[place]
        unknown = (code for code in lines if code not in CAPEX_LINES)
        problems.extend(Problem("unknown_line", f"{place}.{code}", f"{code} is not a capex line.") for code in unknown)
        if sum(lines.values()) <= 0:
            problems.append(Problem("no_capex", place, f"Enter {side} capex above 0."))
    return problems


def _collar_problems(values: Mapping[str, Any]) -> list[Problem]:
    floor, cap = values["lease.cpi_floor_rate"], values["lease.cpi_cap_rate"]
    if floor is not None and cap is not None and floor > cap:
        message = f"Indexation cap: expected at least the floor of {floor:.2%}, got {cap:.2%}."
        return [Problem("cap_below_floor", "lease.cpi_cap_rate", message)]
    return []


def _relet_problems(values: Mapping[str, Any]) -> list[Problem]:
    """A re-letting has a rent and a term, and ends within the months that paths are written for."""
    ratio, void, years = (values[f"lease.relet_{part}"] for part in ("ratio", "void_months", "years"))
    if ratio is None and void is None and years is None:
        return []
    if ratio is None or years is None:
        missing = "lease.relet_ratio" if ratio is None else "lease.relet_years"
        message = "Re-letting: enter the rent and the lease term on re-letting, or leave all of it empty."
        return [Problem("relet_incomplete", missing, message)]
    end = 12 * values["lease.term_years"] + (void or 0) + 12 * years
    if end <= LONGEST_CASH_MONTHS:
        return []
    message = f"Re-letting: expected lease, void and new lease to end within {LONGEST_CASH_MONTHS} months, got {end}."
    return [Problem("relet_too_long", "lease.relet_years", message)]


def _fee_problems(values: Mapping[str, Any]) -> list[Problem]:
    if values["fees.management_rate"] is None or not values["fees.management_amount"]:
        return []
    message = "Management fee, percent: enter the percentage or the amount, not both."
    return [Problem("both_given", "fees.management_rate", message)]
