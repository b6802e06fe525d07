"""A project, or an empty template, as a workbook with drop-downs, ranges and live formulas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from xlsxwriter.utility import xl_col_to_name

from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.project import ProjectInputs
from lib.units import mark, words_of
from lib.workbooks.days import day_number
from lib.workbooks.writing import new_workbook
from projects import screen
from projects.workbook.formulas import (
    assumptions,
    derived_of,
    figures,
    lines_total_name,
    tax_rows,
    total_name,
)
from projects.workbook.guide import FIELD_HEADS, PARAGRAPHS
from projects.workbook.layout import (
    CAPEX,
    DERIVED,
    FIRST_VALUE_COLUMN,
    GUIDE,
    HEAD_ROW,
    INPUTS,
    KEY_COLUMN,
    KEY_ROW,
    LABEL_COLUMN,
    LISTS,
    MARK,
    PROJECT,
    PROJECT_VERSION,
    SIDES,
    TEMPLATE_VERSION,
    TITLE,
    VALUE,
    VERSION,
    CapexRow,
    InputGroup,
    Slot,
    layout,
    name_of,
)

FLAG_WORDS = ("Yes", "No")
TEMPLATE_PROPERTY = "Atlas Nexus template"
FIRST_SERIAL = date(1900, 3, 1)  # before it, spreadsheet programs disagree about the calendar
_ROW_HEIGHT = 18
_MESSAGE_LENGTH, _MESSAGE_TITLE_LENGTH = 255, 32
_NUMBER_FORMATS = {"amount": "#,##0.00", "share": "0.00##%", "rate": "0.00##%", "count": "#,##0"}
_PLAIN_FORMAT, _WHOLE_FORMAT, _DATE_FORMAT, _TEXT_FORMAT = "#,##0.00####", "#,##0", "yyyy-mm-dd", "@"
_UNIT, _RANGE, _CHECK, _HELP = (FIRST_VALUE_COLUMN + number for number in range(1, 5))
_LISTS_HEAD, _LISTS_COLUMN = 1, 3


class _Exact(float):
    """A number written with every digit it has; the writer would keep sixteen."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return repr(float(self))


@dataclass(frozen=True, slots=True)
class Origin:
    """Which project a workbook was written from, at which version."""

    code: UUID
    version: int


def write_workbook(title: str = "", inputs: Mapping[str, Any] | None = None, origin: Origin | None = None) -> bytes:
    """The workbook of a project; without inputs, the empty template with the defaults filled in."""
    stream = BytesIO()
    with new_workbook(stream) as book:
        _Writer(book, title, inputs, origin).write()
    return stream.getvalue()


def number_format(spec: FieldSpec) -> str:
    """How a spreadsheet shows the field: percent as percent, amounts with thousands apart."""
    if spec.kind is FieldKind.DATE:
        return _DATE_FORMAT
    if spec.kind is FieldKind.INTEGER:
        return _WHOLE_FORMAT
    if spec.kind in screen.NUMERIC:
        return _NUMBER_FORMATS.get(spec.unit, _PLAIN_FORMAT)
    return _TEXT_FORMAT


def choices_of(spec: FieldSpec) -> tuple[str, ...]:
    """The words a drop-down offers; none for fields that are typed."""
    if spec.kind is FieldKind.FLAG:
        return FLAG_WORDS
    return tuple(screen.choice_text(choice) for choice in spec.choices)


@dataclass
class _Writer:
    book: Any
    title: str
    inputs: Mapping[str, Any] | None
    origin: Origin | None
    _formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    _lists: dict[tuple[str, ...], str] = field(default_factory=dict)

    def write(self) -> None:
        names = (INPUTS, CAPEX, DERIVED, GUIDE, LISTS)
        sheets = {name: self.book.add_worksheet(name) for name in names}
        self._write_lists(sheets[LISTS])
        self._write_inputs(sheets[INPUTS])
        self._write_capex(sheets[CAPEX])
        self._write_derived(sheets[DERIVED])
        self._write_guide(sheets[GUIDE])
        self._describe()

    def _describe(self) -> None:
        self.book.set_properties({"title": self.title or "Atlas Nexus project", "author": "Atlas Nexus"})
        self.book.set_custom_property(TEMPLATE_PROPERTY, TEMPLATE_VERSION)

    def value(self, spec: FieldSpec) -> Any:
        """What stands in the field's cell."""
        if spec is TITLE:
            return self.title or None
        if self.inputs is None:
            return spec.default
        return lookup(self.inputs, spec.path)

    # Sheets

    def _write_inputs(self, sheet: Any) -> None:
        self._open(sheet, INPUTS, {VALUE: "Value"}, "Project inputs", "Fill in the cells with a border.")
        for column, text in ((_UNIT, "Unit"), (_RANGE, "Allowed"), (_CHECK, "Check"), (_HELP, "Remarks")):
            sheet.write_string(
                HEAD_ROW, column, text, self._format(**_HEAD, **({"indent": 1} if column == _UNIT else {}))
            )
        for column, width in ((LABEL_COLUMN, 34), (FIRST_VALUE_COLUMN, 34), (_UNIT, 12), (_RANGE, 32), (_CHECK, 14), (_HELP, 70)):  # fmt: skip
            sheet.set_column(column, column, width)
        for group in layout().groups:
            self._write_group(sheet, group)
        self._finish(sheet, layout().groups[-1].slots[-1].row, _HELP, landscape=True)

    def _write_group(self, sheet: Any, group: InputGroup) -> None:
        for column in range(LABEL_COLUMN, _HELP + 1):
            sheet.write_string(group.row, column, group.title if column == LABEL_COLUMN else "", self._format(**_BAND))
        for slot in group.slots:
            spec = slot.spec
            sheet.write_string(slot.row, KEY_COLUMN, slot.row_key)
            sheet.write_string(slot.row, LABEL_COLUMN, f"{spec.label}{' *' if spec.required else ''}", self._format())
            self._write_input(sheet, slot)
            self._write_unit(sheet, slot)
            sheet.write_string(slot.row, _RANGE, _allowed(spec), self._format(font_color=_SOFT))
            missing = "Fill in" if spec.required and self.value(spec) is None else ""
            sheet.write_formula(slot.row, _CHECK, self._check(slot), self._format(font_color=_BAD), missing)
            sheet.write_string(slot.row, _HELP, spec.help, self._format(font_color=_SOFT, text_wrap=True))

    def _write_capex(self, sheet: Any) -> None:
        help_text = "Cost before and after the construction phase fee and contingency, in the capex currency."
        self._open(sheet, CAPEX, SIDES, "Construction cost", help_text)
        sheet.write_string(
            HEAD_ROW, FIRST_VALUE_COLUMN + len(SIDES), "Market above internal", self._format(**_HEAD, align="right")
        )
        sheet.set_column(LABEL_COLUMN, LABEL_COLUMN, 40)
        sheet.set_column(FIRST_VALUE_COLUMN, FIRST_VALUE_COLUMN + len(SIDES), 24)
        for line in layout().capex_lines:
            self._write_capex_row(sheet, line)
            self._write_difference(sheet, line.row, bold=False)
        self._finish(sheet, self._write_capex_sums(sheet), FIRST_VALUE_COLUMN + len(SIDES), landscape=False)

    def _write_capex_row(self, sheet: Any, line: CapexRow) -> None:
        sheet.write_string(line.row, KEY_COLUMN, line.slots[0].row_key)
        sheet.write_string(line.row, LABEL_COLUMN, line.label, self._format())
        for slot in line.slots:
            self._write_input(sheet, slot)

    def _write_capex_sums(self, sheet: Any) -> int:
        """Totals below the lines, each rate on what stands above it; gives the last row."""
        lines = layout().capex_lines
        row = lines[-1].row + 1
        sums = {side: f"SUM({name_of(f'capex.{side}.lines')})" for side in SIDES}
        totals = {side: sum(_number(self.value(line.slots[i].spec)) for line in lines) for i, side in enumerate(SIDES)}
        for number, side in enumerate(SIDES):
            cells = (lines[0].row, FIRST_VALUE_COLUMN + number, lines[-1].row, FIRST_VALUE_COLUMN + number)
            self._name(name_of(f"capex.{side}.lines"), CAPEX, *cells)
            self._name(lines_total_name(side), CAPEX, row, FIRST_VALUE_COLUMN + number)
        self._write_sum(sheet, row, "Lines", sums, totals)
        running = {side: lines_total_name(side) for side in SIDES}
        for rate in layout().capex_rates:
            self._write_capex_row(sheet, rate)
            added = {slot.column_key: f"({running[slot.column_key]})*{slot.name}" for slot in rate.slots}
            amounts = {s.column_key: totals[s.column_key] * _number(self.value(s.spec)) for s in rate.slots}
            self._write_sum(sheet, rate.row + 1, f"{rate.label}, amount", added, amounts, bold=False)
            running = {side: f"{running[side]}+{_cell(rate.row + 1, i)}" for i, side in enumerate(SIDES)}
            totals = {side: totals[side] + amounts[side] for side in SIDES}
        row = layout().capex_rates[-1].row + 2
        self._write_sum(sheet, row, "Capex", running, totals)
        fx_rate = _number(lookup(self.inputs or {}, "fx_rate")) or 1.0
        converted = {side: f"{_cell(row, i)}*IF(ISNUMBER(in_fx_rate),in_fx_rate,1)" for i, side in enumerate(SIDES)}
        for number, side in enumerate(SIDES):
            self._name(total_name(side), CAPEX, row + 1, FIRST_VALUE_COLUMN + number)
        values = {side: total * fx_rate for side, total in totals.items()}
        self._write_sum(sheet, row + 1, "Capex in the project's currency", converted, values)
        return row + 1

    def _write_sum(
        self, sheet: Any, row: int, label: str, formulas: Mapping[str, str], values: Mapping[str, float], bold: bool = True
    ) -> None:  # fmt: skip
        look = _TOTAL if bold else {}
        sheet.write_string(row, LABEL_COLUMN, label, self._format(**look))
        for number, side in enumerate(SIDES):
            shown = self._format(num_format=_NUMBER_FORMATS["amount"], **look)
            sheet.write_formula(row, FIRST_VALUE_COLUMN + number, f"={formulas[side]}", shown, values[side])
        self._write_difference(sheet, row, bold=bold, value=values["market"] - values["internal"])

    def _write_difference(self, sheet: Any, row: int, *, bold: bool, value: float | None = None) -> None:
        if value is None:
            slots = next(line.slots for line in layout().capex_lines if line.row == row)
            internal, market = (_number(self.value(slot.spec)) for slot in slots)
            value = market - internal
        look = self._format(num_format=_NUMBER_FORMATS["amount"], **(_TOTAL if bold else {}))
        column = FIRST_VALUE_COLUMN + len(SIDES)
        sheet.write_formula(row, column, f"={_cell(row, 1)}-{_cell(row, 0)}", look, value)

    def _write_derived(self, sheet: Any) -> None:
        help_text = "Worked out from the other sheets by the formulas of the portal. Nothing to fill in here."
        self._open(sheet, DERIVED, {VALUE: "Value"}, "What follows", help_text)
        sheet.write_string(HEAD_ROW, _UNIT, "Unit", self._format(**_HEAD, indent=1))
        sheet.set_column(LABEL_COLUMN, LABEL_COLUMN, 44)
        sheet.set_column(FIRST_VALUE_COLUMN, FIRST_VALUE_COLUMN, 26)
        sheet.set_column(_UNIT, _UNIT, 14)
        row = HEAD_ROW + 1
        inputs = _sound(self.inputs)
        derived = derived_of(inputs) if inputs else None
        for heading, found in figures():
            self._band(sheet, row, heading)
            for row, figure in enumerate(found, row + 1):  # noqa: B020
                self._write_figure_head(sheet, row, figure.path, figure.label, figure.unit)
                value = figure.value(inputs, derived) if inputs and derived else ""
                look = self._format(num_format=_NUMBER_FORMATS.get(figure.unit, _PLAIN_FORMAT))
                sheet.write_formula(row, FIRST_VALUE_COLUMN, figure.sheet_formula, look, value)
                self._name(figure.name, DERIVED, row, FIRST_VALUE_COLUMN)
            row += 1
        self._band(sheet, row, "Assumptions of these figures; a run may set others")
        for row, each in enumerate(assumptions(), row + 1):  # noqa: B020
            self._write_figure_head(sheet, row, each.name, each.label, each.unit)
            look = self._format(num_format=_NUMBER_FORMATS.get(each.unit, _PLAIN_FORMAT))
            sheet.write_number(row, FIRST_VALUE_COLUMN, _Exact(each.value), look)
            self._name(each.name, DERIVED, row, FIRST_VALUE_COLUMN)
        self._finish(sheet, row, _UNIT, landscape=False)

    def _write_figure_head(self, sheet: Any, row: int, key: str, label: str, unit: str) -> None:
        sheet.write_string(row, KEY_COLUMN, key)
        sheet.write_string(row, LABEL_COLUMN, label, self._format())
        if unit == "amount":
            currency = str(lookup(self.inputs or {}, "currency") or "")
            sheet.write_formula(row, _UNIT, '=in_currency&""', self._format(font_color=_SOFT, indent=1), currency)
        else:
            text = "" if words_of(unit).is_percent else _unit_text(unit)
            sheet.write_string(row, _UNIT, text, self._format(font_color=_SOFT, indent=1))

    def _write_guide(self, sheet: Any) -> None:
        sheet.hide_gridlines(2)
        widths = (36, 26, 16, 34, 12, 80)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, "How to fill in this workbook", self._format(bold=True, font_size=16))
        last = len(widths) - 1
        for row, text in enumerate(PARAGRAPHS, 2):
            sheet.merge_range(row, 0, row, last, text, self._format(text_wrap=True, valign="top"))
            sheet.set_row(row, 15 * (1 + len(text) // 190))
        head = len(PARAGRAPHS) + 3
        for column, text in enumerate(FIELD_HEADS):
            sheet.write_string(head, column, text, self._format(**_HEAD))
        slots = list(layout().slots())
        for row, slot in enumerate(slots, head + 1):
            spec = slot.spec
            unit = "currency" if spec.unit == "amount" else _unit_text(spec.unit)
            needed = "yes" if spec.required else "no"
            default = "" if spec.default is None else screen.input_text(spec, spec.default)
            cells = (spec.label, slot.sheet, unit, _allowed(spec), needed, f"{spec.help}{_default_text(default, spec)}")
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text.strip(), self._format(text_wrap=column == last))
        self._print(sheet, head + len(slots), last, landscape=True, repeat=head)
        sheet.protect("", _ALLOWED_ON_SHEETS)

    def _write_lists(self, sheet: Any) -> None:
        sheet.write_string(KEY_ROW, KEY_COLUMN, f"{MARK}{LISTS.lower()}")
        sheet.write_string(KEY_ROW, KEY_COLUMN + 1, VALUE)
        about: dict[str, str | int] = {VERSION: TEMPLATE_VERSION}
        if self.origin:
            about |= {PROJECT: str(self.origin.code), PROJECT_VERSION: self.origin.version}
        for row, (key, value) in enumerate(about.items(), KEY_ROW + 1):
            sheet.write_string(row, KEY_COLUMN, key)
            sheet.write(row, KEY_COLUMN + 1, value)
        self._name(VERSION, LISTS, KEY_ROW + 1, KEY_COLUMN + 1)
        for slot in layout().slots():
            words = choices_of(slot.spec)
            if not words or words in self._lists:
                continue
            column = _LISTS_COLUMN + len(self._lists)
            name = f"list_{slot.place.replace('.', '_')}"
            sheet.write_string(_LISTS_HEAD, column, slot.spec.label)
            for row, word in enumerate(words, _LISTS_HEAD + 1):
                sheet.write_string(row, column, word)
            self._name(name, LISTS, _LISTS_HEAD + 1, column, _LISTS_HEAD + len(words), column)
            self._lists[words] = name
        self._write_taxes(sheet, _LISTS_COLUMN + len(self._lists) + 1)
        sheet.protect("")
        sheet.hide()

    def _write_taxes(self, sheet: Any, column: int) -> None:
        """The bands of every stamp duty on file, for the formula that adds up their slices."""
        rows = tax_rows()
        for number, name in enumerate(("tax_key", "tax_from", "tax_step")):
            sheet.write_string(_LISTS_HEAD, column + number, name)
            self._name(name, LISTS, _LISTS_HEAD + 1, column + number, _LISTS_HEAD + len(rows), column + number)
        for row, (key, start, step) in enumerate(rows, _LISTS_HEAD + 1):
            sheet.write_string(row, column, key)
            sheet.write_number(row, column + 1, _Exact(start))
            sheet.write_number(row, column + 2, _Exact(step))

    # Cells

    def _open(self, sheet: Any, name: str, heads: Mapping[str, str], title: str, help_text: str) -> None:
        """Mark, keys, title and head of a sheet that is read back."""
        sheet.hide_gridlines(2)
        sheet.set_default_row(_ROW_HEIGHT)
        sheet.write_string(KEY_ROW, KEY_COLUMN, f"{MARK}{name.lower()}")
        for number, key in enumerate(heads):
            sheet.write_string(KEY_ROW, FIRST_VALUE_COLUMN + number, key)
        sheet.set_row(KEY_ROW, None, None, {"hidden": True})
        sheet.set_column(KEY_COLUMN, KEY_COLUMN, 2, None, {"hidden": True})
        headline = f"{self.title}: {title.lower()}" if self.title else title
        sheet.write_string(1, LABEL_COLUMN, headline, self._format(bold=True, font_size=16))
        sheet.write_string(2, LABEL_COLUMN, help_text, self._format(font_color=_SOFT))
        sheet.write_string(HEAD_ROW, LABEL_COLUMN, "Field" if name != CAPEX else "Line", self._format(**_HEAD))
        for number, text in enumerate(heads.values()):
            sheet.write_string(HEAD_ROW, FIRST_VALUE_COLUMN + number, text, self._format(**_HEAD, align="right"))

    def _finish(self, sheet: Any, last_row: int, last_column: int, *, landscape: bool) -> None:
        sheet.freeze_panes(HEAD_ROW + 1, FIRST_VALUE_COLUMN)
        self._print(sheet, last_row, last_column, landscape=landscape, repeat=HEAD_ROW)
        sheet.protect("", _ALLOWED_ON_SHEETS)
        sheet.set_selection(HEAD_ROW + 2, FIRST_VALUE_COLUMN, HEAD_ROW + 2, FIRST_VALUE_COLUMN)

    def _print(self, sheet: Any, last_row: int, last_column: int, *, landscape: bool, repeat: int) -> None:
        sheet.set_landscape() if landscape else sheet.set_portrait()
        sheet.set_paper(9)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.print_area(0, 0, last_row, last_column)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(repeat)
        sheet.set_footer(f"&L{self.title[:80].replace('&', '&&')}&C&A&RPage &P of &N")

    def _band(self, sheet: Any, row: int, text: str) -> None:
        for column in range(LABEL_COLUMN, _UNIT + 1):
            sheet.write_string(row, column, text if column == LABEL_COLUMN else "", self._format(**_BAND))

    def _write_input(self, sheet: Any, slot: Slot) -> None:
        spec, value = slot.spec, self.value(slot.spec)
        align = "right" if spec.kind in screen.NUMERIC or spec.kind is FieldKind.DATE else "left"
        look = self._format(num_format=number_format(spec), locked=False, align=align, **_FIELD)
        _put(sheet, slot, value, look)
        self._name(slot.name, slot.sheet, slot.row, slot.column)
        rule = self._validation(spec, slot)
        if rule:
            sheet.data_validation(slot.row, slot.column, slot.row, slot.column, rule)
        if spec.required:
            blank = {"type": "blanks", "format": self._format(bg_color=_WANTED)}
            sheet.conditional_format(slot.row, slot.column, slot.row, slot.column, blank)

    def _write_unit(self, sheet: Any, slot: Slot) -> None:
        look = self._format(font_color=_SOFT, indent=1)
        if not slot.spec.unit.startswith("amount"):
            sheet.write_string(slot.row, _UNIT, _unit_text(slot.spec.unit), look)
            return
        text = mark(slot.spec.unit)
        suffix = f" {text}" if text else ""
        currency = str(lookup(self.inputs or {}, "currency") or "")
        sheet.write_formula(slot.row, _UNIT, f'=in_currency&"{suffix}"', look, f"{currency}{suffix}")

    def _check(self, slot: Slot) -> str:
        """A formula that says what is wrong with the cell, as the upload will."""
        name, spec = slot.name, slot.spec
        missing = '"Fill in"' if spec.required else '""'
        return f"=IF(ISBLANK({name}),{missing},{_wrong(name, spec, self._lists.get(choices_of(spec), ''))})"

    def _validation(self, spec: FieldSpec, slot: Slot) -> dict[str, Any] | None:
        """The rule a spreadsheet program holds while one types, with the range in words."""
        hint = f"{_allowed(spec)}. {spec.help}".strip(". ")
        rule: dict[str, Any] = {
            "input_title": spec.label[:_MESSAGE_TITLE_LENGTH],
            "input_message": hint[:_MESSAGE_LENGTH],
            "error_title": spec.label[:_MESSAGE_TITLE_LENGTH],
            "error_message": f"{spec.label}: expected {_allowed(spec)}."[:_MESSAGE_LENGTH],
        }
        if choices_of(spec):
            return {**rule, "validate": "list", "source": f"={self._lists[choices_of(spec)]}"}
        if spec.kind is FieldKind.DATE:
            return {**rule, "validate": "date", "criteria": ">", "value": FIRST_SERIAL}
        if spec.kind is FieldKind.TEXT and spec.maximum is not None:
            return {**rule, "validate": "length", "criteria": "<=", "value": int(spec.maximum)}
        if spec.kind not in screen.NUMERIC:
            return None
        cell = _cell(slot.row, slot.column - FIRST_VALUE_COLUMN)
        return {**rule, "validate": "custom", "value": f"=IFERROR(AND({','.join(_sound_tests(cell, spec))}),FALSE)"}

    def _name(self, name: str, sheet: str, row: int, column: int, row_2: int | None = None, column_2: int | None = None) -> None:  # fmt: skip
        first = f"${_letter(column)}${row + 1}"
        last = "" if row_2 is None or column_2 is None else f":${_letter(column_2)}${row_2 + 1}"
        self.book.define_name(name, f"={sheet}!{first}{last}")

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "valign": "vcenter", **properties})
        return self._formats[key]


_SOFT, _BAD, _WANTED, _INK = "#475464", "#B3261E", "#FFF3C4", "#0E1A29"
_HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": _INK}
_BAND = {"bold": True, "bg_color": "#E5EFF8", "font_color": "#16568F"}
_TOTAL = {"bold": True, "top": 1}
_FIELD = {"border": 1, "border_color": "#8893A1"}
_ALLOWED_ON_SHEETS = {"format_columns": True, "format_rows": True, "select_locked_cells": True}


def _put(sheet: Any, slot: Slot, value: Any, look: Any) -> None:
    place, spec = (slot.row, slot.column), slot.spec
    if value is None or value == "":
        sheet.write_blank(*place, None, look)
    elif spec.kind in screen.NUMERIC:
        sheet.write_number(*place, _Exact(value), look)
    elif spec.kind is FieldKind.DATE and date.fromisoformat(value) >= FIRST_SERIAL:
        sheet.write_number(*place, day_number(date.fromisoformat(value)), look)
    elif spec.kind is FieldKind.FLAG:
        sheet.write_string(*place, FLAG_WORDS[0 if value else 1], look)
    else:
        text = screen.choice_text(str(value)) if spec.kind is FieldKind.CHOICE else str(value)
        sheet.write_string(*place, text, look)


def _wrong(name: str, spec: FieldSpec, choices_name: str) -> str:
    if choices_name:
        return f'IF(ISNA(MATCH({name},{choices_name},0)),"Not in the list","")'
    if spec.kind is FieldKind.DATE:
        return f'IF(ISNUMBER({name}),"","Not a date")'
    if spec.kind in screen.NUMERIC:
        tests = ",".join(_sound_tests(name, spec)[1:]) or "TRUE"
        return f'IF(ISNUMBER({name}),IF(AND({tests}),"","Not allowed"),"Not a number")'
    return '""'


def _sound_tests(cell: str, spec: FieldSpec) -> list[str]:
    """What a number must be, as terms of a formula; the first is that it is one."""
    tests = [f"ISNUMBER({cell})"]
    if spec.minimum is not None:
        tests.append(f"{cell}{'>' if spec.exclusive_minimum else '>='}{spec.minimum!r}")
    if spec.maximum is not None:
        tests.append(f"{cell}<={spec.maximum!r}")
    if spec.kind is FieldKind.INTEGER:
        tests.append(f"{cell}=INT({cell})")
    return tests


def _allowed(spec: FieldSpec) -> str:
    """What the field takes, in words."""
    if spec.kind is FieldKind.FLAG:
        return "Yes or No"
    if spec.choices:
        return "one of the list"
    if spec.kind is FieldKind.DATE:
        return "a date"
    if spec.kind is FieldKind.TEXT:
        return f"text of at most {spec.maximum:,.0f} characters" if spec.maximum else "text"
    whole = "a whole number, " if spec.kind is FieldKind.INTEGER else ""
    return f"{whole}{screen.range_shown(spec)}"


def _default_text(default: str, spec: FieldSpec) -> str:
    if not default:
        return ""
    percent = "%" if screen.is_percent(spec) else ""
    return f" {default}{percent} where it is empty."


def _unit_text(unit: str) -> str:
    return mark(unit)


def _cell(row: int, side: int) -> str:
    return f"{_letter(FIRST_VALUE_COLUMN + side)}{row + 1}"


def _letter(column: int) -> str:
    return str(xl_col_to_name(column))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _sound(inputs: Mapping[str, Any] | None) -> ProjectInputs | None:
    try:
        return ProjectInputs.from_dict(inputs) if inputs is not None else None
    except ValueError:
        return None
