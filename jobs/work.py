"""Work for one worker at a time: claimed, kept alive, settled, and begun again where its worker is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.apps import apps
from django.db import transaction
from django.db.models import F, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from engine.errors import EngineError
from jobs import workers
from jobs.models import Job, JobState
from jobs.queue import enqueue_job, is_queued
from lib.errors import AtlasError

# A cold worker compiles for minutes before its first sign of life; one that died on this machine is seen at once.
SILENCE = timedelta(minutes=10)
# A request queues its own entry; the watcher makes good what got lost.
PATIENCE = timedelta(seconds=5)

# Sent by a kind with `pk`, in the transaction that brings a job to its end, done or failed.
job_ended = Signal()

T = TypeVar("T", bound=Job)
log = structlog.get_logger(__name__)


class Lost(Exception):
    """Another worker has the job now."""


def kinds() -> list[type[Job]]:
    """Every kind of job, whichever room it belongs to."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def kind_of(name: str) -> type[Job]:
    """The kind of this name; KeyError where none is."""
    return {kind.kind: kind for kind in kinds()}[name]


def do(
    jobs: QuerySet[T], code: str | UUID, work: Callable[[T, str], dict[str, Any]], worker: str | None = None
) -> bool:
    """True when this call brought the job to its end, `work`'s summary or its failure; False where it is another's."""
    worker = worker or workers.worker_name()
    if not _claim(jobs.model, code, worker):
        return False
    job = jobs.get(code=code)
    try:
        return _settle(job, worker, JobState.DONE, summary=work(job, worker), error="")
    except Lost:
        log.warning("job_lost_to_another_worker", job=str(job))
        return False
    except (EngineError, AtlasError) as error:
        return _settle(job, worker, JobState.FAILED, error=str(error))
    except Exception as error:
        log.exception("job_failed", job=str(job))
        return _settle(job, worker, JobState.FAILED, error=f"{type(error).__name__}: {error}")


def heartbeat(job: Job, worker: str, **values: Any) -> None:
    """Nothing; the job is marked as alive, with how far it is. Raises Lost where it is another's by now."""
    if not _held(job, worker).update(heartbeat_at=timezone.now(), **values):
        raise Lost


def begin_again(job: T, ended: tuple[JobState, ...] = (JobState.FAILED,)) -> bool:
    """True where a job that ended, unless told otherwise by failing, waits again with as many attempts as a new one."""
    found = type(job)._default_manager.filter(pk=job.pk, state__in=ended)
    if not found.update(state=JobState.QUEUED, attempts=0, error="", finished_at=None):
        return False
    job.refresh_from_db()
    return True


def recover(kind: type[Job]) -> int:
    """How many jobs of a kind were freed from lost workers, given up, or queued again."""
    rows = kind._default_manager.all()
    found = sum(_free_if_lost(job) for job in rows.filter(state=JobState.WORKING))
    for job in rows.filter(state=JobState.QUEUED, created_at__lt=timezone.now() - PATIENCE):
        # None: Redis is away, and nothing can be queued now.
        if is_queued(job) is False:
            found += enqueue_job(job)
    return found


def _claim(kind: type[Job], code: str | UUID, worker: str) -> bool:
    queued = kind._default_manager.filter(code=code, state=JobState.QUEUED)
    return bool(
        queued.update(
            state=JobState.WORKING, claimed_by=worker, heartbeat_at=timezone.now(), attempts=F("attempts") + 1
        )
    )


def _held(job: Job, worker: str) -> QuerySet[Any]:
    return type(job)._default_manager.filter(pk=job.pk, state=JobState.WORKING, claimed_by=worker)


def _settle(job: Job, worker: str, state: JobState, **values: Any) -> bool:
    with transaction.atomic():
        ended = _held(job, worker).update(state=state, claimed_by="", finished_at=timezone.now(), **values)
        if ended:
            job_ended.send(type(job), pk=job.pk)
    return bool(ended)


def _free_if_lost(job: Job) -> int:
    heard_at = job.heartbeat_at or job.created_at
    if not workers.is_gone(job.claimed_by) and heard_at > timezone.now() - SILENCE:
        return 0
    held = _held(job, job.claimed_by)
    if job.attempts >= workers.MAX_ATTEMPTS:
        return _settle(job, job.claimed_by, JobState.FAILED, error=f"Its worker was lost {job.attempts} times.")
    log.warning("job_lost_its_worker", job=str(job))
    return held.update(state=JobState.QUEUED, claimed_by="")
