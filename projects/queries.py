"""Reading projects for pages: lists with pinned query counts, and one project with its derived inputs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from engine.basics.fields import lookup
from engine.errors import Problem
from engine.project import DerivedInputs, ProjectInputs, derive
from engine.terms import StructuringTerms
from projects.access import can_edit, can_run, get_project, visible_projects
from projects.models import Project, Snapshot, Status, Submission, SubmissionStatus
from projects.reviews import Review, review_of
from projects.translate import check_inputs

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as a line of a list."""

    project: Project
    country: str | None
    currency: str | None
    gross_facility_mw: float | None
    snapshot_count: int


@dataclass(frozen=True, slots=True)
class ProjectList:
    """One page of projects, newest edit first, with how many there are of each status."""

    rows: list[ProjectRow]
    page: Page[Any]
    total_count: int
    counts_by_status: dict[str, int]


@dataclass(frozen=True, slots=True)
class ProjectOverview:
    """One project with everything its page shows; `inputs` and `derived` are None for a draft."""

    project: Project
    inputs: ProjectInputs | None
    derived: DerivedInputs | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    snapshots: list[Snapshot]
    review: Review
    can_edit: bool
    can_run: bool


def list_projects(user: User, *, search: str = "", status: str = "", page: int | str = 1) -> ProjectList:
    """The projects this person may read whose title or owner holds `search`; archived ones only when asked for."""
    visible = _matching(visible_projects(user), search)
    counts = dict(visible.order_by().values_list("status").annotate(count=Count("pk")))
    shown = visible.filter(status=status) if status in Status.values else visible.exclude(status=Status.ARCHIVED)
    shown = shown.select_related("owner").annotate(snapshot_count=Count("snapshots")).order_by("-updated_at", "-pk")
    paged = Paginator(shown, PAGE_SIZE).get_page(page)
    return ProjectList([_row(project) for project in paged], paged, paged.paginator.count, counts)


def project_overview(user: User, code: UUID | str, terms: StructuringTerms | None = None) -> ProjectOverview:
    """One project with its derived inputs under `terms` (the default ones); NotFound for outsiders."""
    project = get_project(user, code)
    checked = check_inputs(project.inputs, today=timezone.localdate(), previous=project.inputs)
    derived = derive(checked.inputs, terms or StructuringTerms.from_dict()) if checked.inputs else None
    review = review_of(project)
    return ProjectOverview(
        project=project,
        inputs=checked.inputs,
        derived=derived,
        problems=checked.problems,
        warnings=checked.warnings,
        snapshots=list(project.snapshots.select_related("created_by")),
        review=review,
        can_edit=can_edit(user, project),
        can_run=can_run(user) and review.approved is not None and not project.is_closed,
    )


def approved_submission(project: Project) -> Submission | None:
    """The submission whose snapshot runs take: the one approved last."""
    approved = project.submissions.filter(status=SubmissionStatus.APPROVED)
    # One waits at a time, so they are approved in the order they were made.
    return approved.select_related("snapshot", "decided_by").order_by("-pk").first()


def approved_snapshot(project: Project) -> Snapshot | None:
    """The inputs that runs take; None before the first approval."""
    approved = approved_submission(project)
    return approved.snapshot if approved else None


def pending_submission(project: Project) -> Submission | None:
    """The submission that waits for review, if one does."""
    waiting = project.submissions.filter(status=SubmissionStatus.PENDING)
    return waiting.select_related("snapshot", "base", "submitted_by").first()


def _matching(projects: QuerySet[Project], search: str) -> QuerySet[Project]:
    words = search.split()
    for word in words:
        owner = Q(owner__email__icontains=word) | Q(owner__full_name__icontains=word)
        projects = projects.filter(Q(title__icontains=word) | owner)
    return projects


def _row(project: Project) -> ProjectRow:
    return ProjectRow(
        project=project,
        country=lookup(project.inputs, "country"),
        currency=lookup(project.inputs, "currency"),
        gross_facility_mw=lookup(project.inputs, "power.gross_facility_mw"),
        snapshot_count=getattr(project, "snapshot_count", 0),
    )
