"""A worker's stay at a run: claim, evaluate, write, until nothing is left; the last one ranks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from engine.permutations import evaluate
from jobs import workers
from permutations import claims, progress
from permutations.files import RunFiles
from permutations.models import Chunk, Run
from permutations.ranking import rank_run
from permutations.shards import write_shards
from permutations.translate import RunCase, chunk_counts, run_case

BEAT_SECONDS = 2.0

log = structlog.get_logger(__name__)
AfterChunk = Callable[[Run], None]


def work(run_code: str | UUID, worker: str | None = None, after_chunk: AfterChunk | None = None) -> int:
    """How many chunks this call finished; it ends when the run has none left, stops or fails."""
    run = Run.objects.select_related("snapshot", "rule_set").get(code=run_code)
    worker = worker or workers.worker_name()
    if not claims.begin(run):
        return 0
    finished = 0
    with Heartbeat(run, worker), _failure_kept(run, "reading the run's inputs", lambda: True):
        case = run_case(run)
        while (chunk := claims.claim_chunk(run, worker)) is not None:
            with _failure_kept(run, chunk.place, partial(claims.release_chunk, chunk, worker)):
                finished += _evaluate_chunk(run, case, chunk, worker)
            _tell(run, after_chunk)
        if claims.claim_ranking(run, worker):
            _tell(run, after_chunk)
            with _failure_kept(run, "ranking", partial(claims.holds_ranking, run, worker)):
                claims.finish_ranking(run, worker, rank_run(run, case))
            _tell(run, after_chunk)
    return finished


def _evaluate_chunk(run: Run, case: RunCase, chunk: Chunk, worker: str) -> bool:
    began = time.perf_counter()
    evaluated = evaluate(case.case, case.indices(chunk.start, chunk.stop))
    calculated = time.perf_counter()
    write_shards(RunFiles(run.code), chunk.number, evaluated, case.case.levers)
    kept = claims.finish_chunk(chunk, worker, chunk_counts(evaluated))
    log.info(
        "chunk_done" if kept else "chunk_lost_to_another_worker",
        run=str(run.code),
        chunk=chunk.number,
        engine_seconds=round(calculated - began, 3),
        write_seconds=round(time.perf_counter() - calculated, 3),
    )
    return kept


def _tell(run: Run, after_chunk: AfterChunk | None) -> None:
    run.refresh_from_db(fields=PROGRESS_FIELDS)
    progress.publish(run)
    if after_chunk:
        after_chunk(run)


PROGRESS_FIELDS = (
    "state", "chunks_done", "done_count", "gate_a_alive", "gate_b_alive", "error",
    "started_at", "stretch_started_at", "stretch_done_count", "finished_at", "heartbeat_at",
)  # fmt: skip


class RunFailed(Exception):
    """The run was moved to failed; the message is what the row keeps."""


@contextmanager
def _failure_kept(run: Run, place: str, is_still_mine: Callable[[], bool]) -> Iterator[None]:
    try:
        yield
    except RunFailed:
        raise
    except Exception as error:
        sentence = f"{place[:1].upper()}{place[1:]} failed: {type(error).__name__}: {error}"
        if not is_still_mine():
            # Taken for dead meanwhile, and another worker has it: what happens here is no longer the run's concern.
            log.warning("lost_work_failed", run=str(run.code), reason=sentence)
            return
        log.exception("run_failed", run=str(run.code), place=place)
        claims.fail(run, sentence)
        run.refresh_from_db(fields=PROGRESS_FIELDS)
        progress.publish(run)
        raise RunFailed(sentence) from error


class Heartbeat:
    """While entered, tells the database every few seconds that the worker lives, also during a long chunk."""

    def __init__(self, run: Run, worker: str, seconds: float = BEAT_SECONDS) -> None:
        self.run, self.worker, self.seconds = run, worker, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        # A caller's open transaction hides the claims from other connections and may hold the only write lock.
        if not connection.in_atomic_block:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=self.seconds)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(self.seconds):
                self._beat_once()
        finally:
            connection.close()

    def _beat_once(self) -> None:
        # A busy or absent database costs one beat, never the chunk.
        try:
            claims.beat(self.run, self.worker)
        except DatabaseError as error:
            log.warning("heartbeat_missed", run=str(self.run.code), reason=str(error))
