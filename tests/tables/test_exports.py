"""Tables taken away: all rows in every format, in pieces, without a formula, and not too many at once."""

import csv
import gc
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from lib.errors import Busy, Invalid
from lib.streams import in_background
from tables import excel, exports
from tables.exports import export_arrow, export_csv, export_excel, export_parquet
from tables.query import Filter, Query, Sort
from tables.source import Source
from tests.tables.toys import SIZE

EVERYTHING = Query(("number", "name", "colour", "parts", "price_amount", "stars"), sort=(Sort("number"),))


def parquet_rows(source: Source, query: Query) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(b"".join(export_parquet(source, query)))).to_pylist()
    return rows


def csv_rows(source: Source, query: Query) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(export_csv(source, query)).decode())))


def book_of(source: Source, query: Query) -> Any:
    return openpyxl.load_workbook(io.BytesIO(b"".join(export_excel(source, query, [("Shop", "=1+1")]))))


def test_every_format_holds_every_row_with_codes_as_words(source: Source):
    rows = parquet_rows(source, EVERYTHING)
    assert [row["number"] for row in rows] == list(range(SIZE))
    assert [int(row["number"]) for row in csv_rows(source, EVERYTHING)] == list(range(SIZE))
    sheet = list(book_of(source, EVERYTHING)["Results"].iter_rows(values_only=True))
    assert [row[0] for row in sheet[1:]] == list(range(SIZE))
    for row in (rows[7], csv_rows(source, EVERYTHING)[7]):
        assert (row["colour"], row["parts"], row["name"]) == ("Deep blue", "Wheels, Ears", "Toy 0")
    assert sheet[8][:4] == (7, "Toy 0", "Deep blue", "Wheels, Ears")


def test_a_workbook_says_what_it_holds_and_has_no_formula(source: Source):
    query = Query(("number", "price_amount"), (Filter("colour", "=", "red"), Filter("stars", ">=", 3)))
    book = book_of(source, query)
    about = list(book["About"].iter_rows(values_only=True))
    count = sum(n % 3 == 0 and n % 4 == 0 and n % 5 >= 2 for n in range(SIZE))
    assert about == [("Shop", "=1+1"), ("Rows", str(count)), ("Filter", "Colour = Red"), ("Filter", "Stars >= 3")]
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def test_a_text_that_a_spreadsheet_would_run_is_text(tmp_path: Path):
    import pyarrow as pa

    from tables.source import source_of
    from tests.tables.toys import TOYS

    names = ["=1+1", "+1", "-1", "@now", "\tx", "plain", 'say "=1"', None]
    pq.write_table(pa.table({"number": list(range(len(names))), "name": names}), tmp_path / "a.parquet")
    shop = source_of(TOYS, [tmp_path / "a.parquet"])
    query = Query(("number", "name"))
    shown = [row["name"] for row in csv_rows(shop, query)]
    assert shown == ["'=1+1", "'+1", "'-1", "'@now", "'\tx", "plain", 'say "=1"', ""]
    assert [row["name"] for row in parquet_rows(shop, query)] == names


def test_a_full_sheet_is_followed_by_another(source: Source, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(excel, "SHEET_ROWS", 300)
    book = book_of(source, EVERYTHING)
    assert book.sheetnames == ["About", "Results", "Results 2", "Results 3", "Results 4"]
    assert [sheet.max_row for sheet in book.worksheets[1:]] == [301, 301, 301, 101]
    assert {sheet["A1"].value for sheet in book.worksheets[1:]} == {"Toy"}


def test_a_bad_query_is_refused_before_the_first_byte(source: Source):
    for export in (export_csv, export_excel, export_parquet):
        with pytest.raises(Invalid):
            export(source, Query(("nothing like it",)))


def test_an_export_leaves_no_file_behind_even_when_nobody_reads_on(source: Source):
    pieces = export_parquet(source, EVERYTHING)
    next(pieces)
    assert isinstance(pieces, Iterator)
    pieces.close()  # type: ignore[attr-defined]
    assert list((Path(settings.ATLASNEXUS_DATA_DIR) / "exports").iterdir()) == []


def test_pieces_come_one_at_a_time_to_an_async_response(source: Source):
    pieces = export_csv(source, EVERYTHING)

    async def gathered() -> bytes:
        return b"".join([piece async for piece in in_background(pieces)])

    assert async_to_sync(gathered)() == b"".join(export_csv(source, EVERYTHING))


def test_csv_comes_in_pieces(source: Source, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "BATCH_CELLS", 150 * len(EVERYTHING.columns))
    assert len(list(export_csv(source, EVERYTHING))) > 5


# So many at once


def test_one_export_more_than_there_is_room_for_is_refused(source: Source, settings: Any):
    settings.ATLASNEXUS_EXPORTS_AT_ONCE = 2
    first, second = export_excel(source, EVERYTHING), export_parquet(source, EVERYTHING)
    for export in (export_excel, export_parquet):
        with pytest.raises(Busy, match="Try again in a minute"):
            export(source, EVERYTHING)
    assert next(export_csv(source, EVERYTHING))
    # Once the file is written, sending it takes no room.
    assert next(first)
    third = export_excel(source, EVERYTHING)
    with pytest.raises(Busy):
        export_excel(source, EVERYTHING)
    for pieces in (second, third):
        assert b"".join(pieces)


@pytest.mark.parametrize("export", [export_csv, export_arrow])
def test_streams_have_places_of_their_own_and_give_them_back(source: Source, settings: Any, export: Any):
    settings.ATLASNEXUS_STREAMS_AT_ONCE = 2
    read, left = export(source, EVERYTHING), export(source, EVERYTHING)
    assert next(left)
    with pytest.raises(Busy, match="Try again in a minute"):
        export(source, EVERYTHING)
    assert b"".join(read)
    del left  # its reader hung up
    gc.collect()
    both = export(source, EVERYTHING), export(source, EVERYTHING)
    assert all(b"".join(each) for each in both)


def test_an_export_that_nobody_begins_or_that_fails_gives_its_room_back(
    source: Source, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.ATLASNEXUS_EXPORTS_AT_ONCE = 1
    never_begun = export_excel(source, EVERYTHING)
    del never_begun
    gc.collect()

    def fails(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_write_parquet", fails)
        with pytest.raises(OSError, match="disk full"):
            next(export_parquet(source, EVERYTHING))
    with pytest.raises(Invalid):
        export_excel(source, Query(("nothing like it",)))
    assert b"".join(export_excel(source, EVERYTHING))
