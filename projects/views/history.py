"""What happened to one project, from the audit trail."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.audit_pages.search import page_about
from accounts.audit_pages.views import CHANGES_SHOWN, shown
from accounts.models import AuditEntry
from accounts.requests import PersonRequest, signed_in
from lib.slots import answers
from projects.access import get_project
from projects.history_words import changes_in_words
from projects.models import Project


@signed_in
@require_safe
def project_history(request: PersonRequest, code: UUID) -> HttpResponse:
    """Everything that was done to a project, its snapshots, submissions and what other rooms have of it, newest first."""
    project = get_project(request.user, code)
    page = page_about(codes_of(project), older_than=request.GET.get("older", ""))
    context = {
        "section": "projects",
        "project": project,
        "page": page,
        "rows": [_row(entry) for entry in page.entries],
    }
    return render(request, "projects/history.html", context)


def _row(entry: AuditEntry) -> dict[str, Any]:
    found = changes_in_words(entry)
    first, rest = found[:CHANGES_SHOWN], found[CHANGES_SHOWN:]
    return {**shown(entry), "changes": first, "rest": rest, "more": 0}


def codes_of(project: Project) -> list[UUID]:
    """The codes of the project and of all that belongs to it."""
    parts = (rows.order_by().values_list("code") for rows in (project.submissions, *answers("project.parts", project)))
    return [project.code, *(found for (found,) in project.snapshots.order_by().values_list("code").union(*parts))]
