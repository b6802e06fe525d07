"""Work for one worker at a time: claimed, told of, settled, and begun again where its worker is lost.

A ticket is an invitation, a row is the truth: a ticket too many finds nothing to claim, and one that is missing is queued
again by the watcher.
"""

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
from lib.errors import AtlasError
from permutations import claims
from permutations.models import Task, TaskState
from permutations.tickets import enqueue_task, task_is_queued

# A cold worker compiles for minutes before its first sign of life; one that died on this machine is seen at once.
SILENCE = timedelta(minutes=10)
# A request queues its own ticket; the watcher makes good what got lost.
PATIENCE = timedelta(seconds=5)

# Sent by a kind with `pk`, in the transaction that brings a task to its end, done or failed.
task_ended = Signal()

T = TypeVar("T", bound=Task)
log = structlog.get_logger(__name__)


class Lost(Exception):
    """Another worker has the task now."""


def kinds() -> list[type[Task]]:
    """Every kind of task, whichever room it belongs to."""
    return [model for model in apps.get_models() if issubclass(model, Task)]


def kind_of(ticket: str) -> type[Task]:
    """The kind whose tickets are called so; KeyError where none is."""
    return {kind.ticket: kind for kind in kinds()}[ticket]


def do(
    tasks: QuerySet[T], code: str | UUID, work: Callable[[T, str], dict[str, Any]], worker: str | None = None
) -> bool:
    """True when this call brought the task to its end, `work`'s summary or its failure; False where it is another's."""
    worker = worker or claims.worker_name()
    if not _claim(tasks.model, code, worker):
        return False
    task = tasks.get(code=code)
    try:
        return _settle(task, worker, TaskState.DONE, summary=work(task, worker), error="")
    except Lost:
        log.warning("task_lost_to_another_worker", task=str(task))
        return False
    except (EngineError, AtlasError) as error:
        return _settle(task, worker, TaskState.FAILED, error=str(error))
    except Exception as error:
        log.exception("task_failed", task=str(task))
        return _settle(task, worker, TaskState.FAILED, error=f"{type(error).__name__}: {error}")


def beat(task: Task, worker: str, **values: Any) -> None:
    """Nothing; the task is marked as alive, with how far it is. Raises Lost where it is another's by now."""
    if not _held(task, worker).update(heartbeat_at=timezone.now(), **values):
        raise Lost


def begin_again(task: T, ended: tuple[TaskState, ...] = (TaskState.FAILED,)) -> bool:
    """True where a task that ended, unless told otherwise by failing, waits again with as many attempts as a new one."""
    found = type(task)._default_manager.filter(pk=task.pk, state__in=ended)
    if not found.update(state=TaskState.QUEUED, attempts=0, error="", finished_at=None):
        return False
    task.refresh_from_db()
    return True


def recover(kind: type[Task]) -> int:
    """How many tasks of a kind were freed from lost workers, given up, or queued again."""
    rows = kind._default_manager.all()
    found = sum(_free_if_lost(task) for task in rows.filter(state=TaskState.WORKING))
    for task in rows.filter(state=TaskState.QUEUED, created_at__lt=timezone.now() - PATIENCE):
        # None: Redis is away, and nothing can be queued now.
        if task_is_queued(task) is False:
            found += enqueue_task(task)
    return found


def _claim(kind: type[Task], code: str | UUID, worker: str) -> bool:
    queued = kind._default_manager.filter(code=code, state=TaskState.QUEUED)
    return bool(
        queued.update(
            state=TaskState.WORKING, claimed_by=worker, heartbeat_at=timezone.now(), attempts=F("attempts") + 1
        )
    )


def _held(task: Task, worker: str) -> QuerySet[Any]:
    return type(task)._default_manager.filter(pk=task.pk, state=TaskState.WORKING, claimed_by=worker)


def _settle(task: Task, worker: str, state: TaskState, **values: Any) -> bool:
    with transaction.atomic():
        ended = _held(task, worker).update(state=state, claimed_by="", finished_at=timezone.now(), **values)
        if ended:
            task_ended.send(type(task), pk=task.pk)
    return bool(ended)


def _free_if_lost(task: Task) -> int:
    beat_at = task.heartbeat_at or task.created_at
    if not claims.is_gone(task.claimed_by) and beat_at > timezone.now() - SILENCE:
        return 0
    held = _held(task, task.claimed_by)
    if task.attempts >= claims.MAX_ATTEMPTS:
        return _settle(task, task.claimed_by, TaskState.FAILED, error=f"Its worker was lost {task.attempts} times.")
    log.warning("task_lost_its_worker", task=str(task))
    return held.update(state=TaskState.QUEUED, claimed_by="")
