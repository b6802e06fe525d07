import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from engine.permutations import REASONS, TIERS
from lib.errors import Invalid
from lib.streams import in_background
from permutations.models import Run
from permutations.results import (
    Filter,
    ResultsQuery,
    Sort,
    count_results,
    excel,
    export_csv,
    export_excel,
    export_parquet,
    exports,
    page_of_results,
)
from tests.permutations.cast import SMALL_SIZE

pytestmark = pytest.mark.django_db


COLUMNS = ("index", "rank", "tier", "reason", "flags", "senior_amortisation", "day_one_value", "rating_notch")
EVERYTHING = ResultsQuery(COLUMNS, sort=(Sort("index"),))
PASSED = ResultsQuery(COLUMNS, (Filter("gate", "=", "Passed"),))


def parquet_rows(run: Run, query: ResultsQuery) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(b"".join(export_parquet(run, query)))).to_pylist()
    return rows


def csv_rows(run: Run, query: ResultsQuery) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(export_csv(run, query)).decode())))


def excel_rows(run: Run, query: ResultsQuery) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(export_excel(run, query))), read_only=True)
    return [row for sheet in book.worksheets[1:] for row in list(sheet.iter_rows(values_only=True))[1:]]


def test_every_format_holds_every_row(done: Run):
    rows = parquet_rows(done, EVERYTHING)
    assert [row["index"] for row in rows] == list(range(SMALL_SIZE))
    assert [int(row["index"]) for row in csv_rows(done, EVERYTHING)] == list(range(SMALL_SIZE))
    assert [row[0] for row in excel_rows(done, EVERYTHING)] == list(range(SMALL_SIZE))


def test_every_format_holds_the_filtered_rows_in_order(done: Run):
    query = ResultsQuery(PASSED.columns, PASSED.filters, page_size=1000)
    page = page_of_results(done, query)
    assert len(page.indices) == count_results(done, query) <= 1000
    assert [row["index"] for row in parquet_rows(done, query)] == list(page.indices)
    assert [int(row["index"]) for row in csv_rows(done, query)] == list(page.indices)
    assert [row[0] for row in excel_rows(done, query)] == list(page.indices)


def test_figures_survive_and_codes_become_words(done: Run):
    query = ResultsQuery(COLUMNS, PASSED.filters, page_size=1000)
    page = page_of_results(done, query)
    for values, text, row in zip(page.rows, csv_rows(done, query), parquet_rows(done, query), strict=True):
        shown = dict(zip(COLUMNS, values, strict=True))
        assert float(text["day_one_value"]) == row["day_one_value"] == shown["day_one_value"]
        assert text["tier"] == row["tier"] == TIERS[shown["tier"]]
        assert text["reason"] == REASONS[shown["reason"]]
        assert text["senior_amortisation"] == shown["senior_amortisation"]


def test_nothing_found_is_a_file_with_a_header(done: Run):
    query = ResultsQuery(COLUMNS, (Filter("index", "<", 0),))
    assert b"".join(export_csv(done, query)) == (",".join(COLUMNS) + "\r\n").encode()
    assert parquet_rows(done, query) == []
    assert excel_rows(done, query) == []


def test_a_full_sheet_is_followed_by_another(done: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(excel, "SHEET_ROWS", 1_000)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(export_excel(done, EVERYTHING))))
    assert book.sheetnames == ["About", "Results", "Results 2", "Results 3", "Results 4"]
    assert [sheet.max_row for sheet in book.worksheets[1:]] == [1_001, 1_001, 1_001, 457]
    assert {sheet["A1"].value for sheet in book.worksheets[1:]} == {"Permutation"}


def test_a_workbook_says_what_it_holds_and_has_no_formula(done: Run):
    done.project.title = "=HYPERLINK(1)"
    done.project.save()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(export_excel(done, PASSED))))
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert about["Run"] == str(done.code)
    assert about["Project"] == "=HYPERLINK(1)"
    assert about["Filter"] == "Gate = Passed"
    shown = {
        cell.value: below.number_format for cell, below in zip(book["Results"][1], book["Results"][2], strict=True)
    }
    assert (shown["Permutation"], shown["Day-one value"], shown["Tier"]) == ("#,##0", "#,##0", "General")
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def test_a_bad_query_is_refused_before_the_first_byte(done: Run):
    for export in (export_csv, export_excel, export_parquet):
        with pytest.raises(Invalid):
            export(done, ResultsQuery(("nothing like it",)))


def test_an_export_leaves_no_file_behind_even_when_nobody_reads_on(done: Run):
    pieces = export_parquet(done, EVERYTHING)
    next(pieces)
    assert isinstance(pieces, Iterator)
    pieces.close()  # type: ignore[attr-defined]
    assert list((Path(settings.ATLASNEXUS_DATA_DIR) / "exports").iterdir()) == []


def test_pieces_come_one_at_a_time_to_an_async_response(done: Run):
    pieces = export_csv(done, EVERYTHING)

    async def gathered() -> bytes:
        return b"".join([piece async for piece in in_background(pieces)])

    assert async_to_sync(gathered)() == b"".join(export_csv(done, EVERYTHING))


def test_csv_comes_in_pieces(done: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "BATCH_CELLS", 500 * len(COLUMNS))
    assert len(list(export_csv(done, EVERYTHING))) > 5
