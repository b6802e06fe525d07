"""Where the panels come from: one small function a panel, asked in the name of the person who looks."""

from collections.abc import Callable
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.db.models import Exists, Model, OuterRef, QuerySet, Subquery
from django.urls import reverse

from accounts.models import User
from documents.access import visible_packs
from documents.models import Pack, PackStatus
from jobs.models import ACTIVE_STATES, JobState
from permutations.access import visible_runs
from permutations.models import Run
from portal.panels import LINES_SHOWN, Line, Panel
from projects.access import visible_projects, visible_submissions
from projects.drafts import drafts_of
from projects.models import Project, ProjectDraft, Status, Submission, SubmissionStatus

Row = TypeVar("Row", bound=Model)
Provider = Callable[[User], Panel]

# What a line shows: every column more is parsed for every line.
PROJECT_COLUMNS = ("code", "title", "status", "updated_at", "owner__full_name", "owner__email")
RUN_COLUMNS = (
    *("code", "state", "error", "done_count", "evaluated_count", "created_at", "finished_at"),
    "project__title",
)
PACK_COLUMNS = (
    *("code", "number", "state", "status", "permutation_index", "created_at", "issued_at"),
    *("run__project__title", "superseded_by__status"),
)
SUBMISSION_COLUMNS = (
    *("code", "status", "reason", "base", "submitted_at", "decided_at"),
    *("project__title", "submitted_by__full_name", "submitted_by__email"),
)


def drafts(user: User) -> Panel:
    """What the person typed and did not save, then their projects that still want inputs."""
    typed = drafts_of(user)
    found = visible_projects(user).filter(owner=user, status=Status.DRAFT).order_by("-updated_at")
    projects, count = _first(_project_columns(found))
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
    """What of the person's own waits for review or came back, by the latest submission of each project."""
    found = _latest(visible_submissions(user).filter(project__owner=user)).filter(
        status__in=[SubmissionStatus.PENDING, SubmissionStatus.REJECTED]
    )
    submissions, count = _first(found.order_by("-submitted_at"))
    return Panel(
        "In review",
        tuple(_submission_line(each) for each in submissions),
        "Nothing of yours waits for review, nothing was sent back.",
        count,
    )


def finished_runs(user: User) -> Panel:
    """Runs that have results."""
    runs, count = _first(_runs(user).filter(state=JobState.DONE).order_by("-finished_at"))
    return Panel(
        "Finished runs",
        tuple(_run_line(run) for run in runs),
        "No run has finished yet. Administrators start runs on approved projects.",
        count,
        "All runs",
        f"{reverse('runs-list')}?state=done",
    )


def issued_packs(user: User) -> Panel:
    """Packs that are final."""
    found = _packs(user).filter(status=PackStatus.ISSUED)
    packs, count = _first(found.order_by("-issued_at"))
    return Panel(
        "Issued packs",
        tuple(_pack_line(pack) for pack in packs),
        "No pack has been issued yet. Administrators make packs of permutations and issue them.",
        count,
        "All packs",
        reverse("packs-list"),
    )


def packs_to_issue(user: User) -> Panel:
    """Drafts that wait to be read and issued, and those under way or failed."""
    found = _packs(user).filter(status__in=[PackStatus.DRAFT, PackStatus.ISSUING])
    packs, count = _first(found.order_by("-created_at"))
    return Panel(
        "Packs to issue",
        tuple(_pack_line(pack) for pack in packs),
        "No draft of a pack waits.",
        count,
        "All packs",
        reverse("packs-list"),
        is_urgent=True,
    )


def latest_runs(user: User) -> Panel:
    """Runs of whatever state."""
    runs, count = _first(_runs(user).order_by("-created_at"))
    return Panel(
        "Latest runs",
        tuple(_run_line(run) for run in runs),
        "No run has been started yet.",
        count,
        "All runs",
        reverse("runs-list"),
    )


def edited_projects(user: User) -> Panel:
    """Projects by the time of their last edit."""
    found = visible_projects(user).exclude(status=Status.ARCHIVED).order_by("-updated_at")
    projects, count = _first(_project_columns(found))
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
    submissions, count = _first(_light(found).order_by("-decided_at"))
    return Panel(
        "Decided last",
        tuple(_submission_line(each) for each in submissions),
        "Nothing has been approved or rejected yet.",
        count,
    )


def registrations(user: User) -> Panel:
    """People who confirmed their e-mail and wait for an administrator's decision."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    undecided = User.objects.filter(is_approved=False, is_active=True, declined_at=None)
    people, count = _first(undecided.filter(Exists(confirmed)).order_by("-date_joined"))
    return Panel(
        "Registrations to approve",
        tuple(
            Line(str(person), reverse("admin:accounts_user_change", args=[person.pk]), person.email, at=person.date_joined)
            for person in people
        ),
        "Nobody waits for approval.",
        count,
        "All registrations",
        f"{reverse('admin:accounts_user_changelist')}?standing=waiting",
        is_urgent=True,
    )  # fmt: skip


def submissions_to_review(user: User) -> Panel:
    """Submissions and change requests that nobody has decided, the oldest first."""
    found = visible_submissions(user).filter(status=SubmissionStatus.PENDING)
    submissions, count = _first(_light(found).order_by("submitted_at"))
    return Panel(
        "To review",
        tuple(_submission_line(each, to_decide=True) for each in submissions),
        "No submission or change request waits.",
        count,
        "All that wait",
        f"{reverse('admin:projects_submission_changelist')}?status__exact=pending",
        is_urgent=True,
    )


def running_and_failed(user: User) -> Panel:
    """Runs that are under way, and those that failed."""
    found = _runs(user).filter(state__in=[*ACTIVE_STATES, JobState.FAILED])
    runs, count = _first(found.order_by("-created_at"))
    return Panel(
        "Running and failed",
        tuple(_run_line(run) for run in runs),
        "Nothing is running, nothing failed.",
        count,
        "All runs",
        reverse("runs-list"),
        is_urgent=True,
    )


def _runs(user: User) -> QuerySet[Run]:
    return visible_runs(user).select_related(None).select_related("project").only(*RUN_COLUMNS)


def _packs(user: User) -> QuerySet[Pack]:
    related = ("run__project", "superseded_by")
    return visible_packs(user).select_related(None).select_related(*related).only(*PACK_COLUMNS)


def _first(found: QuerySet[Row]) -> tuple[list[Row], int]:
    """The first rows, and how many there are in all: asked only where there are more."""
    rows = list(found[: LINES_SHOWN + 1])
    return rows[:LINES_SHOWN], found.count() if len(rows) > LINES_SHOWN else len(rows)


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


def _run_line(run: Run) -> Line:
    state = JobState(run.state)
    share = f"{run.done_count:,} of {run.evaluated_count:,}" if run.is_active else f"{run.evaluated_count:,}"
    note = run.error.splitlines()[0] if run.error else f"{share} permutations"
    address = reverse("run-detail", kwargs={"code": run.code})
    return Line(run.project.title, address, note, state.value, str(state.label), run.finished_at or run.created_at)


BADGES = {SubmissionStatus.PENDING: "queued", SubmissionStatus.APPROVED: "active", SubmissionStatus.REJECTED: "failed"}


def _pack_line(pack: Pack) -> Line:
    address = reverse("pack", kwargs={"code": pack.code})
    title = f"{pack.number} {pack.run.project.title}".strip()
    at = pack.issued_at or pack.created_at
    return Line(title, address, f"Permutation {pack.permutation_index:,}", pack.standing, pack.standing_words, at)


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
    return Line(submission.project.title, address, note, BADGES.get(status, ""), str(status.label), at)


# What each role sees first: what waits for them, then what is new.
SPONSOR: tuple[Provider, ...] = (drafts, own_submissions, finished_runs, issued_packs)
INTERNAL: tuple[Provider, ...] = (latest_runs, edited_projects, decisions, issued_packs, drafts)
ADMINISTRATOR: tuple[Provider, ...] = (
    registrations,
    submissions_to_review,
    running_and_failed,
    packs_to_issue,
    edited_projects,
)


def panels_of(user: User) -> list[Panel]:
    """The panels of this person's start page."""
    providers = ADMINISTRATOR if user.is_platform_admin else INTERNAL if user.is_internal else SPONSOR
    return [provider(user) for provider in providers]
