"""A file of a panel as raw columns: CSV, the first sheet of a workbook, or Parquet."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lib.errors import UnreadableFile
from lib.grids import DELIMITERS, ENCODINGS, read_grid

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 100 * 1024**2, 2_000_000, 60
MOST_UNPACKED_BYTES = 2 * 1024**3
ADVICE = "Send a CSV file, an Excel workbook (.xlsx) or a Parquet file with one row a date and name."
TYPES = "CSV, Excel or Parquet"


@dataclass(frozen=True, slots=True)
class RawPanel:
    """Headers and as many columns of equal length: texts, or what a Parquet file holds."""

    headers: tuple[str, ...]
    columns: tuple[NDArray[np.object_], ...]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def read_panel_file(content: bytes, name: str) -> RawPanel:
    """The raw panel of a file; UnreadableFile with what to do for anything else."""
    if len(content) > MOST_BYTES:
        raise _refused("too_large", f"It is larger than {MOST_BYTES // 1024**2} MB.")
    if content.startswith(b"PAR1"):
        found = _of_parquet(content)
    elif content.startswith(b"PK") or name.lower().endswith((".xlsx", ".xlsm", ".xls")):
        found = _of_workbook(content, name)
    else:
        found = _of_csv(content)
    twice = sorted({header for header in found.headers if found.headers.count(header) > 1})
    if twice:
        raise _refused("header_twice", f"Two columns are headed {twice[0]}.")
    if not len(found):
        raise _refused("empty", "It has no row below its header.")
    return found


def _of_workbook(content: bytes, name: str) -> RawPanel:
    grid = read_grid(content, name)
    columns = tuple(np.array(column, object) for column in zip(*grid.rows, strict=True))
    return RawPanel(tuple(header.strip() for header in grid.headers), columns)


def _of_csv(content: bytes) -> RawPanel:
    if b"\x00" in content:
        raise _refused("not_text", "It is neither text, nor a workbook, nor Parquet.")
    encoding = _encoding(content)
    content = content.removeprefix(codecs.BOM_UTF8)
    first, _, rest = content.partition(b"\n")
    line = first.decode(encoding)
    delimiter = max(DELIMITERS, key=line.count)
    headers = tuple(header.strip() for header in next(csv.reader([line.rstrip("\r")], delimiter=delimiter), []))
    if not headers or not rest.strip():
        raise _refused("empty", "It has no row below its header.")
    if len(headers) > MOST_COLUMNS:
        raise _refused("too_wide", f"It has more than {MOST_COLUMNS} columns.")
    table = _csv_table(rest, len(headers), delimiter, encoding)
    return RawPanel(headers, _object_columns(table))


def _csv_table(rest: bytes, width: int, delimiter: str, encoding: str) -> pa.Table:
    names = [str(place) for place in range(width)]
    odd: list[int] = []

    def told(row: Any) -> str:
        odd.append(row.number)
        return "error"

    try:
        table = pa_csv.read_csv(
            io.BytesIO(rest),
            # One thread: only then does a line that does not fit say which it is.
            pa_csv.ReadOptions(use_threads=False, column_names=names, encoding=encoding),
            pa_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=told),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except (pa.ArrowException, ValueError):
        where = f"Line {odd[0] + 1} has" if odd and odd[0] else "A line has"
        sentence = f"{where} more or fewer cells than the header: a separator within a text needs quotes."
        raise _refused("ragged", sentence) from None
    if table.num_rows > MOST_ROWS:
        raise _refused("too_long", f"It has more than {MOST_ROWS:,} rows.")
    return table


def _encoding(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "utf-8" if encoding.startswith("utf-8") else encoding
    raise _refused("encoding", "Its letters are in no known encoding: save it as UTF-8.")


def _of_parquet(content: bytes) -> RawPanel:
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        meta = file.metadata
        unpacked = sum(meta.row_group(number).total_byte_size for number in range(meta.num_row_groups))
        if meta.num_rows > MOST_ROWS or meta.num_columns > MOST_COLUMNS or unpacked > MOST_UNPACKED_BYTES:
            raise _refused("too_long", f"It has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns.")
        table = file.read()
    except (pa.ArrowException, OSError, ValueError):
        raise _refused("damaged", "It begins like a Parquet file, and cannot be read as one.") from None
    return RawPanel(tuple(table.column_names), _object_columns(_plain(table)))


def _plain(table: pa.Table) -> pa.Table:
    """Dates as dates, codes as texts; a column of lists or records is refused."""
    columns = [_plain_column(name, column) for name, column in zip(table.column_names, table.columns, strict=True)]
    return pa.table(columns, names=[str(place) for place in range(len(columns))])


def _plain_column(name: str, column: Any) -> Any:
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise _refused("nested", f"Column {name} holds no plain values.")
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        return column.cast(pa.date32(), safe=False)
    if pa.types.is_dictionary(kind):
        return _plain_column(name, column.cast(kind.value_type))
    return column.cast(pa.float64()) if pa.types.is_decimal(kind) else column


def _object_columns(table: pa.Table) -> tuple[NDArray[np.object_], ...]:
    return tuple(np.asarray(column.to_numpy(), object) for column in table.columns)


def _refused(code: str, sentence: str) -> UnreadableFile:
    return UnreadableFile(code, sentence, ADVICE)
