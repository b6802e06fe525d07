"""What is wrong with rules: each fault with its cell, the row in words and the reason."""

from collections.abc import Mapping
from typing import Any

from engine.errors import InputProblems, Problem
from engine.project.inputs import Country
from engine.ratings import RuleSet as EngineRuleSet
from engine.ratings.scale import notch_of
from ratings.cells import WORDS, Cell, cells, named_rows
from ratings.collateral import collateral_problems
from ratings.scales import scale_problems
from ratings.tables import HAIRCUTS, LATER_TABLES, row_problems, text_problem

PROVENANCES = ("sourced", "derived", "assumption")
# Marks a gap that is known: a table may say that nothing was published.
NOT_FOUND = "not found"
# The ladder's rungs: a rating with + or - may stand between them, but none of these may be left out.
RUNGS = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
TABLES = (
    "criteria", "central_banks", "agency_bands", "repo_haircuts", "wrap_premium_bps", "central_bank_rules",
    *LATER_TABLES,
)  # fmt: skip
GROUPS = ("general", "other_limits", "tables")
KNOWN = frozenset({*TABLES, *GROUPS, "version"})
# Spreadsheets keep 15 digits; a limit with more would come back changed.
DIGITS = 15


def rule_problems(content: Any) -> tuple[Problem, ...]:
    """Every fault of a rule set's content; empty if it may be used."""
    shape = _shape_problems(content)
    if shape:
        return tuple(shape)
    rows = row_problems(content)
    return (
        *_engine_problems(content),
        *_gap_problems(content),
        *rows,
        # What stands across rows can be told once each column holds what it should.
        *(() if rows else (*scale_problems(content), *collateral_problems(content), *_range_problems(content))),
        *_source_problems(content),
        *_stray_source_problems(content),
    )


def provenance_mark(provenance: str) -> str:
    """The kind of a provenance: its first words, "assumption" of "assumption: row label only"."""
    text = provenance.strip().lower()
    return next((kind for kind in (*PROVENANCES, NOT_FOUND) if text.startswith(kind)), "")


def _shape_problems(content: Any) -> list[Problem]:
    if not isinstance(content, Mapping):
        return [Problem("not_rules", "", "Rules: expected named tables, got something else.")]
    unknown = [name for name in content if name not in KNOWN]
    problems = [
        Problem("unknown", str(name), f"{name} is not a table of rules: expected {', '.join(sorted(KNOWN))}.")
        for name in unknown
    ]
    problems += [_not_rows(name) for name in TABLES if not _is_rows(content.get(name, []))]
    problems += [_not_named(name) for name in GROUPS if not isinstance(content.get(name, {}), Mapping)]
    if not content.get("criteria"):
        problems.append(Problem("no_criteria", "criteria", "There are no criteria: add a row for each rating."))
    return problems


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _not_rows(name: str) -> Problem:
    return Problem("not_rows", name, f"{name}: expected a list of rows with named values.")


def _not_named(name: str) -> Problem:
    return Problem("not_named", name, f"{name}: expected named values.")


def _engine_problems(content: Mapping[str, Any]) -> list[Problem]:
    try:
        EngineRuleSet.from_dict(content)
    except InputProblems as error:
        return [_placed(content, problem) for problem in error.problems]
    return []


def _placed(content: Mapping[str, Any], problem: Problem) -> Problem:
    """The problem at its row's name instead of its number, the row said first."""
    table, _, rest = problem.place.partition(".")
    number, _, field = rest.partition(".")
    if table not in TABLES or not number.isdigit():
        return problem
    name = _row_name(table, content[table][int(number)], int(number))
    place = ".".join(part for part in (table, *name, field) if part)
    return Problem(problem.code, place, f"{' '.join(name)}: {problem.message}")


def _row_name(table: str, row: Mapping[str, Any], number: int) -> tuple[str, ...]:
    keys = {"criteria": ("jurisdiction", "rating"), "central_banks": ("jurisdiction",)}.get(table, ())
    named = tuple(str(row.get(key) or "?") for key in keys)
    return named or (f"row {number + 1}",)


def _gap_problems(content: Mapping[str, Any]) -> list[Problem]:
    ladders: dict[str, list[str]] = {str(country): [] for country in Country}
    for row in content["criteria"]:
        if row.get("jurisdiction") in ladders and isinstance(row.get("rating"), str):
            ladders[row["jurisdiction"]].append(row["rating"])
    return [problem for place, ratings in ladders.items() for problem in _gaps(place, ratings)]


def _gaps(jurisdiction: str, ratings: list[str]) -> list[Problem]:
    if not ratings:
        message = f"{jurisdiction}: there is no ladder of ratings: add its rows."
        return [Problem("no_ladder", f"criteria.{jurisdiction}", message)]
    ladder = sorted(ratings, key=notch_of)
    best, worst = ladder[0], ladder[-1]
    return [
        Problem(
            "gap",
            f"criteria.{jurisdiction}.{rung}",
            f"{jurisdiction}: the ladder from {best} to {worst} has no row for {rung}: add it.",
        )
        for rung in RUNGS
        if notch_of(best) < notch_of(rung) < notch_of(worst) and rung not in ratings
    ]


def _range_problems(content: Mapping[str, Any]) -> list[Problem]:
    """Bands that end before they begin, and published haircuts that are no percentage."""
    bands = [
        Problem("order", ".".join((table, *named, high)), f"{' '.join(named)}: expected more than {row[low]:g}, got {row[high]:g}.")
        for table, low, high in (("agency_bands", "low", "high"), ("wrap_premium_bps", "minimum_bps", "maximum_bps"))
        for named, row in named_rows(table, content.get(table, []))
        if row[low] is not None and row[high] is not None and row[high] <= row[low]
    ]  # fmt: skip
    return bands + [
        Problem("not_a_percentage", ".".join((*path, *named, "haircut_pct")), f"{' '.join(named)}: expected 0 to 100 or nothing, got {row['haircut_pct']!r}.")
        for bank in content.get("central_banks", [])
        for path in [("central_banks", str(bank.get("jurisdiction")), HAIRCUTS)]
        for named, row in named_rows(HAIRCUTS, bank.get(HAIRCUTS, []))
        if not _is_percentage(row["haircut_pct"])
    ]  # fmt: skip


def _is_percentage(text: str) -> bool:
    try:
        return text == "" or 0 <= float(text) <= 100
    except ValueError:
        return False


def _source_problems(content: Mapping[str, Any]) -> list[Problem]:
    return [problem for cell in cells(content).values() for problem in _cell_problems(cell)]


def _cell_problems(cell: Cell) -> list[Problem]:
    found = []
    where = " ".join(cell.path)
    if cell.field not in WORDS and cell.table in KNOWN:
        if not provenance_mark(cell.provenance):
            expected = f"expected {', '.join(PROVENANCES)} or {NOT_FOUND}, got {cell.provenance or 'nothing'}"
            found.append(Problem("provenance", cell.place, f"{where}: provenance: {expected}."))
        if not cell.source.strip():
            found.append(Problem("source", cell.place, f"{where}: the source is missing: say where it comes from."))
    texts = [text for text in (cell.value, cell.provenance, cell.source) if isinstance(text, str)]
    faults = [fault for text in texts if (fault := text_problem(text))]
    found += [Problem("text", cell.place, f"{where}: {fault}.") for fault in faults]
    if isinstance(cell.value, float) and float(f"{cell.value:.{DIGITS}g}") != cell.value:
        message = f"{where}: {cell.value!r} has more than {DIGITS} digits: round it."
        found.append(Problem("too_precise", cell.place, message))
    return found


def _stray_source_problems(content: Mapping[str, Any]) -> list[Problem]:
    rows = [("general", content.get("general", {}))]
    for table in ("criteria", "central_banks"):
        rows += [
            (".".join((table, *_row_name(table, row, number))), row)
            for number, row in enumerate(content.get(table, []))
        ]
    return [
        Problem(
            "unknown", f"{place}.{name}", f"{place.replace('.', ' ')}: gives a source for {name}, which it has not."
        )
        for place, row in rows
        for name in (row.get("sources") if isinstance(row.get("sources"), Mapping) else {})
        if name not in row
    ]
