"""Files of panels: taken in, given their meaning, mended, compared with what is in force, taken; datasets and coverage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.strategies.panel_checks import WARNINGS, Finding
from engine.strategies.universes import Coverage, coverage
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import Action, actions_of, get_visible, require_on
from strategies.frames import read_frame
from strategies.members import members_by_day
from strategies.models import Dataset, DatasetKind, ImportState, PanelImport, Universe
from strategies.panel_files import MOST_BYTES, MOST_ROWS, MOST_SHEET_ROWS, TYPES
from strategies.panel_imports import Reading, choices, differences, read_import
from strategies.queries import latest_dataset
from strategies.services.import_panel import (
    apply_import,
    discard_import,
    leave_out,
    map_import,
    mend_import,
    open_import,
    standing,
)
from strategies.translate import panel_of
from strategies.views.shown import SECTION
from strategies.views.universes import kinds_in_force

SHOWN, SHOWN_IMPORTS, HEATS = 200, 50, 5


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def universe_data(request: PersonRequest, code: UUID) -> HttpResponse:
    """The files and datasets of a universe, and taking a file in."""
    universe = get_visible(request.user, Universe, code)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_on(request.user, universe.desk, Action.DATA)
        try:
            return redirect("panel-import", _taken(request, universe).code)
        except Invalid as error:
            problems = error.problems
    imports = universe.imports.select_related("made_by")
    context = {
        **_shown(request, universe),
        "kinds": kinds_in_force(universe),
        "choices": DatasetKind.choices,
        "imports": imports[:SHOWN_IMPORTS],
        "datasets": universe.datasets.select_related("made_by")[:SHOWN_IMPORTS],
        "senders": sorted({each.sender for each in imports}),
        "typed": request.POST,
        "most_mb": MOST_BYTES // 1024**2,
        "most_rows": MOST_ROWS,
        "most_sheet_rows": MOST_SHEET_ROWS,
        "types": TYPES,
        "problems": problems,
    }
    return render(request, "strategies/universe_data.html", context, status=422 if problems else 200)


def _taken(request: PersonRequest, universe: Universe) -> PanelImport:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MOST_BYTES:
        raise refuse("file", "file", f"Choose a file of at most {MOST_BYTES // 1024**2} MB.")
    sender = request.POST.get("sender", "")
    if not sender.strip():
        raise refuse("sender", "sender", "Sender: say who sent the file.")
    return open_import(
        by=request.user,
        universe=universe,
        kind=request.POST.get("kind", ""),
        sender=sender,
        file_name=file.name or "panel",
        content=file.read(),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def panel_import(request: PersonRequest, code: UUID) -> HttpResponse:
    """One file: columns, problems by row with their cells to mend, differences, taking it."""
    found = get_visible(request.user, PanelImport, code)
    if request.method != "POST":
        return _page(request, found)
    require_on(request.user, found.universe.desk, Action.DATA)
    try:
        return VERBS.get(request.POST.get("do", ""), _mend)(request, found)
    except Invalid as error:
        return _page(request, get_visible(request.user, PanelImport, code), error.problems)


def _mend(request: PersonRequest, found: PanelImport) -> HttpResponse:
    """Every typed cell: `cell-3-close`."""
    cells = {}
    for name, text in request.POST.items():
        head, _, rest = name.partition("-")
        row, _, column = rest.partition("-")
        if head == "cell" and row.isdecimal() and len(row) < 10 and column:
            cells[(int(row), column)] = str(text)
    mend_import(by=request.user, found=found, cells=cells)
    return redirect("panel-import", found.code)


def _leave_out(request: PersonRequest, found: PanelImport) -> HttpResponse:
    row = request.POST.get("row", "")
    reason = request.POST.get(f"reason-{row}", "") if row.isdecimal() else request.POST.get("reason", "")
    rows = [int(row)] if row.isdecimal() and len(row) < 10 else []
    leave_out(by=request.user, found=found, rows=rows, reason=reason)
    return redirect("panel-import", found.code)


def _map(request: PersonRequest, found: PanelImport) -> HttpResponse:
    headers = read_import(found).raw.headers
    mapping = {header: request.POST.get(f"column-{place}", "") for place, header in enumerate(headers)}
    map_import(by=request.user, found=found, mapping=mapping)
    messages.success(request, f"The columns are kept for the next file of {found.sender}.")
    return redirect("panel-import", found.code)


def _discard(request: PersonRequest, found: PanelImport) -> HttpResponse:
    discard_import(by=request.user, found=found)
    return redirect("universe-data", found.universe.code)


def _apply(request: PersonRequest, found: PanelImport) -> HttpResponse:
    dataset = apply_import(by=request.user, found=found)
    messages.success(request, f"{dataset} is taken: {dataset.summary['rows']:,} rows.")
    return redirect("dataset", dataset.code)


VERBS: dict[str, Callable[[PersonRequest, PanelImport], HttpResponse]] = {
    "mend": _mend, "leave_out": _leave_out, "map": _map, "discard": _discard, "apply": _apply,
}  # fmt: skip


def _page(request: PersonRequest, found: PanelImport, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    reading = read_import(found)
    before = found.dataset or latest_dataset(found.universe, found.kind)
    changes = None
    if found.state == ImportState.OPEN and len(reading.checked.rows):
        changes = differences(read_frame(before.file_hash) if before else None, reading.table(found.kind))
    shown = _shown(request, found.universe)
    context = {
        **shown,
        "found": found,
        "reading": reading,
        "may_mend": shown["may_take_data"] and found.state == ImportState.OPEN,
        "sound_count": len(reading.checked.rows),
        "refused_count": reading.refused_count,
        "warning_count": sum(reading.checked.counts.values()) - _refused_findings(reading),
        "rows": _rows(found, reading),
        "before": before,
        "changes": changes,
        "columns": [
            (place, header, found.mapping.get(header, ""), choices(found.kind, header))
            for place, header in enumerate(reading.raw.headers)
        ],
        "unread": [header for header in reading.raw.headers if not found.mapping.get(header)],
        "mended_cells": [each for each in found.corrections if each["column"]][-SHOWN:],
        "left_out": list(reading.left_out.items())[:SHOWN],
        "problems": problems,
    }
    return render(request, "strategies/panel_import.html", context, status=422 if problems else 200)


def _refused_findings(reading: Reading) -> int:
    codes = {finding.code for finding in reading.checked.refused}
    return sum(count for code, count in reading.checked.counts.items() if code in codes)


def _rows(found: PanelImport, reading: Reading) -> list[dict[str, Any]]:
    """What was found, refused rows first; a cell of the file has its text to type over."""
    ordered = sorted(reading.checked.findings, key=lambda each: (not each.is_refused, each.row is None, each.row or 0))
    return [_row(found, reading, finding) for finding in ordered[:SHOWN]]


def _row(found: PanelImport, reading: Reading, finding: Finding) -> dict[str, Any]:
    is_cell = finding.row is not None and finding.column in found.mapping.values()
    number = None if finding.row is None else finding.row + 1
    text = standing(found, reading, number or 0, finding.column) if is_cell else None
    header = next((header for header, name in found.mapping.items() if name == finding.column), finding.column)
    return {"finding": finding, "number": number, "text": text, "header": header}


@signed_in
@require_safe
def dataset(request: PersonRequest, code: UUID) -> HttpResponse:
    """One dataset: what it holds, where from, and its coverage calendar."""
    found = get_visible(request.user, Dataset, code)
    in_force = latest_dataset(found.universe, found.kind)
    context = {
        **_shown(request, found.universe),
        "dataset": found,
        "in_force": in_force == found,
        "warnings": [(WARNINGS[code], count) for code, count in sorted(found.summary.get("warnings", {}).items())],
        "calendar": _calendar(found),
        "taken_from": PanelImport.objects.filter(dataset=found).first(),
    }
    return render(request, "strategies/dataset.html", context)


def _calendar(found: Dataset) -> dict[str, Any]:
    """Share of members with a value by month and field, coloured by what is missing."""
    panel = panel_of(found.file_hash)
    is_of_names = DatasetKind(found.kind).is_of_names
    told = coverage(panel, members_by_day(found.universe, panel.days, panel.names) if is_of_names else None)
    rows = [
        (month, [_heat(told, field, at) for field in range(len(told.fields))]) for at, month in enumerate(told.months)
    ]
    return {"fields": told.fields, "rows": rows[::-1], "counts_members": is_of_names and bool(found.universe.members)}


def _heat(told: Coverage, field: int, month: int) -> tuple[float | None, str]:
    share = float(told.shares[field, month])
    if np.isnan(share):
        return None, ""
    return share, f"heat--{min(HEATS, int(HEATS * share + 1e-9))}"


def _shown(request: PersonRequest, universe: Universe) -> dict[str, Any]:
    return {
        "section": SECTION,
        "desk": universe.desk,
        "universe": universe,
        "may_take_data": Action.DATA in actions_of(request.user, universe.desk),
    }
