"""Two people changed one project: field by field, mine and theirs, and the version that was chosen."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.requests import PersonRequest
from engine.errors import Problem
from lib.errors import Invalid
from projects.drafts import draft_of, last_saved_by
from projects.forms import ProjectForm
from projects.forms.doors import Typed, filled
from projects.merging import MINE, THEIRS, Clash, Version, clashes, merged
from projects.models import Project
from projects.services import edit_project
from projects.services.discard_draft import drop_saved_draft
from projects.services.keep_draft import keep_draft
from projects.translate import check_inputs
from projects.views.form_page import base_of, left_in_draft, posted_base, signed_base

CONFLICT = 409


def conflict_page(
    request: PersonRequest, project: Project, form: ProjectForm, typed: Typed, error: Invalid | None = None
) -> HttpResponse:
    """Mine and theirs side by side; what was chosen already stays chosen."""
    rows = _clashes(request, project, form)
    context = {
        "section": "projects",
        "project": project,
        "form": form,
        "typed": typed,
        "base": signed_base(posted_base(request, project)),
        "wanted": request.POST.get("wanted") or request.POST.get("action", ""),
        "rows": [(clash, _choice(request, clash)) for clash in rows],
        "saved_by": last_saved_by(project),
        "problems": error.problems if error else (),
    }
    return render(request, "projects/conflict.html", context, status=CONFLICT)


def save_merged(request: PersonRequest, project: Project, door: str, typed: Typed) -> HttpResponse:
    """The project with what was chosen; the page again where that cannot be saved."""
    form = filled(door, typed, project)
    form.is_valid()
    try:
        saved = _save_merged(request, project, form)
    except Invalid as error:
        current = Project.objects.select_related("owner").get(pk=project.pk)
        return conflict_page(request, current, form, typed, error)
    drop_saved_draft(request.user, draft_of(request.user, saved))
    messages.success(request, "Saved. What you chose of both sets of changes is kept.")
    _keep_unsound(request, saved, form, typed)
    return redirect("project-detail", saved.code)


def _keep_unsound(request: PersonRequest, saved: Project, form: ProjectForm, typed: Typed) -> None:
    """Entries that no field took wait in the person's draft, each at its field with its fault."""
    unsound = {name: typed[name] for name in form.errors if typed.get(name)}
    if unsound:
        keep_draft(by=request.user, project=saved, door=form.door, typed=unsound, base=base_of(saved))
        messages.warning(request, left_in_draft(len(unsound)))


def _save_merged(request: PersonRequest, project: Project, form: ProjectForm) -> Project:
    rows = _clashes(request, project, form)
    choices = {clash.path: _choice(request, clash) for clash in rows}
    _require_choices(rows, choices)
    chosen = merged(_mine(form, project), _theirs(project), choices)
    if request.POST.get("wanted") != "draft":
        _require_sound(chosen, project)
    version = request.POST.get("theirs_version", "")
    return edit_project(
        by=request.user,
        project=project,
        title=chosen.title,
        inputs=chosen.inputs,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
    )


def _clashes(request: PersonRequest, project: Project, form: ProjectForm) -> list[Clash]:
    base = posted_base(request, project)
    before = Version(base["title"], base["inputs"]) if base else None
    return clashes(before, _mine(form, project), _theirs(project))


def _mine(form: ProjectForm, project: Project) -> Version:
    return Version(form.cleaned_data.get("title") or project.title, form.values)


def _theirs(project: Project) -> Version:
    return Version(project.title, project.inputs)


def _choice(request: PersonRequest, clash: Clash) -> str:
    chosen = request.POST.get(f"choice:{clash.path}", "")
    return chosen if chosen in {MINE, THEIRS} else clash.choice


def _require_choices(rows: list[Clash], choices: Mapping[str, str]) -> None:
    open_ones = [clash for clash in rows if not choices[clash.path]]
    if open_ones:
        message = "{}: both of you changed it; choose mine or theirs."
        raise Invalid([Problem("not_chosen", clash.path, message.format(clash.label)) for clash in open_ones])


def _require_sound(chosen: Version, project: Project) -> None:
    """Nothing; Invalid where two sound sets of changes do not hold together."""
    checked = check_inputs(chosen.inputs, today=timezone.localdate(), previous=project.inputs)
    if checked.problems:
        raise Invalid(list(checked.problems))
