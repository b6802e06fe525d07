from django.db import transaction
from django.urls import reverse

from accounts.models import User
from notifications.services.notify import notify
from projects.access import keepers_of, require_review
from projects.models import Submission, SubmissionStatus
from projects.news import SUBMISSION_APPROVED
from projects.services._reviewing import settle, still_pending
from projects.services._saving import lock
from projects.signals import submission_approved


@transaction.atomic
def approve_submission(*, by: User, submission: Submission, comment: str = "") -> Submission:
    """The submission approved: its snapshot is what runs take from now on."""
    require_review(by, lock(submission.project))
    current = still_pending(submission)
    approved = settle(current, SubmissionStatus.APPROVED, by=by, reason=comment)
    project = approved.project
    notify(
        to=[person for person in keepers_of(project) if person != by],
        kind=SUBMISSION_APPROVED,
        title=f"{project.title}: version {approved.snapshot.version} is approved",
        body=approved.reason,
        url=reverse("project-detail", args=[project.code]),
    )
    submission_approved.send(Submission, submission=approved, by=by)
    return approved
