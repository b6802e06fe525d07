"""What a financing stands in: the project, the terms and rules it is judged under, and the stress grid they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from engine.market import MarketSet
from engine.project.inputs import ProjectInputs
from engine.ratings.criteria import RatingStress, RuleSet
from engine.ratings.letting import Letting, letting_of
from engine.terms import StructuringTerms


@dataclass(frozen=True)
class Scenario:
    """One cell of the stress grid, or one scenario that ratings must survive; number 0 is the base case."""

    number: int
    cpi_rate: float | None
    rate_shift_bps: float
    default_ratio: float
    cpi_path: int
    shift_path: int
    default_path: int
    relet_months: int = 12
    relet_ratio: float = 0.9
    with_swap_only: bool = False
    rating: str = ""

    @property
    def label(self) -> str:
        """The scenario in words, e.g. "CPI 1.8%, rates +100 bps, default 5%"."""
        parts = []
        if self.cpi_rate is not None:
            parts.append(f"CPI {self.cpi_rate * 100:g}%")
        if self.rate_shift_bps:
            parts.append(f"rates {self.rate_shift_bps:+g} bps")
        if self.default_ratio:
            parts.append(f"default {self.default_ratio * 100:g}%{self._relet}")
        return ", ".join(parts) or "Base case"

    @property
    def _relet(self) -> str:
        if not self.rating:
            return ""
        return f" re-let after {self.relet_months} months at {self.relet_ratio * 100:g}%"


# A share of the rent that stops, months until it is re-let, and what it is re-let at.
Default = tuple[float, int, float]


@dataclass(frozen=True)
class Setting:
    """All of a financing but its levers; without a market set, coupons are tested against each other only."""

    inputs: ProjectInputs
    terms: StructuringTerms
    rules: RuleSet
    market: MarketSet | None = field(default=None, kw_only=True)

    @property
    def value_haircut_ratio(self) -> float:
        """What the value is cut by: the rule set's own, else the terms'."""
        own = self.rules.value_haircut_ratio
        return self.terms.agency_haircut_ratio if own is None else own

    @cached_property
    def letting(self) -> Letting:
        """When the project is let, as the rules read it."""
        return letting_of(self.inputs.lease, self.rules)

    @cached_property
    def cpi_rates(self) -> tuple[float | None, ...]:
        """CPI of each path: the base path (None), the stresses, those of swaps, and what only ratings ask for."""
        terms = self.terms
        grid = (None, *terms.stress_cpi_rates, *terms.swap_stress_cpi_rates)
        return (*grid, *_unseen((s.cpi_rate for s in self.rules.rating_stresses), grid))

    @cached_property
    def rate_shifts_bps(self) -> tuple[float, ...]:
        """Every rate shift, none first."""
        grid = (0.0, *self.terms.stress_rate_shifts_bps)
        return (*grid, *_unseen((s.rate_shift_bps for s in self.rules.rating_stresses), grid))

    @cached_property
    def defaults(self) -> tuple[Default, ...]:
        """Every tenant default, none first."""
        relet = self.terms.stress_relet_months, self.terms.stress_relet_ratio
        grid = ((0.0, *relet), *((ratio, *relet) for ratio in self.terms.stress_default_ratios))
        return (*grid, *_unseen((self._default_of(s) for s in self.rules.rating_stresses), grid))

    def _default_of(self, stress: RatingStress) -> Default:
        return (stress.default_ratio, stress.relet_months, stress.relet_ratio) if stress.default_ratio else self._none

    @property
    def _none(self) -> Default:
        return (0.0, self.terms.stress_relet_months, self.terms.stress_relet_ratio)

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The grid: every combination of the CPI, rate and default stresses, base case first; a swap's CPI last."""
        plain = len(self.terms.stress_cpi_rates) + 1
        swapped = range(plain, plain + len(self.terms.swap_stress_cpi_rates))
        return tuple(self._cells(range(plain), 0)) + tuple(self._cells(swapped, self.plain_count, with_swap_only=True))

    @property
    def grid(self) -> tuple[Scenario, ...]:
        """The scenarios that may concern a financing of this setting."""
        return self.scenarios

    @property
    def plain_count(self) -> int:
        """How many cells of the grid are for every structure, swap or not."""
        terms = self.terms
        return (
            (1 + len(terms.stress_cpi_rates))
            * (1 + len(terms.stress_rate_shifts_bps))
            * (1 + len(terms.stress_default_ratios))
        )

    @cached_property
    def rating_scenarios(self) -> tuple[Scenario, ...]:
        """What the rule set asks of ratings, numbered on from the grid; each binds its rating and every better one."""
        first = len(self.scenarios)
        return tuple(self._tested(first + n, stress) for n, stress in enumerate(self.rules.rating_stresses))

    def _cells(self, paths: Iterable[int], first: int, *, with_swap_only: bool = False) -> Iterator[Scenario]:
        shifts = self.rate_shifts_bps[: 1 + len(self.terms.stress_rate_shifts_bps)]
        defaults = self.defaults[: 1 + len(self.terms.stress_default_ratios)]
        cells = product(paths, range(len(shifts)), range(len(defaults)))
        for number, (p, r, d) in enumerate(cells, start=first):
            yield Scenario(
                number, self.cpi_rates[p], shifts[r], defaults[d][0], p, r, d, defaults[d][1], defaults[d][2],
                with_swap_only,
            )  # fmt: skip

    def _tested(self, number: int, stress: RatingStress) -> Scenario:
        return Scenario(
            number, stress.cpi_rate, stress.rate_shift_bps, stress.default_ratio,
            self.cpi_rates.index(stress.cpi_rate), self.rate_shifts_bps.index(stress.rate_shift_bps),
            self.defaults.index(self._default_of(stress)), stress.relet_months, stress.relet_ratio, rating=stress.rating,
        )  # fmt: skip


def _unseen(values: Iterable[Any], seen: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values that are not among those seen, each once, in their order."""
    return tuple(value for value in dict.fromkeys(values) if value not in seen)
