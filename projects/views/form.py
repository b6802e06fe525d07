"""The form of a project through its two doors, with the figures that follow as one types."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, makes_nothing, signed_in
from engine.basics.fields import FieldKind, FieldSpec
from lib import figures
from lib.errors import Invalid, UnreadableFile
from lib.grids import MOST_BYTES
from lib.numbers import read_number, shortened
from projects import screen
from projects.access import get_project, require_edit
from projects.drafts import draft_of, get_draft
from projects.errors import StaleVersion
from projects.forms import ProjectForm
from projects.forms.cost_file import read_cost_file
from projects.forms.doors import DETAILED, DOORS, Typed, door_of, filled, fitting_door, opened, switched, typed_in
from projects.forms.doors import with_market as market_filled
from projects.models import Project, ProjectDraft
from projects.reviews import saved_sentence
from projects.services import create_project, edit_project, submit_project
from projects.services.create_project import require_creator
from projects.services.discard_draft import drop_saved_draft, held_draft
from projects.views.conflict import conflict_page, save_merged
from projects.views.form_page import base_of, draft_behind, figures_context, form_page, posted_base

UPLIFT = FieldSpec("market_uplift", "Market above internal", FieldKind.NUMBER, "share", minimum=-0.5, maximum=2)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: PersonRequest) -> HttpResponse:
    """The empty form, or a draft taken up again; once sent, the new project."""
    require_creator(request.user, None)
    if request.method == "POST":
        return _answer(request, None)
    code = request.GET.get("draft", "")
    if code:
        return _restored(request, get_draft(request.user, code))
    return form_page(request, opened(_door_asked(request, {}), None), base={})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a project with the person's own unsaved changes; once sent, the project as edited."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    if request.method == "POST":
        return _answer(request, project)
    draft = draft_of(request.user, project)
    if draft is not None and _says_something(draft, project):
        return _restored(request, draft)
    return form_page(request, opened(_door_asked(request, project.inputs), project), base=base_of(project))


@makes_nothing
@signed_in
@require_POST
def project_figures(request: PersonRequest) -> HttpResponse:
    """The figures that follow from the form as it stands; nothing is saved."""
    door, typed, project = door_of(request.POST), typed_in(request.POST), project_behind(request)
    if request.POST.get("action") == "fill-market":
        typed, about_uplift = _with_market(request, typed, project)
        context = {**figures_context(filled(DETAILED, typed, project)), **about_uplift, "quiet": True}
        return render(request, "projects/fragments/capex_table.html", context)
    if request.POST.get("action") == "fill-costs":
        typed, about_file = _with_costs(request, typed, project)
        context = {**figures_context(filled(DETAILED, typed, project)), **about_file, "quiet": True}
        return render(request, "projects/fragments/capex_table.html", context)
    context = {**figures_context(filled(door, typed, project)), "is_swap": True}
    return render(request, "projects/fragments/derived_figures.html", context)


def project_behind(request: PersonRequest) -> Project | None:
    """The project that the page's form is of; None for a new one."""
    code = request.POST.get("project", "")
    return get_project(request.user, code) if code else None


def _answer(request: PersonRequest, project: Project | None) -> HttpResponse:
    door, typed, action = door_of(request.POST), typed_in(request.POST), request.POST.get("action", "")
    if action == "merge" and project is not None:
        return save_merged(request, project, door, typed)
    if action in ("fill-market", "fill-costs") or action.removeprefix("door-") in DOORS:
        return _other_view(request, project, door, typed)
    form = filled(door, typed, project)
    if not _may_save(request, form):
        return _again(request, form, typed)
    try:
        return _saved(request, _save(request, form, project))
    except Invalid as error:
        if isinstance(error, StaleVersion) and project is not None:
            return conflict_page(request, get_project(request.user, project.code), form, typed)
        return _again(request, form, typed, error=error)


def _other_view(request: PersonRequest, project: Project | None, door: str, typed: Typed) -> HttpResponse:
    """The same entries through the other door, or with the market column filled; nothing is saved."""
    action = request.POST.get("action", "")
    if action in ("fill-market", "fill-costs"):
        fill = _with_market if action == "fill-market" else _with_costs
        typed, about = fill(request, typed, project)
        return _again(request, filled(DETAILED, typed, project), typed, quiet=True, more=about)
    to = action.removeprefix("door-")
    typed = typed if to == door else switched(to, typed, project)
    return _again(request, filled(to, typed, project), typed, quiet=True)


def _again(request: PersonRequest, form: ProjectForm, typed: Typed, **more: Any) -> HttpResponse:
    """The page as it was sent, with what the server says to it."""
    project = form.project
    base = (posted_base(request, project) or base_of(project)) if project else {}
    draft = draft_behind(request.user, project, request.POST.get("draft", ""))
    return form_page(request, form, base=base, typed=typed, draft=draft, **more)


def _restored(request: PersonRequest, draft: ProjectDraft) -> HttpResponse:
    """The form as its draft has it, through the door asked for."""
    asked, typed = request.GET.get("door", ""), draft.typed
    door = asked if asked in DOORS else draft.door
    if door != draft.door:
        typed = switched(door, typed, draft.project)
    form = filled(door, typed, draft.project)
    more = {"restored_at": draft.updated_at}
    return form_page(request, form, base=draft.base, typed=typed, draft=draft, quiet=True, more=more)


def _says_something(draft: ProjectDraft, project: Project) -> bool:
    """False for a draft that would change nothing: what was saved while its last entries were on their way."""
    form = filled(draft.door, draft.typed, project)
    is_same = form.is_valid() and form.values == project.inputs and form.cleaned_data["title"] == project.title
    return not is_same


@transaction.atomic
def _save(request: PersonRequest, form: ProjectForm, project: Project | None) -> Project:
    title = form.cleaned_data["title"]
    draft = held_draft(request.user, draft_behind(request.user, project, request.POST.get("draft", "")))
    if project is None:
        saved = create_project(by=request.user, title=title, inputs=form.payload)
    else:
        version = form.cleaned_data.get("version") or 0
        saved = edit_project(by=request.user, project=project, title=title, inputs=form.payload, version=version)
    drop_saved_draft(request.user, draft)
    if request.POST.get("action") == "submit":
        submit_project(by=request.user, project=saved)
    return saved


def _may_save(request: PersonRequest, form: ProjectForm) -> bool:
    """True for a sound form, and for a faulty one kept as a draft, which needs its title at least."""
    sound, action = form.is_valid(), request.POST.get("action")
    if action == "draft":
        return bool(form.cleaned_data.get("title"))
    return sound and action in ("save", "submit")


def _with_market(request: PersonRequest, typed: Typed, project: Project | None) -> tuple[Typed, Mapping[str, str]]:
    text = request.POST.get("market_uplift", "").strip()
    numbers = figures.readers_format()
    found = read_number(text, UPLIFT.unit, numbers)
    if found.value is not None and Decimal("-0.5") <= found.value <= 2:
        return market_filled(typed, found.value, project), {"market_uplift": text}
    message = f"{UPLIFT.label}: expected {screen.range_shown(UPLIFT, numbers)}, got {shortened(text) or 'nothing'}."
    if found.code == "ambiguous":
        message = f"{UPLIFT.label}: {found.problem}."
    return typed, {"market_uplift": text, "uplift_error": message}


def _with_costs(request: PersonRequest, typed: Typed, project: Project | None) -> tuple[Typed, Mapping[str, Any]]:
    """The entries with those of a file of costs, and what the page says of it."""
    written = request.POST.get("costs_written", "")
    file = request.FILES.get("costs_file")
    if file is None:
        return typed, {"costs_error": "Choose a file first: CSV, or an Excel workbook (.xlsx)."}
    currency = typed.get("capex_currency") or typed.get("currency") or ""
    try:
        content = file.read(MOST_BYTES + 1)
        costs = read_cost_file(
            content, file.name or "", written=written, numbers=figures.readers_format(), currency=currency
        )
    except UnreadableFile as error:
        return typed, {"costs_error": str(error)}
    return {**typed, **costs.entries}, {"costs": costs, "costs_written": written}


def _door_asked(request: PersonRequest, stored: dict[str, Any]) -> str:
    asked = request.GET.get("door", "")
    return asked if asked in DOORS else fitting_door(stored)


def _saved(request: PersonRequest, project: Project) -> HttpResponse:
    if project.is_complete:
        messages.success(request, saved_sentence(project))
    else:
        messages.warning(request, "Saved as a draft. It can be run once every input is accepted.")
    return redirect("project-detail", project.code)
