"""Two versions of a project, or two projects, field by field."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from lib.errors import NotFound
from projects.access import get_project, visible_projects
from projects.differences import compare_inputs
from projects.models import Project, Snapshot

WORKING = "working"
OTHERS_OFFERED = 100


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a project's working copy or one of its snapshots."""

    project: Project
    snapshot: Snapshot | None
    versions: tuple[tuple[str, str], ...]

    @property
    def version(self) -> str:
        """As the address of the page names it."""
        return str(self.snapshot.version) if self.snapshot else WORKING

    @property
    def label(self) -> str:
        """As a person names it."""
        return dict(self.versions)[self.version]

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of this side."""
        return dict(self.snapshot.inputs if self.snapshot else self.project.inputs)


@signed_in
@require_safe
def project_compare(request: PersonRequest, code: UUID) -> HttpResponse:
    """A version of this project beside another one, of it or of another project."""
    project = get_project(request.user, code)
    other_code = request.GET.get("other", "")
    other = get_project(request.user, other_code) if other_code else project
    snapshots = list(project.snapshots.defer("content").order_by("-version"))
    newest = str(snapshots[0].version) if snapshots and other == project else WORKING
    old = _side(project, request.GET.get("old") or newest)
    new = _side(other, request.GET.get("new") or WORKING)
    differences = compare_inputs(old.inputs, new.inputs)
    only = request.GET.get("only") == "on"
    context = {
        "section": "projects",
        "project": project,
        "old": old,
        "new": new,
        "others": _others(request.user, project, other),
        "only": only,
        "changed_count": differences.changed_count,
        "differences": differences.only_changed() if only else differences,
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "projects/fragments/comparison.html" if fragment else "projects/compare.html", context)


def _side(project: Project, version: str) -> Side:
    snapshots = {str(each.version): each for each in project.snapshots.order_by("-version")}
    if version != WORKING and version not in snapshots:
        raise NotFound(f"Version: expected “{WORKING}” or the number of a snapshot of “{project}”, got “{version}”.")
    named = ((number, f"Snapshot {number}, {each.created_at:%-d %b %Y}") for number, each in snapshots.items())
    return Side(project, snapshots.get(version), ((WORKING, "As it stands"), *named))


def _others(user: User, project: Project, other: Project) -> list[Project]:
    """What the page offers to compare with: this project, the chosen one, and those edited last."""
    newest = visible_projects(user).order_by("-updated_at").values("pk")[:OTHERS_OFFERED]
    offered = visible_projects(user).filter(Q(pk__in=list(newest.values_list("pk", flat=True))) | Q(pk=other.pk))
    return [project, *offered.exclude(pk=project.pk).only("code", "title").order_by("title", "pk")]
