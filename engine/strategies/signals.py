"""A recipe run over a panel: the score of each name on each day, with every step on the way to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputProblems, Problem
from engine.strategies.cross_sections import SPENT, combined, neutral, standardised, winsorised
from engine.strategies.panels import Days, Floats, Panel
from engine.strategies.recipes import Cadence, Factor, Recipe

UNITS = {Cadence.DAILY: "D", Cadence.WEEKLY: "W", Cadence.MONTHLY: "M"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the names beside the panel: sector by name, and who is a member when (None: all, always)."""

    sector: Mapping[str, str] = field(default_factory=dict)
    members: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class FactorSteps:
    """One factor on the days worked out, (days worked out, names): signed, cut, standardised, neutral."""

    factor: Factor
    raw: Floats
    winsorised: Floats
    z: Floats
    neutral: Floats

    def steps(self) -> dict[str, Floats]:
        """The arrays by the name of their step, in order."""
        return {"raw": self.raw, "winsorised": self.winsorised, "z": self.z, "neutral": self.neutral}


@dataclass(frozen=True, slots=True)
class Signal:
    """The score (days, names), and each step of it on the days worked out.

    `dates` are the days worked out; `left_out` says which column or name had no say, and why.
    """

    days: Days
    names: tuple[str, ...]
    dates: Days
    factors: tuple[FactorSteps, ...]
    combined: Floats
    combined_z: Floats
    at_dates: Floats
    score: Floats
    left_out: tuple[Problem, ...]


def run_recipe(panel: Panel, facts: Facts, recipe: Recipe) -> Signal:
    """The score of each name on each day, from what the panel holds up to that day.

    Between the days worked out the last score stands; it decays only when it is worked out again. A name that is no
    member has no figure and no score, and begins anew when it comes back.
    """
    _refuse_unknown(panel, recipe)
    worked = worked_days(panel.days, recipe.cadence)
    members = np.ones((len(worked), len(panel.names)), bool) if facts.members is None else facts.members[worked]
    groups = group_numbers(panel.names, facts.sector if recipe.by_sector else None)
    size = _size(panel, recipe, worked, members)
    factors = tuple(_steps(each, panel, worked, members, groups, size, recipe) for each in recipe.factors)
    weights = [each.weight for each in recipe.factors]
    together = combined([each.neutral for each in factors], weights, recipe.least_factors)
    z = standardised(together)
    at_dates = decayed(z, recipe.decay_ratio, members)
    left_out = (
        *_without_group(panel.names, groups, members),
        *_without_size(recipe.size_field, size, factors),
        *_undefined(factors, panel.days[worked]),
    )
    return Signal(panel.days, panel.names, panel.days[worked], factors, together, z, at_dates,
                  _held(at_dates, worked, panel, facts), left_out)  # fmt: skip


def worked_days(days: Days, cadence: Cadence) -> NDArray[np.int64]:
    """Which days are worked out: all, or the first there is of each week or month."""
    # Weeks of the epoch begin on Thursdays: seen from four days back, Mondays do.
    shifted = days - np.timedelta64(4, "D") if cadence is Cadence.WEEKLY else days
    periods = shifted.astype(f"datetime64[{UNITS[cadence]}]")
    first = np.ones(len(days), bool)
    first[1:] = periods[1:] != periods[:-1]
    return np.flatnonzero(first)


def group_numbers(names: Iterable[str], sector: Mapping[str, str] | None) -> NDArray[np.int64]:
    """The number of each name's sector, -1 where it is not known; all in one group without sectors."""
    if sector is None:
        return np.zeros(len(tuple(names)), np.int64)
    order = {each: number for number, each in enumerate(sorted({one for one in sector.values() if one}))}
    return np.array([order.get(sector.get(name, ""), -1) for name in names], np.int64)


def decayed(z: Floats, ratio: float, members: NDArray[np.bool_]) -> Floats:
    """Scores by date: (1 - ratio) z + ratio x the previous; the first is z; without z the previous fades by ratio."""
    scores, previous = np.empty_like(z), np.full(z.shape[1], np.nan)
    for row in range(len(z)):
        carried = np.where(np.isfinite(previous), ratio * previous, np.nan)
        fresh = np.where(np.isfinite(previous), (1 - ratio) * z[row] + ratio * previous, z[row])
        previous = np.where(np.isfinite(z[row]), fresh, carried if ratio else np.nan)
        previous = np.where(members[row], previous, np.nan)
        scores[row] = previous
    return scores


def _refuse_unknown(panel: Panel, recipe: Recipe) -> None:
    there = ", ".join(panel.fields) or "none"
    lacking = [name for name in recipe.fields if name not in panel.fields]
    if lacking:
        raise InputProblems(
            Problem("unknown_column", name, f"{name} is no column of the data: choose one of {there}.")
            for name in lacking
        )


def _size(panel: Panel, recipe: Recipe, worked: NDArray[np.int64], members: NDArray[np.bool_]) -> Floats | None:
    """Log market values. Their z, which conventions name, leaves the same residual: it only moves and scales them."""
    if not recipe.size_field:
        return None
    values = panel[recipe.size_field][worked]
    logs = np.full_like(values, np.nan)
    np.log(values, out=logs, where=members & (values > 0))
    return logs


def _steps(
    factor: Factor,
    panel: Panel,
    worked: NDArray[np.int64],
    members: NDArray[np.bool_],
    groups: NDArray[np.int64],
    size: Floats | None,
    recipe: Recipe,
) -> FactorSteps:
    values = panel[factor.field][worked]
    raw = np.where(members & np.isfinite(values), factor.sign * values, np.nan)
    cut = winsorised(raw, recipe.winsorise_share)
    z = standardised(cut)
    if not recipe.by_sector and size is None:
        return FactorSteps(factor, raw, cut, z, z)
    return FactorSteps(factor, raw, cut, z, standardised(neutral(z, groups, size), SPENT))


def _held(at_dates: Floats, worked: NDArray[np.int64], panel: Panel, facts: Facts) -> Floats:
    """Each date's scores on its day and until the next date, for those who are members."""
    row = np.searchsorted(worked, np.arange(len(panel.days)), side="right") - 1
    score = at_dates[row] if len(worked) else np.empty((0, len(panel.names)))
    return score if facts.members is None else np.where(facts.members, score, np.nan)


def _without_group(names: tuple[str, ...], groups: NDArray[np.int64], members: NDArray[np.bool_]) -> Iterator[Problem]:
    lacking = [names[each] for each in np.flatnonzero((groups < 0) & members.any(axis=0))]
    if lacking:
        shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
        yield Problem("no_sector", "sector", f"Without a sector, so left out: {shown}.")


def _without_size(size_field: str, size: Floats | None, factors: Iterable[FactorSteps]) -> Iterator[Problem]:
    for each in factors:
        lost = 0 if size is None else int((np.isfinite(each.z) & ~np.isfinite(size)).sum())
        if lost:
            told = (
                f"{each.factor.field}: {lost} figures left out, as their names have no {size_field} above 0 that day."
            )
            yield Problem("no_size", each.factor.field, told)


def _undefined(factors: Iterable[FactorSteps], dates: Days) -> Iterator[Problem]:
    """Where a factor has figures but no z: too few names, or all alike."""
    for each in factors:
        for before, after, why in (
            (each.winsorised, each.z, "is the same for every name"),
            (each.z, each.neutral, "says nothing beyond sector and size"),
        ):
            lost = np.isfinite(before).any(axis=1) & ~np.isfinite(after).any(axis=1)
            if lost.any():
                on = f"{int(lost.sum())} of {len(dates)} dates, first {dates[lost][0]}"
                yield Problem("undefined", each.factor.field, f"{each.factor.field} {why} on {on}: left out there.")
