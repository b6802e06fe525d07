"""Workbooks are read by their own index, and a number format's printed signs are not passed over."""

import time
from io import BytesIO

import openpyxl
import pytest

from lib.archives import Limits
from lib.errors import UnreadableFile
from lib.workbooks.formats import printed_ending, shows_date, shows_percent
from lib.workbooks.package import open_package
from lib.workbooks.sheets import Grid, read_formats, read_index, read_strings
from lib.workbooks.writing import new_workbook
from tests.projects.cast import TODAY
from tests.projects.workbooks import SHEETS, address, part, reading, saved, sound_workbook, typed, with_parts

STYLES, STRINGS, BOOK = "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
RELATIONS, TYPES, ROOT = "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "_rels/.rels"


@pytest.mark.parametrize(
    ("code", "date", "percent"),
    [("General", False, False), ("0.00%", False, True), ('0.00"%"', False, False), (r"0.00\%", False, False), ("yyyy-mm-dd", True, False),
     ('0" days"', False, False), ("[h]:mm", True, False), ("[Red]0.0", False, False), ("#,##0_);(#,##0)", False, False)],
)  # fmt: skip
def test_what_a_format_shows(code: str, date: bool, percent: bool) -> None:
    assert (shows_date(code), shows_percent(code)) == (date, percent)


@pytest.mark.parametrize(
    ("code", "value", "ending"),
    [('0.00"%"', 0.95, "%"), (r"0.00\%", 0.95, "%"), ('0.00" %"', 0.95, "%"), ("0.00%", 0.95, ""), ('0.0"m"', 8.5, "m"),
     ('0.0,,"m"', 8.5e6, ""), ('"£"0.0"m"', 8.5, "m"), ('0.00"x"', 1.3, "x"), ('0;0"%"', 5, ""), ('0;-0"%"', -5, "%"),
     ('0;0;0"%"', 0, "%"), ("General", 1, ""), ("", 1, ""), ('#,##0;"%"', 3, "")],
)  # fmt: skip
def test_the_words_printed_after_a_number(code: str, value: float, ending: str) -> None:
    assert printed_ending(code, value) == ending


def formatted(place: str, value: float, code: str) -> bytes:
    """A sound workbook with a number under a format of its own in one field."""
    book = openpyxl.load_workbook(BytesIO(typed(place, value)))
    cell = next(sheet[address(place)] for sheet in book.worksheets if sheet[address(place)].value == value)
    cell.number_format = code
    return saved(book)


@pytest.mark.parametrize(
    ("place", "value", "code", "kept"),
    [
        ("revenue.opex_ratio", 0.95, '0.00"%"', 0.0095),
        ("revenue.opex_ratio", 0.95, r"0.00\%", 0.0095),
        ("capex.internal.contingency_rate", 0.5, '0.00"%"', 0.005),
        ("revenue.opex_ratio", 15, '0"%"', 0.15),
        ("land.purchase_amount", 20.5, '0.0"m"', 20_500_000),
    ],
)
def test_a_sign_printed_beside_a_number_counts_and_is_told(place: str, value: float, code: str, kept: float) -> None:
    found = reading(formatted(place, value, code))
    *groups, leaf = place.split(".")
    node = found.values
    for group in groups:
        node = node[group]
    assert node[leaf] == pytest.approx(kept, rel=1e-12)
    assert not found.problems
    assert any("the cell shows" in remark.message for remark in found.remarks)


@pytest.mark.parametrize(
    ("place", "value", "code", "told"),
    [
        ("revenue.opex_ratio", 0.95, "0.00%", ""),
        ("revenue.opex_ratio", 0.15, "General", ""),
        ("land.purchase_amount", 20_500_000, '0.0,,"m"', ""),
        ("power.pue", 1.25, '0.00"x"', ""),
        ("power.pue", 1.25, '0.00"%"', "the cell shows 1.25%: enter it as a number"),
        ("credit.insurance_premium_bps", 0.0125, "0.00%", "expected a number without a percent sign, got 1.25%"),
    ],
)
def test_other_formats_leave_a_number_as_it_is_or_are_refused(place: str, value: float, code: str, told: str) -> None:
    found = reading(formatted(place, value, code))
    assert [told] == [told for problem in found.problems if told in problem.message] or (
        not told and not found.problems
    )
    assert not any("the cell shows" in remark.message for remark in found.remarks)


def moved() -> dict[str, bytes | None]:
    """The same workbook as another writer lays it out: other folders, other names, other cases."""
    sound = sound_workbook()
    relations = (
        part(sound, RELATIONS)
        .replace(b"sharedStrings.xml", b"Texts.XML")
        .replace(b"styles.xml", b"/Looks/Own%20styles.xml")
    )
    types = (
        part(sound, TYPES)
        .replace(b"/xl/sharedStrings.xml", b"/XL/texts.xml")
        .replace(b"/xl/styles.xml", b"/looks/own%20styles.xml")
    )
    return {
        RELATIONS: relations, TYPES: None, "[content_types].xml": types, STRINGS: None, "XL/texts.xml": part(sound, STRINGS),
        STYLES: None, "looks/Own styles.xml": part(sound, STYLES),
    }  # fmt: skip


def test_parts_are_found_by_relation_in_any_place_and_case() -> None:
    content = with_parts(sound_workbook(), moved())
    found, plain = reading(content), reading(sound_workbook())
    assert not found.problems
    assert (found.values, found.title) == (plain.values, plain.title)
    package = open_package(BytesIO(content))
    index = read_index(package)
    assert read_strings(package, index, lambda *_: True)
    assert len(read_formats(package, index)) > 1


def test_a_workbook_in_a_folder_of_another_name() -> None:
    sound = sound_workbook()
    parts: dict[str, bytes | None] = {}
    for name in (BOOK, RELATIONS, STYLES, STRINGS, *SHEETS.values(), "xl/worksheets/sheet3.xml"):
        parts |= {name: None, name.replace("xl/", "Book/"): part(sound, name)}
    parts |= {name: part(sound, name).replace(b"xl/", b"Book/") for name in (ROOT, TYPES)}
    found = reading(with_parts(sound, parts))
    assert not found.problems
    assert found.values == reading(sound).values


def test_dates_are_dates_where_styles_lie_elsewhere() -> None:
    content = with_parts(typed("land.purchase_amount", TODAY), {})
    styles = part(content, STYLES)
    relations = part(content, RELATIONS).replace(b"styles.xml", b"Formats.xml")
    found = reading(with_parts(content, {STYLES: None, "xl/FORMATS.xml": styles, RELATIONS: relations}))
    assert any("got the date" in problem.message for problem in found.problems)


def test_two_parts_that_differ_by_case_alone_are_refused() -> None:
    with pytest.raises(UnreadableFile):
        reading(with_parts(sound_workbook(), {"XL/Workbook.xml": b"<workbook/>"}))


@pytest.mark.parametrize(
    ("rows", "cells"), [(300_000, '<c r="A{0}" s="1"/>'), (100_000, "".join(f'<c r="{letter}{{0}}" s="1"/>' for letter in "ABCDEFG"))]
)  # fmt: skip
def test_formatted_empty_rows_cost_next_to_nothing(rows: int, cells: str) -> None:
    sound = sound_workbook()
    empty = "".join(f'<row r="{number}">{cells.format(number)}</row>' for number in range(100, rows))
    sheet = part(sound, SHEETS["Inputs"]).replace(b"</sheetData>", f"{empty}</sheetData>".encode())
    content = with_parts(sound, {SHEETS["Inputs"]: sheet})
    began = time.thread_time()
    found = reading(content)
    assert time.thread_time() - began < 3
    assert not found.problems
    assert found.values == reading(sound).values


def test_a_sheet_of_many_empty_cells_within_the_rows_keeps_nothing() -> None:
    wide = "".join(f'<row r="{row}">{"<c/>" * 2_000}</row>' for row in range(100, 200))
    sheet = part(sound_workbook(), SHEETS["Inputs"]).replace(b"</sheetData>", f"{wide}</sheetData>".encode())
    package = open_package(BytesIO(with_parts(sound_workbook(), {SHEETS["Inputs"]: sheet})))
    grid = Grid(2_000, 40)
    package.parse(SHEETS["Inputs"], grid)
    assert all(cell.row < 100 for cell in grid.cells)


def test_merges_below_skipped_rows_are_still_known() -> None:
    where = address("power.pue")
    rows = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(100, 5_000))
    merges = f'</sheetData><mergeCells><mergeCell ref="A{where[1:]}:{where}"/></mergeCells>'
    plain = part(sound_workbook(), SHEETS["Inputs"]).decode()
    sheet = plain.replace("</sheetData>", f"{rows}{merges}")
    found = reading(with_parts(sound_workbook(), {SHEETS["Inputs"]: sheet.encode()}))
    assert any("merged range" in problem.message for problem in found.problems)


def test_the_limit_counts_work_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    package = open_package(BytesIO(sound_workbook()), Limits(seconds=5))
    time.sleep(0.01)
    monkeypatch.setattr("time.monotonic", lambda: 10.0**9)
    package.parse(SHEETS["Inputs"], Grid(10, 10))
    package.deadline = 0.0
    with pytest.raises(UnreadableFile, match="Clear all"):
        package.parse(SHEETS["Capex"], Grid(10, 10))


@pytest.mark.parametrize("text", ["=1+1", "https://example.org", "+4", "-1", "@SUM(A1)", "12", "{=A1}"])
def test_a_written_text_stays_text(text: str) -> None:
    stream = BytesIO()
    with new_workbook(stream, strings_to_formulas=True) as book:
        book.add_worksheet("One").write(0, 0, text)
    cell = openpyxl.load_workbook(stream)["One"]["A1"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
