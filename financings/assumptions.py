"""What a financing's cash rests on beside its levers: dates, running costs, construction, tax, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.deal import Deal
from engine.project import FIELDS, LeaseType
from engine.project.calendar import calendar_of, own_close
from lib.figures import DEFAULT_FORMAT, readers_format
from lib.text import day_words
from lib.units import beside, mark
from projects import screen

BEFORE_TAX = "None: all figures are before tax"
AFTER_TAX = "Debt is sized before it; figures are before tax unless said to be after it"
COUNTED = "Counted by the rule set: its cash refinances balloons and pays equity; tenors end with the lease"
UNCOUNTED = "Not counted by the rule set: all cash ends with the lease"
_COSTS = ("revenue.asset_management_fee_rate", "revenue.replacement_reserve_per_kw_amount")
_POWER = ("power.utilisation_ratio", "revenue.electricity_escalation_rate")
_CONSTRUCTION = ("construction.draw_profile", "construction.debt_form", "construction.escrow_rate")
_RELET = ("lease.relet_ratio", "lease.relet_void_months", "lease.relet_years")
_TAX = ("tax.rate", "tax.allowance_ratio", "tax.allowance_years", "tax.interest_cap_ratio")
_SPECS = {spec.path: spec for spec in FIELDS}
# What stands for a field left empty.
_EMPTY = {"revenue.electricity_escalation_rate": "With CPI", "lease.relet_void_months": "None"}


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption in words."""

    label: str
    words: str


def assumptions_of(deal: Deal, close: date | None = None) -> list[Assumption]:
    """Every assumption, dates first; `close` is the day a document assumes, else the project's own counts.

    Numbers are in the format of papers, or of the reader of a page.
    """
    numbers = readers_format() if close is None else DEFAULT_FORMAT
    gross = deal.inputs.revenue.lease_type is LeaseType.GROSS
    paths = ("lease.review_years", *_COSTS, *(_POWER if gross else ()), *_CONSTRUCTION)
    return [
        *_dates(deal, close or own_close(deal.inputs)),
        Assumption("Operating costs", "Rise with CPI"),
        *(_entered(deal, path, numbers) for path in paths),
        *_relet(deal, numbers),
        *_tax(deal, numbers),
    ]


def _relet(deal: Deal, numbers: str) -> list[Assumption]:
    """What is expected after the lease's end, and whether the rule set counts it; nothing where nothing is expected."""
    if deal.inputs.lease.relet_ratio is None:
        return []
    counts = deal.letting.end > deal.letting.lease_months
    return [
        *(_entered(deal, path, numbers) for path in _RELET),
        Assumption("Re-letting", COUNTED if counts else UNCOUNTED),
    ]


def _tax(deal: Deal, numbers: str) -> list[Assumption]:
    if not deal.inputs.tax.rate:
        return [Assumption("Tax", BEFORE_TAX)]
    return [*(_entered(deal, path, numbers) for path in _TAX), Assumption("Tax", AFTER_TAX)]


def _dates(deal: Deal, close: date | None) -> list[Assumption]:
    if close is None:
        return [Assumption("Financial close", "Not said")]
    days = calendar_of(deal.inputs, close)
    told = (("Financial close", days.close), ("Operations begin", days.operations), ("Lease ends", days.lease_end))
    return [Assumption(label, day_words(day)) for label, day in told]


def _entered(deal: Deal, path: str, numbers: str) -> Assumption:
    group, _, leaf = path.rpartition(".")
    value, spec = getattr(getattr(deal.inputs, group), leaf), _SPECS[path]
    if value is None:
        return Assumption(spec.label, _EMPTY[path])
    return Assumption(spec.label, beside(screen.input_text(spec, value, numbers), mark(spec.unit)))
