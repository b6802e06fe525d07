"""Rules as their pages show them: grids of cells with words, marks, what was changed and what is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlasnexus.lib.figures import DASH
from engine.basics.fields import FieldKind, FieldSpec, range_text
from engine.errors import Problem
from engine.project.inputs import Country
from engine.ratings.scale import notch_of
from ratings.cells import ROW_KEYS, Cell, Change, Content, cells, changes
from ratings.editing import AMORTISATION, NO, NUMBERS, SPECS, YES, spec_of, typed_text
from ratings.problems import PROVENANCES, provenance_mark

SUFFIXES = {"share": "%", "times": "x", "years": " years"}
UNITS = {"share": "%", "times": "x", "years": "years"}
PARTS = {"general": "General", "banks": "Central banks and repo", **{str(c): str(c) for c in Country}}
TITLES = {
    "general": "General limits",
    "criteria": "Criteria",
    "central_banks": "Central banks",
    "haircuts": "Published haircuts",
    "repo_haircuts": "Repo haircuts",
    "wrap_premium_bps": "Wrap premiums",
    "agency_bands": "Agencies' published DSCR tables",
    "central_bank_rules": "Central banks' published rules",
    "other_limits": "Other limits of the source platform",
    "tables": "Other tables of the source platform",
}
MARKS = {
    "sourced": ("S", "Sourced", "read in a published document or repository"),
    "derived": ("D", "Derived", "computed from sourced rows"),
    "assumption": ("A", "Assumption", "judgement, or recalled from a document that could not be read again"),
    "not found": ("N", "Not found", "a gap that is known: nothing was published"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """The provenance of a number in one letter, in words, and its source."""

    kind: str
    letter: str
    words: str
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an input."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: its words and mark, and for the page that edits it, its input."""

    place: str
    label: str
    text: str
    typed: str
    unit: str
    kind: str
    mark: Mark
    options: tuple[Option, ...]
    provenances: tuple[Option, ...]
    was: str
    is_changed: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line of a grid."""

    label: str
    help: str
    cells: tuple[GridCell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of cells under its heads."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A changed cell in words."""

    table: str
    row: str
    field: str
    old: str
    new: str
    old_mark: Mark | None
    new_mark: Mark | None
    value_differs: bool


class Grids:
    """The grids of a rule set, beside the version it is compared with and the faults found."""

    def __init__(self, content: Content, before: Content | None = None, problems: Iterable[Problem] = ()) -> None:
        self.content = content
        self.cells = cells(content)
        self.before = cells(before) if before is not None else None
        self.problems: dict[str, list[str]] = defaultdict(list)
        for problem in problems:
            self.problems[problem.place].append(problem.message)

    def part(self, name: str) -> list[Grid]:
        """The grids of one part of the editing page."""
        if name == "general":
            return [self.general()]
        return [self.banks(), self.haircuts()] if name == "banks" else [self.criteria(name)]

    def general(self) -> Grid:
        """The limits that hold everywhere."""
        specs = SPECS["general"].values()
        rows = [GridRow(spec.label, range_help(spec), (self._at(f"general.{spec.path}"),)) for spec in specs]
        return Grid("general", TITLES["general"], ("Limit",), tuple(rows))

    def criteria(self, jurisdiction: str) -> Grid:
        """A jurisdiction's ladder: limits down, ratings across, the best first."""
        found = {cell.path[2] for cell in self.cells.values() if cell.path[:2] == ("criteria", jurisdiction)}
        ratings = sorted(found, key=lambda rating: (notch_of(rating), rating))
        rows = [
            GridRow(
                spec.label,
                range_help(spec),
                tuple(self._at(f"criteria.{jurisdiction}.{rating}.{spec.path}") for rating in ratings),
            )
            for spec in SPECS["criteria"].values()
            if spec.path not in ROW_KEYS["criteria"]
        ]
        return Grid(f"criteria-{jurisdiction}", f"Criteria, {jurisdiction}", tuple(ratings), tuple(rows))

    def banks(self) -> Grid:
        """The central banks' terms side by side."""
        places = [str(row.get("jurisdiction")) for row in self.content.get("central_banks", [])]
        heads = [f"{row.get('bank')} ({row.get('jurisdiction')})" for row in self.content.get("central_banks", [])]
        rows = [
            GridRow(
                spec.label, range_help(spec), tuple(self._at(f"central_banks.{place}.{spec.path}") for place in places)
            )
            for spec in SPECS["central_banks"].values()
            if spec.path not in ("jurisdiction", "bank")
        ]
        return Grid("central_banks", TITLES["central_banks"], tuple(heads), tuple(rows))

    def haircuts(self) -> Grid:
        """The repo haircuts: ratings down, tenors across."""
        table = self.content.get("repo_haircuts", [])
        ratings = sorted({str(row.get("rating")) for row in table}, key=lambda rating: (notch_of(rating), rating))
        tenors = sorted({str(row.get("max_tenor_years")) for row in table}, key=lambda text: (len(text), text))
        rows = [
            GridRow(rating, "", tuple(self._at(f"repo_haircuts.{rating}.{tenor}.haircut_ratio") for tenor in tenors))
            for rating in ratings
        ]
        return Grid("repo_haircuts", TITLES["repo_haircuts"], tuple(f"Up to {t} years" for t in tenors), tuple(rows))

    def others(self) -> list[tuple[str, list[tuple[str, str, str, Mark]]]]:
        """The tables that are only shown: by title, each line's row, field, words and mark."""
        shown = {"general", "criteria", "repo_haircuts"}
        tables: dict[str, list[tuple[str, str, str, Mark]]] = {}
        for cell in self.cells.values():
            key = "haircuts" if "haircuts" in cell.path[1:-1] else cell.table
            if key not in shown and not (key == "central_banks" and cell.field in SPECS["central_banks"]):
                title = TITLES.get(key, key)
                line = (cell.row, words(cell.field), value_words(None, cell.value), mark_of(cell))
                tables.setdefault(title, []).append(line)
        return list(tables.items())

    def _at(self, place: str) -> GridCell | None:
        cell = self.cells.get(place)
        if cell is None:
            return None
        is_compared = self.before is not None
        return grid_cell(cell, (self.before or {}).get(place), is_compared, self.problems.get(place, ()))


def grid_cell(cell: Cell, old: Cell | None, is_compared: bool, problems: Sequence[str]) -> GridCell:
    """A cell as the grid shows it, beside the same cell of the version it is compared with."""
    spec = spec_of(cell.table, cell.field)
    is_changed = is_compared and (
        old is None or (old.value, old.provenance, old.source) != (cell.value, cell.provenance, cell.source)
    )
    return GridCell(
        place=cell.place,
        label=f"{cell.row} {spec.label if spec else words(cell.field)}".strip(),
        text=value_words(spec, cell.value),
        typed=typed_text(spec, cell.value),
        unit=UNITS.get(spec.unit, "") if spec else "",
        kind=_kind(spec),
        mark=mark_of(cell),
        options=_options(spec, cell.value),
        provenances=_provenances(cell),
        was=_was(spec, old) if is_changed else "",
        is_changed=is_changed,
        problems=tuple(problems),
    )


def change_lines(old: Content, new: Content) -> list[ChangeLine]:
    """What differs between two versions, cell by cell, in words."""
    return [_change_line(change) for change in changes(old, new)]


def mark_of(cell: Cell) -> Mark:
    """The mark of a cell's provenance."""
    return mark(cell.provenance, cell.source)


def mark(provenance: str, source: str) -> Mark:
    """The mark of a provenance: letter, word, and the whole as it was given."""
    kind = provenance_mark(provenance)
    letter, name, _ = MARKS.get(kind, ("?", "Unknown", ""))
    return Mark(kind.replace(" ", "-") or "unknown", letter, name, provenance, source)


def legend() -> list[tuple[str, str, str, str]]:
    """Style, letter, word and meaning of each mark."""
    return [(kind.replace(" ", "-"), *said) for kind, said in MARKS.items()]


def value_words(spec: FieldSpec | None, value: Any) -> str:
    """A value exactly as the rules have it, in words: "40%", "1.45x", "25 years"."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        suffix = SUFFIXES.get(spec.unit, "") if spec else ""
        return typed_text(spec, value).replace("-", "\N{MINUS SIGN}") + suffix
    return words(typed_text(spec, value)) if spec and spec.kind is not FieldKind.NUMBER else typed_text(spec, value)


def words(name: str) -> str:
    """A name as words: "straight_line" is "straight line"."""
    return name.replace("_", " ")


def range_help(spec: FieldSpec) -> str:
    """What may be typed into a field."""
    if spec.kind not in NUMBERS:
        return ""
    if spec.unit == "share" and spec.minimum is not None and spec.maximum is not None:
        return f"{100 * spec.minimum:g} to {100 * spec.maximum:g}%"
    return f"{range_text(spec)} {UNITS.get(spec.unit, '')}".strip()


def _kind(spec: FieldSpec | None) -> str:
    if spec is AMORTISATION:
        return "many"
    if spec and spec.kind in (FieldKind.CHOICE, FieldKind.FLAG):
        return "choice"
    return "number" if spec and spec.kind in NUMBERS else "text"


def _options(spec: FieldSpec | None, value: Any) -> tuple[Option, ...]:
    if spec is AMORTISATION:
        chosen = value if isinstance(value, list | tuple) else ()
        return tuple(Option(choice, words(choice), choice in chosen) for choice in spec.choices)
    typed = typed_text(spec, value)
    if spec and spec.kind is FieldKind.FLAG:
        return tuple(Option(choice, choice.capitalize(), choice == typed) for choice in (YES, NO))
    if spec and spec.kind is FieldKind.CHOICE:
        known = spec.choices if typed in spec.choices else (typed, *spec.choices)
        return tuple(Option(choice, words(choice), choice == typed) for choice in known)
    return ()


def _provenances(cell: Cell) -> tuple[Option, ...]:
    """The kinds to choose from, and what the cell says where that is none of them."""
    known = [Option(kind, MARKS[kind][1], cell.provenance == kind) for kind in PROVENANCES]
    if cell.provenance in PROVENANCES:
        return tuple(known)
    return (Option(cell.provenance, cell.provenance or "Choose", True), *known)


def _was(spec: FieldSpec | None, old: Cell | None) -> str:
    if old is None:
        return "new"
    return f"was {value_words(spec, old.value)}, {old.provenance}: {old.source}"


def _change_line(change: Change) -> ChangeLine:
    cell = change.new or change.old
    table = cell.table if cell else ""
    spec = spec_of(table, change.path[-1])
    return ChangeLine(
        table=TITLES.get(table, words(table)),
        row=" ".join(change.path[1:-1]),
        field=spec.label if spec else words(change.path[-1]),
        old=value_words(spec, change.old.value) if change.old else "not there",
        new=value_words(spec, change.new.value) if change.new else "removed",
        old_mark=mark_of(change.old) if change.old else None,
        new_mark=mark_of(change.new) if change.new else None,
        value_differs=change.value_differs,
    )


def named_parts(problems: Iterable[Problem]) -> Mapping[str, int]:
    """How many faults each part of the editing page has."""
    found: dict[str, int] = dict.fromkeys(PARTS, 0)
    for problem in problems:
        table, _, rest = problem.place.partition(".")
        part = {"criteria": rest.partition(".")[0], "central_banks": "banks", "repo_haircuts": "banks"}.get(
            table, table
        )
        if part in found:
            found[part] += 1
    return found
