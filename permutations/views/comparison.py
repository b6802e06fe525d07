"""Runs side by side: chosen in the list, kept under a name, opened by link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from financings.comparison import FEWEST, require_few
from financings.models import NAME_LENGTH
from financings.services.keep_comparison import drop_comparison, note_comparison
from financings.views.compare import noted
from lib.errors import Invalid, NotFound
from permutations.access import get_comparison, runs_of_codes
from permutations.comparison import compared
from permutations.models import Run, RunComparison
from permutations.services.keep_comparison import keep_comparison


@signed_in
@require_safe
def runs_compare(request: PersonRequest) -> HttpResponse:
    """The runs of the address side by side."""
    return _page(request, _chosen(request, request.GET.getlist("of")))


@signed_in
@require_POST
def comparison_keep(request: PersonRequest) -> HttpResponse:
    """The comparison under its own address; back to the runs where the name will not do."""
    runs = _chosen(request, request.POST.getlist("of"))
    try:
        kept = keep_comparison(by=request.user, runs=runs, name=request.POST.get("name", ""))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('runs-compare')}?{_query(runs)}")
    messages.success(request, f"Kept as {kept.name}. The page's address opens for everybody who may see these runs.")
    return redirect("run-comparison", kept.code)


@signed_in
@require_safe
def comparison_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """A comparison that was kept."""
    kept = get_comparison(request.user, code)
    return _page(request, runs_of_codes(request.user, kept.codes), kept)


@signed_in
@require_POST
def comparison_note(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the comparison, under its name and with its note."""
    kept = get_comparison(request.user, code)
    try:
        note_comparison(by=request.user, kept=kept, **noted(request.POST))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("run-comparison", kept.code)


@signed_in
@require_POST
def comparison_drop(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the runs, the comparison gone."""
    drop_comparison(by=request.user, kept=get_comparison(request.user, code))
    messages.success(request, "The comparison is gone; its runs stay.")
    return redirect("runs-list")


def _page(request: PersonRequest, runs: list[Run], kept: RunComparison | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "runs",
        "kept": kept,
        "is_own": kept is not None and kept.owner == request.user,
        "runs": [
            (run, _query(other for other in runs if other is not run) if len(runs) > FEWEST else "") for run in runs
        ],
        "groups": [
            (
                title,
                [(line, [(text, run, at) for (text, at), run in zip(line.cells, runs, strict=True)]) for line in lines],
            )
            for title, lines in compared(runs)
        ],
        "codes": [run.code for run in runs],
        "name_length": NAME_LENGTH,
    }
    return render(request, "permutations/compare_runs.html", context)


def _chosen(request: PersonRequest, typed: list[str]) -> list[Run]:
    codes = list(dict.fromkeys(typed))
    require_few(len(codes), "runs")
    try:
        return runs_of_codes(request.user, [str(UUID(code)) for code in codes])
    except ValueError:
        raise NotFound("There is no such run.") from None


def _query(runs: Iterable[Run]) -> str:
    return urlencode([("of", str(run.code)) for run in runs])
