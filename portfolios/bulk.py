"""Many assets of a pool changed at once: cell by cell what it was and would be, what is refused, what the tests make of it.

The cells go through the reader of tapes, so what a tape would be refused for is refused here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.portfolios.assets import KINDS, Kind
from engine.portfolios.compliance import check, with_previous
from engine.portfolios.measure import cents
from engine.portfolios.trades import Change
from lib.grids import Grid
from lib.numbers import shortened
from lib.verbs import refuse
from portfolios.baskets import run_of
from portfolios.cells import Refused, read_cell
from portfolios.models import PoolSnapshot, Purpose
from portfolios.queries import checked
from portfolios.tape import HEADERS, CellProblem, Known, Tape, plain_row, read_tape
from portfolios.tapes import plain_text
from portfolios.translate import engine_pool

MOST_EDITS = 12
EDITABLE = tuple(name for name in HEADERS if name != "blkrockid")
FIGURES = frozenset({Kind.AMOUNT, Kind.RATE, Kind.NUMBER})
Row = Mapping[str, Any]
Cell = tuple[int, str]


class Do(StrEnum):
    """What is done to a column."""

    SET = "set"
    ADD = "add"
    MULTIPLY = "multiply"


@dataclass(frozen=True, slots=True)
class Edit:
    """One column, and the value it is set to or the number that is added or multiplied by, as a tape would write it."""

    column: str
    do: Do
    text: str


@dataclass(frozen=True, slots=True)
class CellEdit:
    """One cell before and after, as a page shows it; rows count from 1."""

    row: int
    asset: str
    column: str
    before: str
    after: str

    @property
    def header(self) -> str:
        """The column as the layout names it."""
        return HEADERS[self.column]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What would change and what is refused; `content` is the pool's with the good cells changed."""

    cells: tuple[CellEdit, ...]
    refused: tuple[CellProblem, ...]
    warnings: tuple[CellProblem, ...]
    content: Mapping[str, Any]

    @property
    def asset_count(self) -> int:
        """Assets that would change."""
        return len({cell.row for cell in self.cells})


def edited(pool: PoolSnapshot, assets: Collection[str], edits: Sequence[Edit]) -> Bulk:
    """The chosen assets with each edit, in their order; raises Invalid for a column that is not edited so."""
    _check_edits(edits)
    rows: list[Row] = pool.content["assets"]
    wanted: dict[Cell, str] = {}
    refused: list[CellProblem] = []
    for number, row in enumerate(rows, start=1):
        for edit in edits if row["blkrockid"] in assets else ():
            try:
                cell = (number, edit.column)
                wanted[cell] = _text(edit, wanted.get(cell, _written(row.get(edit.column))))
            except Refused as error:
                refused.append(
                    CellProblem(number, edit.column, error.code, f"{HEADERS[edit.column]}: {error.sentence}")
                )
    known = Known(frozenset(pool.content["fx"]), pool.determination_date)
    tape, late = _sound(rows, wanted, known)
    changed = [_changed(tape, number, row, wanted) for number, row in enumerate(rows, start=1)]
    cells = tuple(
        CellEdit(n, row["blkrockid"], column, plain_text(old.get(column)), plain_text(row.get(column)))
        for n, (old, row) in enumerate(zip(rows, changed, strict=True), start=1)
        for column in HEADERS
        if (n, column) in wanted and row.get(column) != old.get(column)
    )
    touched = {cell.row for cell in cells}
    warnings = tuple(p for p in tape.problems if not p.refuses and p.row in touched)
    return Bulk(cells, (*refused, *late), warnings, {**pool.content, "assets": changed})


def _check_edits(edits: Sequence[Edit]) -> None:
    if not 1 <= len(edits) <= MOST_EDITS:
        raise refuse("edits", "edits", f"Edits: expected one to {MOST_EDITS}.")
    for each in edits:
        if each.column not in EDITABLE:
            raise refuse("column", "edits", f"Column: {shortened(each.column)} is none that can be edited.")
        if each.do is not Do.SET and KINDS[each.column] not in FIGURES:
            raise refuse("no_figure", "edits", f"{HEADERS[each.column]}: it is no figure, it can only be set.")


def _written(value: Any) -> str:
    """A kept value as a tape would write it."""
    return "" if value is None else plain_text(value)


def _text(edit: Edit, before: str) -> str:
    if edit.do is Do.SET:
        return edit.text.strip()
    by = read_cell(edit.text, KINDS[edit.column])
    if by is None:
        raise Refused("missing", "expected a number to add or to multiply by")
    if not before:
        raise Refused("missing", "is empty: there is nothing to add to or to multiply")
    found = Decimal(before) + by if edit.do is Do.ADD else Decimal(before) * by
    return f"{cents(found) if KINDS[edit.column] is Kind.AMOUNT else found:f}"


def _sound(rows: Sequence[Row], wanted: dict[Cell, str], known: Known) -> tuple[Tape, list[CellProblem]]:
    """The rows with every cell that may stand, read; cells that may not are dropped from `wanted` and told.

    A problem at a cell that was not edited (a default without its date) refuses the edits of its row. What was wrong
    before the edit is none of its doing.
    """
    told: list[CellProblem] = []
    before: set[tuple[int, str, str]] | None = None
    while True:
        tape = read_tape(_grid(rows, wanted), known, {name: name for name in HEADERS})
        bad = [p for p in tape.problems if p.refuses and any(row == p.row for row, _ in wanted)]
        if bad and before is None:
            before = {(p.row, p.column, p.code) for p in _read(rows, known).problems if p.refuses}
        fresh = [p for p in bad if (p.row, p.column) in wanted or (p.row, p.column, p.code) not in (before or ())]
        if not fresh:
            return tape, told
        told += fresh
        for problem in fresh:
            at = (problem.row, problem.column)
            for cell in [at] if at in wanted else [cell for cell in wanted if cell[0] == problem.row]:
                del wanted[cell]


def _read(rows: Sequence[Row], known: Known) -> Tape:
    return read_tape(_grid(rows, {}), known, {name: name for name in HEADERS})


def _grid(rows: Iterable[Row], wanted: Mapping[Cell, str]) -> Grid:
    written = tuple(
        tuple(wanted.get((number, name), _written(row.get(name))) for name in HEADERS)
        for number, row in enumerate(rows, start=1)
    )
    return Grid(tuple(HEADERS), written, tuple(range(1, len(written) + 1)))


def _changed(tape: Tape, number: int, row: Row, wanted: Mapping[Cell, str]) -> Row:
    """The row with its edited cells as the reader took them; the others stay to the letter."""
    columns = [column for at, column in wanted if at == number]
    if not columns:
        return row
    values = tape.rows.get(number) or {c: read_cell(wanted[number, c], KINDS[c]) for c in columns}
    read = plain_row({column: values[column] for column in columns})
    kept = {name: value for name, value in row.items() if name not in columns}
    return {name: {**kept, **read}[name] for name in HEADERS if name in kept or name in read}


def effect(pool: PoolSnapshot, bulk: Bulk) -> list[Change]:
    """Every test before and after; candidates have none."""
    if pool.purpose != Purpose.POOL:
        return []
    _, terms, before = checked(run_of(pool))
    after = check(engine_pool(bulk.content), with_previous(terms, before))
    return [Change(one, other) for one, other in zip(before.results, after.results, strict=True)]
