"""The form of a project, with the figures that follow as one types."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Invalid
from accounts.requests import PersonRequest, signed_in
from engine.project import ProjectInputs, derive
from engine.terms import StructuringTerms
from projects.access import get_project, require_edit
from projects.forms import QuickProjectForm
from projects.models import Project
from projects.reviews import saved_sentence
from projects.services import create_project, edit_project
from projects.views.shown import noi_steps


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: PersonRequest) -> HttpResponse:
    """The empty form; once sent, the new project."""
    form = QuickProjectForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not _may_save(request, form):
        return _form_page(request, form, None)
    try:
        project = create_project(
            by=request.user, title=form.cleaned_data["title"], inputs=form.payload, request=request
        )
    except Invalid as error:
        return _form_page(request, form, None, error)
    return _saved(request, project)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a project; once sent, the project as edited."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    form = QuickProjectForm(request.POST if request.method == "POST" else None, project=project)
    if request.method != "POST" or not _may_save(request, form):
        return _form_page(request, form, project)
    try:
        project = edit_project(
            by=request.user,
            project=project,
            title=form.cleaned_data["title"],
            inputs=form.payload,
            version=form.cleaned_data["version"] or 0,
            request=request,
        )
    except Invalid as error:
        return _form_page(request, form, project, error)
    return _saved(request, project)


@signed_in
@require_POST
def project_figures(request: PersonRequest) -> HttpResponse:
    """The figures that follow from the form as it stands; nothing is saved."""
    form = QuickProjectForm(request.POST, project=_project_behind(request))
    form.is_valid()
    return render(request, "projects/fragments/derived_figures.html", {**_figures(form), "is_swap": True})


def _may_save(request: PersonRequest, form: QuickProjectForm) -> bool:
    """True for a sound form, and for a faulty one kept as a draft, which needs its title at least."""
    sound, action = form.is_valid(), request.POST.get("action")
    if action == "draft":
        return bool(form.cleaned_data.get("title"))
    return sound and action == "save"


def _form_page(
    request: PersonRequest, form: QuickProjectForm, project: Project | None, error: Invalid | None = None
) -> HttpResponse:
    faulty = form.is_bound and (error is not None or not form.is_valid())
    context = {
        "section": "projects",
        "form": form,
        "project": project,
        "problems": error.problems if error else (),
        **_figures(form),
    }
    return render(request, "projects/form.html", context, status=422 if faulty else 200)


def _figures(form: QuickProjectForm) -> dict[str, Any]:
    inputs = form.inputs
    if inputs is None and not form.is_bound and form.stored:
        inputs = _sound_inputs(form.stored)
    derived = derive(inputs, StructuringTerms.from_dict()) if inputs else None
    return {
        "derived": derived,
        "steps": noi_steps(derived) if derived else [],
        "currency": str(inputs.currency) if inputs else "",
        "warnings": form.warnings,
        "error_count": sum(len(errors) for errors in form.errors.values()) if form.is_bound else 0,
        "form": form,
    }


def _sound_inputs(stored: dict[str, Any]) -> ProjectInputs | None:
    try:
        return ProjectInputs.from_dict(stored)
    except ValueError:
        return None


def _project_behind(request: PersonRequest) -> Project | None:
    code = request.POST.get("project", "")
    return get_project(request.user, code) if code else None


def _saved(request: PersonRequest, project: Project) -> HttpResponse:
    if project.is_complete:
        messages.success(request, saved_sentence(project))
    else:
        messages.warning(request, "Saved as a draft. It can be run once every input is accepted.")
    return redirect("project-detail", project.code)
