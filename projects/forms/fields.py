"""Engine fields on a form: labels, units and ranges are the engine's; so are the sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from engine.basics.fields import FieldKind, FieldSpec
from lib.figures import DEFAULT_FORMAT
from lib.units import mark, words_of
from projects import screen
from projects.noughts import entered_value


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields under one heading; `key` names it in the page."""

    key: str
    title: str
    help: str
    names: tuple[str, ...]


RUNNING_COSTS = Section(
    "running", "Running costs", "Operating costs rise with CPI, whatever the rent does.",
    ("revenue.electricity_price_per_mwh", "revenue.electricity_escalation_rate", "power.utilisation_ratio",
     "revenue.asset_management_fee_rate", "revenue.replacement_reserve_per_kw_amount"),
)  # fmt: skip

RELETTING = Section(
    "reletting", "Re-letting after lease end",
    "Left empty, the cash ends with the lease. It counts under rule sets that allow it, and moves no tenor of the debt.",
    ("lease.relet_ratio", "lease.relet_void_months", "lease.relet_years"),
)  # fmt: skip
TAX = Section(
    "tax", "Tax", "Debt is sized before tax; cover and returns are shown after it too where a rate is entered.",
    ("tax.rate", "tax.allowance_ratio", "tax.allowance_years", "tax.interest_cap_ratio"),
)  # fmt: skip
DRAWING = Section(
    "drawing", "How construction is paid", "",
    ("construction.draw_profile", "construction.debt_form", "construction.escrow_rate"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section with the fields of one form, as a template shows them."""

    key: str
    title: str
    help: str
    fields: list[BoundField]

    @property
    def has_errors(self) -> bool:
        """True where one of its fields has something to say."""
        return any(field.errors for field in self.fields)


class FigureField(forms.Field):
    """One engine field on a form; it only reads what was typed, the engine says whether that will do."""

    def __init__(self, spec: FieldSpec, numbers: str = DEFAULT_FORMAT, currency: str = "") -> None:
        self.spec, self.numbers, self.currency = spec, numbers, currency
        self.unit_text = mark(spec.unit)
        self.follow: str | None = None  # what an empty field follows to, in words; None where none ever does
        self.said: Sequence[Any] = ()  # what reviewers and others said about it and nobody settled
        super().__init__(label=spec.label, help_text=spec.help, required=False, widget=_widget(spec))

    @property
    def range_text(self) -> str:
        """The range in words, for a hint beside the field."""
        is_bounded = self.spec.minimum is not None or self.spec.maximum is not None
        return screen.range_shown(self.spec, self.numbers) if is_bounded and self.spec.kind in screen.NUMERIC else ""

    @property
    def currency_of(self) -> str:
        """Whose currency stands beside it: the project's, or the one capex is counted in."""
        return currency_of(self.spec)

    def to_python(self, value: Any) -> Any:
        return screen.read(self.spec, value, self.numbers, self.currency)

    def prepare_value(self, value: Any) -> Any:
        # A bound form shows what was typed, letter by letter.
        return value if isinstance(value, str) else screen.shown(self.spec, value, self.numbers)


def currency_of(spec: FieldSpec) -> str:
    """Whose currency an amount is in, `project` or `capex`; nothing where it is no amount."""
    if not words_of(spec.unit).is_money:
        return ""
    return "capex" if spec.path.startswith("capex") else "project"


def field_name(path: str) -> str:
    """The name in the page of an engine path: dots have a meaning in templates."""
    return path.replace(".", "__")


def stored_or_default(stored: Mapping[str, Any], spec: FieldSpec) -> Any:
    """What a form opens with: the stored value, else the default; nothing where the amount follows from others."""
    value = entered_value(stored, spec.path)
    return spec.default if value is None else value


def _widget(spec: FieldSpec) -> forms.Widget:
    if spec.kind is FieldKind.FLAG:
        return forms.CheckboxInput()
    if spec.kind is FieldKind.CHOICE:
        return forms.Select(choices=[*_blank(spec), *((value, screen.choice_text(value)) for value in spec.choices)])
    if spec.kind is FieldKind.DATE:
        return forms.DateInput(attrs={"type": "date"})
    if spec.kind is FieldKind.TEXT:
        return forms.TextInput(attrs={"autocomplete": "off"})
    mode = "numeric" if spec.kind is FieldKind.INTEGER else "decimal"
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", "data-unit": spec.unit})


def _blank(spec: FieldSpec) -> list[tuple[str, str]]:
    if spec.default is not None or spec.path == "land.stamp_duty_basis":
        return []
    if spec.path == "capex_currency":
        return [("", "As the project")]
    return [("", "Choose" if spec.required else "Not said")]
