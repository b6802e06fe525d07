"""The detailed door: every field group, with capex line by line at both prices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from engine.basics.fields import FieldKind, FieldSpec, lookup, nested
from engine.errors import Problem
from engine.project import CAPEX_LINES, FIELDS
from projects.forms.base import ProjectForm
from projects.forms.fields import DRAWING, RELETTING, RUNNING_COSTS, TAX, Section, field_name, stored_or_default
from projects.translate import ENTERED

SIDES = {"internal": "Internal", "market": "Market"}
BANDS = "land.stamp_duty_bands"
BASIS, FIXED = "land.stamp_duty_basis", "land.stamp_duty_fixed_amount"
CAPEX_RATE_LABELS = {"construction_fee_rate": "Construction phase fee", "contingency_rate": "Contingency"}
SECTIONS: tuple[Section, ...] = (
    Section("project", "Project", "",
            ("title", "meta.sponsor_name", "meta.location", "country", "currency", "capex_currency", "fx_rate")),
    Section("power", "Power and programme", "IT load is the gross facility power over the PUE.",
            ("power.gross_facility_mw", "power.pue", "construction.close_date", "construction.start_date",
             "construction.months")),
    Section("revenue", "Revenue and lease", "",
            ("revenue.rent_basis", "revenue.rent_amount", "revenue.occupancy_ratio", "revenue.lease_type",
             "revenue.opex_ratio", "lease.term_years")),
    RUNNING_COSTS,
    Section("indexation", "Indexation", "Year 1 is not indexed.",
            ("lease.indexation", "lease.review_years", "lease.indexation_spread_rate", "lease.indexation_lag_months",
             "lease.cpi_floor_rate", "lease.cpi_cap_rate", "lease.fixed_indexation_rate")),
    RELETTING,
    Section("capex", "Construction cost", "Internal is what it costs, market what a buyer would pay for the same.", ()),
    Section("land", "Land and grid", "An amount left empty follows from the size of the site.",
            ("land.location_quality", "land.acres_per_mw", "land.price_per_acre_amount", "land.purchase_amount",
             "land.grid_quality", "land.grid_price_per_mw_amount", "land.grid_amount")),
    Section("duty", "Stamp duty", "",
            ("land.acquisition", BASIS, "land.stamp_duty_rate", FIXED, "land.stamp_duty_jurisdiction")),
    Section("fees", "Fees", "Enter the management fee as a percentage or as an amount; the other follows.",
            ("fees.development_amount", "fees.management_rate", "fees.management_amount")),
    Section("interest", "Interest during construction", "",
            ("construction.senior_cover", "construction.senior_cover_months",
             "construction.mezz_cover", "construction.mezz_cover_months")),
    DRAWING,
    TAX,
    Section("credit", "Tenant, insurance and value", "",
            ("credit.tenant_rating", "credit.insurance_wrap", "credit.insurance_premium_bps",
             "valuation.appraisal_amount")),
)  # fmt: skip


def line_path(side: str, code: str) -> str:
    """The path of one capex line."""
    return f"capex.{side}.lines.{code}"


def _line_specs() -> dict[str, FieldSpec]:
    amounts = {spec.path: spec for spec in FIELDS if spec.kind is FieldKind.AMOUNTS_BY_LINE}
    return {
        line_path(side, code): FieldSpec(
            line_path(side, code), f"{label}, {words.lower()}", FieldKind.NUMBER, "amount",
            minimum=amounts[f"capex.{side}.lines"].minimum, maximum=amounts[f"capex.{side}.lines"].maximum,
        )
        for side, words in SIDES.items()
        for code, label in CAPEX_LINES.items()
    }  # fmt: skip


LINE_SPECS = _line_specs()
SPECS: dict[str, FieldSpec] = {
    spec.path: spec for spec in FIELDS if spec.path != BANDS and spec.kind is not FieldKind.AMOUNTS_BY_LINE
} | LINE_SPECS


@dataclass(frozen=True, slots=True)
class CapexRow:
    """One line of the cost table: its fields at internal and at market prices."""

    code: str
    label: str
    internal: BoundField
    market: BoundField


class DetailedProjectForm(ProjectForm):
    """A project in full."""

    door = "detailed"

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        # Fields of the cost table have no label beside them: the row and the column name them to the eye.
        for row in (*self.capex_rows(), *self.rate_rows()):
            for bound in (row.internal, row.market):
                bound.field.widget.attrs["aria-label"] = bound.label

    def specs_of(self, stored: Mapping[str, Any]) -> dict[str, FieldSpec]:
        return SPECS

    def opening_values(self) -> dict[str, Any]:
        opening = {path: stored_or_default(self.stored, spec) for path, spec in self.specs.items()}
        has_amount = lookup(self.stored, FIXED) is not None
        return {**opening, BASIS: opening[BASIS] or ("amount" if has_amount else "percent")}

    def make_payload(self, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        payload = nested({path: value for path, value in _canonical(values).items() if value not in (None, "")})
        entered = self.stored.get(ENTERED)
        return ({**payload, ENTERED: entered} if entered else payload), ()

    def path_of(self, place: str) -> str:
        # What is wrong with a whole side is told at its first line.
        sides = {f"capex.{side}.lines": line_path(side, next(iter(CAPEX_LINES))) for side in SIDES}
        return sides.get(place, place)

    def own_sections(self) -> Iterable[Section]:
        return SECTIONS

    def capex_rows(self) -> list[CapexRow]:
        """The sixteen lines, and the cost that is not split."""
        return [
            CapexRow(code, label, *(self[field_name(line_path(side, code))] for side in SIDES))
            for code, label in CAPEX_LINES.items()
        ]

    def rate_rows(self) -> list[CapexRow]:
        """Construction phase fee and contingency, in percent of what stands above them."""
        return [
            CapexRow(rate, label, *(self[field_name(f"capex.{side}.{rate}")] for side in SIDES))
            for rate, label in CAPEX_RATE_LABELS.items()
        ]


def _canonical(values: dict[str, Any]) -> dict[str, Any]:
    """The values without a basis of stamp duty that goes without saying."""
    implied = "percent" if values[FIXED] in (None, "") else "amount"
    return {**values, BASIS: None} if values[BASIS] == implied else values
