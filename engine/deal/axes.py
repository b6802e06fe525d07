"""The levers of a financing, which a run may open as axes: units, ranges, defaults, the order in which work is shared.

They are ordered by layer. A permutation's index counts the last axis fastest, so neighbours share cash flow,
senior structure, mezzanine and swaps, and differ first in the equity target.
Source: lever set contract 2.3; lever catalogue of the source platform; model book section 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.basics.ranges import given_shown, number_shown, range_shown, settled, whole
from engine.basics.units import Unit
from engine.debt.kinds import AMORTISATIONS, MEZZ_AMORTISATIONS
from engine.errors import Problem

Lever = float | str


class Layer(StrEnum):
    """How deep into the evaluation a lever first matters."""

    CASH = "cash"
    SENIOR = "senior"
    MEZZ = "mezzanine"
    FLOW = "flow"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """One lever: its range, its step on a form, and the value that leaves it closed (None: the project's own)."""

    code: str
    label: str
    unit: str
    layer: Layer
    default: Lever | None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Lever, ...] = ()
    help: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))

    @property
    def is_named(self) -> bool:
        """True where values are words, not numbers."""
        return bool(self.choices) and isinstance(self.choices[0], str)

    def encode(self, value: Lever) -> float:
        """The number a kernel sees for a lever value."""
        return float(self.choices.index(value)) if self.is_named else float(value)

    def canonical(self, value: Lever) -> Lever:
        """The value as it is stored: words, whole years and months, else a fraction."""
        if isinstance(value, str):
            return value
        return int(value) if self.unit in WHOLE_UNITS else float(value)

    def read(self, item: Any, problems: list[Problem]) -> Lever | None:
        """The lever value `item` stands for; None with a problem added if it is none."""
        if self.choices:
            return self._chosen(item, problems)
        if isinstance(item, bool) or not isinstance(item, (int, float)) or not math.isfinite(item):
            return self._wrong(problems, "not_a_number", f"expected a number, got {given_shown(item)}")
        found = settled(item, self.minimum, self.maximum)
        if found is None:
            expected = range_shown(self.minimum, self.maximum)
            return self._wrong(problems, "out_of_range", f"expected {expected}, got {number_shown(item)}")
        if self.unit not in WHOLE_UNITS or found == whole(found):
            return found
        nearest = whole(found)
        if nearest is None:
            self._wrong(problems, "not_whole", f"expected whole {self.unit}, got {number_shown(item)}")
        return nearest

    def _chosen(self, item: Any, problems: list[Problem]) -> Lever | None:
        if item in self.choices and not isinstance(item, bool):
            return self.choices[self.choices.index(item)]
        shown = ", ".join(str(c) for c in self.choices)
        return self._wrong(problems, "not_a_choice", f"expected one of {shown}, got {given_shown(item)}")

    def _wrong(self, problems: list[Problem], code: str, message: str) -> Lever | None:
        problems.append(Problem(code, self.code, f"{self.label}: {message}."))
        return None


WHOLE_UNITS = ("years", "months")
INDEXATIONS: tuple[str, ...] = ("none", "fixed", "cpi")
WRAPS: tuple[str, ...] = ("none", "senior")
MEZZANINES: tuple[str, ...] = ("none", "sized")

_SPECS = (
    AxisSpec("rent_per_kw_month", "Rent per kW month", "amount", Layer.CASH, None, 1, 30_000, 5),
    AxisSpec("opex_ratio", "Operating costs", "share", Layer.CASH, None, 0, 0.8, 0.01),
    AxisSpec("pue", "PUE", "factor", Layer.CASH, None, 0.95, 1.5, 0.05),
    AxisSpec("indexation", "Lease indexation", "name", Layer.CASH, None, choices=INDEXATIONS),
    AxisSpec("cpi_floor_rate", "Indexation floor", "rate", Layer.CASH, None, -0.05, 0.05, 0.005),
    AxisSpec("cpi_cap_rate", "Indexation cap", "rate", Layer.CASH, None, 0, 0.1, 0.005),
    AxisSpec("senior_tenor_years", "Senior tenor", "years", Layer.SENIOR, 15, 1, 30, 1),
    AxisSpec("senior_amortisation", "Senior amortisation", "name", Layer.SENIOR, "annuity", choices=AMORTISATIONS),
    AxisSpec("senior_coupon_rate", "Senior coupon", "rate", Layer.SENIOR, 0.055, 0.001, 0.15, 0.0025),
    AxisSpec("senior_dscr", "Senior DSCR", "times", Layer.SENIOR, 1.35, 1.0, 3.0, 0.05),
    AxisSpec("wrap", "Insurance wrap", "name", Layer.SENIOR, None, choices=WRAPS),
    AxisSpec("grace_months", "Principal grace", "months", Layer.SENIOR, 0, 0, 60, 6),
    AxisSpec("over_raise_ratio", "Over-raise headroom", "share", Layer.SENIOR, None, 0, 2, 0.05,
             help="Lifts the gearing cap of senior and mezzanine together to all uses times one plus this share, for a take-out after completion only; closed: the rule set's gearing."),
    AxisSpec("mezzanine", "Mezzanine", "name", Layer.MEZZ, "sized", choices=MEZZANINES,
             help="Without one, the other mezzanine levers change nothing and equal outcomes are merged."),
    AxisSpec("mezz_dscr", "Mezzanine DSCR", "times", Layer.MEZZ, 1.15, 1.0, 2.0, 0.05),
    AxisSpec("mezz_coupon_rate", "Mezzanine coupon", "rate", Layer.MEZZ, 0.09, 0.01, 0.25, 0.005),
    AxisSpec("mezz_tenor_years", "Mezzanine tenor", "years", Layer.MEZZ, None, 1, 30, 1,
             help="Closed: the senior tenor. Never longer than it."),
    AxisSpec("mezz_amortisation", "Mezzanine amortisation", "name", Layer.MEZZ, "annuity", choices=MEZZ_AMORTISATIONS),
    AxisSpec("zcis_tenor_years", "Inflation swap tenor", "years", Layer.FLOW, 0, choices=(0, 5, 10),
             help="Zero-coupon inflation swap strip; 0 is none."),
    AxisSpec("trs_share", "TRS notional", "share", Layer.FLOW, 0.0, 0, 0.8, 0.05, help="Share of the senior notes."),
    AxisSpec("dsra_months", "DSRA", "months", Layer.FLOW, 6, 0, 12, 3),
    AxisSpec("equity_irr_rate", "Equity IRR target", "rate", Layer.PRICE, 0.15, 0.01, 0.5, 0.01),
)  # fmt: skip

AXES: dict[str, AxisSpec] = {spec.code: spec for spec in _SPECS}
STANDARD_AXES: tuple[str, ...] = (
    "senior_tenor_years", "senior_amortisation", "senior_coupon_rate", "senior_dscr",
    "mezz_dscr", "mezz_coupon_rate", "zcis_tenor_years", "trs_share", "equity_irr_rate",
)  # fmt: skip
