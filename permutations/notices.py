"""The end of a run, told to whom it concerns and kept in the trail; called in the transaction that ends it."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts import audit
from engine.permutations import TIERS
from financings.typed import WORDS
from jobs.models import JobState
from notifications.services import notify
from permutations.kept import drop_superseded
from permutations.models import Run
from permutations.news import RUN_FAILED, RUN_FINISHED
from projects.access import keepers_of

BEST_TIER = TIERS[max(TIERS)]


def run_ended(run: Run) -> None:
    """Requester and keepers of the project know that the run is done and what it found, or that it failed and why."""
    if run.state == JobState.DONE:
        transaction.on_commit(lambda: drop_superseded(run))
        _notify_finished(run)
    else:
        _notify_failed(run)


def _notify_finished(run: Run) -> None:
    counts, best = run.summary["counts"], run.summary["best"]
    after = {"state": run.state, "evaluated": counts["evaluated"], "tiers": run.summary["tiers"]}
    audit.record(by=None, action="run.finished", target=run, after=after)
    alive = f"{counts['gate_b_alive']:,} of {counts['evaluated']:,} permutations are viable."
    _notify(run, RUN_FINISHED, "Run finished", f"{alive} {_first(run, best['tier'])}" if best else alive)


def _first(run: Run, tier: str) -> str:
    """How many the best tier has, and the tier of the first by the run's objective: the two may differ."""
    count = run.summary["tiers"].get(BEST_TIER, 0)
    objective = WORDS.get(run.objective, run.objective).lower()
    return f"{BEST_TIER}: {count:,}. The first by {objective} is {tier}."


def _notify_failed(run: Run) -> None:
    audit.record(by=None, action="run.failed", target=run, after={"state": run.state, "error": run.error})
    _notify(run, RUN_FAILED, "Run failed", f"{run.error} What was finished is kept; the run can be resumed.")


def _notify(run: Run, kind: str, what: str, body: str) -> None:
    to = (run.requested_by, *keepers_of(run.project))
    notify(
        to=to, kind=kind, title=f"{what}: {run.project.title}", body=body, url=reverse("run-detail", args=[run.code])
    )
