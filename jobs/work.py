"""A worker at a job: claim a part, do it, keep its answer, until nothing is left for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import structlog
from django.db import DatabaseError, connection
from django.db.models import Field, JSONField

from engine import ENGINE_VERSION
from engine.errors import EngineError
from jobs import claims
from jobs.models import Job, Part
from jobs.progress import publish
from jobs.registry import Answer, Kind, kind_of
from jobs.workers import worker_name
from lib.errors import AtlasError
from lib.passing import DATABASE_AWAY, has_no_room, words_of

HEARTBEAT_SECONDS = 2.0

log = structlog.get_logger(__name__)
AfterPart = Callable[[Any], None]
T = TypeVar("T")


class Stopped(Exception):
    """The part is another worker's by now, or the job is not wanted any more."""


# A full disk is nobody's fault: the part waits, and no try is counted.
WAITS_FOR_ROOM = "There is no room left on the disk. It goes on by itself once there is."
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)


def insist(ask: Callable[[], T]) -> T:
    """What the database answers, asked again with growing pauses while it is locked or away, or the disk is full, for up to
    90 seconds."""
    for pause in PAUSES:
        try:
            return ask()
        except (*DATABASE_AWAY, OSError) as error:
            if connection.in_atomic_block or not words_of(error):
                raise
            log.warning("no_room" if has_no_room(error) else "database_away", reason=str(error), pause_seconds=pause)
            connection.close()
            time.sleep(pause)
    return ask()


class Held:
    """A part in the hands of a worker: what the work of a kind says of itself while it goes on."""

    def __init__(self, job: Any, part: Part, worker: str, known: dict[str, Any]) -> None:
        self.job, self.part, self.worker, self._known = job, part, worker, known
        self.waits_for_room = False

    def report(self, done: int | None = None, total: int | None = None, told: Mapping[str, Any] | None = None) -> None:
        """Nothing; how far the job is, is written, and `told` to the pages that follow it now. Raises Stopped where the
        work is wanted no longer."""
        given = {"done_count": done, "total_count": total}
        progress = {name: value for name, value in given.items() if value is not None}
        if not claims.report(self.job, self.part, self.worker, **progress):
            raise Stopped
        if progress:
            show(self.job, told)

    def once(self, name: str, read: Callable[[], T]) -> T:
        """What `read` gives, read once for all the parts that this worker does of the job."""
        if name not in self._known:
            self._known[name] = read()
        found: T = self._known[name]
        return found


def _never() -> bool:
    return False


def work(
    code: str | UUID,
    worker: str | None = None,
    after_part: AfterPart | None = None,
    gives_way: Callable[[], bool] = _never,
) -> int:
    """How many parts this call finished; it ends when the job has none left for it, stops, fails or gives way."""
    kind = kind_of(Job.objects.only("kind").get(code=code))
    structlog.contextvars.bind_contextvars(job=str(code))
    job, worker, known = kind.row(code), worker or worker_name(), dict[str, Any]()
    if not insist(lambda: claims.begin(job)):
        return 0
    if kind.is_of_one_engine and job.engine_version != ENGINE_VERSION:
        # An upgrade came between: a result is of the engine it names, whole.
        insist(
            lambda: claims.fail(
                job, f"It began under engine {job.engine_version}; this is {ENGINE_VERSION}: ask for it anew."
            )
        )
        insist(lambda: show(job))
        return 0
    finished = 0
    with Heartbeat(job, worker):
        while (part := insist(lambda: claims.claim_part(job, worker))) is not None:
            insist(lambda: show(job))
            held = Held(job, part, worker, known)
            finished += _do(kind, held)
            insist(lambda: show(job))
            if after_part:
                after_part(job)
            # Without room nothing else of it could be kept either: the watcher asks a worker again.
            if held.waits_for_room or gives_way():
                break
        if insist(lambda: claims.fail_with_the_rest_done(job)):
            insist(lambda: show(job))
    return finished


def show(job: Job, told: Mapping[str, Any] | None = None) -> None:
    """Nothing; the job as it stands now is read, and told to the pages that follow it."""
    # What it was read with stays read.
    job.refresh_from_db(fields=[each.name for each in job._meta.concrete_fields if not _is_heavy(each)])
    publish(job, told)


def _is_heavy(field: Field[Any, Any]) -> bool:
    return field.is_relation or isinstance(field, JSONField)


def _do(kind: Kind, held: Held) -> bool:
    began = time.monotonic()
    try:
        answer = insist(lambda: kind.work(held.job, held))
    except Stopped:
        claims.release_part(held.part, held.worker)
        return _said(held, "part_stopped")
    except Exception as error:
        log.exception("part_failed", job=str(held.job.code), part=held.part.number)
        if has_no_room(error):
            held.waits_for_room = True
            claims.wait_for_room(held.job, held.part, held.worker, WAITS_FOR_ROOM)
            return _said(held, "part_waits_for_room")
        return _failed(kind, held, error)
    return _kept(held, answer, time.monotonic() - began)


def _kept(held: Held, answer: Answer, seconds: float) -> bool:
    if insist(lambda: claims.finish_part(held.job, held.part, held.worker, answer)):
        return _said(held, "part_done", seconds=round(seconds, 3))
    claims.release_part(held.part, held.worker)
    return _said(held, "part_not_wanted")


def _failed(kind: Kind, held: Held, error: Exception) -> bool:
    words = str(error) if isinstance(error, EngineError | AtlasError) else f"{type(error).__name__}: {error}"
    place = kind.place(held.part)
    sentence = words if held.part.number == 0 and held.part.is_closing else f"{sentence_case(place)} failed: {words}"
    if not held.part.is_closing:
        # One part that cannot be done keeps no other from it.
        if not claims.set_aside(held.part, held.worker, sentence):
            return _said(held, "lost_part_failed", reason=sentence)
        claims.fail_with_the_rest_done(held.job)
        return _said(held, "part_set_aside", reason=sentence)
    if not claims.release_part(held.part, held.worker):
        # Taken for dead meanwhile, and another worker has it: what happens here is no longer the job's concern.
        return _said(held, "lost_part_failed", reason=sentence)
    claims.fail(held.job, sentence)
    return False


def sentence_case(words: str) -> str:
    """The words as a sentence begins."""
    return f"{words[:1].upper()}{words[1:]}"


def _said(held: Held, event: str, **facts: Any) -> bool:
    log.info(event, kind=held.job.kind, job=str(held.job.code), part=held.part.number, **facts)
    return event == "part_done"


class Heartbeat:
    """While entered, tells the database every few seconds that the worker lives, also during a long part."""

    def __init__(self, job: Job, worker: str, seconds: float = HEARTBEAT_SECONDS) -> None:
        self.job, self.worker, self.seconds = job, worker, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        # A caller's open transaction hides the claims from other connections and may hold the only write lock.
        if not connection.in_atomic_block:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=self.seconds)

    def _run(self) -> None:
        try:
            while not self._stop.wait(self.seconds):
                self._once()
        finally:
            connection.close()

    def _once(self) -> None:
        # A busy or absent database costs one heartbeat, never the part.
        try:
            claims.keep_alive(self.job, self.worker)
        except DatabaseError as error:
            log.warning("heartbeat_missed", job=str(self.job.code), reason=str(error))
