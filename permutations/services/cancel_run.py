"""Stops a run at its next chunk boundary, keeping what is finished."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.models import ACTIVE_STATES, Run, RunState
from permutations.progress import publish


def cancel_run(*, by: User, run: Run) -> Run:
    """The run, cancelled; chunks being evaluated end and are kept, no other is begun."""
    require_can_run(by)
    with transaction.atomic():
        before = Run.objects.values_list("state", flat=True).get(pk=run.pk)
        active = Run.objects.filter(pk=run.pk, state__in=ACTIVE_STATES)
        if not active.update(state=RunState.CANCELLED, finished_at=timezone.now(), ranked_by=""):
            label = RunState(before).label.lower()
            raise Invalid([Problem("not_active", "run", f"The run is {label}: there is nothing to cancel.")])
        audit.record(
            by=by, action="run.cancelled", target=run, before={"state": before}, after={"state": RunState.CANCELLED}
        )
    run.refresh_from_db()
    publish(run)
    return run
