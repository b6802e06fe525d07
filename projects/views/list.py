"""The projects somebody may see."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from projects.models import Status
from projects.queries import list_projects


@signed_in
@require_safe
def projects_list(request: PersonRequest) -> HttpResponse:
    """The projects this person may see, searched and filtered."""
    search, status = request.GET.get("search", "").strip(), request.GET.get("status", "")
    projects = list_projects(request.user, search=search, status=status, page=request.GET.get("page", "1"))
    counts = projects.counts_by_status
    context = {
        "section": "projects",
        "projects": projects,
        "search": search,
        "status": status,
        "statuses": [(s.value, s.label, counts.get(s.value, 0)) for s in Status if s is not Status.DELETED],
        "query": urlencode({"search": search, "status": status}),
        "has_any": bool(sum(counts.values()) or search or status),
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "projects/fragments/project_rows.html" if fragment else "projects/list.html", context)
