"""What a deal's papers say, as far as its tests need it: dates, rates, classes, triggers, thresholds, lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CoverageClass:
    """One class of notes; triggers are None where the papers have no such test."""

    name: str
    balance: Decimal
    spread: Decimal
    oc_trigger: Decimal | None = None
    ic_trigger: Decimal | None = None
    is_deferrable: bool = False
    deferred: Decimal = Decimal(0)
    fixed_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Haircuts:
    """How the overcollateralisation tests carry assets that are not worth their par; ratios of par."""

    ccc_limit: Decimal = Decimal("0.075")
    default_nil_after_days: int = 1095
    discount_below_senior: Decimal = Decimal("0.80")
    discount_below_other: Decimal = Decimal("0.75")
    long_dated_cap: Decimal = Decimal("0.70")
    long_dated_nil_after_days: int = 730


@dataclass(frozen=True, slots=True)
class SeniorFees:
    """Paid ahead of the notes: rates a year on the collateral principal amount (actual/360), and an amount a period."""

    trustee_rate: Decimal = Decimal(0)
    administrative_amount: Decimal = Decimal(0)
    base_management_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class MovingThresholds:
    """Parameters of the thresholds that move with the recovery rate; points are per percentage point of it."""

    was_base: Decimal
    was_factor: Decimal
    warf_base: Decimal
    warf_per_point: Decimal
    form_14_per_point: Decimal
    form_14_warr: Decimal
    warr_reference: Decimal = Decimal("0.43")
    was_slope: Decimal = Decimal("0.00065")
    was_slope_below: Decimal = Decimal("0.0005")
    was_slope_break: Decimal = Decimal("0.031")


@dataclass(frozen=True, slots=True)
class Limit:
    """One test as the deal sets it: `min` or `max`, a number or "computed", where it comes from."""

    sense: str
    threshold: Decimal | None
    previous: Decimal | None = None
    provenance: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DealTerms:
    """All that the tests of one determination date rest on, beside the pool."""

    currency: str
    determination_date: date
    period_start: date
    period_end: date
    stated_maturity: date
    benchmark_rate: Decimal
    fx: Mapping[str, Decimal]
    classes: tuple[CoverageClass, ...]
    limits: Mapping[int, Limit]
    moving: MovingThresholds
    country_groups: Mapping[str, frozenset[str]]
    tax_jurisdictions: frozenset[str]
    strong_sovereigns: frozenset[str]
    facility_minimum: Mapping[str, Decimal]
    junior_oc_denominator: Decimal | None = None
    diversion_trigger: Decimal | None = None
    fees: SeniorFees = field(default_factory=SeniorFees)
    haircuts: Haircuts = field(default_factory=Haircuts)
    least_coverage: Decimal = Decimal(1)

    @property
    def days(self) -> int:
        """Of the interest period."""
        return (self.period_end - self.period_start).days
