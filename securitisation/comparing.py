"""Versions of structures side by side: what each is, and what its last run came to, figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from jobs.models import JobState
from lib import figures
from securitisation.models import NotesRun, StructureVersion
from securitisation.queries import runs_of
from securitisation.shown import result_lines


@dataclass(frozen=True, slots=True)
class Side:
    """A version, its last run whatever came of it, and the last that is done."""

    version: StructureVersion
    run: NotesRun | None
    result: NotesRun | None

    @property
    def is_active(self) -> bool:
        """True while its last run waits or is under way."""
        return self.run is not None and self.run.is_active


class Line(NamedTuple):
    """One figure of every side, and whether they differ."""

    label: str
    texts: tuple[str, ...]
    differs: bool


def sides_of(versions: Sequence[StructureVersion]) -> list[Side]:
    """Each version with its runs."""
    found = []
    for version in versions:
        runs = runs_of(version.structure).filter(version=version)
        found.append(Side(version, runs.first(), runs.filter(state=JobState.DONE).first()))
    return found


def groups_of(sides: Sequence[Side]) -> list[tuple[str, list[Line]]]:
    """The issue of each side, then every class that any side has, by its code."""
    classes = [_classes(side) for side in sides]
    codes = dict.fromkeys(code for each in classes for code in each)
    groups = [("Issue", [_line(label, sides, read) for label, read in _ISSUE])]
    for code in codes:
        lines = [_line(label, [each.get(code) for each in classes], read) for label, read in _CLASS]
        groups.append((f"Class {code}", lines))
    return groups


def _classes(side: Side) -> dict[str, Mapping[str, Any]]:
    """What is known of each class: of a version without a run its terms alone."""
    if side.result is None:
        return {each["code"]: each for each in side.version.content["classes"]}
    return {each["code"]: each for each in result_lines(side.result.summary)}


def _line(label: str, sides: Sequence[Any], read: Callable[[Any], str]) -> Line:
    texts = tuple(figures.DASH if side is None else read(side) for side in sides)
    # What no run has found yet differs from nothing; a class that is not there does.
    known = {text for side, text in zip(sides, texts, strict=True) if side is None or text != figures.DASH}
    return Line(label, texts, len(known) > 1)


def _loans_amount(side: Side) -> float:
    return float(sum(loan["balance_amount"] for loan in side.version.pool.content["loans"]))


def _notes_amount(side: Side) -> float:
    return float(sum(each["balance_amount"] for each in side.version.content["classes"]))


def _coupon_rate(side: Side) -> float | None:
    """Average coupon of the notes by balance, an index in it where a class floats."""
    if side.result is None:
        return None
    classes = side.result.summary["classes"]
    return float(sum(each["coupon_rate"] * each["balance_amount"] for each in classes) / _notes_amount(side))


def _found(key: str, name: str) -> Callable[[Side], float | None]:
    """A figure of a result's part; None without a run."""
    return lambda side: side.result.summary[key][name] if side.result else None


def _lost_ratio(side: Side) -> float | None:
    lost = _found("pool", "loss")(side)
    return None if lost is None else lost / _loans_amount(side)


_ISSUE: tuple[tuple[str, Callable[[Side], str]], ...] = (
    ("Pool", lambda side: str(side.version.pool)),
    ("Balance of the pool", lambda side: figures.millions(_loans_amount(side), side.version.pool.currency)),
    ("Notes", lambda side: figures.millions(_notes_amount(side), side.version.pool.currency)),
    ("Notes over the pool", lambda side: figures.share(_notes_amount(side) / _loans_amount(side))),
    ("Average coupon of the notes", lambda side: figures.percent(_coupon_rate(side))),
    ("Equity", lambda side: figures.millions(_loans_amount(side) - _notes_amount(side), side.version.pool.currency)),
    ("Equity's yield", lambda side: figures.percent(_found("equity", "yield_rate")(side))),
    ("Lost of the pool", lambda side: figures.percent(_lost_ratio(side))),
)


def _in(name: str, unit: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda each: figures.in_unit(each.get(name), unit)


_CLASS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("Balance", _in("balance_amount", "amount")),
    ("Enhancement", _in("enhancement_ratio", "share")),
    ("Target rating", lambda each: each.get("target_rating") or figures.DASH),
    ("Indicated rating", lambda each: each.get("rating") or figures.DASH),
    ("Coupon", _in("coupon_rate", "rate")),
    ("Average life", _in("wal_years", "years")),
    ("Yield at par", _in("yield_rate", "rate")),
    ("Price", _in("price_ratio", "share")),
    ("Loss", _in("loss_ratio", "rate")),
    ("Break-even CDR", lambda each: figures.percent((each.get("break_even") or {}).get("cdr"))),
)  # fmt: skip
