"""The page of a project's form: its fields, what follows from them, and the state of the draft."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import NumberFormat, User
from accounts.requests import PersonRequest
from lib.errors import Invalid, NotFound
from projects.comments import comments_on_project
from projects.drafts import draft_of, get_draft, last_saved_by, others_at_work
from projects.forms import FigureField, ProjectForm
from projects.forms.doors import LABELS, Typed, carried, kept_beside
from projects.forms.fields import field_name
from projects.forms.following import following
from projects.models import NOTE_LENGTH, Project, ProjectDraft
from projects.plausible import unusual
from projects.relevance import by_field_name
from projects.reviews import review_of
from projects.views.shown import noi_steps

_SALT = "projects.form.base"


def base_of(project: Project | None) -> dict[str, Any]:
    """The project as a form opens it: what changes are measured against."""
    if project is None:
        return {}
    return {
        "project": str(project.code),
        "version": project.version,
        "title": project.title,
        "inputs": project.inputs,
    }


def left_in_draft(count: int) -> str:
    """What is said of entries that could not be saved."""
    what = "One entry was" if count == 1 else f"{count} entries were"
    return f"{what} invalid and stayed in your draft: open the form to correct them."


def posted_base(request: PersonRequest, project: Project) -> dict[str, Any]:
    """The base that the page carried; empty where it carried none of this project."""
    try:
        base = signing.loads(request.POST.get("base", ""), salt=_SALT)
    except signing.BadSignature:
        return {}
    return base if isinstance(base, dict) and base.get("project") == str(project.code) else {}


def signed_base(base: Mapping[str, Any]) -> str:
    """The base as a page carries it: nobody else can write one."""
    return signing.dumps(dict(base), salt=_SALT, compress=True) if base else ""


def draft_behind(user: User, project: Project | None, code: str) -> ProjectDraft | None:
    """The person's draft of the project, or of the new one that the page names."""
    if project is not None:
        return draft_of(user, project)
    try:
        return get_draft(user, code) if code else None
    except NotFound:
        return None


def draft_state(
    user: User, project: Project | None, draft: ProjectDraft | None, base_version: int, trouble: str = ""
) -> dict[str, Any]:
    """What the page says of the draft, and of other people at work on the same project."""
    is_behind = project is not None and base_version < project.version
    return {
        "project": project,
        "draft": draft,
        "base_version": base_version,
        "others": others_at_work(user, project) if project else [],
        "saved_by": last_saved_by(project) if project and is_behind else "",
        "trouble": trouble,
    }


def form_page(
    request: PersonRequest,
    form: ProjectForm,
    *,
    base: Mapping[str, Any],
    typed: Typed | None = None,
    draft: ProjectDraft | None = None,
    error: Invalid | None = None,
    quiet: bool = False,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The whole page; `quiet` where nothing was asked for yet, so that only what was typed is found fault with."""
    is_faulty = not quiet and form.is_bound and (error is not None or not form.is_valid())
    context = {
        "section": "projects",
        "doors": LABELS.items(),
        "carried": carried(form.door, typed or {}),
        "problems": error.problems if error else (),
        "quiet": quiet,
        "base": signed_base(base),
        **draft_state(request.user, form.project, draft, int(base.get("version", 0))),
        "is_refused": is_faulty,
        "is_approved": form.project is not None and review_of(form.project).approved is not None,
        "needs": by_field_name(),
        **_said_of(request.user, form),
        **figures_context(form),
        "kept": kept_beside(form),
        **(more or {}),
    }
    return render(request, "projects/form.html", context, status=422 if is_faulty else 200)


def _said_of(user: User, form: ProjectForm) -> dict[str, Any]:
    """Open comments: beside the field each is about, and on top what has no field here."""
    comments = comments_on_project(user, form.project) if form.project else None
    if comments is None:
        return {}
    elsewhere = []
    for said in comments.open_rows:
        field = form.fields.get(field_name(said.comment.place))
        if isinstance(field, FigureField):
            field.said = [*field.said, said]
        else:
            elsewhere.append(said)
    return {"comments": comments, "said_elsewhere": elsewhere, "note_length": NOTE_LENGTH}


def figures_context(form: ProjectForm) -> dict[str, Any]:
    """What follows from the form, for the figures beside it and the words under its fields."""
    so_far = form.figures()
    for name, text in following(form, so_far).items():
        field = form.fields[name]
        if isinstance(field, FigureField):
            field.follow = text
    return {
        "form": form,
        "amounts": so_far.amounts if so_far else {},
        "steps": noi_steps(so_far.derived) if so_far and so_far.has_income else [],
        "currency": so_far.currency if so_far else "",
        "warnings": (*form.warnings, *unusual(so_far)),
        "faults": form.faults() if form.is_bound else [],
        "cost_formats": [("", "As they show themselves"), *NumberFormat.choices],
    }
