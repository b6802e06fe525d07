"""What the tests of projects share: sound inputs, and the quick form's data for them."""

from copy import deepcopy
from datetime import date
from typing import Any

from projects.demo import demo_document
from projects.forms import QuickProjectForm
from projects.models import Project

TODAY = date(2026, 6, 1)


def sound_inputs() -> dict[str, Any]:
    """Inputs the engine accepts."""
    return deepcopy(demo_document(TODAY)["inputs"])


def put(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The inputs with one value at a dotted path."""
    *parents, leaf = path.split(".")
    node = inputs
    for part in parents:
        node = node.setdefault(part, {})
    node[leaf] = value
    return inputs


def form_data(project: Project | None = None, **changes: Any) -> dict[str, str]:
    """What a browser sends of the form as it opens, with some fields changed."""
    form = QuickProjectForm(project=project, today=TODAY)
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            data[name] = "on"
        elif value not in (None, False):
            data[name] = str(value)
    return {**data, **{name: str(value) for name, value in changes.items()}}


def quick_data(**changes: Any) -> dict[str, str]:
    """A new project's form filled in soundly, with some fields changed."""
    return form_data(
        **{
            "title": "Quay Street",
            "country": "UK",
            "currency": "GBP",
            "power__gross_facility_mw": "48",
            "power__pue": "1.2",
            "construction__start_date": "2029-01-01",
            "construction__months": "24",
            "revenue__rent_amount": "110",
            "revenue__occupancy_ratio": "95",
            "revenue__opex_ratio": "15",
            "lease__term_years": "27",
            "capex_internal_per_mw": "7,500,000",
            "capex_market_per_mw": "9,000,000",
            "land__purchase_amount": "20,000,000",
            "land__stamp_duty_rate": "5",
            "credit__tenant_rating": "A",
            **changes,
        }
    )
