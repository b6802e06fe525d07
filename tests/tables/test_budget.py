"""What somebody waits for has a budget: of time, of places, of values."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.errors import Busy, Invalid
from tables import source as sources
from tables.exports import export_arrow
from tables.query import Filter, Query
from tables.reading import count_of, page_of, rows_of
from tables.source import Source, bounded_database
from tests.tables.test_exports import EVERYTHING, parquet_rows

ENDLESS = "SELECT count(*) FROM range(10000000000) a WHERE sqrt(a.range) % 7 = 3"


def test_a_query_without_end_is_stopped_and_its_place_is_free_again(settings: Any, source: Source):
    settings.ATLASNEXUS_QUERY_SECONDS, settings.ATLASNEXUS_QUERIES_AT_ONCE = 0.2, 1
    with pytest.raises(Invalid, match="took longer than"), bounded_database() as connection:
        connection.execute(ENDLESS).fetchall()
    assert page_of(source, Query()).total > 0


def test_only_so_many_are_answered_at_once(settings: Any, source: Source, monkeypatch: pytest.MonkeyPatch):
    settings.ATLASNEXUS_QUERIES_AT_ONCE = 1
    monkeypatch.setattr(sources, "WAIT_SECONDS", 0.05)
    with bounded_database(), pytest.raises(Busy):
        page_of(source, Query())
    assert page_of(source, Query()).total > 0


def test_many_values_of_a_computed_column_are_refused_and_of_others_taken(source: Source):
    stored = parquet_rows(source, EVERYTHING)
    by_kind = {
        column.is_computed: name
        for name, column in source.columns.items()
        if not column.choices and (column.is_computed or name in stored[0])
    }
    with pytest.raises(Invalid, match="expected 1 to 100 values, got 101"):
        count_of(source, Query(filters=(Filter(by_kind[True], "in", [str(n) for n in range(101)]),)))
    known = [str(row[by_kind[False]]) for row in stored]
    found = count_of(source, Query(filters=(Filter(by_kind[False], "in", known[:1_000]),)))
    assert found == min(len(known), 1_000) or len(set(known)) < len(known)


def test_an_arrow_stream_has_the_same_rows_as_parquet(source: Source):
    content = b"".join(export_arrow(source, EVERYTHING))
    assert pa.ipc.open_stream(io.BytesIO(content)).read_all().to_pylist() == parquet_rows(source, EVERYTHING)
    nothing = Query(filters=(Filter(source.catalogue.key, "=", "-1"),), columns=(source.catalogue.key,))
    assert pa.ipc.open_stream(io.BytesIO(b"".join(export_arrow(source, nothing)))).read_all().num_rows == 0


def test_an_answer_is_remembered_for_as_long_as_its_files_stay(
    settings: Any, source: Source, monkeypatch: pytest.MonkeyPatch
):
    settings.ATLASNEXUS_QUERIES_AT_ONCE = 1
    monkeypatch.setattr(sources, "WAIT_SECONDS", 0.05)
    first, row = page_of(source, Query()), rows_of(source, [3])
    with bounded_database():
        assert page_of(source, Query()) == first
        assert rows_of(source, [3]) == row
        with pytest.raises(Busy):
            page_of(source, Query(page=2))
    fewer = pq.read_table(source.files[0]).slice(0, 5)
    pq.write_table(fewer, source.files[0])
    assert page_of(source, Query()).total < first.total
