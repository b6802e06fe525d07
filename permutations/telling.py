"""The end of a run, told to whom it concerns and kept in the trail; called in the transaction that ends it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts import audit
from notifications.services import notify
from permutations.models import Run, RunState
from permutations.news import RUN_FAILED, RUN_FINISHED


def tell_finished(run: Run, summary: dict[str, Any]) -> None:
    """Requester and owner know that the run is done, and what it found."""
    counts = summary["counts"]
    after = {"state": RunState.DONE, "evaluated": counts["evaluated"], "tiers": summary["tiers"]}
    audit.record(by=None, action="run.finished", target=run, after=after)
    alive = f"{counts['gate_b_alive']:,} of {counts['evaluated']:,} permutations are viable."
    best = summary["best"]
    _tell(run, RUN_FINISHED, "Run finished", f"{alive} The best is {best['tier']}." if best else alive)


def tell_failed(run: Run, error: str) -> None:
    """Requester and owner know that the run failed, and why."""
    audit.record(by=None, action="run.failed", target=run, after={"state": RunState.FAILED, "error": error})
    _tell(run, RUN_FAILED, "Run failed", f"{error} What was finished is kept; the run can be resumed.")


def _tell(run: Run, kind: str, what: str, body: str) -> None:
    to = (run.requested_by, run.project.owner)
    notify(
        to=to, kind=kind, title=f"{what}: {run.project.title}", body=body, url=reverse("run-detail", args=[run.code])
    )
