"""Asks what a change request does to the best structures of the project's latest finished run."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from jobs.claims import queue_again
from jobs.queue import enqueue_job
from permutations.models import Impact, Run
from permutations.queries import latest_finished_run
from projects.access import require_visible
from projects.models import Submission


@transaction.atomic
def request_impact(*, by: User, submission: Submission) -> Impact | None:
    """The impact, queued where nobody asked before or it failed; None for a first submission and before any run."""
    require_visible(by, submission.project)
    run = latest_finished_run(submission.project)
    if run is None or submission.base_id is None:
        return None
    impact, is_new = Impact.objects.get_or_create(
        submission=submission,
        run=run,
        engine_version=ENGINE_VERSION,
        defaults={"requested_by": by, "title": submission.project.title},
    )
    if is_new or queue_again(impact):
        audit.record(by=by, action="impact.requested", target=impact, after=_audited(submission, run))
        transaction.on_commit(lambda: enqueue_job(impact))
    return impact


def _audited(submission: Submission, run: Run) -> dict[str, str]:
    return {"submission": str(submission.code), "run": str(run.code)}
