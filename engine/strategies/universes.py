"""Universes: who was a member when, and how much of what was known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem
from engine.strategies.panel_rows import FOREVER
from engine.strategies.panels import Days, Floats, Panel


@dataclass(frozen=True, slots=True)
class Member:
    """One stay of an instrument in a universe: from the first day to the last, both counted; None: still there."""

    ident: str
    from_day: np.datetime64
    until_day: np.datetime64 | None = None

    def on(self, day: np.datetime64) -> bool:
        """Whether the day lies in the stay."""
        return bool(self.from_day <= day and (self.until_day is None or day <= self.until_day))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of (day, member) pairs that have a figure, by month: shares (fields, months), NaN without a member."""

    months: tuple[str, ...]
    fields: tuple[str, ...]
    shares: Floats


def members_on(members: Iterable[Member], day: np.datetime64) -> tuple[str, ...]:
    """Who was a member on a day, delisted since or not, in order of ident."""
    return tuple(sorted({member.ident for member in members if member.on(day)}))


def membership(members: Iterable[Member], days: Days, names: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each name was a member on each day: (days, names)."""
    place = {name: number for number, name in enumerate(names)}
    found = np.zeros((len(days), len(names)), bool)
    for member in members:
        if member.ident in place:
            until = FOREVER if member.until_day is None else member.until_day
            found[(days >= member.from_day) & (days <= until), place[member.ident]] = True
    return found


def problems_of_members(members: Sequence[Member]) -> list[Problem]:
    """Stays that end before they begin, and stays of one name that overlap."""
    problems = []
    last: dict[str, Member] = {}
    for member in sorted(members, key=lambda each: (each.ident, each.from_day)):
        place = f"members.{members.index(member)}"
        if member.until_day is not None and member.until_day < member.from_day:
            told = f"{member.ident} leaves on {member.until_day}, before it comes on {member.from_day}."
            problems.append(Problem("ends_early", place, told))
        before = last.get(member.ident)
        if before is not None and before.on(member.from_day):
            told = f"{member.ident} is a member already when it comes on {member.from_day}: end the earlier stay first."
            problems.append(Problem("overlap", place, told))
        last[member.ident] = member
    return problems


def coverage(panel: Panel, members: NDArray[np.bool_] | None = None) -> Coverage:
    """The coverage calendar of a panel over its own days; without members every name counts on every day."""
    there = np.ones((len(panel.days), len(panel.names)), bool) if members is None else members
    months, row = np.unique(panel.days.astype("datetime64[M]"), return_inverse=True)
    wanted = np.bincount(row, there.sum(axis=1), len(months))
    shares = np.full((len(panel.fields), len(months)), np.nan)
    for number, figures in enumerate(panel.fields.values()):
        held = np.bincount(row, (there & np.isfinite(figures)).sum(axis=1), len(months))
        np.divide(held, wanted, out=shares[number], where=wanted > 0)
    return Coverage(tuple(str(month) for month in months), tuple(panel.fields), shares)
