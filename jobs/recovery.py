"""Finds jobs that lost a worker, their queue or Redis itself, and invites workers anew. Reads only rows and the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils import timezone

from jobs import claims
from jobs.models import ACTIVE_STATES, Job, JobState, Part, PartState
from jobs.queue import enqueue_job, queued_entries, workers_wanted
from jobs.registry import kind_of
from jobs.work import sentence_case, show
from jobs.workers import MAX_ATTEMPTS, is_gone, stale_before

# A request queues its own entry; what is younger may still be on the way.
PATIENCE = timedelta(seconds=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What one look found and did."""

    parts_freed: int
    given_up: int
    entries: int


def recover() -> Recovery:
    """What was done for the jobs that needed something; safe to call at any time, by any number of watchers."""
    return Recovery(free_lost_parts(), _fail_the_hopeless(), _queue_missing_entries())


def free_lost_parts() -> int:
    """How many parts of workers taken for dead are pending again."""
    claimed = Part.objects.filter(state=PartState.CLAIMED)
    gone = {worker for worker in claimed.values_list("claimed_by", flat=True).distinct() if is_gone(worker)}
    lost = claimed.filter(Q(claimed_by__in=gone) | Q(heartbeat_at__lt=stale_before()))
    freed = lost.update(state=PartState.PENDING, claimed_by="")
    if freed:
        log.warning("worker_lost", parts=freed, workers=len(gone))
    return freed


def _fail_the_hopeless() -> int:
    spent = Part.objects.filter(state=PartState.PENDING, attempts__gte=MAX_ATTEMPTS, job__state=JobState.WORKING)
    return sum(_give_up(part) for part in spent.select_related("job").defer("job__summary").order_by("job", "number"))


def _give_up(part: Part) -> bool:
    """True where a job ended; a part among others is set aside."""
    sentence = f"{sentence_case(kind_of(part.job).place(part))} lost its worker {MAX_ATTEMPTS} times."
    if part.is_closing:
        ended = claims.fail(part.job, sentence)
    else:
        Part.objects.filter(pk=part.pk, state=PartState.PENDING).update(state=PartState.ASIDE, error=sentence)
        log.warning("part_set_aside", job=str(part.job_id), part=part.number, reason=sentence)
        ended = claims.fail_with_the_rest_done(part.job)
    if ended:
        show(kind_of(part.job).row(part.job.code))
    return ended


def _queue_missing_entries() -> int:
    pending, claimed = Q(parts__state=PartState.PENDING), Q(parts__state=PartState.CLAIMED)
    on_its_way = Q(state=JobState.QUEUED, created_at__gt=timezone.now() - PATIENCE)
    unfinished = Part.objects.filter(job=OuterRef("pk"), is_closing=False).exclude(state=PartState.DONE)
    stage = Subquery(unfinished.order_by("stage").values("stage")[:1])
    given_out = Q(parts__is_closing=False, parts__stage=F("open_stage"))
    waiting = Job.objects.filter(state__in=ACTIVE_STATES).exclude(on_its_way).defer("summary")
    active = waiting.annotate(open_stage=stage).annotate(
        open_count=Count("parts", filter=pending & given_out, distinct=True),
        closing_count=Count("parts", filter=pending & Q(parts__is_closing=True), distinct=True),
        worker_count=Count("parts__claimed_by", filter=claimed, distinct=True),
    )  # fmt: skip
    return sum(_invite(job, job.open_count, job.closing_count, job.worker_count) for job in active)


def _invite(job: Job, open_count: int, closing_count: int, worker_count: int) -> int:
    # Whoever does the last part goes on to close the job; where nobody is at it, one more is wanted for that.
    useful = open_count or min(closing_count, int(worker_count == 0))
    missing = min(useful, workers_wanted() - worker_count)
    if missing <= 0:
        return 0
    queued = queued_entries(job)
    return 0 if queued is None else enqueue_job(job, max(0, missing - queued))
