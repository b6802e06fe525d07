"""Packs somebody may see, newest first; those of one project, one run or one permutation of it where asked."""

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
from permutations.access import visible_runs
from projects.access import visible_projects

PAGE_SIZE = 25
LONGEST_INDEX = 18


@signed_in
@require_safe
def packs_list(request: PersonRequest) -> HttpResponse:
    """The packs, as a page or as the slot of another one."""
    project_code, run_code = (_code(request.GET.get(name, "")) for name in ("project", "run"))
    project = visible_projects(request.user).filter(code=project_code).first() if project_code else None
    run = visible_runs(request.user).filter(code=run_code).first() if run_code else None
    packs = visible_packs(request.user)
    if project is not None:
        packs = packs.filter(run__project=project)
    if run is not None:
        packs = packs.filter(run=run)
    index = request.GET.get("permutation", "")
    if run is not None and index.isascii() and index.isdigit() and len(index) <= LONGEST_INDEX:
        packs = packs.filter(permutation_index=int(index))
    page = Paginator(pack_lines(packs), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "section": "packs",
        "page": page,
        "packs": page.object_list,
        "project": project,
        "run": run,
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
