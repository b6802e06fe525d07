"""Who works on what: every change of hands is one conditional UPDATE, so two workers can never both win.

Works alike on SQLite and PostgreSQL, holds no lock between statements, and needs no Redis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from permutations.models import ACTIVE_STATES, WORKABLE_STATES, Chunk, ChunkState, Run, RunState
from permutations.telling import tell_failed, tell_finished


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    """What one finished chunk adds to the run's counters."""

    done: int
    gate_a_alive: int
    gate_b_alive: int
    detail: dict[str, Any]


def begin(run: Run) -> bool:
    """True when the run accepts work; the first worker to arrive moves it from queued to evaluating."""
    now = timezone.now()
    Run.objects.filter(pk=run.pk, state=RunState.QUEUED, started_at=None).update(started_at=now)
    Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.EVALUATING, stretch_started_at=now, stretch_done_count=F("done_count"), heartbeat_at=now
    )
    return Run.objects.filter(pk=run.pk, state=RunState.EVALUATING).exists()


def claim_chunk(run: Run, worker: str) -> Chunk | None:
    """The next pending chunk, now this worker's; None when none is left or the run accepts no work."""
    # No join: PostgreSQL would check a joined condition before it waits for the row, and not again after.
    workable = Run.objects.filter(pk=run.pk, state__in=WORKABLE_STATES)
    pending = Chunk.objects.filter(state=ChunkState.PENDING, run__in=workable)
    while (chunk := pending.order_by("number").first()) is not None:
        won = pending.filter(pk=chunk.pk).update(
            state=ChunkState.CLAIMED, claimed_by=worker, heartbeat_at=timezone.now(), attempts=F("attempts") + 1
        )
        if won:
            return chunk
    return None


def finish_chunk(chunk: Chunk, worker: str, counts: ChunkCounts) -> bool:
    """True when the chunk was still this worker's; its counts are then added to the run, once."""
    now = timezone.now()
    with transaction.atomic():
        held = Chunk.objects.filter(pk=chunk.pk, state=ChunkState.CLAIMED, claimed_by=worker)
        if not held.update(state=ChunkState.DONE, claimed_by="", heartbeat_at=now, counts=counts.detail):
            return False
        Run.objects.filter(pk=chunk.run_id).update(
            chunks_done=F("chunks_done") + 1,
            done_count=F("done_count") + counts.done,
            gate_a_alive=F("gate_a_alive") + counts.gate_a_alive,
            gate_b_alive=F("gate_b_alive") + counts.gate_b_alive,
            heartbeat_at=now,
        )
    return True


def release_chunk(chunk: Chunk, worker: str) -> bool:
    """True when the chunk was still this worker's; it is then free for another, or for a later resumption."""
    held = Chunk.objects.filter(pk=chunk.pk, state=ChunkState.CLAIMED, claimed_by=worker)
    return held.update(state=ChunkState.PENDING, claimed_by="") == 1


def beat(run: Run, worker: str) -> None:
    """Says that `worker` lives, on the run and on whatever it holds."""
    Chunk.objects.filter(run=run, state=ChunkState.CLAIMED, claimed_by=worker).update(heartbeat_at=timezone.now())
    mine = Q(state__in=WORKABLE_STATES) | Q(state=RunState.RANKING, ranked_by=worker)
    Run.objects.filter(mine, pk=run.pk).update(heartbeat_at=timezone.now())


def claim_ranking(run: Run, worker: str) -> bool:
    """True for the one worker that ranks: every chunk is done and nobody else has begun."""
    waiting = Chunk.objects.filter(run=run).exclude(state=ChunkState.DONE)
    if waiting.exists():
        return False
    ready = Run.objects.filter(pk=run.pk, state__in=WORKABLE_STATES)
    claimed = ready.update(
        state=RunState.RANKING, ranked_by=worker, heartbeat_at=timezone.now(), rank_attempts=F("rank_attempts") + 1
    )
    return claimed == 1


def holds_ranking(run: Run, worker: str) -> bool:
    """True while the ranking is this worker's."""
    return Run.objects.filter(pk=run.pk, state=RunState.RANKING, ranked_by=worker).exists()


def finish_ranking(run: Run, worker: str, summary: dict[str, Any]) -> bool:
    """True when the ranking was still this worker's; the run is then done."""
    mine = Run.objects.filter(pk=run.pk, state=RunState.RANKING, ranked_by=worker)
    now = timezone.now()
    with transaction.atomic():
        if not mine.update(state=RunState.DONE, summary=summary, finished_at=now, heartbeat_at=now, error=""):
            return False
        tell_finished(run, summary)
    return True


def fail(run: Run, error: str) -> bool:
    """True when this call moved an active run to failed, with what failed and why; finished chunks stay."""
    active = Run.objects.filter(pk=run.pk, state__in=ACTIVE_STATES)
    now = timezone.now()
    with transaction.atomic():
        if not active.update(state=RunState.FAILED, error=error, finished_at=now, heartbeat_at=now, ranked_by=""):
            return False
        tell_failed(run, error)
    return True
