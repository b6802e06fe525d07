"""A tape as it stands: the file's grid with what people mended, and what is read of it."""

from __future__ import annotations

from lib.grids import Grid, grid_of, mended, places_of
from securitisation.loan_tape import Tape, read_tape
from securitisation.models import LoanTape


def mended_grid(tape: LoanTape) -> Grid:
    """The file's grid with each cell as it was mended last."""
    return mended(grid_of(tape.grid), tape.mapping, tape.corrections)


def read_loans(tape: LoanTape) -> Tape:
    """Everything read of the tape as it stands."""
    return read_tape(mended_grid(tape), tape.mapping)


def cell_text(grid: Grid, mapping: dict[str, str], row: int, column: str) -> str | None:
    """The text of a cell; None where the file has no such column."""
    place = places_of(grid, mapping).get(column)
    return None if place is None else grid.rows[row - 1][place]
