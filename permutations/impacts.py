"""Working out impacts: claimed by one worker, done once, freed when their worker is lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from engine.errors import InputProblems
from permutations import claims
from permutations.impact import measure_impact
from permutations.models import Impact, ImpactState
from permutations.tickets import enqueue_impact, impact_is_queued

# Less than a second of work on a warm worker; a cold one compiles for minutes first.
STALE = timedelta(minutes=10)
# The request queues its own ticket; the watcher makes good what got lost.
PATIENCE = timedelta(seconds=5)

log = structlog.get_logger(__name__)


def work_out(impact_code: str | UUID, worker: str | None = None) -> bool:
    """True when this call worked the impact out; False where another did, or does."""
    worker = worker or claims.worker_name()
    if not _claim(impact_code, worker):
        return False
    related = ("submission__snapshot", "submission__base", "run__rule_set", "run__snapshot")
    impact = Impact.objects.select_related(*related).get(code=impact_code)
    try:
        base = impact.submission.base
        old = base.content if base else impact.run.snapshot.content
        summary = measure_impact(impact.run, old, impact.submission.snapshot.content)
    except InputProblems as error:
        return _settle(impact, worker, state=ImpactState.FAILED, error=str(error))
    except Exception as error:
        log.exception("impact_failed", impact=str(impact_code))
        return _settle(impact, worker, state=ImpactState.FAILED, error=f"{type(error).__name__}: {error}")
    return _settle(impact, worker, state=ImpactState.DONE, summary=summary, error="")


def recover_impacts() -> int:
    """How many impacts were freed from lost workers, given up, or queued again."""
    found = 0
    for impact in Impact.objects.filter(state=ImpactState.WORKING):
        found += _free_if_lost(impact)
    waiting = Impact.objects.filter(state=ImpactState.QUEUED, created_at__lt=timezone.now() - PATIENCE)
    for impact in waiting:
        # None: Redis is away, and nothing can be queued now.
        if impact_is_queued(impact) is False:
            found += enqueue_impact(impact)
    return found


def _claim(impact_code: str | UUID, worker: str) -> bool:
    queued = Impact.objects.filter(code=impact_code, state=ImpactState.QUEUED)
    now = timezone.now()
    claimed = queued.update(state=ImpactState.WORKING, claimed_by=worker, heartbeat_at=now, attempts=F("attempts") + 1)
    return claimed == 1


def _settle(impact: Impact, worker: str, **values: object) -> bool:
    held = Impact.objects.filter(pk=impact.pk, state=ImpactState.WORKING, claimed_by=worker)
    return held.update(finished_at=timezone.now(), claimed_by="", **values) == 1


def _free_if_lost(impact: Impact) -> int:
    beat = impact.heartbeat_at or impact.created_at
    if not claims.is_gone(impact.claimed_by) and beat > timezone.now() - STALE:
        return 0
    lost = Impact.objects.filter(pk=impact.pk, state=ImpactState.WORKING, claimed_by=impact.claimed_by)
    if impact.attempts >= claims.MAX_ATTEMPTS:
        error = f"Its worker was lost {impact.attempts} times."
        return lost.update(state=ImpactState.FAILED, claimed_by="", error=error, finished_at=timezone.now())
    return lost.update(state=ImpactState.QUEUED, claimed_by="")
