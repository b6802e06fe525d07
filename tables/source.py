"""The Parquet files of one table, and DuckDB to read them where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Timer

import duckdb
import pyarrow.parquet as pq
from django.conf import settings

from lib.errors import Busy
from lib.verbs import refuse
from tables.catalogue import Catalogue, Column


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a table side by side, and files by the name of a part that are joined to them by the key.

    `columns` are those of the catalogue that the files hold, and all of the parts: a part may be still to come.
    """

    catalogue: Catalogue
    files: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, Column]


def source_of(
    catalogue: Catalogue, files: Sequence[str | Path], parts: Mapping[str, Sequence[str | Path]] | None = None
) -> Source:
    """The table in these files; all have the columns of the first."""
    held = set(pq.read_schema(files[0]).names)
    columns = {name: column for name, column in catalogue.columns.items() if name in held or column.part}
    joined = {part: tuple(map(str, paths)) for part, paths in (parts or {}).items()}
    return Source(catalogue, tuple(map(str, files)), joined, columns)


WAIT_SECONDS = 2.0


@cache
def _places(count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)


@contextmanager
def bounded_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for what somebody waits for: so long, and so many at once in a process.

    Raises Busy while others have every place, Invalid for what takes longer.
    """
    places, seconds = _places(settings.ATLASNEXUS_QUERIES_AT_ONCE), settings.ATLASNEXUS_QUERY_SECONDS
    if not places.acquire(timeout=WAIT_SECONDS):
        raise Busy("Other tables are being read just now. Try again in a minute.")
    try:
        with database() as connection:
            timer = Timer(seconds, connection.interrupt)
            timer.start()
            try:
                yield connection
            finally:
                timer.cancel()
    except duckdb.InterruptException:
        message = (
            f"This took longer than {seconds:g} seconds: ask for fewer filters or values, or take the rows as a file."
        )
        raise refuse("too_slow", "filters", message) from None
    finally:
        places.release()


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory DuckDB with its memory and threads bounded; it spills to the data folder."""
    spill = Path(settings.ATLASNEXUS_DATA_DIR) / "spill"
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": settings.ATLASNEXUS_DUCKDB_MEMORY,
            "threads": settings.ATLASNEXUS_DUCKDB_THREADS,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        yield connection
    finally:
        connection.close()
