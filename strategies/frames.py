"""Tables of panels and results as Parquet files, each lying once under its SHA-256."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from lib.storage import content_of, keep_content


def keep_frame(table: pa.Table) -> str:
    """The SHA-256 under which the table lies from now on; equal tables are one file."""
    return keep_content(table_bytes(table))


def table_bytes(table: pa.Table) -> bytes:
    """The table as the Parquet file that is kept of it."""
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def read_frame(file_hash: str) -> pa.Table:
    """The table of this hash; NotFound where the storage lost it."""
    return pq.read_table(io.BytesIO(content_of(file_hash)))
