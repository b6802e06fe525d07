"""Loan tapes: taken in, columns named, cells mended, their loans taken as a pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.grids import MOST_BYTES
from lib.verbs import refuse
from securitisation.access import can_prepare, get_tape, require_prepare, require_view, visible_tapes
from securitisation.loan_tape import COLUMNS
from securitisation.models import TITLE_LENGTH, LoanTape
from securitisation.services.tapes import discard_tape, map_tape, mend_tape, open_tape, take_tape
from securitisation.tapes import cell_text, mended_grid, read_loans

SHOWN, SHOWN_ROWS = 50, 100
LONGEST_CELL = 200


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tapes(request: PersonRequest) -> HttpResponse:
    """The tapes there are, and taking one in."""
    require_view(request.user)
    if request.method != "POST":
        return _list(request)
    require_prepare(request.user)
    try:
        tape = _taken(request)
    except Invalid as error:
        return _list(request, error.problems)
    return redirect("loan-tape", tape.code)


def _taken(request: PersonRequest) -> LoanTape:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MOST_BYTES:
        raise refuse("file", "file", f"Choose a file of at most {MOST_BYTES // 1024**2} MB.")
    return open_tape(
        by=request.user, name=request.POST.get("name", ""), file_name=file.name or "tape", content=file.read()
    )


def _list(request: PersonRequest, problems: Sequence[Problem] = ()) -> HttpResponse:
    context = {
        "section": "notes",
        "tapes": visible_tapes(request.user).select_related("made_by", "pool")[:SHOWN],
        "name": request.POST.get("name", ""),
        "name_length": TITLE_LENGTH,
        "most_mb": MOST_BYTES // 1024**2,
        "columns": [(column.label, column.required) for column in COLUMNS.values()],
        "problems": problems,
        "may_prepare": can_prepare(request.user),
    }
    return render(request, "securitisation/tapes.html", context, status=422 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tape(request: PersonRequest, code: UUID) -> HttpResponse:
    """One tape: its columns, each refused row with its cells to mend, the loans that are sound."""
    found = get_tape(request.user, code)
    if request.method != "POST":
        return _page(request, found)
    require_prepare(request.user)
    try:
        return VERBS.get(request.POST.get("do", ""), _mend)(request, found)
    except Invalid as error:
        return _page(request, get_tape(request.user, code), error.problems)


def _mend(request: PersonRequest, found: LoanTape) -> HttpResponse:
    """Every typed cell: `cell-3-balance_amount`."""
    cells = {}
    for name, text in request.POST.items():
        head, _, rest = name.partition("-")
        row, _, column = rest.partition("-")
        if head == "cell" and row.isascii() and row.isdecimal() and len(row) < 7 and column in COLUMNS:
            cells[int(row), column] = str(text)[:LONGEST_CELL]
    mend_tape(by=request.user, tape=found, cells=cells)
    return redirect("loan-tape", found.code)


def _map(request: PersonRequest, found: LoanTape) -> HttpResponse:
    mapping = {header: request.POST.get(f"column-{at}", "") for at, header in enumerate(found.grid["headers"])}
    map_tape(by=request.user, tape=found, mapping=mapping)
    return redirect("loan-tape", found.code)


def _discard(request: PersonRequest, found: LoanTape) -> HttpResponse:
    discard_tape(by=request.user, tape=found)
    return redirect("loan-tapes")


def _take(request: PersonRequest, found: LoanTape) -> HttpResponse:
    pool = take_tape(by=request.user, tape=found, leave_out=request.POST.get("leave_out") == "yes")
    messages.success(request, f"{pool} is a pool now: {len(pool.content['loans'])} loans.")
    return redirect("loan-pool", pool.code)


VERBS: dict[str, Callable[[PersonRequest, LoanTape], HttpResponse]] = {
    "mend": _mend, "map": _map, "discard": _discard, "take": _take,
}  # fmt: skip


def _page(request: PersonRequest, found: LoanTape, problems: Sequence[Problem] = ()) -> HttpResponse:
    read, grid = read_loans(found), mended_grid(found)
    rows: dict[int, dict[str, Any]] = {}
    for problem in read.problems:
        row = rows.setdefault(problem.row, {"number": problem.row, "line": grid.lines[problem.row - 1], "cells": []})
        typed = request.POST.get(f"cell-{problem.row}-{problem.column}")
        text = cell_text(grid, found.mapping, problem.row, problem.column)
        row["cells"].append((problem, text if typed is None or text is None else typed))
    context = {
        "section": "notes",
        "tape": found,
        "rows": [rows[number] for number in sorted(rows)][:SHOWN_ROWS],
        "refused_count": len(read.refused_rows),
        "sound_count": len(read.loans),
        "amount": sum(loan["balance_amount"] for loan in read.loans.values()),
        "absent": [COLUMNS[name].label for name in read.absent],
        "columns": [(at, header, found.mapping.get(header, "")) for at, header in enumerate(grid.headers)],
        "choices": [(name, column.label) for name, column in COLUMNS.items()],
        "problems": problems,
        "may_prepare": can_prepare(request.user),
    }
    return render(request, "securitisation/tape.html", context, status=422 if problems else 200)
