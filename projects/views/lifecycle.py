"""What becomes of a project: completed, reopened, put away, restored, each asked once and undone with one click."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from lib.errors import Forbidden, Invalid
from projects.access import can_keep, get_kept_project, get_project, require_edit, require_keeper, require_restorer
from projects.models import Project, Status
from projects.services import (
    archive_project,
    complete_project,
    delete_project,
    duplicate_project,
    reopen_project,
    restore_project,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status: who may ask for it, what is asked, what is said once it is done, and what undoes it."""

    verb: Callable[..., Project]
    require: Callable[[User, Project], None]
    button: str
    question: str
    done: str
    undo: str = ""
    is_danger: bool = False


CHANGES = {
    "complete": Change(
        complete_project, require_edit, "Complete",
        "It is marked as done and stays readable. It can be reopened, and an edit reopens it too.",
        "Completed: {}.", "project-reopen",
    ),
    "reopen": Change(reopen_project, require_edit, "Reopen", "It is active again.", "Active again: {}."),
    "archive": Change(
        archive_project, require_keeper, "Archive",
        "It stays readable, takes no changes and starts no runs, until somebody restores it.",
        "Archived: {}.", "project-restore",
    ),
    "delete": Change(
        delete_project, require_keeper, "Delete",
        "It leaves every list and its pages are gone, its runs with it. You and administrators find it under the "
        "status “Deleted” and can restore it.",
        "Deleted: {}.", "project-restore", is_danger=True,
    ),
    "restore": Change(restore_project, require_restorer, "Restore", "It comes back as it was.", "Restored: {}."),
}  # fmt: skip


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_status(request: PersonRequest, code: UUID, change: str) -> HttpResponse:
    """The question whether to do it; once answered, the project as it now is, with a way back."""
    asked = CHANGES[change]
    project = get_kept_project(request.user, code)
    asked.require(request.user, project)
    if change == "restore" and not project.is_closed:
        raise Forbidden(f"Only archived and deleted projects are restored; this one is {project.status}.")
    if request.method != "POST":
        context = {"section": "projects", "project": project, "change": asked}
        return render(request, "projects/status.html", context)
    try:
        changed = asked.verb(by=request.user, project=project)
    except Invalid as error:
        messages.error(request, f"Nothing was changed. {error}")
        return redirect("project-detail", project.code)
    undo = reverse(asked.undo, kwargs={"code": changed.code}) if asked.undo else ""
    messages.success(request, asked.done.format(changed.title), extra_tags=undo)
    return redirect("projects-list") if changed.status == Status.DELETED else redirect("project-detail", changed.code)


@signed_in
@require_POST
def project_duplicate(request: PersonRequest, code: UUID) -> HttpResponse:
    """A copy of one's own, to edit."""
    project = get_project(request.user, code)
    copy = duplicate_project(by=request.user, project=project)
    messages.success(request, f"This is your copy of “{project.title}”. The first one is untouched.")
    return redirect("project-detail", copy.code)


def project_actions(user: User, project: Project) -> dict[str, Any]:
    """What the menu of a project's page offers beside editing and running."""
    offered = {
        Status.ACTIVE: ("complete", "archive", "delete"),
        Status.COMPLETED: ("reopen", "archive", "delete"),
        Status.ARCHIVED: ("restore", "delete"),
    }.get(Status(project.status), ("archive", "delete"))
    kept = can_keep(user, project)
    return {
        "changes": [
            (reverse(f"project-{name}", kwargs={"code": project.code}), CHANGES[name]) for name in offered if kept
        ]
    }
