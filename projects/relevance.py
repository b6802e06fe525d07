"""Which inputs matter, given the choices made beside them: the form and the project's page ask the same table."""

from collections.abc import Mapping
from typing import Any

from engine.basics.fields import lookup

# The field, the choice it hangs on, and the choices under which it is read.
HANGS_ON: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "lease.indexation_spread_rate": ("lease.indexation", ("cpi",)),
    "lease.indexation_lag_months": ("lease.indexation", ("cpi",)),
    "lease.cpi_floor_rate": ("lease.indexation", ("cpi",)),
    "lease.cpi_cap_rate": ("lease.indexation", ("cpi",)),
    "lease.review_years": ("lease.indexation", ("cpi", "fixed")),
    "lease.fixed_indexation_rate": ("lease.indexation", ("fixed",)),
    "revenue.electricity_price_per_mwh": ("revenue.lease_type", ("gross",)),
    "revenue.electricity_escalation_rate": ("revenue.lease_type", ("gross",)),
    "power.utilisation_ratio": ("revenue.lease_type", ("gross",)),
    "construction.escrow_rate": ("construction.debt_form", ("notes",)),
    "credit.insurance_premium_bps": ("credit.insurance_wrap", (True,)),
    "land.stamp_duty_rate": ("land.stamp_duty_basis", ("percent",)),
    "land.stamp_duty_fixed_amount": ("land.stamp_duty_basis", ("amount",)),
    "land.stamp_duty_jurisdiction": ("land.stamp_duty_basis", ("bands",)),
    "land.acquisition": ("land.stamp_duty_basis", ("bands",)),
}


def matters(path: str, inputs: Mapping[str, Any]) -> bool:
    """False for an input that nothing reads under the choices made."""
    if path not in HANGS_ON:
        return True
    choice, wanted = HANGS_ON[path]
    return lookup(inputs, choice) in wanted


def by_field_name() -> dict[str, tuple[str, tuple[Any, ...]]]:
    """The table in the names of the form's fields, for its script."""
    return {_field_name(path): (_field_name(choice), wanted) for path, (choice, wanted) in HANGS_ON.items()}


def _field_name(path: str) -> str:
    return path.replace(".", "__")
