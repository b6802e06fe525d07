"""Who works on what: every change of hands is one conditional UPDATE, so two workers can never both win.

Works alike on SQLite and PostgreSQL, holds no lock between statements, and needs no Redis. What changes several rows
takes the job's first.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from jobs.models import ACTIVE_STATES, STOPPED_STATES, Job, JobState, Part, PartState
from jobs.progress import publish
from jobs.registry import Answer, kind_of

# What fails so many parts of a job is no fault of one of them: the others are not tried.
MOST_ASIDE = 3


def begin(job: Job) -> bool:
    """True when the job accepts work; the first worker to arrive moves it from queued to working."""
    now = timezone.now()
    Job.objects.filter(pk=job.code, state=JobState.QUEUED, started_at=None).update(started_at=now)
    Job.objects.filter(pk=job.code, state=JobState.QUEUED).update(
        state=JobState.WORKING, resumed_at=now, resumed_done_count=F("done_count"), heartbeat_at=now
    )
    return _working(job).exists()


def claim_part(job: Job, worker: str) -> Part | None:
    """The next pending part, now this worker's; None when none is left or the job accepts no work."""
    # No join: PostgreSQL would check a joined condition before it waits for the row, and not again after.
    pending = Part.objects.filter(state=PartState.PENDING, job__in=_working(job))
    while (part := pending.order_by("is_closing", "stage", "number").first()) is not None:
        before = Q(is_closing=False) if part.is_closing else Q(is_closing=False, stage__lt=part.stage)
        if _unfinished(job).filter(before).exists():
            return None
        won = pending.filter(pk=part.pk).update(
            state=PartState.CLAIMED, claimed_by=worker, heartbeat_at=timezone.now(), attempts=F("attempts") + 1
        )
        if won:
            return part
    return None


def finish_part(job: Job, part: Part, worker: str, answer: Answer) -> bool:
    """True when the part was still this worker's; its answer is then kept, once. A job at rest is not brought to its end."""
    now = timezone.now()
    with transaction.atomic():
        current = _locked(job)
        if part.is_closing and current.state != JobState.WORKING:
            return False
        counts = {} if part.is_closing else answer
        if not _held(part, worker).update(state=PartState.DONE, claimed_by="", heartbeat_at=now, counts=counts):
            return False
        if part.is_closing:
            _end(job, state=JobState.DONE, summary=answer, done_count=F("total_count"), error="")
        else:
            done = F("done_count") + (part.stop - part.start)
            Job.objects.filter(pk=job.code).update(done_count=done, heartbeat_at=now, error="")
            kind_of(job).counted(job, answer)
    return True


def set_aside(part: Part, worker: str, error: str) -> bool:
    """True when the part was still this worker's; it is then tried no more, and what went wrong is kept with it."""
    return _held(part, worker).update(state=PartState.ASIDE, claimed_by="", error=error) == 1


def fail_with_the_rest_done(job: Job) -> bool:
    """True when this call ended a job of which nothing is left but parts set aside, or of which too many are."""
    parts = Part.objects.filter(job=job.code, is_closing=False)
    aside = list(parts.filter(state=PartState.ASIDE).order_by("number")[:MOST_ASIDE])
    if not aside:
        return False
    # Later stages wait for what is set aside.
    under_way = parts.filter(state__in=(PartState.PENDING, PartState.CLAIMED), stage__lte=aside[0].stage)
    if len(aside) < MOST_ASIDE and under_way.exists():
        return False
    return fail(job, "\n".join(part.error for part in aside))


def open_stage(job: Job) -> int | None:
    """The stage whose parts are given out now; None where the closing part alone is left."""
    return _unfinished(job).filter(is_closing=False).order_by("stage").values_list("stage", flat=True).first()


def release_part(part: Part, worker: str) -> bool:
    """True when the part was still this worker's; it is then free for another, or for a later resumption."""
    return _held(part, worker).update(state=PartState.PENDING, claimed_by="") == 1


def wait_for_room(job: Job, part: Part, worker: str, words: str) -> bool:
    """True when the part was still this worker's; it is then free, the try is not counted, and the job says why it waits."""
    freed = _held(part, worker).update(state=PartState.PENDING, claimed_by="", attempts=F("attempts") - 1) == 1
    if freed:
        _working(job).update(error=words)
    return freed


def keep_alive(job: Job, worker: str) -> None:
    """Nothing; it is written that `worker` lives, on the job and on whatever it holds of it."""
    now = timezone.now()
    Part.objects.filter(job=job.code, state=PartState.CLAIMED, claimed_by=worker).update(heartbeat_at=now)
    _working(job).update(heartbeat_at=now)


def report(job: Job, part: Part, worker: str, **progress: Any) -> bool:
    """True while the part is this worker's and the job is wanted; how far it is, is then kept."""
    now = timezone.now()
    if not _held(part, worker).update(heartbeat_at=now):
        return False
    return _working(job).update(heartbeat_at=now, **progress) == 1


def fail(job: Job, error: str) -> bool:
    """True when this call moved an active job to failed, with what failed and why; finished parts stay."""
    with transaction.atomic():
        if _locked(job).state not in ACTIVE_STATES:
            return False
        _end(job, state=JobState.FAILED, error=error)
    return True


def queue_again(job: Job, ended: tuple[JobState, ...] = STOPPED_STATES) -> bool:
    """True where a job at rest waits again for what is not done, with as many attempts as a new one.

    A worker still busy with a part keeps it; whoever closes the job must have let go of it first.
    """
    with transaction.atomic():
        closing = Part.objects.filter(job=job.code, is_closing=True, state=PartState.CLAIMED)
        if _locked(job).state not in ended or closing.exists():
            return False
        if JobState.DONE in ended:
            Part.objects.filter(job=job.code, state=PartState.DONE).update(state=PartState.PENDING)
        _unfinished(job).filter(state=PartState.ASIDE).update(state=PartState.PENDING, error="")
        _unfinished(job).update(attempts=0)
        Job.objects.filter(pk=job.code).update(state=JobState.QUEUED, error="", finished_at=None)
    job.refresh_from_db()
    transaction.on_commit(lambda: publish(job))
    return True


def _working(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.code, state=JobState.WORKING)


def _unfinished(job: Job) -> QuerySet[Part]:
    return Part.objects.filter(job=job.code).exclude(state=PartState.DONE)


def _held(part: Part, worker: str) -> QuerySet[Part]:
    return Part.objects.filter(pk=part.pk, state=PartState.CLAIMED, claimed_by=worker)


def _locked(job: Job) -> Job:
    return Job.objects.defer("summary").select_for_update().get(pk=job.code)


def _end(job: Job, **values: Any) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.code).update(finished_at=now, heartbeat_at=now, **values)
    kind = kind_of(job)
    kind.ended(kind.row(job.code))
