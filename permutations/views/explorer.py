"""All rows of a run: a table of `tables`, for whoever may see the run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from financings.catalogue import RESULTS
from permutations.access import get_run
from permutations.kept import kept_words
from permutations.models import Run
from permutations.results import cover_of, row_total, source_of
from permutations.views.charts import run_currency
from tables.catalogue import Catalogue
from tables.views.explorer import Explorer, explore, export_response, opened_view

PLACE = ("rank", "tier", "index")


@signed_in
@require_safe
def results(request: PersonRequest, code: UUID) -> HttpResponse:
    """One page of the rows that pass the filters; as a fragment for the page's own script-free requests."""
    run = get_run(request.user, code)
    explorer = _explorer(run)
    if view := opened_view(explorer, request):
        return view
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "kept": kept_words(run),
        **explore(explorer, request),
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    template = "permutations/fragments/result_table.html" if fragment else "permutations/results.html"
    return render(request, template, context)


async def results_export(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """Every row that passes the filters, as a file."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse("Sign in to take results away.", status=401)
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    run = await sync_to_async(get_run)(user, code)
    cover = await sync_to_async(cover_of)(run)
    name = f"{slugify(run.project.title)[:60] or 'project'}-run-{str(run.code)[:8]}"
    return await export_response(catalogue_of(run), partial(source_of, run), request.GET, name=name, cover=cover)


def catalogue_of(run: Run) -> Catalogue:
    """The results' columns; those shown unasked tell the run's permutations apart by the levers that it varied."""
    varied = [code for code, values in run.lever_set["axes"].items() if code in RESULTS.columns and len(values) > 1]
    return replace(RESULTS, default_columns=(*PLACE, *varied, *(c for c in RESULTS.default_columns if c not in PLACE)))


def _explorer(run: Run) -> Explorer:
    return Explorer(
        catalogue=catalogue_of(run),
        open=partial(source_of, run),
        url=reverse("results", args=[run.code]),
        export_url=reverse("results-export", args=[run.code]),
        row_total=row_total(run),
        currency=run_currency(run),
    )
