"""Judges a run again and keeps in the trail what came out."""

from __future__ import annotations

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from jobs.models import JobState
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.models import Run
from permutations.rejudging import Rejudged, rejudge


def rejudge_run(*, by: User, run: Run) -> Rejudged:
    """The comparison of the run's best permutations with what its own rules give now."""
    require_can_run(by)
    if run.state != JobState.DONE:
        message = f"The run is {run.get_state_display().lower()}: only a finished run can be judged again."
        raise Invalid([Problem("not_done", "run", message)])
    found = rejudge(run, with_ranking=False)
    after = {"figures": found.figures, "differences": len(found.differences), "rule_set": run.rule_set.label}
    audit.record(by=by, action="run.rejudged", target=run, after=after)
    return found
