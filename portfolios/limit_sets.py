"""Limits of a deal's tests as a kind of versioned data: thresholds, moving formulas, country lists, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import Role
from accounts.policies import declare
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.portfolios.compliance import MAX, MIN
from engine.portfolios.rules import RULES
from records.kinds import Content, RecordKind, TableSpec

_N, _C, _I, _T = FieldKind.NUMBER, FieldKind.CHOICE, FieldKind.INTEGER, FieldKind.TEXT
COMPUTED = (32, 36, 39, 54)
LISTS = ("I", "II", "III", "tax", "AA-")
LIMIT_FIELDS = (
    FieldSpec("number", "Test", _I, required=True, minimum=1, maximum=54),
    FieldSpec("name", "Name", _T),
    FieldSpec("sense", "Limit is a", _C, required=True, choices=(MIN, MAX)),
    FieldSpec("threshold", "Threshold", _N, help="Empty: moves with the recovery rate by the parameters below."),
)
PARAMETER_FIELDS = (
    FieldSpec("was_base", "Spread, base of the threshold", _N, "rate", required=True, minimum=0, maximum=1),
    FieldSpec("was_factor", "Spread, factor of form 14 a point", _N, required=True, minimum=0, maximum=1),
    FieldSpec("was_slope", "Spread, slope a point", _N, required=True, minimum=0, maximum=1),
    FieldSpec(
        "was_slope_below", "Spread, slope a point where the base is low", _N, required=True, minimum=0, maximum=1
    ),
    FieldSpec("warf_base", "Rating factor, base of the threshold", _N, required=True, minimum=0, maximum=10_000),
    FieldSpec("warf_per_point", "Rating factor, points a point", _N, required=True, minimum=0, maximum=1_000),
    FieldSpec(
        "form_14_per_point", "Rating factor, points a point of form 14", _N, required=True, minimum=0, maximum=1_000
    ),
    FieldSpec("form_14_warr", "Recovery rate, reference of form 14", _N, "share", required=True, minimum=0, maximum=1),
    FieldSpec("warr_reference", "Recovery rate, reference", _N, "share", required=True, minimum=0, maximum=1),
    FieldSpec("facility_minimum_usa_amount", "Least facility, USA", _N, "amount", required=True, minimum=0),
    FieldSpec("facility_minimum_other_amount", "Least facility, elsewhere", _N, "amount", required=True, minimum=0),
    FieldSpec("facility_minimum_form_8_amount", "Least facility, form 8", _N, "amount", required=True, minimum=0),
    FieldSpec(
        "least_coverage_ratio", "Least coverage of a test's inputs", _N, "share", required=True, minimum=0, maximum=1
    ),
)
COUNTRY_FIELDS = (
    FieldSpec("list", "List", _C, required=True, choices=LISTS),
    FieldSpec("country", "Country", _C, required=True),
)


def read_limits(content: Content) -> None:
    """Raises InputProblems unless the tables are what the tests can run on."""
    problems: list[Problem] = []
    for number, row in enumerate(content.get("limits", []), start=1):
        reader = Reader(LIMIT_FIELDS, {key: row.get(key) for key in ("number", "sense", "threshold")})
        reader.read()
        problems += [
            Problem(p.code, f"limits.{row.get('number', number)}.{p.place}", p.message) for p in reader.problems
        ]
    problems += _parameter_problems(content.get("parameters", {}))
    if problems:
        raise InputProblems(problems)


def _parameter_problems(row: Any) -> list[Problem]:
    reader = Reader(PARAMETER_FIELDS, {key: value for key, value in row.items() if key != "sources"})
    reader.read()
    return [Problem(p.code, f"parameters.{p.place}", p.message) for p in reader.problems]


def check_limits(content: Content) -> Iterator[Problem]:
    """A test that is not one of the 54, twice there, or without a threshold that it needs."""
    seen: set[int] = set()
    for row in content.get("limits", []):
        number = row.get("number")
        if number in seen:
            yield Problem("twice", f"limits.{number}", f"Test {number} stands twice.")
        seen.add(number)
        if number not in RULES:
            yield Problem("unknown_test", f"limits.{number}", f"There is no test {number}.")
        elif row.get("threshold") is None and number not in COMPUTED:
            yield Problem("missing", f"limits.{number}.threshold", f"Test {number}: the threshold is missing.")


LIMITS = RecordKind(
    name="limit_set",
    noun="limit set",
    title="CLO limits",
    about="Limits of the tests of a CLO: thresholds, the parameters of those that move, and the lists of countries.",
    form="atlas-nexus/clo-limits/1",
    pages="limits",
    tables=(
        TableSpec("limits", "Limits", "limits", LIMIT_FIELDS, ("number",), words=("name",), is_required=True),
        TableSpec("parameters", "Parameters", "parameters", PARAMETER_FIELDS, by_cell=True, is_required=True),
        TableSpec("countries", "Countries", "countries", COUNTRY_FIELDS, ("list", "country")),
    ),
    write=declare("portfolios.limits", roles=(Role.ADMIN, "clo.manager"), refusal="Only CLO managers work on limits."),
    read=read_limits,
    checks=(check_limits,),
    load_hint="Load one with manage.py load_demo.",
)
