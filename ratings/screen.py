"""Rules as their pages show them: grids of cells with words, marks, what was changed and what is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, range_text
from engine.errors import Problem
from engine.project.inputs import Country
from engine.ratings.scale import notch_of, rating_label
from lib.figures import DASH
from ratings.cells import ROW_KEYS, Cell, Change, Content, cells, changes, named_rows
from ratings.collateral import FACILITIES
from ratings.editing import AMORTISATION, NO, NUMBERS, SPECS, YES, spec_of, table_of, typed_text
from ratings.problems import PROVENANCES, provenance_mark
from ratings.scales import TABLE as SCALE
from ratings.tables import HAIRCUTS

SUFFIXES = {"share": "%", "times": "x", "years": " years"}
UNITS = {"share": "%", "times": "x", "years": "years"}
PARTS = {
    "general": "General",
    "banks": "Central banks and repo",
    **{str(c): str(c) for c in Country},
    "scale": "Rating scale",
    "agencies": "Agencies",
    "published": "Published haircuts",
    "eligibility": "Eligibility",
}
# The collateral of each bank has a part of its own: "eligibility-2" is the second bank's.
BANK_PART = "eligibility-"
PART_TABLES = {
    "scale": ("rating_scale",),
    "agencies": ("agency_bands", "wrap_premium_bps"),
    "published": ("central_bank_rules", HAIRCUTS),
    "eligibility": ("collateral_classes", "collateral_facilities"),
}
BY_FACILITY = ("collateral_criteria", "collateral_haircuts")
TITLES = {
    "general": "General limits",
    "criteria": "Criteria",
    "central_banks": "Central banks",
    HAIRCUTS: "Published haircuts",
    "repo_haircuts": "Repo haircuts",
    "wrap_premium_bps": "Wrap premiums",
    "agency_bands": "Agencies' published DSCR tables",
    "central_bank_rules": "Central banks' published rules",
    "other_limits": "Other limits of the source platform",
    "tables": "Other tables of the source platform",
    "rating_scale": "Rating scale",
    "collateral_classes": "Eligibility: classes of notes",
    "collateral_facilities": "Eligibility: facilities",
    "collateral_criteria": "Eligibility: criteria",
    "collateral_haircuts": "Eligibility: haircuts",
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
    row_place: str
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
    """One line of a grid; `origin` is set where the row says once for its cells where they come from."""

    label: str
    help: str
    cells: tuple[GridCell | None, ...]
    origin: GridCell | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of cells under its heads."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[GridRow, ...]
    by_row: bool = False


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

    def parts(self) -> dict[str, str]:
        """The parts of the editing page with their labels."""
        return {**PARTS, **{f"{BANK_PART}{number}": bank for number, bank in enumerate(self.bank_names(), start=1)}}

    def part(self, name: str) -> list[Grid]:
        """The grids of one part of the editing page."""
        if name == "general":
            return [self.general()]
        if name == "banks":
            return [self.banks(), self.haircuts()]
        if name in PART_TABLES:
            return [grid for table in PART_TABLES[name] for grid in self.tables(table)]
        if name.startswith(BANK_PART):
            bank = self.bank_names()[int(name.removeprefix(BANK_PART)) - 1]
            return [grid for table in BY_FACILITY for grid in self.tables(table, bank)]
        return [self.criteria(name)]

    def tables(self, table: str, bank: str = "") -> list[Grid]:
        """The grids of a table that stands row by row: one, or one for each central bank or facility."""
        if table == HAIRCUTS:
            return [
                self._table(
                    HAIRCUTS,
                    bank.get(HAIRCUTS, []),
                    ("central_banks", place),
                    f"{TITLES[HAIRCUTS]}, {bank.get('bank')}",
                )
                for (place,), bank in named_rows("central_banks", self.content.get("central_banks", []))
            ]
        rows = self.content.get(table, [])
        if table not in BY_FACILITY:
            return [self._table(table, rows, (), TITLES[table])] if rows else []
        facilities = [row for row in self.content.get(FACILITIES, []) if bank in ("", row.get("bank"))]
        return [
            self._table(table, rows, (), f"{TITLES[table]}, {row.get('bank')}, {row.get('name')}", str(row.get("code")))
            for row in facilities
        ]

    def _table(self, table: str, rows: Iterable[Any], ahead: tuple[str, ...], title: str, only: str = "") -> Grid:
        """A table's rows, named by what they are about; each says once where it comes from."""
        specs = SPECS[table].values()
        named = [name for name, row in named_rows(table, rows) if not only or row.get("facility") == only]
        places = [(name, ".".join((*ahead, table, *name))) for name in named]
        lines = [
            GridRow(row_words(table, name), "", tuple(found), next((cell for cell in found if cell), None))
            for name, place in places
            for found in [[self._at(f"{place}.{spec.path}") for spec in specs]]
        ]
        key = "-".join(filter(None, (*ahead[1:], table, only)))
        return Grid(key, title, tuple(spec.label for spec in specs), tuple(lines), by_row=True)

    def bank_names(self) -> list[str]:
        """The banks of the eligibility rules, in order."""
        return list(dict.fromkeys(str(row.get("bank")) for row in self.content.get(FACILITIES, [])))

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
        tables: dict[str, list[tuple[str, str, str, Mark]]] = {}
        for cell in self.cells.values():
            if cell.table not in SPECS:
                line = (cell.row, words(cell.field), value_words(None, cell.value), mark_of(cell))
                tables.setdefault(TITLES.get(cell.table, cell.table), []).append(line)
        return list(tables.items())

    def _at(self, place: str) -> GridCell | None:
        cell = self.cells.get(place)
        if cell is None:
            return None
        is_compared = self.before is not None
        return grid_cell(cell, (self.before or {}).get(place), is_compared, self.problems.get(place, ()))


def grid_cell(cell: Cell, old: Cell | None, is_compared: bool, problems: Sequence[str]) -> GridCell:
    """A cell as the grid shows it, beside the same cell of the version it is compared with."""
    spec = spec_of(cell.path)
    is_changed = is_compared and (
        old is None or (old.value, old.provenance, old.source) != (cell.value, cell.provenance, cell.source)
    )
    return GridCell(
        place=cell.place,
        row_place=cell.place.rpartition(".")[0],
        label=f"{row_words(cell.table, cell.path[1:-1])} {spec.label if spec else words(cell.field)}".strip(),
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


def row_words(table: str, name: Sequence[str]) -> str:
    """What a row is about, in words; a notch with the platform's own letters."""
    if table == SCALE and len(name) == 1 and name[0].isdigit():
        return f"{name[0]} ({rating_label(int(name[0]))})"
    if table == "collateral_haircuts" and name[-1].isdigit():
        name = (*name[:-1], f"from {name[-1]} years")
    if table in BY_FACILITY:
        name = name[1:]
    return " ".join(words(part) for part in name if part)


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
        open_ended = () if spec.required or spec.default is not None else ("",)
        known = (*open_ended, *spec.choices)
        known = known if typed in known else (typed, *known)
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
    table = table_of(cell.path) if cell else ""
    spec = spec_of(change.path)
    return ChangeLine(
        table=TITLES.get(table, words(table)),
        row=row_words(table, change.path[1:-1]),
        field=spec.label if spec else words(change.path[-1]),
        old=value_words(spec, change.old.value) if change.old else "not there",
        new=value_words(spec, change.new.value) if change.new else "removed",
        old_mark=mark_of(change.old) if change.old else None,
        new_mark=mark_of(change.new) if change.new else None,
        value_differs=change.value_differs,
    )


def named_parts(content: Content, problems: Iterable[Problem]) -> Mapping[str, int]:
    """How many faults each part of the editing page has."""
    grids = Grids(content)
    found: dict[str, int] = dict.fromkeys(grids.parts(), 0)
    part_of = {table: part for part, tables in PART_TABLES.items() for table in tables}
    part_of |= {"central_banks": "banks", "repo_haircuts": "banks"}
    bank_of = {str(row.get("code")): str(row.get("bank")) for row in content.get(FACILITIES, [])}
    banks = {bank: f"{BANK_PART}{number}" for number, bank in enumerate(grids.bank_names(), start=1)}
    for problem in problems:
        path = problem.place.split(".")
        table = table_of(path)
        part = part_of.get(table, path[0])
        if table == "criteria":
            part = path[1] if len(path) > 1 else ""
        if table in BY_FACILITY:
            part = banks.get(bank_of.get(path[1], "") if len(path) > 1 else "", "eligibility")
        if part in found:
            found[part] += 1
    return found
