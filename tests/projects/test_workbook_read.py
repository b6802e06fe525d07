"""Workbooks out and in again: nothing lost, every problem told by its cell."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.basics.fields import FieldKind
from engine.project import FIELDS
from lib.canonical import canonical_hash
from projects import screen
from projects.translate import check_inputs
from projects.workbook.layout import CAPEX, INPUTS, TEMPLATE_VERSION, layout
from projects.workbook.write import Origin, write_workbook
from tests.projects.cast import TODAY, put, sound_inputs
from tests.projects.workbooks import (
    address,
    complete_payloads,
    payloads,
    reading,
    saved,
    slot,
    sound_workbook,
    typed,
)

TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=99)


def told(content: bytes) -> list[str]:
    return [str(problem) for problem in reading(content).problems]


@given(payload=payloads(), title=TITLES)
@settings(max_examples=40, deadline=None)
def test_a_draft_comes_back_as_it_went(payload: dict[str, Any], title: str) -> None:
    kept = check_inputs(payload, today=TODAY).values
    kept.pop("entered", None)
    upload = reading(write_workbook(title, kept))
    assert upload.values == kept
    assert canonical_hash(upload.values) == canonical_hash(kept)
    assert upload.title == title.strip()


@given(inputs=complete_payloads())
@settings(max_examples=20, deadline=None)
def test_a_complete_project_comes_back_as_it_went(inputs: dict[str, Any]) -> None:
    upload = reading(write_workbook("Quay", inputs))
    assert upload.is_complete
    assert upload.values == inputs
    assert canonical_hash(upload.values) == canonical_hash(inputs)
    assert not upload.problems


def test_every_declared_field_has_its_cell() -> None:
    places = {each.place for each in layout().slots()}
    typed_fields = [spec for spec in FIELDS if spec.kind is not FieldKind.PAIRS]  # bands follow from the place chosen
    missing = [
        spec.path for spec in typed_fields if not any(p == spec.path or p.startswith(f"{spec.path}.") for p in places)
    ]
    assert not missing
    cells = [(each.sheet, each.row, each.column) for each in layout().slots()]
    assert len(cells) == len(set(cells))


def test_it_says_what_it_is() -> None:
    project = sound_inputs()
    code = "00000000-0000-4000-8000-000000000001"
    upload = reading(write_workbook("Quay", project, Origin(code, 7)))  # type: ignore[arg-type]
    assert (upload.template_version, upload.project_code, upload.project_version) == (TEMPLATE_VERSION, code, 7)
    assert not upload.remarks


def test_an_older_template_is_told_of() -> None:
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    book["Lists"]["B2"] = 0
    assert [remark.code for remark in reading(saved(book)).remarks] == ["template_older"]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("power.pue", "1,9", "PUE: expected 0.95 to 1.5, got 1.9."),
        ("power.pue", 1.9, "PUE: expected 0.95 to 1.5, got 1.9."),
        ("power.pue", "one", "PUE: expected a number, 0.95 to 1.5, got one."),
        ("power.pue", True, "PUE: expected a number, 0.95 to 1.5, got TRUE."),
        ("power.pue", "#REF!", "PUE: the cell holds the error #REF!, enter a value."),
        ("power.pue", "=1+0.1", "PUE: the cell holds a formula without a result, enter the value itself."),
        ("revenue.rent_amount", "1,250", "Rent: the text 1,250 may mean 1.250 or 1250: nothing was guessed, enter it as a number."),
        ("revenue.opex_ratio", 5, "Operating costs: expected 0% to 100%, got 500%."),
        ("revenue.opex_ratio", "5", "Operating costs: the text 5 may mean 5% or 500%: nothing was guessed, enter it with a percent sign."),
        ("power.gross_facility_mw", "48%", "Gross facility power: expected a number without a percent sign, got 48%."),
        ("lease.term_years", 20.5, "Lease term: expected a whole number, got 20.5."),
        ("country", "Atlantis", "Country: expected United Kingdom, European Union, United States; got Atlantis."),
        ("credit.insurance_wrap", 1, "Insurance wrap on senior: expected Yes or No, got 1."),
        ("construction.start_date", "01/02/2029", "Construction start: expected a date such as 2029-01-31, got the text 01/02/2029: nothing was guessed."),
        ("construction.start_date", 46000.5, "Construction start: expected a date such as 2029-01-31, got 46000.5."),
        ("credit.tenant_rating", None, "Tenant rating is missing: enter a value."),
        ("title", "x" * 256, "Title: expected at most 255 characters, got 256."),
        ("capex.market.lines.bess", "lots", "Market capex, Battery energy storage: expected a number, 0 to 1,000,000,000,000, got lots."),
    ],
)  # fmt: skip
def test_a_problem_is_told_by_sheet_and_cell(place: str, value: Any, sentence: str) -> None:
    assert told(typed(place, value)) == [f"{slot(place).sheet}!{address(place)}: {sentence}"]


@pytest.mark.parametrize(
    ("place", "value", "kept"),
    [
        ("power.pue", "1.25", 1.25),
        ("power.pue", "1,25", 1.25),
        ("revenue.rent_amount", "1,250.5", 1250.5),
        ("revenue.rent_amount", "1.250,5", 1250.5),
        ("revenue.rent_amount", "1,250,000", 1_250_000.0),
        ("revenue.rent_amount", "1 250 000", 1_250_000.0),
        ("revenue.rent_amount", "1\u202f250\u202f000,75", 1_250_000.75),
        ("revenue.rent_amount", "1'250'000", 1_250_000.0),
        ("revenue.occupancy_ratio", "95%", 0.95),
        ("revenue.occupancy_ratio", "92,5 %", 0.925),
    ],
)
def test_numbers_as_text_are_read_where_there_is_no_doubt(place: str, value: str, kept: float) -> None:
    upload = reading(typed(place, value))
    group, leaf = place.split(".")
    assert not upload.problems
    assert upload.values[group][leaf] == kept
    assert [remark.code for remark in upload.remarks] == ["taken"]


@pytest.mark.parametrize("word", ["united kingdom", "UK", " United Kingdom "])
def test_choices_are_taken_by_word_and_by_code(word: str) -> None:
    assert reading(typed("country", word)).values["country"] == "UK"


def test_a_date_in_an_amount_is_no_number() -> None:
    found = told(typed("land.purchase_amount", TODAY))
    assert found == [f"Inputs!{address('land.purchase_amount')}: Land purchase: expected a number, 0 to 1,000,000,000,000, got the date {TODAY.isoformat()}."]  # fmt: skip


def test_the_other_calendar_is_read() -> None:
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book["Inputs"][address("construction.start_date")] = TODAY.replace(year=2031)
    assert reading(saved(book)).values["construction"]["start_date"] == TODAY.replace(year=2031).isoformat()


def test_rows_may_be_moved_and_sheets_renamed() -> None:
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    book["Inputs"].insert_rows(1, 3)
    book["Inputs"].insert_rows(20, 2)
    book["Capex"].insert_cols(3)
    book["Inputs"].title = "Our numbers"
    book.create_sheet("Notes", 0)["A1"] = "Call the bank"
    upload = reading(saved(book))
    assert not upload.problems
    assert upload.values == check_inputs(sound_inputs(), today=TODAY).values


def test_a_renamed_sheet_is_quoted() -> None:
    book = openpyxl.load_workbook(BytesIO(typed("power.pue", 9)))
    book["Inputs"].title = "Our numbers"
    assert told(saved(book)) == [f"'Our numbers'!{address('power.pue')}: PUE: expected 0.95 to 1.5, got 9."]


def test_a_missing_sheet_or_row_leaves_what_was_there() -> None:
    previous = check_inputs(put(sound_inputs(), "power.pue", 1.4), today=TODAY).values
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    del book["Capex"]
    book["Inputs"].delete_rows(slot("power.pue").row + 1)
    upload = reading(saved(book), previous)
    assert {problem.code for problem in upload.problems} == {"sheet_missing", "row_missing"}
    assert upload.values == previous


def test_a_row_that_is_there_twice_is_not_taken() -> None:
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    sheet = book["Inputs"]
    sheet["A200"], sheet["C200"] = "power.pue", 1.3
    previous = check_inputs(put(sound_inputs(), "power.pue", 1.4), today=TODAY).values
    upload = reading(saved(book), previous)
    assert [problem.where for problem in upload.problems] == ["Inputs!A200"]
    assert upload.values["power"]["pue"] == 1.4


def test_a_merged_cell_is_told_of() -> None:
    book = openpyxl.load_workbook(BytesIO(sound_workbook()))
    row = slot("power.gross_facility_mw").row + 1
    book["Inputs"].merge_cells(f"C{row}:C{row + 1}")
    found = told(saved(book))
    assert found == [
        f"Inputs!C{row + 1}: PUE: it is part of a merged range, take the merge apart and enter the value here."
    ]


def test_a_problem_leaves_the_field_of_the_project_as_it_is() -> None:
    previous = check_inputs(put(sound_inputs(), "power.pue", 1.4), today=TODAY).values
    upload = reading(typed("power.pue", "one"), previous)
    assert upload.values["power"]["pue"] == 1.4
    assert not upload.is_complete


def test_text_never_becomes_a_formula() -> None:
    for title in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'):
        book = openpyxl.load_workbook(BytesIO(write_workbook(title, sound_inputs())))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == title]
        assert cells
        assert all(cell.data_type == "s" for cell in cells)


def test_drop_downs_offer_what_the_engine_takes() -> None:
    book = openpyxl.load_workbook(BytesIO(write_workbook()))
    rules = {str(rule.sqref): rule for rule in book["Inputs"].data_validations.dataValidation}
    for each in layout().slots():
        if each.sheet == INPUTS and each.spec.choices:
            name = rules[address(each.place)].formula1
            sheet, cells = book.defined_names[name].attr_text.split("!")
            offered = [row[0].value for row in book[sheet][cells.replace("$", "")]]
            assert offered == [screen.choice_text(choice) for choice in each.spec.choices]


def test_only_cells_to_fill_in_are_open() -> None:
    book = openpyxl.load_workbook(BytesIO(write_workbook()))
    wanted = {(each.sheet, address(each.place) if each.sheet == INPUTS else f"{'ABCD'[each.column]}{each.row + 1}") for each in layout().slots()}  # fmt: skip
    open_cells = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    assert open_cells == wanted
    assert all(sheet.protection.sheet for sheet in book)
    assert book["Lists"].sheet_state == "hidden"
    assert {INPUTS, CAPEX} <= set(book.sheetnames)
