"""A file of construction costs, CSV or the first sheet of a workbook, read into the cost table: good cells are kept,
the others told one by one."""

from dataclasses import dataclass, field

from engine.project import CAPEX_LINES
from lib.figures import SEPARATORS
from lib.grids import read_grid
from lib.numbers import format_of, read_number, shortened, typed_text
from projects.forms.detailed import CAPEX_RATE_LABELS, SIDES, SPECS, line_path
from projects.forms.fields import field_name

MOST_TOLD = 20


@dataclass(slots=True)
class CostFile:
    """What a file came to: entries by field name, as its reader types numbers, and what was left out, by place."""

    entries: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    is_asked: bool = False  # a number may mean two: the format of the file is to be chosen

    @property
    def told(self) -> list[str]:
        """The first problems, and how many more there are."""
        more = len(self.problems) - MOST_TOLD
        return [*self.problems[:MOST_TOLD], *([f"... and {more} more."] if more > 0 else [])]


def read_cost_file(content: bytes, name: str, *, written: str, numbers: str, currency: str) -> CostFile:
    """The costs of a file, its numbers `written` in that format or, where it is none, in the one that they show.

    `numbers` is the format the entries are told in. UnreadableFile where it is no file of rows.
    """
    grid = read_grid(content, name)
    rows = [(max(1, grid.lines[0] - 1), grid.headers), *zip(grid.lines, grid.rows, strict=True)]
    columns = _columns(grid.headers)
    if _code_of(grid.headers[0]) is None:
        rows = rows[1:]  # a header
    amounts = [
        cell for _, row in rows for cell in (row[at] for at in columns.values() if at < len(row)) if cell.strip()
    ]
    format_ = written if written in SEPARATORS else format_of(amounts, "amount")
    found = CostFile()
    for line, row in rows:
        _read_row(found, line, row, columns, (format_, numbers, currency))
    if not found.entries and not found.problems:
        found.problems.append("No cost stands in it: expected the name of a line, its internal and its market cost.")
    return found


def _read_row(
    found: CostFile, line: int, row: tuple[str, ...], columns: dict[str, int], how: tuple[str, str, str]
) -> None:
    written, numbers, currency = how
    cells = {side: row[at].strip() for side, at in columns.items() if at < len(row) and row[at].strip()}
    label = row[0].strip()
    code = _code_of(label)
    if code is None:
        if cells:
            found.problems.append(f"Line {line}: no line of the cost table is called {shortened(label) or 'nothing'}.")
        return
    for side, cell in cells.items():
        path = f"capex.{side}.{code}" if code in CAPEX_RATE_LABELS else line_path(side, code)
        name, spec = field_name(path), SPECS[path]
        problem = f"{spec.label} stands twice; the first counts" if name in found.entries else ""
        reading = read_number(cell, spec.unit, written, currency)
        if problem or reading.value is None:
            found.is_asked |= reading.code == "ambiguous"
            found.problems.append(f"Line {line}, {SIDES[side].lower()}: {problem or reading.problem}.")
            continue
        found.entries[name] = typed_text(reading.value, spec.unit, numbers)


def _columns(headers: tuple[str, ...]) -> dict[str, int]:
    """Where each side stands: by its header, or else the first column beside the names, and the next."""
    named = {
        side: at
        for side, word in SIDES.items()
        for at, header in enumerate(headers)
        if word.casefold() in header.casefold()
    }
    return named or {side: at for at, side in enumerate(SIDES, start=1) if at < len(headers)}


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


_CODES = {_plain(text): code for code, label in {**CAPEX_LINES, **CAPEX_RATE_LABELS}.items() for text in (code, label)}


def _code_of(label: str) -> str | None:
    """The line that a name means, however it is written."""
    return _CODES.get(_plain(label))
