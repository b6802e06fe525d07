"""The quick door: a project in per-MW figures."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.basics.fields import FieldSpec, lookup
from engine.errors import Problem
from engine.project import FIELDS
from projects.forms.base import ProjectForm
from projects.forms.fields import DRAWING, RELETTING, RUNNING_COSTS, TAX, Section, stored_or_default
from projects.translate import PER_MW, QUICK_FIELDS, quick_payload, quick_values

SECTIONS: tuple[Section, ...] = (
    Section("project", "Project", "",
            ("title", "meta.sponsor_name", "meta.location", "country", "currency", "capex_currency", "fx_rate")),
    Section("power", "Site and power", "IT load is the gross facility power over the PUE.",
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
    Section("capex", "Construction cost", "Internal is what it costs, market what a buyer would pay for the same.",
            (PER_MW["internal"], "capex.internal.construction_fee_rate", "capex.internal.contingency_rate",
             PER_MW["market"], "capex.market.construction_fee_rate", "capex.market.contingency_rate")),
    Section("land", "Land and fees", "",
            ("land.purchase_amount", "land.grid_amount", "land.stamp_duty_rate", "land.stamp_duty_fixed_amount",
             "fees.development_amount", "fees.management_rate", "fees.management_amount")),
    Section("interest", "Interest during construction", "",
            ("construction.senior_cover", "construction.senior_cover_months",
             "construction.mezz_cover", "construction.mezz_cover_months")),
    DRAWING,
    TAX,
    Section("credit", "Tenant, insurance and value", "",
            ("credit.tenant_rating", "credit.insurance_wrap", "credit.insurance_premium_bps",
             "valuation.appraisal_amount")),
)  # fmt: skip
LINE_PATHS = {f"capex.{side}.lines": name for side, name in PER_MW.items()}
# Fields of the detailed door alone; this one keeps what they hold, and says so.
DETAILED_ONLY = frozenset({
    "land.location_quality", "land.acres_per_mw", "land.price_per_acre_amount", "land.grid_quality",
    "land.grid_price_per_mw_amount", "land.acquisition", "land.stamp_duty_basis", "land.stamp_duty_jurisdiction",
    "land.stamp_duty_bands",
})  # fmt: skip
SPECS: dict[str, FieldSpec] = {
    spec.path: spec
    for spec in (*FIELDS, *QUICK_FIELDS)
    if spec.path not in DETAILED_ONLY and spec.path not in LINE_PATHS
}
# Which stamp duty field counts once a basis was chosen in the detailed door.
_DUTY_FIELDS = {"percent": "land.stamp_duty_rate", "amount": "land.stamp_duty_fixed_amount"}


class QuickProjectForm(ProjectForm):
    """A project in the figures a sponsor has at hand."""

    door = "quick"

    def specs_of(self, stored: Mapping[str, Any]) -> dict[str, FieldSpec]:
        basis = lookup(stored, "land.stamp_duty_basis")
        idle = {path for path in _DUTY_FIELDS.values() if basis and path != _DUTY_FIELDS.get(basis)}
        return {path: spec for path, spec in SPECS.items() if path not in idle}

    def opening_values(self) -> dict[str, Any]:
        own = quick_values(self.stored)
        return {
            path: own.get(path) if spec in QUICK_FIELDS else stored_or_default(self.stored, spec)
            for path, spec in self.specs.items()
        }

    def make_payload(self, values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        entered = {spec.path: values.pop(spec.path) for spec in QUICK_FIELDS}
        return quick_payload(values, entered, self.stored)

    def path_of(self, place: str) -> str:
        return next((own for lines, own in LINE_PATHS.items() if place.startswith(lines)), place)

    def is_repeated(self, problem: Problem) -> bool:
        return problem.place in LINE_PATHS

    def own_sections(self) -> Iterable[Section]:
        return SECTIONS
