from django.db import transaction

from accounts.models import User
from lib.errors import Forbidden
from projects.access import keepers_of, require_edit
from projects.models import Submission, SubmissionStatus
from projects.services._reviewing import settle, still_pending
from projects.services._saving import lock


@transaction.atomic
def withdraw_submission(*, by: User, submission: Submission, reason: str = "") -> Submission:
    """The submission withdrawn by those whose project it is, or by who made it; the inputs stay as they are."""
    require_edit(by, lock(submission.project))
    current = still_pending(submission)
    if by not in (*keepers_of(current.project), current.submitted_by):
        raise Forbidden("Only those whose project it is and who submitted it withdraw a submission. Reject it instead.")
    return settle(current, SubmissionStatus.WITHDRAWN, by=by, reason=reason)
