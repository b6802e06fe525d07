"""Reading one project for its page, with its derived inputs; lists are in `projects.listing`."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from engine.errors import Problem
from engine.project import DerivedInputs, ProjectInputs, derive
from engine.terms import StructuringTerms
from projects.access import can_edit, get_project
from projects.models import Project, Snapshot, Submission, SubmissionStatus
from projects.plausible import unusual_in
from projects.reviews import Review, review_of
from projects.translate import check_inputs


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

    @property
    def can_be_financed(self) -> bool:
        """True while approved inputs stand and the project is not put away."""
        return self.review.approved is not None and not self.project.is_closed


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
        warnings=(*checked.warnings, *unusual_in(project.inputs, checked.problems)),
        snapshots=list(project.snapshots.select_related("created_by")),
        review=review,
        can_edit=can_edit(user, project),
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
