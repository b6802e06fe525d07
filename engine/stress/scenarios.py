"""A stress scenario as terms: what differs from the base case, and from when.

Months count from the first month of operations, years from the first year. Debt stays as sized at base.
Source: model book section 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem

MOST_SCENARIOS = 200
_N, _I, _T = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.TEXT

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("name", "Name", _T, required=True, maximum=80),
    FieldSpec("cpi_rates", "CPI by year", FieldKind.NUMBERS, "rate", (), minimum=-0.1, maximum=0.3,
              help="One rate for a flat path; of a list the last holds on. Empty: the base CPI."),
    FieldSpec("short_shift_bps", "Short rates", _N, "bps", 0.0, minimum=-1000, maximum=2000,
              help="Moves the unfixed share of the coupons and what the TRS finances at."),
    FieldSpec("long_shift_bps", "Long rates", _N, "bps", 0.0, minimum=-1000, maximum=2000,
              help="Moves what is refinanced, and the price of the notes in the TRS."),
    FieldSpec("tenant_default_ratio", "Tenant default", _N, "share", 0.0, minimum=0, maximum=1,
              help="Share of the rent that stops."),
    FieldSpec("tenant_default_month", "Default in month", _I, "months", 1, minimum=1, maximum=360),
    FieldSpec("relet_months", "Months to re-let", _I, "months", 12, minimum=0, maximum=360),
    FieldSpec("relet_ratio", "Rent on re-letting", _N, "share", 0.9, minimum=0, maximum=1.5),
    FieldSpec("vacancy_ratio", "Vacancy", _N, "share", 0.0, minimum=0, maximum=1, help="Share of the rent not earned."),
    FieldSpec("vacancy_month", "Vacant from month", _I, "months", 1, minimum=1, maximum=360),
    FieldSpec("vacancy_months", "Months vacant", _I, "months", 360, minimum=0, maximum=360),
    FieldSpec("opex_overrun_ratio", "Operating cost overrun", _N, "share", 0.0, minimum=-0.9, maximum=10),
    FieldSpec("capex_overrun_ratio", "Capex overrun", _N, "share", 0.0, minimum=-0.9, maximum=5,
              help="Of the internal project cost; paid by the sponsor at close, since debt is as sized."),
    FieldSpec("delay_months", "Construction delay", _I, "months", 0, minimum=0, maximum=120,
              help="Rent starts late; debt service and the lease's end keep their dates."),
    FieldSpec("pue_drift", "PUE drift a year", _N, "factor", 0.0, minimum=-0.05, maximum=0.3,
              help="Rent per kW follows the IT load the connection still feeds; with a fixed rent, a gross lease pays for more power."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StressScenario:
    """What differs from the base case; build from a mapping with `from_dict`."""

    name: str
    cpi_rates: tuple[float, ...] = ()
    short_shift_bps: float = 0.0
    long_shift_bps: float = 0.0
    tenant_default_ratio: float = 0.0
    tenant_default_month: int = 1
    relet_months: int = 12
    relet_ratio: float = 0.9
    vacancy_ratio: float = 0.0
    vacancy_month: int = 1
    vacancy_months: int = 360
    opex_overrun_ratio: float = 0.0
    capex_overrun_ratio: float = 0.0
    delay_months: int = 0
    pue_drift: float = 0.0

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> StressScenario:
        """The scenario with nothing changed where nothing is given; raises InputProblems."""
        reader = Reader(FIELDS, payload)
        values = reader.read()
        if reader.problems:
            raise InputProblems(reader.problems)
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return values | {"cpi_rates": list(self.cpi_rates)}


BASE = StressScenario("Base case")


def read_scenarios(payload: Any) -> tuple[StressScenario, ...]:
    """The scenarios of a list of mappings, each name once; raises InputProblems with each scenario's place."""
    if not isinstance(payload, Sequence) or isinstance(payload, str) or not 1 <= len(payload) <= MOST_SCENARIOS:
        message = f"Scenarios: expected a list of 1 to {MOST_SCENARIOS}."
        raise InputProblems([Problem("not_scenarios", "scenarios", message)])
    problems: list[Problem] = []
    found = [_read(number, row, problems) for number, row in enumerate(payload)]
    names = [scenario.name for scenario in found if scenario]
    problems.extend(
        Problem("repeated_name", "scenarios", f"Scenario {name} stands twice: give each its own name.")
        for name in sorted({name for name in names if names.count(name) > 1})
    )
    if problems:
        raise InputProblems(problems)
    return tuple(scenario for scenario in found if scenario)


def _read(number: int, row: Any, problems: list[Problem]) -> StressScenario | None:
    place = f"scenarios.{number}"
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_scenario", place, f"Scenario {number + 1}: expected named values."))
        return None
    try:
        return StressScenario.from_dict(row)
    except InputProblems as error:
        problems.extend(
            Problem(p.code, f"{place}.{p.place}", f"Scenario {number + 1}: {p.message}") for p in error.problems
        )
        return None
