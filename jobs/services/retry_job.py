"""Takes up again a job that failed or was cancelled: what is finished is kept, the rest is done."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.access import require_administrator
from accounts.models import User
from jobs.access import require_quota
from jobs.claims import queue_again
from jobs.models import Job, JobState
from jobs.queue import enqueue_job
from jobs.registry import kind_of
from lib.verbs import refuse


def retry_job(*, by: User, job: Job) -> Job:
    """The job, waiting for a worker again, by its room's own verb where there is one; Invalid where it does not stand still."""
    require_administrator(by)
    kind = kind_of(job)
    row = kind.row(job.code)
    if kind.again is not None:
        kind.again(by, row)
        row.refresh_from_db(fields=["state", "error"])
        return row  # type: ignore[no-any-return]
    with transaction.atomic():
        require_quota(by, row)
        before = {"state": row.state, "error": row.error}
        if not queue_again(row):
            label = JobState(row.state).label.lower()
            raise refuse(
                "not_stopped", "job", f"The {kind.label.lower()} is {label}: only one that stopped is tried again."
            )
        audit.record(by=by, action="job.retried", target=row, before=before, after={"state": JobState.QUEUED})
        transaction.on_commit(lambda: enqueue_job(row))
    return row  # type: ignore[no-any-return]
