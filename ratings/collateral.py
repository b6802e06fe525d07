"""The central banks' eligibility rules as tables of a rule set, and the same as the engine takes them.

A rule set that has no such tables was made before they were a part of it: it stands on those of the installation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from engine.basics.fields import FieldKind
from engine.errors import InputProblems, Problem
from engine.ratings.repo import CRITERION_FIELDS, HAIRCUT_FIELDS, RepoRules
from lib.canonical import canonical_hash
from ratings import tables
from ratings.repo_seeding import load_repo_document

Row = dict[str, Any]
SPECS = {
    table.name: table
    for table in (tables.CLASSES, tables.FACILITIES, tables.COLLATERAL_CRITERIA, tables.COLLATERAL_HAIRCUTS)
}
CLASSES, FACILITIES, CRITERIA, HAIRCUTS = SPECS
LISTS = ("accepted", "open_to")
NUMBERS = frozenset(
    spec.path for spec in (*CRITERION_FIELDS, *HAIRCUT_FIELDS) if spec.kind in (FieldKind.NUMBER, FieldKind.INTEGER)
)
SAYING = ("provenance", "source")


def collateral_tables(document: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The document's classes, facilities, criteria and haircuts, each as one table."""
    facilities = document["facilities"]
    return {
        CLASSES: [_filled(row, ("code", "label", "family", "nearest", "nearest_label")) for row in document["classes"]],
        FACILITIES: [_facility_row(each) for each in facilities],
        CRITERIA: [_criterion_row(each["code"], row) for each in facilities for row in each["criteria"]],
        HAIRCUTS: [_haircut_row(each["code"], row) for each in facilities for row in each["haircuts"]],
    }


def collateral_document(content: Mapping[str, Any]) -> Row:
    """The tables of a rule set as one document; the installation's where the rule set has none."""
    if FACILITIES not in content:
        installed = load_repo_document()
        content = {"version": installed["version"], **collateral_tables(installed)}
    return {
        "version": content.get("version", ""),
        "classes": [dict(row) for row in content.get(CLASSES, [])],
        "facilities": [_facility(content, row) for row in content[FACILITIES]],
    }


def collateral_rules(content: Mapping[str, Any]) -> RepoRules:
    """The eligibility rules of a rule set's content, as the engine takes them."""
    return RepoRules.from_dict(collateral_document(content)) if FACILITIES in content else _installed()


def collateral_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the eligibility rules alone: the same for two versions that judge collateral alike."""
    return canonical_hash({name: value for name, value in collateral_document(content).items() if name != "version"})


def collateral_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Every fault of the eligibility tables, each at its row."""
    if not any(name in content for name in SPECS):
        return []
    absent = [name for name in SPECS if name not in content]
    if absent:
        return [
            Problem("missing", name, f"{name}: the table is missing: the four of them go together.") for name in absent
        ]
    homeless = [*_homeless(content, CRITERIA), *_homeless(content, HAIRCUTS), *_class_problems(content)]
    try:
        RepoRules.from_dict(collateral_document(content))
    except InputProblems as error:
        return [*homeless, *(_placed(content, problem) for problem in error.problems)]
    return homeless


@cache
def _installed() -> RepoRules:
    return RepoRules.from_dict(collateral_document({}))


# To tables


def _facility_row(each: Mapping[str, Any]) -> Row:
    said = each["criteria"][0]
    names = ("code", "bank", "name", "gives", "region", "structure_type", "haircut_basis")
    return _filled({**each, **{name: said[name] for name in SAYING}}, names)


def _criterion_row(facility: str, row: Mapping[str, Any]) -> Row:
    lists = {name: ", ".join(row.get(name, ())) for name in LISTS}
    names = ("facility", "code", "label", "kind", "limit", "rating", "count", "evidence", "binding", *LISTS)
    return _filled({"binding": True, **row, **lists, "facility": facility}, names)


def _haircut_row(facility: str, row: Mapping[str, Any]) -> Row:
    names = ("facility", "asset_class", "rating", "from_years", "below_years", "haircut_ratio")
    return _filled({**row, "facility": facility}, names)


def _filled(row: Mapping[str, Any], names: Sequence[str]) -> Row:
    """The named columns in order, then where the row is from; what is open is nothing, or an empty text."""
    return {name: _value(name, row.get(name)) for name in (*names, *SAYING)}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None if name in NUMBERS else ""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# To the document


def _facility(content: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    code = row.get("code")
    return {
        **{name: _none_if_open(value) for name, value in row.items() if name not in SAYING},
        "criteria": [_criterion(each) for each in _rows_of(content, CRITERIA, code)],
        "haircuts": [_own(each) for each in _rows_of(content, HAIRCUTS, code)],
    }


def _criterion(row: Mapping[str, Any]) -> Row:
    return {**_own(row), **{name: _listed(row.get(name)) for name in LISTS}}


def _own(row: Mapping[str, Any]) -> Row:
    return {name: _none_if_open(value) for name, value in row.items() if name != "facility"}


def _rows_of(content: Mapping[str, Any], table: str, facility: Any) -> list[Mapping[str, Any]]:
    return [row for row in content.get(table, []) if row.get("facility") == facility]


def _none_if_open(value: Any) -> Any:
    return None if value == "" else value


def _listed(value: Any) -> list[str]:
    return [item.strip() for item in str(value or "").split(",") if item.strip()]


# Faults


def _homeless(content: Mapping[str, Any], table: str) -> list[Problem]:
    known = {row.get("code") for row in content[FACILITIES]}
    return [
        Problem(
            "unknown_facility", ".".join((table, *named, "facility")),
            f"{table} {' '.join(named)}: there is no facility {row.get('facility') or 'nothing'} in {FACILITIES}.",
        )
        for named, row in SPECS[table].named(content[table])
        if row.get("facility") not in known
    ]  # fmt: skip


def _class_problems(content: Mapping[str, Any]) -> list[Problem]:
    known = [str(row.get("code")) for row in content[CLASSES]]
    wanted = content.get("general", {}).get("notes_class")
    if wanted is None or wanted in known:
        return []
    message = f"Class of the notes: expected one of {', '.join(known)} of {CLASSES}, got {wanted}."
    return [Problem("unknown_class", "general.notes_class", message)]


def _placed(content: Mapping[str, Any], problem: Problem) -> Problem:
    """The problem at its row of the tables, said in words first."""
    parts = problem.place.split(".")
    if parts[0] == "classes" and parts[1].isdigit():
        return _at(content, problem, CLASSES, content[CLASSES][int(parts[1])], parts[2:])
    if parts[0] != "facilities" or not parts[1].isdigit():
        return problem
    facility = content[FACILITIES][int(parts[1])]
    if len(parts) > 3 and parts[2] in ("criteria", "haircuts"):
        table = CRITERIA if parts[2] == "criteria" else HAIRCUTS
        return _at(content, problem, table, _rows_of(content, table, facility.get("code"))[int(parts[3])], parts[4:])
    return _at(content, problem, FACILITIES, facility, parts[2:])


def _at(content: Mapping[str, Any], problem: Problem, table: str, row: Mapping[str, Any], rest: list[str]) -> Problem:
    named = next(name for name, each in SPECS[table].named(content[table]) if each is row)
    return Problem(problem.code, ".".join((table, *named, *rest)), f"{' '.join(named)}: {problem.message}")
