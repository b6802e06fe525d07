"""Asks that causes be learned from what people found; a worker does it."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.verbs import save_checked
from reconciliation.access import CONFIGURE, require_may
from reconciliation.learning import examples_of_resolutions
from reconciliation.models import CauseLearning


def request_learning(*, by: User, enqueue: bool = True) -> CauseLearning:
    """The learning, queued; its answer says whether the ranking is used from then on."""
    require_may(by, CONFIGURE)
    total = len(examples_of_resolutions())
    job = CauseLearning(
        requested_by=by, engine_version=ENGINE_VERSION, total_count=max(1, total), title="Causes of breaks"
    )
    with transaction.atomic():
        require_quota(by, job)
        save_checked(job)
        audit.record(by=by, action="reconciliation.learning_requested", target=job, after={"examples": total})
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(job))
    return job
