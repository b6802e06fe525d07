"""A run of notes: asked for, followed, read: classes, waterfall, prices over the grid, every payment with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.errors import Problem
from engine.notes.run import NotesResult, explain
from jobs.access import may_cancel
from jobs.models import JobState
from lib.errors import Invalid
from ratings.typed_fields import fields_of, payload, posted, texts
from securitisation.access import can_prepare, get_run, get_structure, require_prepare
from securitisation.editor import Texts, Typed, act, read_rows, rows_of, rows_posted, shown_rows
from securitisation.editor_fields import SCENARIOS
from securitisation.hedging import hedge_results
from securitisation.models import NotesRun, StructureVersion
from securitisation.queries import latest_version, runs_of
from securitisation.run_terms import FIELDS, RunTerms
from securitisation.running import run_of
from securitisation.services.request_notes_run import request_notes_run
from securitisation.shown import (
    heat_maps,
    payment_lines,
    result_lines,
    scenario_lines,
    trigger_states,
    waterfall_charts,
)
from securitisation.translate import engine_deal
from securitisation.views.papers import done_run, period_of
from securitisation.waterfall_book import run_book

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECTION = "notes"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def run_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a run of the last version; a sound one leads to its page."""
    version = latest_version(get_structure(request.user, code))
    require_prepare(request.user)
    if request.method != "POST":
        return _form(request, version, texts(FIELDS, RunTerms.from_dict({}).to_dict()), _scenarios_before(version))
    typed, rows = posted(FIELDS, request.POST, ""), rows_posted(request.POST, SCENARIOS)
    if act(Typed(rows={SCENARIOS.key: rows}), request.POST.get("do", ""), {SCENARIOS.key: SCENARIOS}):
        return _form(request, version, typed, _begun(version, rows))
    try:
        made = request_notes_run(by=request.user, version=version, terms=_terms(version, typed, rows))
    except Invalid as error:
        return _form(request, version, typed, rows, error.problems)
    return redirect("notes-run", made.code)


def _scenarios_before(version: StructureVersion) -> list[Texts]:
    """Those of the structure's last run: whoever runs it again need not type them again."""
    last = runs_of(version.structure).first()
    kept = last.terms.get("scenarios", ()) if last else ()
    return rows_of(SCENARIOS, ({"name": each["name"], **each["behaviour"]} for each in kept))


def _begun(version: StructureVersion, rows: list[Texts]) -> list[Texts]:
    """A row just added begins with the base case."""
    base = rows_of(SCENARIOS, [version.behaviour])[0]
    blank = rows_of(SCENARIOS, [{each.key: each.choices[0][0] for each in SCENARIOS.fields if each.choices}])[0]
    return [base if row == blank else row for row in rows]


def _terms(version: StructureVersion, typed: Mapping[str, str], rows: list[Texts]) -> dict[str, Any]:
    """What was typed, read; Invalid with each text of a scenario that cannot be."""
    read, problems = read_rows(SCENARIOS, rows, version.content["currency"])
    if problems:
        raise Invalid(problems)
    scenarios = [{"name": row.pop("name"), "behaviour": row} for row in read]
    return {**payload(FIELDS, typed), "scenarios": scenarios}


def _form(
    request: PersonRequest,
    version: StructureVersion,
    typed: Mapping[str, str],
    rows: list[Texts],
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    known = {spec.path for spec in FIELDS}
    # The engine names a scenario's figure under its behaviour; the form has them in one row.
    of_rows = [replace(problem, place=problem.place.replace(".behaviour.", ".")) for problem in problems]
    table, rest = shown_rows(SCENARIOS, rows, of_rows)
    context = {
        "section": SECTION,
        "structure": version.structure,
        "version": version,
        "fields": fields_of(FIELDS, typed, "", problems),
        "table": table,
        "problems": [problem for problem in rest if problem.place.partition(".")[0] not in known],
        "problem_count": len(problems),
    }
    return render(request, "securitisation/run_new.html", context, status=422 if problems else 200)


@signed_in
@require_safe
def run(request: PersonRequest, code: UUID) -> HttpResponse:
    """One run: its progress while it runs, then what it came to."""
    found = get_run(request.user, code)
    version = found.version
    context = {
        "section": SECTION,
        "run": found,
        "structure": version.structure,
        "version": version,
        "currency": version.content["currency"],
        "may_cancel": may_cancel(request.user, found),
        "may_prepare": can_prepare(request.user),
    }
    if found.state == JobState.DONE:
        context |= _findings(found)
    return render(request, "securitisation/run.html", context)


def _findings(found: NotesRun) -> dict[str, Any]:
    summary, currency = found.summary, found.version.content["currency"]
    charts = waterfall_charts(summary, currency)
    return {
        "summary": summary,
        "classes": result_lines(summary),
        "risk": summary["risk"],
        "pool": summary["pool"],
        "triggers": trigger_states(summary),
        "heats": heat_maps(summary),
        "scenarios": scenario_lines(summary),
        "hedges": hedge_results(summary),
        "market": (summary.get("hedges") or {}).get("market"),
        "charts": charts,
        "years": list(
            zip(charts["paid"]["categories"], *(each["values"] for each in charts["paid"]["series"]), strict=True)
        ),
        "heads": [each["name"] for each in charts["paid"]["series"]],
        "dates": [(number, date.fromisoformat(day)) for number, day in enumerate(summary["paths"]["dates"], start=1)],
    }


@signed_in
@require_safe
def payments(request: PersonRequest, code: UUID) -> HttpResponse:
    """Every line of the priorities on one payment date: due, available, paid, and why it was this amount."""
    found = done_run(request, code)
    result = _result(found)
    number = period_of(request, len(result.periods))
    context = {
        "section": SECTION,
        "run": found,
        "structure": found.version.structure,
        "version": found.version,
        "currency": found.version.content["currency"],
        "number": number,
        "day": result.periods[number - 1],
        "dates": list(enumerate(result.periods, start=1)),
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < len(result.periods) else None,
        "lines": payment_lines(explain(result, number)),
    }
    if request.htmx:
        return render(request, "securitisation/fragments/payments.html", context)
    return render(request, "securitisation/payments.html", context)


def _result(found: NotesRun) -> NotesResult:
    """The base case again, by the engine of today."""
    deal = engine_deal(found.version)
    return run_of(deal, deal.behaviour)


@signed_in_file
@require_safe
def workbook(request: PersonRequest, code: UUID) -> HttpResponse:
    """The waterfall as a workbook."""
    found = done_run(request, code)
    response = HttpResponse(run_book(found, _result(found)), content_type=XLSX)
    name = slugify(str(found.version)) or "notes"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
