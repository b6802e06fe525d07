"""The rating scale of a rule set: which symbols the agencies use for each notch, and what is wrong with a scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from engine.errors import Problem
from engine.ratings.scale import LABELS
from ratings.seeding import SEED, load_document
from ratings.tables import AGENCIES, BANDS, SCALE, SCALE_FIELDS

TABLE = SCALE.name
Row = Mapping[str, Any]


def scale_of(content: Mapping[str, Any]) -> Sequence[Row]:
    """The scale's rows, best notch first; the installation's where the rule set is from before it had one."""
    rows = content.get(TABLE)
    return sorted(rows, key=lambda row: float(row["notch"])) if rows else _installed()


def notch_of_symbol(content: Mapping[str, Any], agency: str, symbol: str) -> int | None:
    """The notch of an agency's symbol ("Moody's", "Baa2"); None for one that its scale does not have."""
    column = next((name for name, label in AGENCIES.items() if label == agency), "")
    wanted = symbol.strip().lower()
    return next(
        (int(row["notch"]) for row in scale_of(content) if wanted and row.get(column, "").lower() == wanted), None
    )


def symbols_of(content: Mapping[str, Any], agency: str) -> list[str]:
    """An agency's symbols, the best first; empty for an agency that is not on the scale."""
    column = next((name for name, label in AGENCIES.items() if label == agency), "")
    return [row[column] for row in scale_of(content) if row.get(column)]


def symbols_of_notch(content: Mapping[str, Any], notch: int) -> dict[str, str]:
    """Each agency's symbol for a notch, by the agency's name; empty outside the scale."""
    row = next((row for row in scale_of(content) if row["notch"] == notch), {})
    return {label: row[name] for name, label in AGENCIES.items() if row.get(name)}


def scale_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Every fault of the scale: gaps, notches and symbols that stand twice, and bands that get better further down."""
    if TABLE not in content:
        return []
    named = list(SCALE.named(content[TABLE]))
    found = [*_notch_problems([row["notch"] for _, row in named]), *_symbol_problems(named)]
    ordered = sorted((row for _, row in named if row["notch"] is not None), key=lambda row: float(row["notch"]))
    return [
        *found,
        *_range_problems(ordered),
        *(problem for pair in pairwise(ordered) for problem in _step_problems(*pair)),
    ]


@cache
def _installed() -> Sequence[Row]:
    rows: Sequence[Row] = load_document(SEED)["content"][TABLE]
    return rows


def _notch_problems(notches: Sequence[Any]) -> list[Problem]:
    wanted = range(1, len(LABELS) + 1)
    found = [
        Problem(
            "gap", f"{TABLE}.{notch}", f"Rating scale: there is no row for notch {notch} ({LABELS[notch - 1]}): add it."
        )
        for notch in wanted
        if notch not in notches
    ]
    found += [
        Problem(
            "unknown_notch",
            f"{TABLE}.{_said(notch)}.notch",
            f"Rating scale: expected a whole notch from 1 to {len(LABELS)}, got {_said(notch) or 'nothing'}.",
        )
        for notch in dict.fromkeys(notches)
        if notch not in wanted
    ]
    return found + [
        Problem(
            "repeated_notch",
            f"{TABLE}.{_said(notch)}.notch",
            f"Rating scale: notch {_said(notch)} stands {notches.count(notch)} times.",
        )
        for notch in dict.fromkeys(notches)
        if notch in wanted and notches.count(notch) > 1
    ]


def _symbol_problems(named: Iterable[tuple[tuple[str, ...], Row]]) -> list[Problem]:
    rows = list(named)
    found = []
    for name, agency in AGENCIES.items():
        first: dict[str, str] = {}
        for (notch, *_), row in rows:
            symbol = row[name].strip()
            if symbol and symbol in first:
                message = f"Rating scale, notch {notch}: {agency} {symbol} stands at notch {first[symbol]} already."
                found.append(Problem("repeated_symbol", f"{TABLE}.{notch}.{name}", message))
            first.setdefault(symbol, notch)
            # An agency may have no symbol for default; every better notch has one.
            if not symbol and row["notch"] != len(LABELS):
                message = f"Rating scale, notch {notch}: {agency}'s symbol is missing."
                found.append(Problem("missing", f"{TABLE}.{notch}.{name}", message))
    return found


def _range_problems(rows: Iterable[Row]) -> list[Problem]:
    return [
        Problem(
            "out_of_range", f"{TABLE}.{_said(row['notch'])}.{spec.path}",
            f"Rating scale, notch {_said(row['notch'])}: {spec.label}: expected {spec.minimum:g} to {spec.maximum:g}, got {row[spec.path]:g}.",
        )
        for row in rows
        for spec in SCALE_FIELDS
        if spec.path in BANDS and row[spec.path] is not None and spec.minimum is not None and spec.maximum is not None
        and not spec.minimum <= row[spec.path] <= spec.maximum
    ]  # fmt: skip


def _step_problems(better: Row, worse: Row) -> list[Problem]:
    """Where the lower of two notches is graded better than the one above it."""
    notch, above = _said(worse["notch"]), _said(better["notch"])
    found = []
    if worse["investment_grade"] and not better["investment_grade"]:
        message = f"Rating scale, notch {notch}: investment grade, though notch {above} above it is not."
        found.append(Problem("not_monotone", f"{TABLE}.{notch}.investment_grade", message))
    for name, label in BANDS.items():
        high, low = better[name], worse[name]
        if low is not None and (high is None or low < high):
            asked = "nothing" if high is None else f"at least {high:g}"
            message = f"Rating scale, notch {notch}: {label}: expected {asked} as at notch {above}, got {low:g}."
            found.append(Problem("not_monotone", f"{TABLE}.{notch}.{name}", message))
    return found


def _said(notch: Any) -> str:
    return "" if notch is None else f"{notch:g}"
