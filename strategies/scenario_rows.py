"""A set of scenarios as rows that a person edits: scenario, what moves, its name, by how much; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import Problem
from lib.numbers import read_number, typed_text

FACTOR, NAME = "factor", "name"
KINDS = {FACTOR: "Factor", NAME: "Single name"}
UNIT = "rate"
MOST_SHOCK = 10.0
LONGEST_NAME, MOST_ROWS = 120, 500
COLUMNS = ("scenario", "kind", "of", "shock")
Row = Mapping[str, str]


def rows_of(scenarios: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The rows of a set, scenario by scenario."""
    return [
        {"scenario": each["name"], "kind": kind, "of": of, "shock": typed_text(shock, UNIT)}
        for each in scenarios
        for kind, shocks in ((FACTOR, each["factors"]), (NAME, each["specific"]))
        for of, shock in shocks.items()
    ]


def read_rows(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The scenarios that the rows say, blank rows left out, and what is wrong with them; a place is row and column."""
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        if not any(row.get(column, "").strip() for column in ("scenario", "of", "shock")):
            continue
        scenario, of = (" ".join(row.get(column, "").split()) for column in ("scenario", "of"))
        shock, faults = _read(number, row, scenario, of)
        kept = found.setdefault(scenario, {"name": scenario, "factors": {}, "specific": {}})
        shocks = kept["factors" if row.get("kind") == FACTOR else "specific"]
        if of in shocks:
            faults.append(_problem("twice", number, "of", f"{of} moves twice in {scenario}: keep one row."))
        if not faults:
            shocks[of] = shock
        problems += faults
    if not found and not problems:
        problems.append(Problem("empty", "rows", "Rows: put at least one shock in."))
    if len(rows) > MOST_ROWS:
        problems.append(Problem("too_many", "rows", f"Rows: expected at most {MOST_ROWS}, got {len(rows)}."))
    return list(found.values()), problems


def _read(number: int, row: Row, scenario: str, of: str) -> tuple[float, list[Problem]]:
    """The shock as a fraction, and the row's faults."""
    faults = []
    if not 0 < len(scenario) <= LONGEST_NAME:
        faults.append(
            _problem("missing", number, "scenario", f"say in up to {LONGEST_NAME} characters which scenario it is of.")
        )
    if row.get("kind") not in KINDS:
        faults.append(_problem("not_a_choice", number, "kind", "choose whether a factor or a single name moves."))
    if not 0 < len(of) <= LONGEST_NAME:
        faults.append(_problem("missing", number, "of", "say what moves."))
    reading = read_number(row.get("shock", ""), UNIT)
    if reading.value is None:
        faults.append(_problem("not_a_number", number, "shock", f"{reading.problem or 'enter a shock in percent'}."))
        return 0.0, faults
    shock = float(reading.value)
    if abs(shock) > MOST_SHOCK:
        faults.append(
            _problem(
                "out_of_range", number, "shock", f"expected a shock between -{MOST_SHOCK:.0%} and {MOST_SHOCK:.0%}."
            )
        )
    return shock, faults


def _problem(code: str, number: int, column: str, words: str) -> Problem:
    return Problem(code, f"{number}.{column}", f"Row {number}: {words}")
