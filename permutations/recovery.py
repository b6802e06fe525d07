"""Finds runs that lost a worker, their queue or Redis itself, and invites workers anew. Reads only rows and the queue."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.db.models import Q

from jobs import workers
from permutations import claims
from permutations.models import WORKABLE_STATES, Chunk, ChunkState, Run, RunState
from permutations.progress import publish
from permutations.tickets import enqueue_tickets, queued_tickets, workers_wanted

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What one look found and did for a run."""

    run: str
    chunks_freed: int
    ranking_freed: bool
    tickets: int


def recover_runs() -> list[Recovery]:
    """What was done for each active run that needed something; safe to call at any time, by any number of watchers."""
    looked = [recover_run(run) for run in Run.objects.filter(state__in=(*WORKABLE_STATES, RunState.RANKING))]
    return [found for found in looked if found.chunks_freed or found.ranking_freed or found.tickets]


def recover_run(run: Run) -> Recovery:
    """What was done for `run`: dead workers' chunks freed, a dead ranking freed, missing tickets queued."""
    freed = free_lost_chunks(run)
    ranking = _free_lost_ranking(run)
    _fail_when_hopeless(run)
    found = Recovery(str(run.code), freed, ranking, _queue_missing_tickets(run))
    if freed or ranking:
        log.warning("worker_lost", run=found.run, chunks=freed, ranking=ranking, tickets=found.tickets)
    return found


def free_lost_chunks(run: Run) -> int:
    """How many chunks of workers taken for dead are pending again."""
    claimed = Chunk.objects.filter(run=run, state=ChunkState.CLAIMED)
    gone = {worker for worker in claimed.values_list("claimed_by", flat=True).distinct() if workers.is_gone(worker)}
    lost = claimed.filter(Q(claimed_by__in=gone) | Q(heartbeat_at__lt=workers.stale_before()))
    return lost.update(state=ChunkState.PENDING, claimed_by="")


def _free_lost_ranking(run: Run) -> bool:
    ranking = Run.objects.filter(pk=run.pk, state=RunState.RANKING)
    worker = ranking.values_list("ranked_by", flat=True).first()
    if worker is None:
        return False
    lost = ranking.filter(ranked_by=worker)
    if not workers.is_gone(worker):
        lost = lost.filter(heartbeat_at__lt=workers.stale_before())
    return lost.update(state=RunState.EVALUATING, ranked_by="") == 1


def _fail_when_hopeless(run: Run) -> None:
    spent = Chunk.objects.filter(run=run, state=ChunkState.PENDING, attempts__gte=workers.MAX_ATTEMPTS)
    chunk = spent.filter(run__state__in=WORKABLE_STATES).order_by("number").first()
    ranking = Run.objects.filter(pk=run.pk, state__in=WORKABLE_STATES, rank_attempts__gte=workers.MAX_ATTEMPTS)
    what = chunk.place if chunk else "the ranking" if ranking.exists() else ""
    if what and claims.fail(run, f"{what[:1].upper()}{what[1:]} lost its worker {workers.MAX_ATTEMPTS} times."):
        run.refresh_from_db()
        publish(run)


def _queue_missing_tickets(run: Run) -> int:
    if not Run.objects.filter(pk=run.pk, state__in=WORKABLE_STATES).exists():
        return 0
    chunks = Chunk.objects.filter(run=run)
    pending = chunks.filter(state=ChunkState.PENDING).count()
    working = chunks.filter(state=ChunkState.CLAIMED).values("claimed_by").distinct().count()
    # With every chunk done and nobody ranking, one ticket is wanted for the ranking.
    useful = pending or int(working == 0)
    queued = queued_tickets(run)
    if queued is None:
        return 0
    return enqueue_tickets(run, max(0, min(useful, workers_wanted() - working) - queued))
