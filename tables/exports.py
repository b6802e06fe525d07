"""Whole tables to take away: every row that passes the filters, in constant memory, never cut short."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from django.conf import settings

from tables.catalogue import Column
from tables.excel import Cover, write_workbook
from tables.places import FILES, STREAMS, Place, take_place
from tables.query import Query, checked
from tables.reading import count_of
from tables.source import Source, database
from tables.sql import conditions, ordering, selection, tables

BATCH_CELLS = 250_000
PIECE_BYTES = 256 * 1024
# A spreadsheet would take a text of a CSV file that begins so for a formula.
FORMULA = "^[=+\\-@\t\r]"


def export_csv(source: Source, query: Query, cover: Cover = ()) -> Iterator[bytes]:
    """The rows as CSV with a header of column names, piece by piece; the format has no place for a cover."""
    query = checked(query, source.catalogue, source.columns)
    return _csv_pieces(source, query, take_place(STREAMS))


def export_parquet(source: Source, query: Query, cover: Cover = ()) -> Iterator[bytes]:
    """The rows as one Parquet file, piece by piece; columns only, as in CSV."""
    query = checked(query, source.catalogue, source.columns)
    return _file_pieces(".parquet", lambda path: _write_parquet(source, query, path), take_place(FILES))


def export_excel(source: Source, query: Query, cover: Cover = ()) -> Iterator[bytes]:
    """The rows as a workbook, piece by piece: a cover sheet, then as many sheets as the rows need."""
    query = checked(query, source.catalogue, source.columns)
    place = take_place(FILES)
    total = count_of(source, query)
    filters = [("Filter", source.catalogue.in_words(item)) for item in query.filters]
    about = [*cover, ("Rows", f"{total:,}"), *filters]
    columns = [source.columns[name] for name in dict.fromkeys(query.columns)]
    return _file_pieces(
        ".xlsx", lambda path: write_workbook(path, about, columns, _batches(source, query), total), place
    )


def export_arrow(source: Source, query: Query, cover: Cover = ()) -> Iterator[bytes]:
    """The rows as an Arrow stream, batch by batch; columns only, as in CSV."""
    query = checked(query, source.catalogue, source.columns)
    return _arrow_pieces(source, query, take_place(STREAMS))


Export = Callable[[Source, Query, Cover], Iterator[bytes]]
# By format: who makes it, its content type and the ending of its name.
EXPORTS: dict[str, tuple[Export, str, str]] = {
    "csv": (export_csv, "text/csv; charset=utf-8", "csv"),
    "parquet": (export_parquet, "application/vnd.apache.parquet", "parquet"),
    "arrow": (export_arrow, "application/vnd.apache.arrow.stream", "arrows"),
    "excel": (export_excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


def _batches(source: Source, query: Query) -> Iterator[pa.RecordBatch]:
    named = [*query.columns, *(item.column for item in query.filters), *(key.column for key in query.sort)]
    clause, files = tables(source, named)
    where, values = conditions(source, query.filters)
    sql = f"SELECT {selection(source, query.columns)} {clause} {where} {ordering(source, query.sort)}"
    with database() as connection:
        # A relation streams its rows; a DB-API result would copy them all first.
        reader: Any = connection.sql(sql, params=[*files, *values]).to_arrow_reader(
            max(1, BATCH_CELLS // len(query.columns))
        )
        for batch in reader:
            yield _in_words(source, batch)


def _in_words(source: Source, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_column_in_words(source.columns[name], batch[name]) for name in batch.schema.names]
    return pa.record_batch(columns, names=batch.schema.names)


def _column_in_words(column: Column, values: pa.Array) -> pa.Array:
    """Codes as the words they stand for; everything else as it is."""
    if column.is_text:
        return values.cast(pa.string())
    if not (column.choices or column.is_sum):
        return values
    known = values.dictionary_encode()
    words = pa.array([column.word(code) for code in known.dictionary.to_pylist()], pa.string())
    return words.take(known.indices)


def _csv_pieces(source: Source, query: Query, place: Place) -> Iterator[bytes]:
    names = list(dict.fromkeys(query.columns))
    yield (",".join(names) + "\r\n").encode()
    options = pc.WriteOptions(include_header=False, quoting_style="needed")
    for batch in _batches(source, query):
        buffer = BytesIO()
        pc.write_csv(pa.Table.from_batches([_without_formulas(batch)]), buffer, options)
        yield buffer.getvalue()
    place.leave()


def _arrow_pieces(source: Source, query: Query, place: Place) -> Iterator[bytes]:
    buffer = BytesIO()
    writer: pa.RecordBatchStreamWriter | None = None
    for batch in _batches(source, query):
        writer = writer or pa.ipc.new_stream(buffer, batch.schema)
        writer.write_batch(batch)
        yield _taken(buffer)
    if writer is None:
        empty = pa.schema([(name, pa.float64()) for name in dict.fromkeys(query.columns)])
        writer = pa.ipc.new_stream(buffer, empty)
    writer.close()
    place.leave()
    yield _taken(buffer)


def _taken(buffer: BytesIO) -> bytes:
    content = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return content


def _without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    from pyarrow import compute

    columns = [
        compute.replace_substring_regex(values, FORMULA, "'\\0") if pa.types.is_string(values.type) else values
        for values in batch.columns
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def _write_parquet(source: Source, query: Query, path: Path) -> None:
    writer: pq.ParquetWriter | None = None
    for batch in _batches(source, query):
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
    if writer is None:
        empty = pa.table({name: pa.array([], pa.float64()) for name in dict.fromkeys(query.columns)})
        pq.write_table(empty, path)
        return
    writer.close()


def _file_pieces(suffix: str, write: Callable[[Path], None], place: Place) -> Iterator[bytes]:
    with _temporary_file(suffix) as path:
        try:
            write(path)
        finally:
            place.leave()
        with path.open("rb") as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece


@contextmanager
def _temporary_file(suffix: str) -> Iterator[Path]:
    folder = Path(settings.ATLASNEXUS_DATA_DIR) / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=suffix)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
