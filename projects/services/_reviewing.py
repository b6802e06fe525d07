"""What the verbs on submissions share. Each works on a project that its caller has locked."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.models import Role, User
from lib.canonical import canonical_hash
from lib.verbs import save_checked
from notifications.services import close_news, notify
from projects.errors import NotPending
from projects.models import Project, Snapshot, Submission, SubmissionStatus
from projects.news import SUBMISSION_WAITING
from projects.queries import approved_snapshot, pending_submission
from projects.services.take_snapshot import take_snapshot
from projects.signals import submission_made
from projects.translate import project_inputs


def make_pending(*, by: User, project: Project, snapshot: Snapshot, note: str = "") -> Submission:
    """The snapshot's submission, waiting for review; one that waited before is superseded."""
    waiting = pending_submission(project)
    if waiting:
        settle(waiting, SubmissionStatus.SUPERSEDED, by=by)
    base = approved_snapshot(project)
    submission = Submission(project=project, snapshot=snapshot, base=base, submitted_by=by, note=note.strip())
    save_checked(submission)
    record(by=by, action="submission.made", target=submission, after=audited_submission(submission))
    # Who was told of the one before finds the way from there; each further save would tell them again.
    if waiting is None:
        tell_reviewers(submission, by)
    submission_made.send(Submission, submission=submission, by=by)
    return submission


def settle(
    submission: Submission,
    status: SubmissionStatus,
    *,
    by: User,
    reason: str = "",
) -> Submission:
    """The pending submission in its final status, audited."""
    submission.status = status
    submission.decided_by, submission.decided_at, submission.reason = by, timezone.now(), reason.strip()
    save_checked(submission)
    before, after = {"status": str(SubmissionStatus.PENDING)}, audited_submission(submission)
    if status in (SubmissionStatus.APPROVED, SubmissionStatus.REJECTED):
        after["is_own_submission"] = submission.submitted_by_id == by.pk
    record(by=by, action=f"submission.{status}", target=submission, before=before, after=after)
    # Of one that is replaced its successor is heard of by the same news.
    if status != SubmissionStatus.SUPERSEDED:
        earlier = submission.project.submissions.values_list("pk", flat=True)
        close_news(kind=SUBMISSION_WAITING, urls=map(decided_at, earlier))
    return submission


def decided_at(key: int) -> str:
    """Where the submission of this key is decided."""
    return reverse("admin:projects_submission_change", args=[key])


def still_pending(submission: Submission) -> Submission:
    """The submission as it stands now; NotPending with what became of it if it waits no longer."""
    related = ("project__owner", "snapshot", "base", "submitted_by", "decided_by")
    current = Submission.objects.select_related(*related).get(pk=submission.pk)
    if not current.is_pending:
        raise NotPending(what_became_of(current))
    return current


def what_became_of(submission: Submission) -> str:
    """A sentence on how a submission was settled, and what to do."""
    when = timezone.localtime(submission.decided_at).strftime("%-d %B %Y, %H:%M")
    if submission.status == SubmissionStatus.SUPERSEDED:
        return f"the project was changed on {when} and a newer one took its place. Review that one."
    return f"it was {submission.get_status_display().lower()} by {submission.decided_by} on {when}."


def follow_edit(*, by: User, project: Project, inputs_before: dict[str, Any]) -> None:
    """Nothing; a project with an approved snapshot has its complete new inputs put up as a change request."""
    approved = approved_snapshot(project)
    if approved is None or not project.is_complete:
        return
    if canonical_hash(project_inputs(project).to_dict()) == approved.content_hash:
        withdraw_pending(by=by, project=project, reason="The inputs are as approved again.")
    elif project.inputs != inputs_before:
        snapshot, waiting = take_snapshot(by=by, project=project), pending_submission(project)
        if waiting is None or waiting.snapshot != snapshot:
            make_pending(by=by, project=project, snapshot=snapshot)


def withdraw_pending(*, by: User, project: Project, reason: str) -> None:
    """Nothing; a submission that waits is withdrawn, for this reason."""
    waiting = pending_submission(project)
    if waiting:
        settle(waiting, SubmissionStatus.WITHDRAWN, by=by, reason=reason)


def tell_reviewers(submission: Submission, by: User) -> None:
    """Nothing; the other administrators are told that a submission waits."""
    reviewers = User.objects.filter(role=Role.ADMIN, is_active=True, is_approved=True).exclude(pk=by.pk)
    what = "change request" if submission.is_change_request else "submission"
    notify(
        to=reviewers,
        kind=SUBMISSION_WAITING,
        title=f"{submission.project.title}: a {what} waits for review",
        body=submission.note or f"From {by}, version {submission.snapshot.version} of the inputs.",
        url=decided_at(submission.pk),
    )


def audited_submission(submission: Submission) -> dict[str, Any]:
    """What the audit trail keeps of a submission."""
    return {
        "project": str(submission.project.code),
        "status": str(submission.status),
        "snapshot": submission.snapshot.content_hash,
        "version": submission.snapshot.version,
        "base_version": submission.base.version if submission.base else None,
        "note": submission.note,
        "reason": submission.reason,
    }
