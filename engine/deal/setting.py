"""What a financing stands in: the project, the terms and rules it is judged under, and the stress grid they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.project.inputs import ProjectInputs
from engine.ratings.criteria import RuleSet
from engine.terms import StructuringTerms


@dataclass(frozen=True)
class Scenario:
    """One cell of the stress grid; number 0 is the base case."""

    number: int
    cpi_rate: float | None
    rate_shift_bps: float
    default_ratio: float
    cpi_path: int
    shift_path: int
    default_path: int

    @property
    def label(self) -> str:
        """The scenario in words, e.g. "CPI 1.8%, rates +100 bps, default 5%"."""
        parts = []
        if self.cpi_rate is not None:
            parts.append(f"CPI {self.cpi_rate * 100:g}%")
        if self.rate_shift_bps:
            parts.append(f"rates {self.rate_shift_bps:+g} bps")
        if self.default_ratio:
            parts.append(f"default {self.default_ratio * 100:g}%")
        return ", ".join(parts) or "Base case"


@dataclass(frozen=True)
class Setting:
    """All of a financing but its levers."""

    inputs: ProjectInputs
    terms: StructuringTerms
    rules: RuleSet

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every combination of the CPI, rate and default stresses, base case first."""
        found: list[Scenario] = []
        for p, cpi in enumerate((None, *self.terms.stress_cpi_rates)):
            for r, shift in enumerate((0.0, *self.terms.stress_rate_shifts_bps)):
                for d, default in enumerate((0.0, *self.terms.stress_default_ratios)):
                    found.append(Scenario(len(found), cpi, shift, default, p, r, d))
        return tuple(found)
