import csv
import io
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from engine.permutations import REASONS, TIERS
from permutations.models import Run
from permutations.results import count_results, cover_of, page_of_results, source_of
from tables.exports import Export, export_csv, export_excel, export_parquet
from tables.query import Filter, Query, Sort
from tests.permutations.cast import SMALL_SIZE

pytestmark = pytest.mark.django_db


COLUMNS = ("index", "rank", "tier", "reason", "flags", "senior_amortisation", "day_one_value", "rating_notch")
EVERYTHING = Query(COLUMNS, sort=(Sort("index"),))
PASSED = Query(COLUMNS, (Filter("gate", "=", "Passed"),))


def taken(export: Export, run: Run, query: Query) -> bytes:
    return b"".join(export(source_of(run), query, cover_of(run)))


def parquet_rows(run: Run, query: Query) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(taken(export_parquet, run, query))).to_pylist()
    return rows


def csv_rows(run: Run, query: Query) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(taken(export_csv, run, query).decode())))


def excel_rows(run: Run, query: Query) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(taken(export_excel, run, query)), read_only=True)
    return [row for sheet in book.worksheets[1:] for row in list(sheet.iter_rows(values_only=True))[1:]]


def test_every_format_holds_every_row(done: Run):
    rows = parquet_rows(done, EVERYTHING)
    assert [row["index"] for row in rows] == list(range(SMALL_SIZE))
    assert [int(row["index"]) for row in csv_rows(done, EVERYTHING)] == list(range(SMALL_SIZE))
    assert [row[0] for row in excel_rows(done, EVERYTHING)] == list(range(SMALL_SIZE))


def test_every_format_holds_the_filtered_rows_in_order(done: Run):
    query = Query(PASSED.columns, PASSED.filters, page_size=1000)
    page = page_of_results(done, query)
    assert len(page.keys) == count_results(done, query) <= 1000
    assert [row["index"] for row in parquet_rows(done, query)] == list(page.keys)
    assert [int(row["index"]) for row in csv_rows(done, query)] == list(page.keys)
    assert [row[0] for row in excel_rows(done, query)] == list(page.keys)


def test_figures_survive_and_codes_become_words(done: Run):
    query = Query(COLUMNS, PASSED.filters, page_size=1000)
    page = page_of_results(done, query)
    for values, text, row in zip(page.rows, csv_rows(done, query), parquet_rows(done, query), strict=True):
        shown = dict(zip(COLUMNS, values, strict=True))
        assert float(text["day_one_value"]) == row["day_one_value"] == shown["day_one_value"]
        assert text["tier"] == row["tier"] == TIERS[shown["tier"]]
        assert text["reason"] == REASONS[shown["reason"]]
        assert text["senior_amortisation"] == shown["senior_amortisation"]


def test_nothing_found_is_a_file_with_a_header(done: Run):
    query = Query(COLUMNS, (Filter("index", "<", 0),))
    assert taken(export_csv, done, query) == (",".join(COLUMNS) + "\r\n").encode()
    assert parquet_rows(done, query) == []
    assert excel_rows(done, query) == []


def test_a_workbook_says_what_it_holds_and_has_no_formula(done: Run):
    done.project.title = "=HYPERLINK(1)"
    done.project.save()
    book = openpyxl.load_workbook(io.BytesIO(taken(export_excel, done, PASSED)))
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert about["Run"] == str(done.code)
    assert about["Project"] == "=HYPERLINK(1)"
    assert about["Filter"] == "Gate = Passed"
    shown = {
        cell.value: below.number_format for cell, below in zip(book["Results"][1], book["Results"][2], strict=True)
    }
    assert (shown["Permutation"], shown["Day-one value"], shown["Tier"]) == ("#,##0", "#,##0", "General")
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
