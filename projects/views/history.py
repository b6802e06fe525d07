"""What happened to one project, from the audit trail."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit_pages.search import page_about
from accounts.audit_pages.views import CHANGES_SHOWN, shown
from accounts.models import AuditEntry
from accounts.requests import PersonRequest, signed_in
from lib.errors import Invalid
from lib.slots import answers
from projects.access import can_edit, get_project, require_edit
from projects.differences import compare_inputs
from projects.history_words import changes_in_words
from projects.models import Project
from projects.reviews import saved_sentence
from projects.saved import Saved, as_saved, save_before, saved_by
from projects.services import bring_back


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
        "rows": [_row(entry, project) for entry in page.entries],
        "can_edit": can_edit(request.user, project),
    }
    return render(request, "projects/history.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_saved(request: PersonRequest, code: UUID, number: int) -> HttpResponse:
    """What bringing an earlier save back would change; once asked for, the project as it was then, with a way back."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    saved = as_saved(project, number)
    if request.method == "POST":
        return _brought_back(request, project, saved)
    context = {
        "section": "projects",
        "project": project,
        "saved": saved,
        "is_as_saved": saved.is_now(project),
        "differences": compare_inputs(project.inputs, saved.inputs).only_changed(),
        "only": True,
    }
    return render(request, "projects/saved.html", context)


def _brought_back(request: PersonRequest, project: Project, saved: Saved) -> HttpResponse:
    read = request.POST.get("version", "")
    try:
        done = bring_back(
            by=request.user, project=project, saved=saved.number, version=int(read) if _is_version(read) else None
        )
    except Invalid as error:
        messages.error(request, f"Nothing was changed. {error}")
        return redirect("project-saved", project.code, saved.number)
    before = save_before(done)
    undo = reverse("project-saved", args=[done.code, before]) if before else ""
    when = timezone.localtime(saved.at).strftime("%-d %b %Y, %H:%M")
    messages.success(request, f"{saved_sentence(done)} Title and inputs are as of {when}.", extra_tags=undo)
    return redirect("project-detail", done.code)


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _row(entry: AuditEntry, project: Project) -> dict[str, Any]:
    found, saved = changes_in_words(entry), saved_by(entry)
    first, rest = found[:CHANGES_SHOWN], found[CHANGES_SHOWN:]
    earlier = saved if saved and not saved.is_now(project) else None
    return {**shown(entry), "changes": first, "rest": rest, "more": 0, "earlier": earlier}


def codes_of(project: Project) -> list[UUID]:
    """The codes of the project and of all that belongs to it."""
    parts = (rows.order_by().values_list("code") for rows in (project.submissions, *answers("project.parts", project)))
    return [project.code, *(found for (found,) in project.snapshots.order_by().values_list("code").union(*parts))]
