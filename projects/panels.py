"""What of projects and submissions is on start pages: one small function a panel, asked in the name of who looks."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from accounts.models import User
from lib.panels import LINES_SHOWN, Deed, Line, Panel, first_rows
from projects.access import kept_projects, own_projects, visible_projects, visible_submissions
from projects.drafts import drafts_of
from projects.models import Project, ProjectDraft, Status, Submission, SubmissionStatus
from projects.screen import choice_text

PROJECT_COLUMNS = ("code", "title", "status", "updated_at", "owner__full_name", "owner__email")
OWN_COLUMNS = ("code", "title", "status", "updated_at", "country", "currency", "gross_facility_mw")
SUBMISSION_COLUMNS = (
    *("code", "status", "reason", "base", "submitted_at", "decided_at"),
    *("project__title", "submitted_by__full_name", "submitted_by__email"),
)
BADGES = {SubmissionStatus.PENDING: "queued", SubmissionStatus.APPROVED: "active", SubmissionStatus.REJECTED: "failed"}


def drafts(user: User) -> Panel:
    """What the person typed and did not save, then their projects that still want inputs."""
    typed = drafts_of(user)
    found = kept_projects(user).filter(status=Status.DRAFT).order_by("-updated_at")
    projects, count = first_rows(_project_columns(found))
    lines = (
        *map(_typed_line, typed),
        *(_project_line(project, "project-edit", "Continue") for project in projects),
    )
    return Panel(
        "Drafts to finish",
        lines[:LINES_SHOWN],
        "No draft waits for you.",
        len(typed) + count,
        "All drafts",
        f"{reverse('projects-list')}?status=draft",
        is_urgent=True,
    )


def own_submissions(user: User) -> Panel:
    """What of theirs waits for review or came back, by the latest submission of each project."""
    found = _latest(visible_submissions(user).filter(project__in=own_projects(user))).filter(
        status__in=[SubmissionStatus.PENDING, SubmissionStatus.REJECTED]
    )
    submissions, count = first_rows(found.order_by("-submitted_at"))
    return Panel(
        "In review",
        tuple(_submission_line(each) for each in submissions),
        "Nothing of yours waits for review, nothing was sent back.",
        count,
    )


def projects_under_way(user: User) -> Panel:
    """Their projects that are under way, each with its size, the last edited first."""
    found = own_projects(user).filter(status__in=(Status.ACTIVE, Status.COMPLETED))
    projects, count = first_rows(found.order_by("-updated_at").only(*OWN_COLUMNS))
    return Panel(
        "Your projects",
        tuple(_project_line(project, "project-detail", _size(project)) for project in projects),
        "No project has all its inputs yet.",
        count,
        "All your projects",
        reverse("projects-list"),
    )


def edited_projects(user: User) -> Panel:
    """Projects by the time of their last edit."""
    found = visible_projects(user).exclude(status=Status.ARCHIVED).order_by("-updated_at")
    projects, count = first_rows(_project_columns(found))
    return Panel(
        "Edited last",
        tuple(_project_line(project, "project-detail", str(project.owner)) for project in projects),
        "No project has been entered yet.",
        count,
        "All projects",
        reverse("projects-list"),
    )


def decisions(user: User) -> Panel:
    """What was approved and rejected last."""
    found = visible_submissions(user).filter(status__in=[SubmissionStatus.APPROVED, SubmissionStatus.REJECTED])
    submissions, count = first_rows(_light(found).order_by("-decided_at"))
    return Panel(
        "Decided last",
        tuple(_submission_line(each) for each in submissions),
        "Nothing has been approved or rejected yet.",
        count,
    )


def submissions_to_review(user: User) -> Panel:
    """Submissions and change requests that nobody has decided, the oldest first."""
    found = visible_submissions(user).filter(status=SubmissionStatus.PENDING)
    submissions, count = first_rows(_light(found).order_by("submitted_at"))
    return Panel(
        "To review",
        tuple(_submission_line(each, to_decide=True) for each in submissions),
        "No submission or change request waits.",
        count,
        "All that wait",
        f"{reverse('admin:projects_submission_changelist')}?status__exact=pending",
        is_urgent=True,
    )


def _size(project: Project) -> str:
    """Where the project is and how large, as far as it was entered."""
    size = f"{project.gross_facility_mw:g} MW gross" if project.gross_facility_mw else ""
    return ", ".join(each for each in (choice_text(project.country), project.currency, size) if each)


def _project_columns(projects: QuerySet[Project]) -> QuerySet[Project]:
    return projects.select_related("owner").only(*PROJECT_COLUMNS)


def _latest(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    newest = Submission.objects.filter(project=OuterRef("project")).order_by("-pk").values("pk")[:1]
    return _light(submissions.filter(pk=Subquery(newest)))


def _light(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    return submissions.select_related(None).select_related("project", "submitted_by").only(*SUBMISSION_COLUMNS)


def _project_line(project: Project, page: str, note: str) -> Line:
    address = reverse(page, kwargs={"code": project.code})
    status = Status(project.status)
    return Line(project.title, address, note, status.value, str(status.label), project.updated_at)


def _typed_line(draft: ProjectDraft) -> Line:
    if draft.project:
        address = reverse("project-edit", kwargs={"code": draft.project.code})
        return Line(str(draft), address, "Changes that are not saved yet", at=draft.updated_at)
    address = f"{reverse('project-new')}?draft={draft.code}"
    return Line(str(draft), address, "A new project that is not saved yet", at=draft.updated_at)


def _submission_line(submission: Submission, *, to_decide: bool = False) -> Line:
    status = SubmissionStatus(submission.status)
    kind = "Change request" if submission.base_id else "Submission"
    if to_decide:
        address = reverse("admin:projects_submission_change", args=[submission.pk])
        note = f"{kind} of {submission.submitted_by}"
    else:
        address = reverse("submission-detail", kwargs={"code": submission.code})
        note = submission.reason or kind
    at = submission.decided_at or submission.submitted_at
    deed = _approval(submission, address) if to_decide else None
    return Line(submission.project.title, address, note, BADGES.get(status, ""), str(status.label), at, deed)


def _approval(submission: Submission, address: str) -> Deed:
    asked = f"Approve {submission.project.title} as submitted? Runs take these inputs from then on."
    return Deed("Approve", address, {"verdict": "approve"}, asked)
