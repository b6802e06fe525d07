"""Parquet shards of a run: the same columns give the same bytes, whoever writes them and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.deal.reasons import NOT_COMPUTED, is_alive
from engine.permutations import (
    COLUMNS,
    RANK_COLUMNS,
    STRESS_COLUMNS,
    Alive,
    ColumnSpec,
    Evaluated,
    LeverSet,
    RankedBlock,
)
from permutations.files import RANKING_FILE, RunFiles, chunk_file, kept_file, stress_file

Columns = Mapping[str, NDArray[Any] | pa.Array]

# How the engine marks a whole number that was not computed; a shard holds a null there.
NEVER_EMPTY = frozenset({"index", "gate", "reason", "near_miss"})
ROW_GROUP, BATCH = 1 << 20, 1 << 17
RANKING_COLUMNS = ("index", "score", "percentile", "tier", "rank", "merged_count", "representative")


def write_shards(files: RunFiles, number: int, blocks: Sequence[Evaluated], levers: LeverSet) -> dict[str, str]:
    """The SHA-256 by file of a chunk's permutations and their stress rows, written; writing again gives the same bytes."""
    stress = pa.concat_tables([_table(block.stress, STRESS_COLUMNS) for block in blocks])
    rows = pa.concat_tables([_rows_table(block, levers) for block in blocks])
    # The stress shard first: a chunk shard that exists always has its stress rows beside it.
    written = {stress_file(number): files.write(stress_file(number), lambda path: _write(stress, path))}
    return {**written, chunk_file(number): files.write(chunk_file(number), lambda path: _write(rows, path))}


def _rows_table(block: Evaluated, levers: LeverSet) -> pa.Table:
    words = _lever_words(levers, block.columns["index"])
    return _table({**block.columns, **words}, COLUMNS, nullable=True)


def alive_of_blocks(blocks: Sequence[Evaluated]) -> Alive:
    """What is alive of a chunk, as it is ranked."""
    found = {name: np.concatenate([block.columns[name] for block in blocks]) for name in RANK_COLUMNS}
    alive = np.flatnonzero(is_alive(found["gate"], found["near_miss"]))
    return Alive.of({name: values[alive] for name, values in found.items()})


def write_kept(files: RunFiles, number: int, is_kept: NDArray[np.bool_]) -> dict[str, str]:
    """The SHA-256 of those rows of a chunk that are kept, written beside it; the chunk holds what is alive alone."""
    name, kept, at = kept_file(number), list[pa.Table](), 0
    with pq.ParquetFile(files.path(chunk_file(number)), memory_map=True) as rows:
        empty = rows.schema_arrow.empty_table()
        for batch in rows.iter_batches(BATCH, use_threads=False):
            kept.append(pa.table(batch.filter(pa.array(is_kept[at : at + batch.num_rows]))))
            at += batch.num_rows
    best = pa.concat_tables([empty, *kept])
    return {name: files.write(name, lambda path: _write(best, path))}


def write_ranking(files: RunFiles, blocks: Iterable[RankedBlock]) -> dict[str, str]:
    """The SHA-256 of the ranking, written in index order; no rank where another permutation stands for the same outcome."""
    return write_ranking_tables(files, map(ranking_table, blocks))


def write_ranking_tables(files: RunFiles, tables: Iterable[pa.Table]) -> dict[str, str]:
    """The same of blocks that are tables."""
    return {RANKING_FILE: files.write(RANKING_FILE, lambda path: _write_all(iter(tables), path))}


def ranking_table(block: RankedBlock) -> pa.Table:
    """A block as it is written; no rank where another permutation stands for the same outcome."""
    columns = {name: pa.array(getattr(block, name)) for name in RANKING_COLUMNS}
    columns["rank"] = pa.array(block.rank, mask=block.rank == 0)
    return pa.table(columns)


def _write_all(tables: Iterator[pa.Table], path: Path) -> None:
    """Nothing; row groups of one size whatever the blocks, so that the bytes are the rows' alone."""
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, **_options(first)) as writer:
        held = first
        for table in tables:
            held = pa.concat_tables([held, table])
            while held.num_rows >= ROW_GROUP:
                writer.write_table(held.slice(0, ROW_GROUP).combine_chunks(), row_group_size=ROW_GROUP)
                held = held.slice(ROW_GROUP)
        if held.num_rows:
            writer.write_table(held.combine_chunks(), row_group_size=ROW_GROUP)


def read_alive(files: RunFiles, names: Iterable[str], columns: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Columns of the permutations in these files that passed both gates or nearly did, in index order, as the engine gave them."""
    parts = [_read_alive_part(files.path(name), columns) for name in names]
    # Column by column, giving up the parts on the way: half the memory of joining them all at once.
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in columns}


def _read_column(column: pa.ChunkedArray) -> NDArray[Any]:
    filled = column.fill_null(NOT_COMPUTED) if pa.types.is_integer(column.type) else column
    return np.asarray(filled.to_numpy())


def _read_alive_part(path: Path, columns: Sequence[str]) -> dict[str, NDArray[Any]]:
    marks = pq.read_table(path, columns=["gate", "near_miss"], use_threads=False)
    alive = np.flatnonzero(is_alive(marks["gate"].to_numpy(), marks["near_miss"].to_numpy()))
    if alive.size == 0:
        schema = pq.read_schema(path)
        return {name: np.empty(0, schema.field(name).type.to_pandas_dtype()) for name in columns}
    table = pq.read_table(path, columns=list(columns), use_threads=False)
    return {name: _read_column(table[name])[alive] for name in columns}


def _lever_words(levers: LeverSet, indices: NDArray[np.int64]) -> dict[str, pa.Array]:
    """The levers that are words, by their place in the axis: turning arrays of words into Arrow costs ten times more."""
    strides = levers.strides()
    found = {}
    for code, values in levers.axes:
        if isinstance(values[0], str):
            stride, length = strides[code]
            places = (indices // stride % length).astype(np.int16)
            found[code] = pa.DictionaryArray.from_arrays(pa.array(places), pa.array(list(values)))
    return found


def _table(columns: Columns, catalogue: Mapping[str, ColumnSpec], nullable: bool = False) -> pa.Table:
    empty = {name for name in columns if name not in NEVER_EMPTY} if nullable else set()
    return pa.table({name: _arrow(name, columns[name], name in empty) for name in catalogue if name in columns})


def _arrow(name: str, values: NDArray[Any] | pa.Array, may_be_empty: bool = False) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if values.dtype.kind == "f":
        if np.isinf(values).any():
            at = int(np.flatnonzero(np.isinf(values))[0])
            raise ValueError(f"{name}: expected a finite number or none, got {values[at]} in row {at} of the chunk")
        return pa.array(values, from_pandas=True)
    if may_be_empty and values.dtype.kind == "i":
        return pa.array(values, mask=values == NOT_COMPUTED)
    return pa.array(values)


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, **_options(table))


def _options(table: pa.Table) -> dict[str, Any]:
    # Dictionaries pay for lever values and codes only; measured a third faster than dictionaries everywhere.
    few_values = [name for name in table.column_names if _has_few_values(name, table.schema.field(name).type)]
    statistics = [name for name in ("index", "stress_key") if name in table.column_names]
    return {"compression": "snappy", "use_dictionary": few_values, "write_statistics": statistics}


def _has_few_values(name: str, kind: pa.DataType) -> bool:
    spec = COLUMNS.get(name) or STRESS_COLUMNS.get(name)
    is_lever = spec is not None and spec.kind == "lever" and name != "index"
    return is_lever or pa.types.is_dictionary(kind) or kind in (pa.int8(), pa.int16())
