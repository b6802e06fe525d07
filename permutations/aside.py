"""What a run puts aside for its ranking, in `spill/` until it is done: what is alive of each chunk, and where it stands.

Columns are uncompressed Arrow, which lies in memory as it lies on the disk. All of it follows from the chunks, and is made
again from them where it is missing.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.conf import settings
from numpy.typing import NDArray

from engine.permutations import Alive
from permutations.files import RunFiles

PLACES, OUTCOMES = "places", "outcomes"


class Aside(RunFiles):
    """The files of one run's ranking, by name."""

    def __init__(self, run_code: UUID | str, folder: Path | None = None, *, is_shared: bool = False) -> None:
        super().__init__(run_code)
        self.folder = folder or spill_folder() / self.code
        self.key, self._is_shared = f"spill/{self.code}", is_shared

    @classmethod
    @contextmanager
    def again(cls, run_code: UUID | str) -> Iterator[Self]:
        """A place of its own for a ranking that is done once more."""
        spill_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="again-", dir=spill_folder()) as folder:
            yield cls(run_code, Path(folder))

    def put_alive(self, number: int, alive: Alive) -> None:
        """Nothing; what is alive of a chunk is here, on this machine alone: another makes it from the chunk."""
        self.write_here(
            f"merged-{number:05d}", lambda path: path.write_bytes(np.ascontiguousarray(alive.outcomes).data)
        )
        self.write_here(f"scale-{number:05d}.json", lambda path: path.write_text(json.dumps(alive.scale)))
        self.write_here(f"alive-{number:05d}", lambda path: _write(path, [pa.table(dict(alive.rows))]))

    def alive(self, number: int) -> Alive | None:
        """What is alive of a chunk; None where it was not put aside on this machine."""
        rows = self.folder / f"alive-{number:05d}"
        if not rows.exists():
            return None
        scale = json.loads((self.folder / f"scale-{number:05d}.json").read_text())
        outcomes = np.frombuffer(
            pa.memory_map(str(self.folder / f"merged-{number:05d}")).read_buffer(), dtype=np.uint64
        )
        return Alive(
            Batches(rows).columns(0),
            outcomes.reshape(-1, 5),
            {name: (low, high) for name, (low, high) in scale.items()},
        )

    def put(self, name: str, tables: Iterable[pa.Table]) -> None:
        """Nothing; the tables are here under a name, a batch each."""
        self.write(name, lambda path: _write(path, tables))

    def has(self, name: str) -> bool:
        """True where a file of this name is here, or can be fetched."""
        try:
            return self.path(name).exists()
        except FileNotFoundError:
            return False

    def batches(self, name: str) -> Batches:
        """The tables of a name; FileNotFoundError where there are none."""
        return Batches(self.path(name))

    def tell(self, name: str, told: Mapping[str, Any]) -> None:
        """Nothing; figures that are told in a few words are here under a name."""
        self.write(f"{name}.json", lambda path: path.write_text(json.dumps(told)))

    def told(self, name: str) -> dict[str, Any]:
        """What was told under a name; FileNotFoundError where nothing was."""
        found: dict[str, Any] = json.loads(self.path(f"{name}.json").read_text())
        return found

    def drop(self, names: Iterable[str]) -> None:
        """Nothing; what was put aside here is gone, and of these names also where a copy was kept."""
        for name in (*names, f"{PLACES}.json", f"{OUTCOMES}.json"):
            self.remove(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_remotely(self, name: str, source: Path) -> None:
        if self._is_shared:
            super()._keep_remotely(name, source)


class Batches:
    """A file of columns, a batch for each table that was written to it."""

    def __init__(self, path: Path) -> None:
        self._reader = pa.ipc.open_file(pa.memory_map(str(path)))

    def columns(self, number: int) -> dict[str, NDArray[Any]]:
        """The columns of one batch, where they lie."""
        batch = self._reader.get_batch(number)
        return {name: batch[name].to_numpy() for name in batch.schema.names}

    def tables(self) -> Iterator[pa.Table]:
        """Every batch in turn."""
        return (pa.table(self._reader.get_batch(number)) for number in range(self._reader.num_record_batches))


def shelf_file(shelf: int) -> str:
    """Name of the ranking of what is kept of a range of chunks."""
    return f"ranked-{shelf:05d}"


def spill_folder() -> Path:
    """Where what is put aside lies."""
    return Path(settings.ATLASNEXUS_DATA_DIR) / "spill"


def _write(path: Path, tables: Iterable[pa.Table]) -> None:
    turn = iter(tables)
    first = next(turn)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        writer.write_batch(_batch(first))
        for table in turn:
            writer.write_batch(_batch(table))


def _batch(table: pa.Table) -> pa.RecordBatch:
    """One batch, also of no rows."""
    columns = [column.combine_chunks() for column in table.columns]
    return pa.record_batch([c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for c in columns], schema=table.schema)
