"""Drafts that save themselves, and who else is at work."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, makes_nothing, signed_in
from lib.errors import Invalid, NotFound
from projects.access import get_project, require_edit
from projects.drafts import draft_of, get_draft
from projects.forms.doors import door_of, typed_in
from projects.services.discard_draft import discard_draft
from projects.services.keep_draft import keep_draft
from projects.views.form import project_behind
from projects.views.form_page import base_of, draft_state, posted_base

STATE = "projects/fragments/draft_state.html"


@makes_nothing
@signed_in
@require_POST
def project_draft(request: PersonRequest) -> HttpResponse:
    """What was typed, kept as the person's draft; what the page says of it."""
    project, trouble, draft = project_behind(request), "", None
    base = (posted_base(request, project) or base_of(project)) if project else {}
    try:
        draft = keep_draft(
            by=request.user,
            project=project,
            door=door_of(request.POST),
            typed=typed_in(request.POST),
            base=base,
            code=request.POST.get("draft", ""),
        )
    except NotFound:
        trouble = "This draft was saved or discarded elsewhere. Save the form to keep what you type here."
    except Invalid as error:
        trouble = error.problems[0].message
    context = draft_state(request.user, project, draft, int(base.get("version", 0)), trouble)
    return render(request, STATE, context)


@signed_in
@require_safe
def project_draft_state(request: PersonRequest, code: UUID) -> HttpResponse:
    """What the page says of the draft and of others, asked for again; nothing is kept."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    version = request.GET.get("version", "")
    base_version = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else project.version
    context = draft_state(request.user, project, draft_of(request.user, project), base_version)
    return render(request, STATE, context)


@signed_in
@require_POST
def draft_discard(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form without the draft, or the list it was discarded from."""
    draft = get_draft(request.user, code)
    project = draft.project
    discard_draft(by=request.user, draft=draft)
    if request.POST.get("from") == "list":
        return redirect("projects-list")
    return redirect("project-edit", project.code) if project else redirect("project-new")
