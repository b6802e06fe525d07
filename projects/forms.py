"""The quick form: a project in per-MW figures. Labels, units and ranges are the engine's; so are the sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone

from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.errors import Problem
from engine.project import FIELDS, ProjectInputs
from projects import screen
from projects.models import TITLE_LENGTH, Project
from projects.translate import MANAGEMENT_RATE, PER_MW, QUICK_FIELDS, check_inputs, quick_payload, quick_values


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields under one heading."""

    title: str
    help: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section with the fields of one form, as a template shows them."""

    title: str
    help: str
    fields: list[BoundField]

    @property
    def has_errors(self) -> bool:
        """True where one of its fields has something to say."""
        return any(field.errors for field in self.fields)


SECTIONS: tuple[Section, ...] = (
    Section("Project", "", ("title", "country", "currency", "capex_currency", "fx_rate")),
    Section("Site and power", "IT load is the gross facility power over the PUE.",
            ("power.gross_facility_mw", "power.pue", "construction.start_date", "construction.months")),
    Section("Revenue and lease", "",
            ("revenue.rent_basis", "revenue.rent_amount", "revenue.occupancy_ratio", "revenue.lease_type",
             "revenue.opex_ratio", "revenue.electricity_price_per_mwh", "lease.term_years")),
    Section("Indexation", "Year 1 is not indexed.",
            ("lease.indexation", "lease.indexation_spread_rate", "lease.indexation_lag_months",
             "lease.cpi_floor_rate", "lease.cpi_cap_rate", "lease.fixed_indexation_rate")),
    Section("Construction cost", "Internal is what it costs, market what a buyer would pay for the same.",
            (PER_MW["internal"], "capex.internal.construction_fee_rate", "capex.internal.contingency_rate",
             PER_MW["market"], "capex.market.construction_fee_rate", "capex.market.contingency_rate")),
    Section("Land and fees", "",
            ("land.purchase_amount", "land.grid_amount", "land.stamp_duty_rate", "land.stamp_duty_fixed_amount",
             "fees.development_amount", "fees.management_amount", MANAGEMENT_RATE)),
    Section("Interest during construction", "",
            ("construction.senior_cover", "construction.senior_cover_months",
             "construction.mezz_cover", "construction.mezz_cover_months")),
    Section("Tenant, insurance and value", "",
            ("credit.tenant_rating", "credit.insurance_wrap", "credit.insurance_premium_bps",
             "valuation.appraisal_amount")),
)  # fmt: skip
LINE_PATHS = {f"capex.{side}.lines": name for side, name in PER_MW.items()}
SPECS: dict[str, FieldSpec] = {spec.path: spec for spec in (*FIELDS, *QUICK_FIELDS) if spec.path not in LINE_PATHS}


def field_name(path: str) -> str:
    """The name in the page of an engine path: dots have a meaning in templates."""
    return path.replace(".", "__")


class FigureField(forms.Field):
    """One engine field on a form; it only reads what was typed, the engine says whether that will do."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        self.unit_text = screen.UNIT_TEXT.get(spec.unit, "")
        super().__init__(label=spec.label, help_text=spec.help, required=False, widget=_widget(spec))

    @property
    def range_text(self) -> str:
        """The range in words, for a hint beside the field."""
        bounded = self.spec.minimum is not None or self.spec.maximum is not None
        return screen.range_shown(self.spec) if bounded else ""

    def to_python(self, value: Any) -> Any:
        return screen.read(self.spec, value)

    def prepare_value(self, value: Any) -> Any:
        # A bound form shows what was typed, letter by letter.
        return value if isinstance(value, str) else screen.shown(self.spec, value)


class QuickProjectForm(forms.Form):
    """A project in the figures a sponsor has at hand.

    `sections()` for the page; after `is_valid()`: `payload` (also of a bad form: what a draft keeps), `inputs`,
    `warnings`, and `cleaned_data["title"]`, `cleaned_data["version"]`.
    """

    use_required_attribute = False
    title = forms.CharField(
        max_length=TITLE_LENGTH,
        error_messages={
            "required": "Title: expected a name for the project, got nothing.",
            "max_length": "Title: expected at most %(limit_value)d characters, got %(show_value)d.",
        },
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, project: Project | None = None, today: date | None = None
    ) -> None:
        self.project = project
        self.today = today or timezone.localdate()
        self.stored: dict[str, Any] = project.inputs if project else {}
        self.payload: dict[str, Any] = {}
        self.warnings: tuple[Problem, ...] = ()
        self.inputs: ProjectInputs | None = None
        super().__init__(data, initial=_initial(project))
        for path, spec in SPECS.items():
            self.fields[field_name(path)] = FigureField(spec)

    def sections(self) -> list[FormSection]:
        """The fields in the order a person fills them in."""
        return [
            FormSection(section.title, section.help, [self[field_name(name)] for name in section.names])
            for section in SECTIONS
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        values = {path: cleaned.get(field_name(path)) for path in SPECS}
        entered = {spec.path: values.pop(spec.path) for spec in QUICK_FIELDS}
        self.payload, figure_problems = quick_payload(values, entered, self.stored)
        checked = check_inputs(self.payload, today=self.today, previous=self.stored)
        for problem in (*figure_problems, *(p for p in checked.problems if p.place not in LINE_PATHS)):
            self._tell(problem)
        self.inputs, self.warnings = checked.inputs, checked.warnings
        return cleaned

    def _tell(self, problem: Problem) -> None:
        path = next((own for lines, own in LINE_PATHS.items() if problem.place.startswith(lines)), problem.place)
        spec = SPECS.get(path)
        if spec is None:
            self.add_error(None, problem.message)
            return
        name = field_name(path)
        self.add_error(name, screen.sentence(spec, problem, self.data.get(self.add_prefix(name), "")))


def _initial(project: Project | None) -> dict[str, Any]:
    stored = project.inputs if project else {}
    own = quick_values(stored)
    figures = {
        field_name(path): own.get(path) if spec in QUICK_FIELDS else _stored_or_default(stored, spec)
        for path, spec in SPECS.items()
    }
    head = {"title": project.title, "version": project.version} if project else {}
    return {**figures, **head}


def _stored_or_default(stored: Mapping[str, Any], spec: FieldSpec) -> Any:
    value = lookup(stored, spec.path)
    return spec.default if value is None else value


def _widget(spec: FieldSpec) -> forms.Widget:
    if spec.kind is FieldKind.FLAG:
        return forms.CheckboxInput()
    if spec.kind is FieldKind.CHOICE:
        blank = [] if spec.default is not None else [("", "Choose" if spec.required else "As the project")]
        return forms.Select(choices=[*blank, *((value, screen.choice_text(value)) for value in spec.choices)])
    if spec.kind is FieldKind.DATE:
        return forms.DateInput(attrs={"type": "date"})
    mode = "numeric" if spec.kind is FieldKind.INTEGER else "decimal"
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", "data-unit": spec.unit})
