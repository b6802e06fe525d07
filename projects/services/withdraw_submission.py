from django.db import transaction

from accounts.models import User
from lib.errors import Forbidden
from projects.access import require_edit
from projects.models import Submission, SubmissionStatus
from projects.services._reviewing import settle, still_pending
from projects.services._saving import lock


@transaction.atomic
def withdraw_submission(*, by: User, submission: Submission, reason: str = "") -> Submission:
    """The submission withdrawn by the project's owner, or by who made it; the inputs stay as they are."""
    require_edit(by, lock(submission.project))
    current = still_pending(submission)
    if by not in (current.project.owner, current.submitted_by):
        raise Forbidden("Only the project's owner and who submitted it withdraw a submission. Reject it instead.")
    return settle(current, SubmissionStatus.WITHDRAWN, by=by, reason=reason)
