"""Versions of structures side by side, run at once where they are not yet: chosen in the lists, opened by link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from financings.comparison import FEWEST
from financings.views.comparison_pages import few_codes, query_of
from lib.errors import Invalid
from securitisation.access import can_prepare, require_prepare, require_view, versions_of_codes
from securitisation.comparing import Side, groups_of, sides_of
from securitisation.models import StructureVersion
from securitisation.services.request_notes_run import request_notes_runs


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def structures_compare(request: PersonRequest) -> HttpResponse:
    """The versions of the address side by side; by POST those without a run are run at once."""
    require_view(request.user)
    if request.method == "POST":
        require_prepare(request.user)
        return _run(request, _chosen(request, request.POST.getlist("of")))
    sides = sides_of(_chosen(request, request.GET.getlist("of")))
    versions = [side.version for side in sides]
    context: dict[str, Any] = {
        "section": "notes",
        "sides": [
            (side, query_of(v for v in versions if v != side.version) if len(sides) > FEWEST else "") for side in sides
        ],
        "groups": groups_of(sides),
        "address": f"{reverse('structures-compare')}?{query_of(versions)}",
        "is_active": any(side.is_active for side in sides),
        "waits": [side for side in sides if _is_to_run(side)],
        "may_prepare": can_prepare(request.user),
    }
    name = "fragments/sides.html" if request.htmx else "compare.html"
    return render(request, f"securitisation/{name}", context)


def _run(request: PersonRequest, versions: list[StructureVersion]) -> HttpResponse:
    """Back to the comparison with what was asked for."""
    waits = [side.version for side in sides_of(versions) if _is_to_run(side)]
    try:
        made = request_notes_runs(by=request.user, versions=waits, terms={})
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Asked for: {len(made)} run{'' if len(made) == 1 else 's'} at once.")
    return redirect(f"{reverse('structures-compare')}?{query_of(versions)}")


def _is_to_run(side: Side) -> bool:
    return side.result is None and not side.is_active


def _chosen(request: PersonRequest, typed: list[str]) -> list[StructureVersion]:
    return versions_of_codes(request.user, few_codes(typed, "structures"))
