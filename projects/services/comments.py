"""Comments on a submission: made, and settled."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.models import Role, User
from lib.verbs import refuse, save_checked
from notifications.services import notify
from projects.access import can_read, keepers_of, require_comment, require_settle
from projects.comments import input_label, is_commented_on
from projects.models import NOTE_LENGTH, Submission, SubmissionComment
from projects.news import SUBMISSION_COMMENTED


@transaction.atomic
def comment_on_submission(*, by: User, submission: Submission, place: str, text: str) -> SubmissionComment:
    """The comment on one input of a submission, or on the whole where the place is empty; the others are told."""
    require_comment(by, submission.project)
    said = text.strip()
    if not said:
        raise refuse("required", "text", "Comment: expected a sentence, got nothing.")
    if len(said) > NOTE_LENGTH:
        raise refuse("too_long", "text", f"Comment: expected at most {NOTE_LENGTH:,} characters, got {len(said):,}.")
    if not is_commented_on(submission, place):
        raise refuse("unknown", "place", "About: expected an input of this submission. Choose one of the list.")
    comment = SubmissionComment(submission=submission, place=place, text=said, made_by=by)
    save_checked(comment)
    record(by=by, action="submission_comment.made", target=comment, after=_told(comment))
    _tell(comment)
    return comment


@transaction.atomic
def settle_comment(*, by: User, comment: SubmissionComment) -> SubmissionComment:
    """The comment, settled; nothing happens where it was before."""
    require_settle(by, comment)
    still_open = SubmissionComment.objects.filter(pk=comment.pk, settled_at=None)
    if still_open.update(settled_at=timezone.now(), settled_by=by):
        record(by=by, action="submission_comment.settled", target=comment, after=_told(comment))
    comment.refresh_from_db()
    return comment


def _tell(comment: SubmissionComment) -> None:
    """Nothing; who owns the project, submitted it or spoke of it is told, and while nobody else did, the administrators."""
    submission = comment.submission
    project = submission.project
    spoke = User.objects.filter(pk__in=SubmissionComment.objects.filter(submission__project=project).values("made_by"))
    concerned = {*keepers_of(project), submission.submitted_by, *spoke} - {comment.made_by}
    others = {person for person in concerned if can_read(person, project)}
    reviewers = User.objects.filter(role=Role.ADMIN, is_active=True, is_approved=True).exclude(pk=comment.made_by.pk)
    notify(
        to=others or set(reviewers),
        kind=SUBMISSION_COMMENTED,
        title=f"{project.title}: a comment on {input_label(comment.place)}",
        body=f"{comment.made_by}: {comment.text}",
        url=reverse("submission-detail", args=[submission.code]),
    )


def _told(comment: SubmissionComment) -> dict[str, object]:
    return {
        "version": comment.submission.snapshot.version,
        "about": input_label(comment.place),
        "text": comment.text,
    }
