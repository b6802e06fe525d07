from django.db import transaction

from accounts.models import User
from projects.access import require_edit
from projects.models import Project, Submission
from projects.queries import approved_submission, pending_submission
from projects.services._reviewing import make_pending
from projects.services._saving import lock
from projects.services.take_snapshot import take_snapshot


@transaction.atomic
def submit_project(*, by: User, project: Project, note: str = "") -> Submission:
    """The submission of the project as it stands; the one there is if the same inputs wait or are approved already."""
    current = lock(project)
    require_edit(by, current)
    snapshot = take_snapshot(by=by, project=current)
    for known in (pending_submission(current), approved_submission(current)):
        if known and known.snapshot == snapshot:
            return known
    return make_pending(by=by, project=current, snapshot=snapshot, note=note)
