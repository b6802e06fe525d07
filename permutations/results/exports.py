"""Whole results to take away: every row that passes the filters, in constant memory, never cut short."""

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

from engine.permutations import COLUMNS, FLAGS, ColumnSpec, Unit
from permutations.models import Run
from permutations.results.excel import write_workbook
from permutations.results.query import ResultsQuery, checked, column_choices, filter_in_words
from permutations.results.reading import Source, count_results, database, source_of
from permutations.results.sql import conditions, needs_ranking, ordering, selection

BATCH_CELLS = 250_000
PIECE_BYTES = 256 * 1024


def export_csv(run: Run, query: ResultsQuery) -> Iterator[bytes]:
    """The rows as CSV with a header of column names, piece by piece."""
    source, query = _prepared(run, query)
    return _csv_pieces(source, query)


def export_parquet(run: Run, query: ResultsQuery) -> Iterator[bytes]:
    """The rows as one Parquet file, piece by piece."""
    source, query = _prepared(run, query)
    return _file_pieces(".parquet", lambda path: _write_parquet(source, query, path))


def export_excel(run: Run, query: ResultsQuery) -> Iterator[bytes]:
    """The rows as a workbook, piece by piece: a cover sheet, then as many sheets as the rows need."""
    source, query = _prepared(run, query)
    total = count_results(run, query)
    cover, columns = _cover(run, query, total), [COLUMNS[name] for name in dict.fromkeys(query.columns)]
    return _file_pieces(".xlsx", lambda path: write_workbook(path, cover, columns, _batches(source, query), total))


def _prepared(run: Run, query: ResultsQuery) -> tuple[Source, ResultsQuery]:
    source = source_of(run)
    return source, checked(query, source.columns)


def _batches(source: Source, query: ResultsQuery) -> Iterator[pa.RecordBatch]:
    named = [*query.columns, *(item.column for item in query.filters), *(key.column for key in query.sort)]
    tables, files = source.tables(needs_ranking(named))
    where, values = conditions(query.filters)
    sql = f"SELECT {selection(query)} {tables} {where} {ordering(query.sort)}"
    with database() as connection:
        # A relation streams its rows; a DB-API result would copy them all first.
        reader: Any = connection.sql(sql, params=[*files, *values]).to_arrow_reader(
            max(1, BATCH_CELLS // len(query.columns))
        )
        for batch in reader:
            yield _in_words(batch)


def _in_words(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_column_in_words(name, batch[name]) for name in batch.schema.names]
    return pa.record_batch(columns, names=batch.schema.names)


def _column_in_words(name: str, values: pa.Array) -> pa.Array:
    """Codes as the words they stand for; everything else as it is."""
    spec = COLUMNS[name]
    if spec.unit == Unit.NAME:
        return values.cast(pa.string())
    label = _labeller(spec)
    if label is None:
        return values
    known = values.dictionary_encode()
    words = pa.array([label(code) for code in known.dictionary.to_pylist()], pa.string())
    return words.take(known.indices)


def _labeller(spec: ColumnSpec) -> Callable[[int], str] | None:
    if spec.name == "flags":
        return lambda code: ", ".join(word for bit, word in FLAGS.items() if code & bit)
    choices = column_choices(spec.name)
    return (lambda code: choices.get(code, str(code))) if choices else None


def _csv_pieces(source: Source, query: ResultsQuery) -> Iterator[bytes]:
    names = list(dict.fromkeys(query.columns))
    yield (",".join(names) + "\r\n").encode()
    options = pc.WriteOptions(include_header=False, quoting_style="needed")
    for batch in _batches(source, query):
        buffer = BytesIO()
        pc.write_csv(pa.Table.from_batches([batch]), buffer, options)
        yield buffer.getvalue()


def _write_parquet(source: Source, query: ResultsQuery, path: Path) -> None:
    writer: pq.ParquetWriter | None = None
    for batch in _batches(source, query):
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
    if writer is None:
        empty = pa.table({name: pa.array([], pa.float64()) for name in dict.fromkeys(query.columns)})
        pq.write_table(empty, path)
        return
    writer.close()


def _file_pieces(suffix: str, write: Callable[[Path], None]) -> Iterator[bytes]:
    with _temporary_file(suffix) as path:
        write(path)
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


def _cover(run: Run, query: ResultsQuery, total: int) -> list[tuple[str, str]]:
    return [
        ("Project", str(run.project)),
        ("Run", str(run.code)),
        ("Engine", run.engine_version),
        ("Input snapshot", run.snapshot.content_hash),
        ("Rows", f"{total:,}"),
        *(("Filter", filter_in_words(item)) for item in query.filters),
    ]
