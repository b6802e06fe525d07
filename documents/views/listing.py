"""Packs somebody may see, newest first; those of one project, one run or one financing where asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from documents.access import can_make, visible_packs
from documents.queries import pack_lines
from financings.access import visible_financings
from permutations.access import visible_runs
from projects.access import visible_projects

PAGE_SIZE = 25


@signed_in
@require_safe
def packs_list(request: PersonRequest) -> HttpResponse:
    """The packs, as a page or as the slot of another one."""
    project_code, run_code, of = (_code(request.GET.get(name, "")) for name in ("project", "run", "financing"))
    project = visible_projects(request.user).filter(code=project_code).first() if project_code else None
    run = visible_runs(request.user).filter(code=run_code).first() if run_code else None
    packs = visible_packs(request.user)
    if project is not None:
        packs = packs.filter(financing__project=project)
    if run is not None:
        packs = packs.filter(origin__run__code=str(run.code))
    financing = visible_financings(request.user).filter(code=of).first() if of else None
    if financing is not None:
        packs = packs.filter(financing=financing)
    page = Paginator(pack_lines(packs), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "section": "packs",
        "page": page,
        "packs": page.object_list,
        "project": project,
        "run": run,
        "financing": financing,
        "can_make": can_make(request.user),
        "title": "Execution packs",
    }
    is_slot = request.htmx and not request.htmx.history_restore_request
    return render(request, f"documents/{'fragments/packs_section' if is_slot else 'packs'}.html", context)


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
