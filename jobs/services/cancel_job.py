"""Stops a job: one that waits at once, one under way at its next part or sign of life; what is finished is kept."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from jobs.access import require_may_cancel
from jobs.models import ACTIVE_STATES, Job, JobState
from jobs.progress import publish
from lib.verbs import refuse

T = TypeVar("T", bound=Job)


def cancel_job(*, by: User, job: T) -> T:
    """The row of its kind, cancelled; a part being worked on is let go by its worker, no other is begun."""
    require_may_cancel(by, job)
    with transaction.atomic():
        before = Job.objects.select_for_update().values_list("state", flat=True).get(code=job.code)
        active = Job.objects.filter(code=job.code, state__in=ACTIVE_STATES)
        if not active.update(state=JobState.CANCELLED, finished_at=timezone.now()):
            label = JobState(before).label.lower()
            raise refuse("not_active", "job", f"The {job.kind} is {label}: there is nothing to cancel.")
        after = {"state": JobState.CANCELLED}
        audit.record(by=by, action=f"{job.kind}.cancelled", target=job, before={"state": before}, after=after)
    job.refresh_from_db()
    publish(job)
    return job
