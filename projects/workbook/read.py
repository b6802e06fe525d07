"""An uploaded workbook: the good values, and every problem and remark by sheet and cell."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from engine.basics.fields import lookup, nested
from lib.archives import Limits
from lib.workbooks.package import open_package, unreadable
from projects import screen
from projects.translate import CheckedInputs, check_inputs
from projects.workbook.layout import CAPEX, INPUTS, TEMPLATE_VERSION, TITLE, Slot, layout
from projects.workbook.sheets import Contents, Sheet, read_contents
from projects.workbook.values import EMPTY, Reading, read_cell

_LINES = ".lines"
# Other problems lie between fields that are sound by themselves: both are taken, the project becomes a draft.
_OF_ONE_FIELD = {"missing", "out_of_range", "not_whole", "not_finite", "not_text", "not_in_future"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of a cell, or of the whole workbook where `cell` is empty."""

    code: str
    place: str
    sheet: str
    cell: str
    message: str

    @property
    def where(self) -> str:
        """Inputs!C14."""
        sheet = self.sheet if self.sheet.replace("_", "a").isalnum() else f"'{self.sheet}'"
        return f"{sheet}!{self.cell}" if self.cell else ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.cell else self.message


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook as it was read: `values` are the good inputs, as a project keeps them."""

    title: str
    values: dict[str, Any]
    problems: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    is_complete: bool
    template_version: int | None
    project_code: str
    project_version: int | None
    # What stands in the cells that were not taken, by the place of their field.
    refused: dict[str, str]


def read_workbook(
    stream: IO[bytes], *, today: date, previous: Mapping[str, Any] | None = None, limits: Limits | None = None
) -> Upload:
    """The workbook in the stream, checked cell by cell; UnreadableFile when it is none, or not safe to read.

    With `previous`, the inputs of the project it goes into: a cell with a problem leaves that field as it is there.
    """
    contents = read_contents(open_package(stream, limits))
    if not contents.sheets.keys() & {INPUTS, CAPEX}:
        raise unreadable("not_the_template", "It was not made from the portal's template: its sheets are unknown.")
    readings = dict(_readings(contents))
    values, title = _values(readings, contents, previous or {})
    checked = check_inputs(values, today=today, previous=previous)
    kept = check_inputs(_as_they_were(values, checked, previous or {}), today=today, previous=previous)
    own = [*_workbook_problems(contents), *_cell_problems(contents, readings)]
    problems = (*own, *_engine_problems(contents, readings, checked, {finding.place for finding in own}))
    if not title:
        problems = (*problems, *_no_title(contents, {finding.place for finding in problems}))
    return Upload(
        title,
        kept.values,
        tuple(sorted(problems, key=_in_the_book)),
        (*_workbook_remarks(contents), *_cell_remarks(contents, readings, problems), *_warnings(contents, checked)),
        checked.is_complete and not problems,
        contents.template_version,
        contents.project_code,
        contents.project_version,
        _refused(contents, readings, problems),
    )


def _readings(contents: Contents) -> Iterator[tuple[str, Reading]]:
    """What each cell came to, by place; places whose row or column is missing have none."""
    for slot in layout().slots():
        sheet = contents.sheets.get(slot.sheet)
        cell = sheet.cells.get((slot.row_key, slot.column_key)) if sheet else None
        if cell is not None:
            yield slot.place, read_cell(slot.spec, cell, starts_1904=contents.starts_1904)


def _values(
    readings: Mapping[str, Reading], contents: Contents, previous: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Good values by field; what could not be read stays as it was in the project."""
    doubled = {key for sheet in contents.sheets.values() for key, _ in sheet.repeated}
    found = {}
    for slot in layout().slots():
        reading = readings.get(slot.place)
        is_read = reading is not None and not reading.problem and slot.row_key not in doubled
        value = reading.value if reading is not None and is_read else lookup(previous, slot.place)
        if value is not None:
            found[slot.place] = value
    title = str(found.pop(TITLE.path, ""))
    return nested(found), title.strip()


def _as_they_were(values: dict[str, Any], checked: CheckedInputs, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those that the engine refused by themselves as they were in the project."""
    result = deepcopy(values)
    for problem in checked.problems:
        held = lookup(previous, problem.place) if problem.code in _OF_ONE_FIELD else None
        if held is not None:
            *groups, leaf = problem.place.split(".")
            node = result
            for group in groups:
                node = node.setdefault(group, {})
            node[leaf] = held
    return result


def _in_the_book(finding: Finding) -> tuple[bool, int, int]:
    """Where a fault comes as one reads: the whole workbook first, then row by row."""
    letters = finding.cell.rstrip("0123456789")
    row = finding.cell.removeprefix(letters)
    return (
        bool(finding.cell),
        int(row or 0),
        sum(26**at * (ord(letter) - 64) for at, letter in enumerate(letters[::-1])),
    )


def _workbook_problems(contents: Contents) -> Iterator[Finding]:
    for name in (INPUTS, CAPEX):
        sheet = contents.sheets.get(name)
        if sheet is None:
            message = f"The sheet {name} is missing: its fields were left as they are. Take it from the template again."
            yield Finding("sheet_missing", name, "", "", message)
            continue
        for row_key, row in sheet.repeated:
            message = f"The row {_label(name, row_key)} is there twice: neither was taken, delete one of them."
            yield Finding("row_twice", _place(name, row_key), sheet.name, f"A{row}", message)
        yield from _missing_rows(name, sheet)


def _missing_rows(name: str, sheet: Sheet) -> Iterator[Finding]:
    for slot in layout().slots():
        if slot.sheet == name and (slot.row_key, slot.column_key) not in sheet.cells:
            message = f"{slot.spec.label}: its row or column is missing, so it was left as it is. Take it from the template again."  # fmt: skip
            yield Finding("row_missing", slot.place, sheet.name, "", message)


def _cell_problems(contents: Contents, readings: Mapping[str, Reading]) -> Iterator[Finding]:
    for slot in layout().slots():
        reading = readings.get(slot.place, EMPTY)
        if reading.problem:
            yield _finding(contents, slot, reading.code, reading.problem)


def _engine_problems(
    contents: Contents, readings: Mapping[str, Reading], checked: CheckedInputs, told: set[str]
) -> Iterator[Finding]:
    """What the engine says of the values that could be read, at their cells."""
    for problem in checked.problems:
        slot = _slot_of(problem.place)
        if problem.place in told or (slot is not None and slot.place in told):
            continue
        if slot is None:
            yield Finding(problem.code, problem.place, "", "", problem.message)
            continue
        typed = readings.get(slot.place, EMPTY).typed
        message = screen.sentence(slot.spec, problem, typed) if slot.place == problem.place else problem.message
        yield _finding(contents, slot, problem.code, message)


def _refused(contents: Contents, readings: Mapping[str, Reading], problems: Sequence[Finding]) -> dict[str, str]:
    told = {finding.place for finding in problems}
    texts = {}
    for slot in layout().slots():
        sheet = contents.sheets.get(slot.sheet)
        cell = sheet.cells.get((slot.row_key, slot.column_key)) if sheet else None
        if slot.place in told and cell is not None:
            texts[slot.place] = (readings.get(slot.place, EMPTY).typed or cell.text).strip()
    return {place: text for place, text in texts.items() if text}


def _no_title(contents: Contents, told: set[str]) -> Iterator[Finding]:
    slot = _slot_of(TITLE.path)
    if slot is not None and TITLE.path not in told:
        yield _finding(contents, slot, "missing", "Title: expected a name for the project, got nothing.")


def _workbook_remarks(contents: Contents) -> Iterator[Finding]:
    version = contents.template_version
    if version is None:
        message = "The workbook does not say which version of the template it was made from; it was read as the latest."
        yield Finding("template_unknown", "", "", "", message)
    elif version < TEMPLATE_VERSION:
        message = f"The workbook was made from version {version} of the template, the latest is {TEMPLATE_VERSION}: download it for the next time."  # fmt: skip
        yield Finding("template_older", "", "", "", message)
    elif version > TEMPLATE_VERSION:
        message = f"The workbook says it was made from version {version} of the template, the latest here is {TEMPLATE_VERSION}."
        yield Finding("template_newer", "", "", "", message)
    for name in contents.doubled:
        message = f"The sheet {name} is a copy of one that was read already, so it was left out."
        yield Finding("sheet_twice", "", "", "", message)


def _cell_remarks(
    contents: Contents, readings: Mapping[str, Reading], problems: Sequence[Finding]
) -> Iterator[Finding]:
    """What to know of values that were taken; of those refused the problem says enough."""
    refused = {problem.place for problem in problems}
    for slot in layout().slots():
        reading = readings.get(slot.place, EMPTY)
        if reading.remark and slot.place not in refused:
            yield _finding(contents, slot, "taken", reading.remark)


def _warnings(contents: Contents, checked: CheckedInputs) -> Iterator[Finding]:
    for warning in checked.warnings:
        slot = _slot_of(warning.place)
        if slot is None:
            yield Finding(warning.code, warning.place, "", "", warning.message)
        else:
            yield _finding(contents, slot, warning.code, warning.message)


def _finding(contents: Contents, slot: Slot, code: str, message: str) -> Finding:
    sheet = contents.sheets.get(slot.sheet)
    cell = sheet.cells.get((slot.row_key, slot.column_key)) if sheet else None
    return Finding(code, slot.place, sheet.name if sheet else slot.sheet, cell.address if cell else "", message)


def _slot_of(place: str) -> Slot | None:
    """The cell of a place; a problem of all cost lines stands at the first."""
    slots = {slot.place: slot for slot in layout().slots()}
    if place.endswith(_LINES):
        return next((slot for slot in slots.values() if slot.place.startswith(f"{place}.")), None)
    return slots.get(place)


def _label(sheet: str, row_key: str) -> str:
    return next(slot.spec.label for slot in layout().slots() if (slot.sheet, slot.row_key) == (sheet, row_key))


def _place(sheet: str, row_key: str) -> str:
    return next(slot.place for slot in layout().slots() if (slot.sheet, slot.row_key) == (sheet, row_key))
