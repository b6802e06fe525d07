from django.db import transaction
from django.urls import reverse

from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from notifications.services.notify import notify
from projects.access import keepers_of, require_review
from projects.models import Submission, SubmissionStatus
from projects.news import SUBMISSION_REJECTED
from projects.services._reviewing import settle, still_pending
from projects.services._saving import lock


@transaction.atomic
def reject_submission(*, by: User, submission: Submission, reason: str) -> Submission:
    """The submission rejected, for a reason its owner reads; the project keeps its inputs as they are."""
    require_review(by, lock(submission.project))
    current = still_pending(submission)
    if not reason.strip():
        message = "Reason: expected a sentence that tells the sponsor what to change, got nothing."
        raise Invalid([Problem("required", "reason", message)])
    rejected = settle(current, SubmissionStatus.REJECTED, by=by, reason=reason)
    project = rejected.project
    notify(
        to=[person for person in keepers_of(project) if person != by],
        kind=SUBMISSION_REJECTED,
        title=f"{project.title}: version {rejected.snapshot.version} was rejected",
        body=f"{rejected.reason}\nYour inputs are kept as you left them. Change them and submit again.",
        url=reverse("project-detail", args=[project.code]),
    )
    return rejected
