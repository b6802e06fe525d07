"""A tape of loans: taken in, its columns named, mended cell by cell, its loans taken as a pool or put away."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.errors import Invalid
from lib.grids import grid_json, places_of, read_grid
from lib.numbers import shortened
from lib.verbs import refuse, save_checked
from securitisation.access import require_prepare
from securitisation.loan_tape import COLUMNS, MOST_LOANS, suggested_mapping, tape_problems
from securitisation.models import LoanPool, LoanTape, TapeState
from securitisation.services.make_pool import keep_pool
from securitisation.tapes import mended_grid, read_loans


@transaction.atomic
def open_tape(*, by: User, name: str, file_name: str, content: bytes) -> LoanTape:
    """The file taken in as a draft; Invalid for what is no table of loans."""
    require_prepare(by)
    grid = read_grid(content, file_name)
    if len(grid.rows) > MOST_LOANS:
        raise refuse("too_long", "file", f"The file has more than {MOST_LOANS:,} loans.")
    tape = LoanTape(
        name=" ".join(name.split()),
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(content).hexdigest(),
        grid=grid_json(grid),
        mapping=suggested_mapping(grid.headers),
        made_by=by,
    )
    save_checked(tape)
    audit.record(by=by, action="loan_tape.opened", target=tape, after={"file": tape.file_name, "hash": tape.file_hash})
    return tape


@transaction.atomic
def map_tape(*, by: User, tape: LoanTape, mapping: Mapping[str, str]) -> LoanTape:
    """What each header means; Invalid for a field chosen twice."""
    tape = _open(by, tape)
    chosen = {header: name for header, name in mapping.items() if name}
    twice = sorted({COLUMNS[n].label for n in chosen.values() if n in COLUMNS and list(chosen.values()).count(n) > 1})
    if twice:
        raise refuse("mapping", "mapping", f"Columns: {', '.join(twice)} is chosen more than once.")
    unknown = sorted({*chosen} - {*tape.grid["headers"]} | {*chosen.values()} - COLUMNS.keys())
    if unknown:
        raise refuse(
            "mapping",
            "mapping",
            f"Columns: {', '.join(map(shortened, unknown))} is no header of the file, or no field of a loan.",
        )
    before, tape.mapping = tape.mapping, chosen
    save_checked(tape)
    audit.record(by=by, action="loan_tape.mapped", target=tape, before=before, after=chosen)
    return tape


@transaction.atomic
def mend_tape(*, by: User, tape: LoanTape, cells: Mapping[tuple[int, str], str]) -> LoanTape:
    """Cells typed over; what stood there is kept beside who changed it."""
    tape = _open(by, tape)
    grid = mended_grid(tape)
    places = places_of(grid, tape.mapping)
    now = timezone.now().isoformat(timespec="seconds")
    mended = []
    for (row, column), text in cells.items():
        if column not in places or not 1 <= row <= len(grid.rows):
            raise refuse("no_such_cell", "cells", f"There is no such cell in row {row}.")
        before = grid.rows[row - 1][places[column]]
        if text.strip() != before.strip():
            mended.append(
                {"row": row, "column": column, "before": before, "after": text.strip(), "by": by.email, "at": now}
            )
    if mended:
        tape.corrections = [*tape.corrections, *mended]
        save_checked(tape)
        audit.record(by=by, action="loan_tape.mended", target=tape, after={"cells": mended})
    return tape


@transaction.atomic
def discard_tape(*, by: User, tape: LoanTape) -> LoanTape:
    """Put away: nothing of it was taken."""
    tape = _open(by, tape)
    tape.state = TapeState.DISCARDED
    save_checked(tape)
    audit.record(by=by, action="loan_tape.discarded", target=tape)
    return tape


@transaction.atomic
def take_tape(*, by: User, tape: LoanTape, leave_out: bool = False) -> LoanPool:
    """The sound loans as a pool; Invalid while rows are refused, unless the person says that they are left out."""
    tape = _open(by, tape)
    found = read_loans(tape)
    problems = tape_problems(found)
    if problems:
        raise Invalid(problems)
    refused = sorted(found.refused_rows)
    if refused and not leave_out:
        rows = ", ".join(map(str, refused[:10])) + (" and more" if len(refused) > 10 else "")
        raise refuse("refused_rows", "rows", f"Rows {rows} have problems: correct them, or say that they are left out.")
    loans = [dict(found.loans[row]) for row in sorted(found.loans)]
    left = f", {len(refused)} rows left out" if refused else ""
    pool = keep_pool(by=by, name=tape.name, content={"loans": loans}, origin=f"{tape.file_name[-120:]}{left}")
    tape.state, tape.pool = TapeState.TAKEN, pool
    save_checked(tape)
    audit.record(
        by=by, action="loan_tape.taken", target=tape, after={"pool": pool.content_hash, "rows_left_out": refused}
    )
    return pool


def _open(by: User, tape: LoanTape) -> LoanTape:
    """The tape, held; Invalid once it was taken or put away."""
    require_prepare(by)
    held = LoanTape.objects.select_for_update().get(pk=tape.pk)
    if held.state != TapeState.OPEN:
        raise refuse("state", "state", f"The tape is {held.get_state_display().lower()}: this cannot be done with it.")
    return held
