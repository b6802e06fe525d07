"""Tapes: taken in, mended cell by cell, compared with the pool they would follow, applied as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.grids import MOST_BYTES
from portfolios.access import PREPARE, get_deal, visible_deals
from portfolios.models import Deal, Purpose, TapeImport
from portfolios.queries import latest_pool
from portfolios.services.import_tape import (
    apply_import,
    discard_import,
    leave_out,
    map_import,
    mend_import,
    open_import,
    pool_defaults,
    standing,
)
from portfolios.tape import TITLES
from portfolios.tapes import differences, read_import
from portfolios.typed import as_typed, read_typed
from portfolios.views.deals import rights

SHOWN = 200
SHOWN_IMPORTS = 30


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: PersonRequest, code: UUID) -> HttpResponse:
    """The tapes of a deal, and taking one in."""
    deal = get_deal(request.user, code)
    if request.method != "POST":
        return _list(request, deal)
    require(request.user, PREPARE)
    try:
        tape = _taken(request, deal)
    except Invalid as error:
        return _list(request, deal, error.problems)
    return redirect("clo-import", tape.code)


def _taken(request: PersonRequest, deal: Deal) -> TapeImport:
    file, positions = request.FILES.get("file"), request.FILES.get("positions")
    if file is None or (file.size or 0) > MOST_BYTES or (positions and (positions.size or 0) > MOST_BYTES):
        raise Invalid([Problem("file", "file", f"Choose a file of at most {MOST_BYTES // 1024**2} MB.")])
    if not request.POST.get("sender", "").strip():
        raise Invalid([Problem("sender", "sender", "Sender: say who sent the tape.")])
    return open_import(
        by=request.user,
        deal=deal,
        sender=request.POST["sender"],
        file_name=file.name or "tape",
        content=file.read(),
        determination_date=_day(request.POST.get("determination_date", "")),
        positions=(positions.name or "positions", positions.read()) if positions else None,
        purpose=request.POST.get("purpose", Purpose.POOL),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid([Problem("date", "determination_date", "Determination date: expected a day.")]) from None


def _list(request: PersonRequest, deal: Deal, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    pool = latest_pool(deal)
    context = {
        "section": "clo",
        "deal": deal,
        "imports": deal.tape_imports.select_related("made_by")[:SHOWN_IMPORTS],
        "pools": deal.pools.select_related("made_by")[:SHOWN_IMPORTS],
        "senders": deal.sender_mappings.values_list("sender", flat=True),
        "purposes": Purpose.choices,
        "typed": request.POST,
        "day": pool.determination_date if pool else None,
        "problems": problems,
        "most_mb": MOST_BYTES // 1024**2,
        **rights(request),
    }
    return render(request, "portfolios/imports.html", context, status=400 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tape_import(request: PersonRequest, code: UUID) -> HttpResponse:
    """One tape: columns, problems by row with their cells to mend, differences, applying."""
    tape = (
        TapeImport.objects.select_related("deal", "made_by")
        .filter(deal__in=visible_deals(request.user), code=code)
        .first()
    )
    if tape is None:
        raise NotFound("There is no such tape.")
    if request.method != "POST":
        return _page(request, tape)
    require(request.user, PREPARE)
    try:
        return VERBS.get(request.POST.get("do", ""), _mend)(request, tape)
    except Invalid as error:
        return _page(request, TapeImport.objects.select_related("deal", "made_by").get(pk=tape.pk), error.problems)


def _mend(request: PersonRequest, tape: TapeImport) -> HttpResponse:
    """Every typed cell: `cell-3-maturity`."""
    cells = {}
    for name, text in request.POST.items():
        head, _, rest = name.partition("-")
        row, _, column = rest.partition("-")
        if head == "cell" and row.isdecimal() and column in TITLES:
            cells[(int(row), column)] = str(text)[:500]
    mend_import(by=request.user, tape=tape, cells=cells)
    return redirect("clo-import", tape.code)


def _leave_out(request: PersonRequest, tape: TapeImport) -> HttpResponse:
    row = request.POST.get("row", "")
    leave_out(
        by=request.user, tape=tape, row=int(row) if row.isdecimal() else 0, reason=request.POST.get(f"reason-{row}", "")
    )
    return redirect("clo-import", tape.code)


def _map(request: PersonRequest, tape: TapeImport) -> HttpResponse:
    headers = tape.grid["headers"]
    mapping = {header: request.POST.get(f"column-{place}", "") for place, header in enumerate(headers)}
    map_import(by=request.user, tape=tape, mapping=mapping)
    messages.success(request, f"The columns are kept for the next file of {tape.sender}.")
    return redirect("clo-import", tape.code)


def _discard(request: PersonRequest, tape: TapeImport) -> HttpResponse:
    discard_import(by=request.user, tape=tape)
    return redirect("clo-imports", tape.deal.code)


def _apply(request: PersonRequest, tape: TapeImport) -> HttpResponse:
    pool = apply_import(
        by=request.user,
        tape=tape,
        principal_cash=read_typed(request.POST.get("principal_cash", ""), "principal_cash"),
        interest_cash=read_typed(request.POST.get("interest_cash", ""), "interest_cash"),
        fx=_rates(request.POST.get("fx", "")),
        index_rates=_rates(request.POST.get("index_rates", "")),
    )
    messages.success(request, f"{pool} is taken: {len(pool.content['assets'])} assets.")
    return redirect("clo-deal", tape.deal.code)


def _rates(text: str) -> dict[str, str]:
    """A line each: the name, a space, the rate."""
    lines = (line.rsplit(maxsplit=1) for line in text.splitlines() if line.strip())
    return {line[0].strip(): line[-1] for line in lines}


VERBS: dict[str, Callable[[PersonRequest, TapeImport], HttpResponse]] = {
    "mend": _mend, "leave_out": _leave_out, "map": _map, "discard": _discard, "apply": _apply,
}  # fmt: skip


def _page(request: PersonRequest, tape: TapeImport, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    found = read_import(tape)
    before = latest_pool(tape.deal, tape.purpose)
    changes = differences(before, found.assets())
    rows: dict[int, dict[str, Any]] = {}
    for problem in found.problems:
        row = rows.setdefault(
            problem.row, {"number": problem.row, "line": _line(tape, problem.row), "cells": [], "refused": False}
        )
        is_cell = problem.column in tape.mapping.values() and problem.row <= len(tape.grid["rows"])
        row["cells"].append((problem, standing(tape, problem.row, problem.column) if is_cell else None))
        row["refused"] = row["refused"] or problem.refuses
    defaults = pool_defaults(latest_pool(tape.deal), tape.deal)
    cash = {name: as_typed(Decimal(defaults[name])) for name in ("principal_cash", "interest_cash")}
    context = {
        "section": "clo",
        "deal": tape.deal,
        "tape": tape,
        "found": found,
        "refused_count": len(found.refused_rows),
        "sound_count": len(found.rows),
        "rows": sorted(rows.values(), key=lambda row: (not row["refused"], row["number"]))[:SHOWN],
        "row_count": len(rows),
        "before": before,
        "changes": changes,
        "come": changes.come[:SHOWN],
        "go": changes.go[:SHOWN],
        "cells": changes.cells[:SHOWN],
        "columns": [(place, header, tape.mapping.get(header, "")) for place, header in enumerate(tape.grid["headers"])],
        "choices": list(TITLES.items()),
        "absent": [TITLES[name] for name in found.absent],
        "cash": cash,
        "rates": [
            ("fx", "Exchange rates", _lines(defaults["fx"])),
            ("index_rates", "Index rates", _lines(defaults["index_rates"])),
        ],
        "problems": problems,
        **rights(request),
    }
    return render(request, "portfolios/import.html", context, status=400 if problems else 200)


def _line(tape: TapeImport, row: int) -> int | None:
    lines = tape.grid["lines"]
    return lines[row - 1] if row <= len(lines) else None


def _lines(rates: dict[str, str]) -> str:
    return "\n".join(f"{name} {rate}" for name, rate in rates.items())
