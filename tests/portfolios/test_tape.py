"""Tapes from outside: verdict by verdict, and what no tape may do."""

import io
from decimal import Decimal

import pytest
from xlsxwriter import Workbook

from engine.portfolios.assets import Kind
from lib.errors import UnreadableFile
from lib.grids import Grid, read_grid
from portfolios import demo_documents as demo
from portfolios.cells import Refused, read_cell, read_date
from portfolios.countries import country_name
from portfolios.tape import HEADERS, normal, read_tape, suggested_mapping
from tests.portfolios.cases import REFERENCE, expected, rows

KNOWN = demo.known(demo.deal_json())


def dirty() -> Grid:
    return read_grid((REFERENCE / "clo_import_dirty.csv").read_bytes(), "dirty.csv")


def test_every_row_of_the_dirty_tape_gets_its_verdict_at_its_column():
    tape = read_tape(dirty(), KNOWN)
    assert not tape.unmapped
    for row in rows("clo_import_dirty_expected")[1:]:
        number = int(row["data_row"])
        found = {(problem.header, problem.refuses) for problem in tape.problems if problem.row == number}
        if row["verdict"] == "accept":
            assert number in tape.rows
            assert not found
        elif row["verdict"] == "warn":
            assert number in tape.rows
            assert (row["column"], False) in found
        else:
            assert number not in tape.rows
            assert found == {(row["column"], True)}


def test_what_is_accepted_is_read_as_it_was_meant():
    tape = read_tape(dirty(), KNOWN)
    assert str(tape.rows[1]["maturity"]) == "2031-03-31"
    assert tape.rows[2]["deal_par_amount"] == Decimal(2750000)
    assert tape.rows[4]["coupon"] == Decimal("0.0780")
    assert tape.rows[8]["moodys_rating_warf"] == "B2"
    assert tape.rows[15]["issuer_name"].startswith("=HYPERLINK")


def test_the_layout_is_the_sources_71_columns():
    theirs = expected("clo_asset_columns")["columns"]
    assert [normal(each["name"]) for each in theirs] == [normal(header) for header in list(HEADERS.values())[:71]]


def test_a_workbook_is_read_as_the_same_tape():
    plain = read_grid((demo.HERE / "pool_a.csv").read_bytes(), "pool_a.csv")
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((plain.headers, *plain.rows[:20])):
            for column, text in enumerate(row):
                is_par = number and plain.headers[column] == "Deal_Par_Amount"
                (
                    sheet.write_number(number, column, float(text))
                    if is_par
                    else sheet.write_string(number, column, text)
                )
    ours = read_tape(read_grid(stream.getvalue(), "pool.xlsx"), KNOWN)
    theirs = read_tape(Grid(plain.headers, plain.rows[:20], plain.lines[:20]), KNOWN)
    assert ours.assets() == theirs.assets()


def tape_of(**cells: str):
    """The first row of pool A with some cells typed over."""
    grid = read_grid((demo.HERE / "pool_a.csv").read_bytes(), "pool_a.csv")
    row = [
        cells.get(suggested_mapping([header]).get(header, ""), text)
        for header, text in zip(grid.headers, grid.rows[0], strict=True)
    ]
    return read_tape(Grid(grid.headers, (tuple(row),), (2,)), KNOWN)


@pytest.mark.parametrize(
    ("cells", "column", "code", "refuses"),
    [
        ({"coupon": "-0.01"}, "coupon", "negative", False),
        ({"coupon": "7.5"}, "coupon", "out_of_range", True),
        ({"maturity": "2026-01-31"}, "maturity", "matured", False),
        ({"moodys_credit_estimate": "B2"}, "moodys_credit_estimate_date", "missing", True),
        ({"default_obligation": ""}, "default_obligation", "missing", True),
        ({"currency": ""}, "currency", "missing", True),
        ({"dip": "perhaps"}, "dip", "not_a_flag", True),
        ({"moodys_rating_21": "B9"}, "moodys_rating_21", "unknown_rating", True),
        ({"payment_frequency": "3"}, "payment_frequency", "out_of_range", True),
        ({"market_value": "0.99"}, "market_value", "perhaps_fraction", False),
        ({"country": "Bermudda"}, "country", "unknown_country", False),
        ({"deal_par_amount": "1.2.3"}, "deal_par_amount", "not_a_number", True),
    ],
)
def test_further_cells(cells: dict[str, str], column: str, code: str, refuses: bool):
    assert (column, code, refuses) in {(p.column, p.code, p.refuses) for p in tape_of(**cells).problems}


def test_spellings_of_a_country_are_one_country():
    assert tape_of(country="cayman").rows[1]["country"] == "Cayman Islands"
    assert country_name("Bermudda") is None


def test_an_issuer_with_two_ratings_is_told():
    grid = read_grid((demo.HERE / "pool_a.csv").read_bytes(), "a.csv")
    place = grid.headers.index("Moody Issuer Rating"), grid.headers.index("BLKRockID")
    other = list(grid.rows[0])
    other[place[0]], other[place[1]] = "Ba1", "OTHER"
    tape = read_tape(Grid(grid.headers, (grid.rows[0], tuple(other)), (2, 3)), KNOWN)
    assert [(p.row, p.code, p.refuses) for p in tape.problems] == [(2, "two_ratings", False)]


@pytest.mark.parametrize("text", ["", "one line only", "\x00\x01"])
def test_files_that_are_no_tape(text: str):
    with pytest.raises(UnreadableFile):
        read_grid(text.encode(), "x.csv")


def test_a_row_longer_than_its_header_is_refused():
    with pytest.raises(UnreadableFile, match="more cells than the header"):
        read_grid(b"BLKRockID,Country\nA,USA,B\n", "x.csv")


def test_dates_that_read_one_way_only():
    assert str(read_date("31/03/2031")) == str(read_date("3/31/2031")) == "2031-03-31"
    assert str(read_date("5 Jun 2030")) == "2030-06-05"
    with pytest.raises(Refused, match="2030-06-05 or 2030-05-06"):
        read_date("05/06/2030")
    with pytest.raises(Refused):
        read_date("2031-03-31T08:00:00")


def test_numbers_keep_every_digit():
    assert read_cell("1 234 567.10", Kind.AMOUNT) == Decimal("1234567.10")
    assert read_cell(" 5% ", Kind.RATE) == Decimal("0.05")
    for text in ("1,23", "NaN", "1e999", "0x10"):
        with pytest.raises(Refused):
            read_cell(text, Kind.AMOUNT)
