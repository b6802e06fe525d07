"""What a run of notes asks: the rates of its grid, the yield that prices are read at, scenarios of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.notes.content import problems_of_behaviour

SINGLE = ("yield_shift_bps", "correlation_ratio")
MOST_SCENARIOS, MOST_RATES, LONGEST_NAME = 50, 9, 80
FIELDS = (
    FieldSpec("cpr_rates", "Prepayment rates, CPR", FieldKind.NUMBERS, "rate", (0.0, 0.05, 0.1, 0.2), minimum=0, maximum=0.95, help="The grid's rows: up to nine, with spaces or semicolons between."),
    FieldSpec("cdr_rates", "Default rates, CDR", FieldKind.NUMBERS, "rate", (0.0, 0.01, 0.02, 0.04, 0.08), minimum=0, maximum=0.95, help="The grid's columns."),
    FieldSpec("yield_shift_bps", "Prices read at the coupon plus", FieldKind.NUMBER, "bps", 0.0, minimum=-1000, maximum=2000, help="The yield of each class: its coupon and this."),
    FieldSpec("correlation_ratio", "Correlation of every two loans", FieldKind.NUMBER, "share", 0.2, minimum=0, maximum=0.95, help="Of the one factor that losses are drawn with."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunTerms:
    """The terms of a run."""

    cpr_rates: tuple[float, ...]
    cdr_rates: tuple[float, ...]
    yield_shift_bps: float
    correlation_ratio: float
    scenarios: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> RunTerms:
        """The terms, defaults for what is not given; raises InputProblems."""
        reader = Reader(FIELDS, {name: value for name, value in payload.items() if name != "scenarios"})
        values, scenarios = reader.read(), payload.get("scenarios") or ()
        problems = [*(reader.problems or _rate_problems(values)), *_scenario_problems(scenarios)]
        if problems:
            raise InputProblems(problems)
        cpr, cdr = (tuple(sorted(set(values[name]))) for name in ("cpr_rates", "cdr_rates"))
        return cls(cpr, cdr, values["yield_shift_bps"], values["correlation_ratio"], tuple(scenarios))

    def to_dict(self) -> dict[str, Any]:
        """The terms as JSON."""
        return {
            "cpr_rates": list(self.cpr_rates),
            "cdr_rates": list(self.cdr_rates),
            **{name: getattr(self, name) for name in SINGLE},
            "scenarios": [dict(each) for each in self.scenarios],
        }

    @property
    def count(self) -> int:
        """How often the deal is run: the base case, the grid, the scenarios."""
        return 1 + len(self.cpr_rates) * len(self.cdr_rates) + len(self.scenarios)


def _rate_problems(values: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem("too_many", name, f"{label}: expected one to {MOST_RATES} rates.")
        for name, label in (("cpr_rates", "Prepayment rates"), ("cdr_rates", "Default rates"))
        if not 1 <= len(set(values[name] or ())) <= MOST_RATES
    ]


def _scenario_problems(scenarios: Any) -> list[Problem]:
    """What is wrong with scenarios, each a name and a behaviour."""
    if not isinstance(scenarios, Sequence) or isinstance(scenarios, str) or len(scenarios) > MOST_SCENARIOS:
        return [Problem("not_a_list", "scenarios", f"Scenarios: expected a list of at most {MOST_SCENARIOS}.")]
    found: list[Problem] = []
    for number, each in enumerate(scenarios):
        place = f"scenarios.{number}"
        name = each.get("name") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
            found.append(Problem("missing", f"{place}.name", f"Scenario {number + 1}: give it a name."))
            continue
        found += [
            Problem(problem.code, f"{place}.behaviour.{problem.place}", f"{name}: {problem.message}")
            for problem in problems_of_behaviour(each.get("behaviour"))
        ]
    return found
