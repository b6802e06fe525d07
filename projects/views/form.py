"""The form of a project through its two doors, with the figures that follow as one types."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Invalid
from accounts.requests import PersonRequest, signed_in
from engine.basics.fields import FieldKind, FieldSpec
from projects import screen
from projects.access import get_project, require_edit
from projects.forms import FigureField, ProjectForm
from projects.forms.doors import (
    DETAILED,
    DOORS,
    LABELS,
    Typed,
    carried,
    door_of,
    filled,
    fitting_door,
    kept_beside,
    opened,
    switched,
    typed_in,
    with_market,
)
from projects.forms.following import following
from projects.models import Project
from projects.reviews import saved_sentence
from projects.services import create_project, edit_project
from projects.views.shown import noi_steps

UPLIFT = FieldSpec("market_uplift", "Market above internal", FieldKind.NUMBER, "share", minimum=-0.5, maximum=2)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: PersonRequest) -> HttpResponse:
    """The empty form; once sent, the new project."""
    if request.method == "POST":
        return _answer(request, None)
    return _page(request, opened(_door_asked(request, {}), None))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a project; once sent, the project as edited."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    if request.method == "POST":
        return _answer(request, project)
    return _page(request, opened(_door_asked(request, project.inputs), project))


@signed_in
@require_POST
def project_figures(request: PersonRequest) -> HttpResponse:
    """The figures that follow from the form as it stands; nothing is saved."""
    door, typed, project = door_of(request.POST), typed_in(request.POST), _project_behind(request)
    if request.POST.get("action") == "fill-market":
        return _market_table(request, typed, project)
    form = filled(door, typed, project)
    form.is_valid()
    return render(request, "projects/fragments/derived_figures.html", {**_figures(form), "is_swap": True})


def _answer(request: PersonRequest, project: Project | None) -> HttpResponse:
    door, typed, action = door_of(request.POST), typed_in(request.POST), request.POST.get("action", "")
    if action.removeprefix("door-") in DOORS:
        to = action.removeprefix("door-")
        typed = typed if to == door else switched(to, typed, project)
        return _page(request, filled(to, typed, project), typed=typed, quiet=True)
    if action == "fill-market":
        typed, about_uplift = _with_market(request, typed, project)
        return _page(request, filled(DETAILED, typed, project), typed=typed, quiet=True, more=about_uplift)
    form = filled(door, typed, project)
    if not _may_save(request, form):
        return _page(request, form, typed=typed)
    try:
        saved = _save(request, form, project)
    except Invalid as error:
        return _page(request, form, typed=typed, error=error)
    return _saved(request, saved)


def _save(request: PersonRequest, form: ProjectForm, project: Project | None) -> Project:
    title = form.cleaned_data["title"]
    if project is None:
        return create_project(by=request.user, title=title, inputs=form.payload, request=request)
    return edit_project(
        by=request.user,
        project=project,
        title=title,
        inputs=form.payload,
        version=form.cleaned_data.get("version") or 0,
        request=request,
    )


def _may_save(request: PersonRequest, form: ProjectForm) -> bool:
    """True for a sound form, and for a faulty one kept as a draft, which needs its title at least."""
    sound, action = form.is_valid(), request.POST.get("action")
    if action == "draft":
        return bool(form.cleaned_data.get("title"))
    return sound and action == "save"


def _page(
    request: PersonRequest,
    form: ProjectForm,
    *,
    typed: Typed | None = None,
    error: Invalid | None = None,
    quiet: bool = False,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The whole page; `quiet` where nothing was asked for yet, so that only what was typed is found fault with."""
    faulty = not quiet and form.is_bound and (error is not None or not form.is_valid())
    context = {
        "section": "projects",
        "project": form.project,
        "doors": LABELS.items(),
        "carried": carried(form.door, typed or {}),
        "problems": error.problems if error else (),
        "quiet": quiet,
        **_figures(form),
        "kept": kept_beside(form),
        **(more or {}),
    }
    return render(request, "projects/form.html", context, status=422 if faulty else 200)


def _figures(form: ProjectForm) -> dict[str, Any]:
    if form.is_bound:
        form.is_valid()
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
        "warnings": form.warnings,
        "error_count": sum(len(errors) for errors in form.errors.values()) if form.is_bound else 0,
    }


def _market_table(request: PersonRequest, typed: Typed, project: Project | None) -> HttpResponse:
    typed, about_uplift = _with_market(request, typed, project)
    context = {**_figures(filled(DETAILED, typed, project)), **about_uplift, "quiet": True}
    return render(request, "projects/fragments/capex_table.html", context)


def _with_market(request: PersonRequest, typed: Typed, project: Project | None) -> tuple[Typed, dict[str, str]]:
    text = request.POST.get("market_uplift", "").strip()
    uplift = screen.read(UPLIFT, text)
    if isinstance(uplift, Decimal) and Decimal("-0.5") <= uplift <= 2:
        return with_market(typed, uplift, project), {"market_uplift": text}
    message = f"{UPLIFT.label}: expected {screen.range_shown(UPLIFT)}, got {screen.short(text) or 'nothing'}."
    return typed, {"market_uplift": text, "uplift_error": message}


def _door_asked(request: PersonRequest, stored: dict[str, Any]) -> str:
    asked = request.GET.get("door", "")
    return asked if asked in DOORS else fitting_door(stored)


def _project_behind(request: PersonRequest) -> Project | None:
    code = request.POST.get("project", "")
    return get_project(request.user, code) if code else None


def _saved(request: PersonRequest, project: Project) -> HttpResponse:
    if project.is_complete:
        messages.success(request, saved_sentence(project))
    else:
        messages.warning(request, "Saved as a draft. It can be run once every input is accepted.")
    return redirect("project-detail", project.code)
