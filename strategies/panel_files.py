"""A file of a panel as raw columns: CSV, the first sheet of a workbook, or Parquet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.strategies.panel_checks import EMPTY
from lib.archives import Limits
from lib.errors import UnreadableFile
from lib.grids import DELIMITERS, ENCODINGS, is_workbook, read_sheet

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 100 * 1024**2, 2_000_000, 60
MOST_UNPACKED_BYTES = 2 * 1024**3
# A cell of a workbook costs 20 times one of a CSV file to read, and a sheet ends at 1,048,576 rows anyway.
MOST_SHEET_ROWS = 200_000
SHEET_LIMITS = Limits(unpacked_bytes=200 * 1024**2, seconds=30.0)
ADVICE = "Send a CSV file, an Excel workbook (.xlsx) or a Parquet file with one row a date and name."
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
SOMETHING = re.compile(rb"\S")
TYPES = "CSV, Excel or Parquet"


@dataclass(frozen=True, slots=True)
class RawPanel:
    """Headers and as many Arrow columns of equal length: texts, or what a Parquet file holds."""

    headers: tuple[str, ...]
    columns: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def column(self, header: str) -> Any:
        """The Arrow column under a header."""
        return self.columns[self.headers.index(header)]

    def text(self, row: int, header: str) -> str:
        """What a person reads in a cell."""
        value = self.column(header)[row].as_py()
        if isinstance(value, float):
            return "" if value != value else repr(value).removesuffix(".0")  # noqa: PLR0124 - NaN
        return "" if value is None else str(value)


def keys_of(column: Any) -> NDArray[Any]:
    """A column of dates, ids or codes: days as such, else one object for each different value."""
    if pa.types.is_date(column.type):
        return np.asarray(column.to_numpy(), "datetime64[D]")
    coded = column.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    different = np.array([*coded.dictionary.to_pylist(), None], object)
    found: NDArray[Any] = different[coded.indices.fill_null(len(different) - 1).to_numpy(zero_copy_only=False)]
    return found


def figures_of(column: Any) -> NDArray[Any]:
    """A column of figures as numbers; where a cell is none, all as objects with that cell's text among them."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return keys_of(column).astype(object)
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(column)
    is_number = pc.fill_null(pc.match_substring_regex(texts, NUMBER), fill_value=False)
    numbers = np.asarray(pc.if_else(is_number, texts, None).cast(pa.float64()).to_numpy(), np.float64)
    is_other = pc.and_not(pc.invert(is_number), pc.fill_null(pc.is_in(texts, pa.array(EMPTY)), fill_value=True))
    others = np.flatnonzero(pc.and_(is_other, pc.is_valid(texts)).to_numpy())
    if not len(others):
        return numbers
    mixed = numbers.astype(object)
    mixed[others] = texts.take(pa.array(others)).to_pylist()
    return mixed


def read_panel_file(content: bytes, name: str) -> RawPanel:
    """The raw panel of a file; UnreadableFile with what to do for anything else."""
    if len(content) > MOST_BYTES:
        raise _refused("too_large", f"It is larger than {MOST_BYTES // 1024**2} MB.")
    if content.startswith(b"PAR1"):
        found = _of_parquet(content)
    elif is_workbook(content, name):
        found = _of_workbook(content)
    else:
        found = _of_csv(content)
    twice = sorted({header for header in found.headers if found.headers.count(header) > 1})
    if twice:
        raise _refused("header_twice", f"Two columns are headed {twice[0]}.")
    if not len(found):
        raise _refused("empty", "It has no row below its header.")
    return found


def _of_workbook(content: bytes) -> RawPanel:
    way_out = f"Save it as CSV or Parquet, which may have {MOST_ROWS:,}."
    grid = read_sheet(content, MOST_SHEET_ROWS, SHEET_LIMITS, way_out)
    columns = tuple(pa.chunked_array([pa.array(column, pa.string())]) for column in zip(*grid.rows, strict=True))
    return RawPanel(tuple(header.strip() for header in grid.headers), columns)


def _of_csv(content: bytes) -> RawPanel:
    if b"\x00" in content:
        raise _refused("not_text", "It is neither text, nor a workbook, nor Parquet.")
    encoding = _encoding(content)
    # Views and places, for a panel is large to copy.
    begin = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    line = content[begin : _end_of_line(content)].decode(encoding)
    delimiter = max(DELIMITERS, key=line.count)
    headers = tuple(header.strip() for header in next(csv.reader([line.rstrip("\r")], delimiter=delimiter), []))
    if not headers or SOMETHING.search(content, _end_of_line(content)) is None:
        raise _refused("empty", "It has no row below its header.")
    if len(headers) > MOST_COLUMNS:
        raise _refused("too_wide", f"It has more than {MOST_COLUMNS} columns.")
    table = _csv_table(memoryview(content)[_end_of_line(content) + 1 :], len(headers), delimiter, encoding)
    return RawPanel(headers, tuple(table.columns))


def _end_of_line(content: bytes) -> int:
    """The place of the first line's end."""
    found = content.find(b"\n")
    return len(content) if found < 0 else found


def _csv_table(rest: memoryview, width: int, delimiter: str, encoding: str) -> pa.Table:
    names = [str(place) for place in range(width)]
    odd: list[int] = []

    def told(row: Any) -> str:
        odd.append(row.number)
        return "error"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(rest),
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
    return RawPanel(tuple(table.column_names), _plain(table))


def _plain(table: pa.Table) -> tuple[Any, ...]:
    """Dates as dates, codes as texts; a column of lists or records is refused."""
    return tuple(_plain_column(name, column) for name, column in zip(table.column_names, table.columns, strict=True))


def _plain_column(name: str, column: Any) -> Any:
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise _refused("nested", f"Column {name} holds no plain values.")
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        return column.cast(pa.date32(), safe=False)
    if pa.types.is_dictionary(kind):
        return _plain_column(name, column.cast(kind.value_type))
    return column.cast(pa.float64()) if pa.types.is_decimal(kind) else column


def _refused(code: str, sentence: str) -> UnreadableFile:
    return UnreadableFile(code, sentence, ADVICE)
