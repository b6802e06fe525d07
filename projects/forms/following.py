"""What a field that was left empty follows to, in words under the field."""

from collections.abc import Mapping
from typing import Any

from engine.basics.fields import lookup
from engine.project.land import grid_figure, purchase_figures
from lib import figures as words
from projects.forms.base import ProjectForm
from projects.forms.fields import field_name
from projects.translate import FiguresSoFar, tax_of

_LAND = ("location_quality", "acres_per_mw", "price_per_acre_amount", "grid_quality", "grid_price_per_mw_amount")


def following(form: ProjectForm, so_far: FiguresSoFar | None) -> dict[str, str]:
    """A sentence by field name; empty where the field says all there is to say."""
    names = (
        "land.acres_per_mw", "land.price_per_acre_amount", "land.purchase_amount", "land.grid_price_per_mw_amount",
        "land.grid_amount", "land.stamp_duty_rate", "land.stamp_duty_jurisdiction", "fees.management_rate",
        "fees.management_amount",
    )  # fmt: skip
    told = {} if so_far is None else {**_land(form, so_far), **_duty(form, so_far), **_fee(form, so_far)}
    return {field_name(path): told.get(path, "") for path in names if field_name(path) in form.fields}


def _land(form: ProjectForm, so_far: FiguresSoFar) -> dict[str, str]:
    land = {name: lookup(_values(form), f"land.{name}") for name in _LAND}
    (acres, price), grid = purchase_figures(land), grid_figure(land)
    told = {}
    if acres and not land["acres_per_mw"]:
        told["land.acres_per_mw"] = f"Taken as {words.amount(acres, 1)}."
    if price and not land["price_per_acre_amount"]:
        told["land.price_per_acre_amount"] = f"Taken as {words.amount(price)}."
    if grid and not land["grid_price_per_mw_amount"]:
        told["land.grid_price_per_mw_amount"] = f"Taken as {words.amount(grid)}."
    told["land.purchase_amount"] = _left_empty(form, so_far, "purchase_amount", "land_purchase")
    told["land.grid_amount"] = _left_empty(form, so_far, "grid_amount", "grid_connection")
    return told


def _left_empty(form: ProjectForm, so_far: FiguresSoFar, field: str, figure: str) -> str:
    """What an empty amount of land counts as: what it is worked out to, or 0."""
    if form[field_name(f"land.{field}")].value() not in (None, ""):
        return ""
    is_derived = (
        so_far.inputs.land.is_purchase_derived if field == "purchase_amount" else so_far.inputs.land.is_grid_derived
    )
    return _equals(so_far, figure) if is_derived else "Counts as 0."


def _duty(form: ProjectForm, so_far: FiguresSoFar) -> dict[str, str]:
    basis = so_far.inputs.land.stamp_duty_basis
    if basis == "percent" and so_far.inputs.land.stamp_duty_rate:
        return {"land.stamp_duty_rate": _equals(so_far, "stamp_duty")}
    tax = tax_of(_values(form))
    if basis != "bands" or tax is None:
        return {}
    since = f", since {tax.effective}" if tax.effective else ""
    origin = f"{tax.tax}{since}. {tax.provenance.capitalize()}: {tax.source}."
    return {"land.stamp_duty_jurisdiction": f"{_equals(so_far, 'stamp_duty')} {origin}".strip()}


def _fee(form: ProjectForm, so_far: FiguresSoFar) -> dict[str, str]:
    if so_far.inputs.fees.is_management_derived:
        return {"fees.management_amount": _equals(so_far, "management_fee")}
    rate = so_far.amounts["management_rate"]
    return {"fees.management_rate": f"= {words.percent(rate)}"} if rate else {}


def _equals(so_far: FiguresSoFar, name: str) -> str:
    amount = so_far.amounts[name]
    return "" if amount is None else f"= {words.amount(amount)}"


def _values(form: ProjectForm) -> Mapping[str, Any]:
    return form.values if form.is_bound else form.stored
