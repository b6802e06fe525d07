"""A tape as it stands: the file's grid with what people mended, read and compared with the pool it would follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.grids import Grid, grid_of, mended
from portfolios.models import PoolSnapshot, Purpose, TapeImport
from portfolios.queries import latest_pool
from portfolios.tape import TITLES, CellProblem, Known, Tape, normal, read_positions, read_tape

Row = Mapping[str, Any]


def mended_grid(tape: TapeImport) -> Grid:
    """The file's grid with each cell as it was mended last."""
    return mended(grid_of(tape.grid), tape.mapping, tape.corrections)


def read_import(tape: TapeImport) -> Tape:
    """Everything read; rows that were left out are neither taken nor told of."""
    known = Known(frozenset(fx_of(tape)), tape.determination_date)
    grid = mended_grid(tape)
    left = {int(row) for row in tape.left_out}
    kept = [number for number in range(1, len(grid.rows) + 1) if number not in left]
    found = read_tape(
        Grid(grid.headers, tuple(grid.rows[n - 1] for n in kept), tuple(grid.lines[n - 1] for n in kept)),
        known,
        tape.mapping,
    )
    # Rows keep the numbers they have in the file.
    problems = tuple(CellProblem(kept[p.row - 1], p.column, p.code, p.message, p.refuses) for p in found.problems)
    numbered = Tape({kept[n - 1]: values for n, values in found.rows.items()}, problems, found.unmapped, found.absent)
    return read_positions(grid_of(tape.positions), numbered) if tape.positions else carried_over(tape, numbered)


def carried_over(tape: TapeImport, found: Tape) -> Tape:
    """Without a positions file, an asset that is held keeps the purchase it has."""
    before = latest_pool(tape.deal, tape.purpose)
    known = {row["blkrockid"]: row for row in before.content["assets"]} if before else {}
    names = ("purchase_date", "purchase_price_pct", "swapped_non_discount", "participation_seller")
    rows = {
        number: {
            **values,
            **{
                name: kept[name]
                for name in names
                if name in (kept := known.get(values["blkrockid"], {})) and values.get(name) is None
            },
        }
        for number, values in found.rows.items()
    }
    return Tape(rows, found.problems, found.unmapped, found.absent)


def fx_of(tape: TapeImport) -> Mapping[str, str]:
    """The exchange rates its amounts are read with: those of the pool before, else the deal's currency alone."""
    before = latest_pool(tape.deal, Purpose.POOL)
    return before.content["fx"] if before else {tape.deal.currency: "1"}


@dataclass(frozen=True, slots=True)
class Differences:
    """What a tape would change: assets that come and go, and cells of those that stay."""

    come: tuple[Row, ...]
    go: tuple[Row, ...]
    cells: tuple[tuple[str, str, str, str], ...]


def differences(before: PoolSnapshot | None, assets: list[dict[str, Any]]) -> Differences:
    """The assets against those of the pool before."""
    known = {row["blkrockid"]: row for row in before.content["assets"]} if before else {}
    new = {row["blkrockid"]: row for row in assets}
    cells = tuple(
        (name, TITLES[column], plain_text(known[name].get(column)), plain_text(row.get(column)))
        for name, row in new.items()
        if name in known
        for column in TITLES
        if row.get(column) != known[name].get(column)
    )
    come = tuple(row for name, row in new.items() if name not in known)
    return Differences(come, tuple(row for name, row in known.items() if name not in new), cells)


def plain_text(value: Any) -> str:
    """A value as a page shows it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "–" if value is None else str(value)


def kept_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    """Field by normalised header, for the sender's next file."""
    return {normal(header): name for header, name in mapping.items()}
