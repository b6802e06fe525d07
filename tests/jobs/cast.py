"""What the tests of jobs share: a job in the hands of a worker that nobody knows."""

from datetime import datetime

from django.utils import timezone

from jobs.models import Job, JobState, Part, PartState

ELSEWHERE = "elsewhere:1:1"


def in_hands(job: Job, *, heard_at: datetime | None = None, attempts: int = 1, worker: str = ELSEWHERE) -> Part:
    """The part of the job, a worker's of another machine who was last heard of at that time."""
    Job.objects.filter(code=job.code).update(state=JobState.WORKING)
    Part.objects.filter(job=job.code).update(
        state=PartState.CLAIMED, claimed_by=worker, heartbeat_at=heard_at or timezone.now(), attempts=attempts
    )
    return Part.objects.get(job=job.code)
