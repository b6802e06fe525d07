"""Tables of the storage as engine terms, and back: the only border between rows and engine.

A panel lies as rows of date, ident, and a column a field; a factor panel may say on which day each row was known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.strategies.panel_rows import PanelRows, rows_of
from engine.strategies.panels import Panel
from strategies.frames import read_frame
from strategies.panel_files import keys_of

DATE, IDENT, KNOWN_SINCE = "date", "ident", "known_since"
KEYS = (DATE, IDENT, KNOWN_SINCE)
PRICE_FIELDS = ("close", "adv_shares", "dividend_amount", "split_ratio")


def panel_of(file_hash: str) -> Panel:
    """The panel that lies under this hash."""
    return panel_of_rows(read_frame(file_hash))


def panel_of_rows(rows: pa.Table) -> Panel:
    """Rows of date, ident and fields as a panel; NaN where there is no row."""
    days, day_places = np.unique(_column(rows, DATE).astype("datetime64[D]"), return_inverse=True)
    names, name_places = np.unique(_column(rows, IDENT).astype(str), return_inverse=True)
    fields = {}
    for name in rows.column_names:
        if name not in KEYS:
            fields[name] = np.full((days.size, names.size), np.nan)
            fields[name][day_places, name_places] = _column(rows, name).astype(np.float64)
    return Panel(days, tuple(names.tolist()), fields)


def rows_of_panel(panel: Panel) -> pa.Table:
    """A panel as rows, those without any value left out."""
    values = np.stack([field.ravel() for field in panel.fields.values()])
    kept = ~np.isnan(values).all(axis=0)
    columns = {
        DATE: pa.array(np.repeat(panel.days.astype("datetime64[D]"), len(panel.names))[kept]),
        IDENT: pa.array(np.tile(np.array(panel.names), panel.days.size)[kept]),
    }
    filled = {name: pa.array(column[kept], from_pandas=True) for name, column in zip(panel.fields, values, strict=True)}
    return pa.table({**columns, **filled})


def panel_rows_of(rows: pa.Table) -> PanelRows:
    """Rows with the day from which each was known."""
    known = _column(rows, KNOWN_SINCE).astype("datetime64[D]") if KNOWN_SINCE in rows.column_names else None
    values = {
        name: _column(rows, name).astype(np.float64, copy=False) for name in rows.column_names if name not in KEYS
    }
    return rows_of(_column(rows, DATE).astype("datetime64[D]"), keys_of(rows[IDENT]), values, known)


def table_of(rows: PanelRows, *, with_known_since: bool) -> pa.Table:
    """The same back: what the storage keeps of rows."""
    columns = {DATE: pa.array(rows.dates), IDENT: pa.array(rows.idents, pa.string())}
    if with_known_since:
        columns[KNOWN_SINCE] = pa.array(rows.known_since)
    filled = {name: pa.array(figures, from_pandas=True) for name, figures in rows.values.items()}
    return pa.table({**columns, **filled})


def _column(rows: pa.Table, name: str) -> NDArray[Any]:
    return np.asarray(rows[name].to_numpy(zero_copy_only=False))
