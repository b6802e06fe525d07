"""Asks how past runs would come out under a version of the rules."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from jobs.access import require_quota
from jobs.claims import queue_again
from jobs.models import JobState
from jobs.queue import enqueue_job
from lib.errors import Invalid
from permutations.models import RuleSetTrial, Run
from ratings.models import RuleSet
from records.access import require_can_write
from records.problems import content_problems


def try_rule_set(*, by: User, rule_set: RuleSet, runs: Iterable[Run], enqueue: bool = True) -> list[RuleSetTrial]:
    """A trial for each run, waiting; one that was made of the same rules and run is kept, unless it failed."""
    require_can_write(by, RuleSet.kind)
    chosen = list(runs)
    problems = [*_run_problems(chosen), *content_problems(RuleSet.kind, rule_set.content)]
    if problems:
        raise Invalid(problems)
    with transaction.atomic():
        trials = [_asked(by, rule_set, run) for run in chosen]
        audit.record(by=by, action="rule_set.tried", target=rule_set, after={"runs": [str(run.code) for run in chosen]})
        if enqueue:
            transaction.on_commit(lambda: _invite(trials))
    return trials


def _asked(by: User, rule_set: RuleSet, run: Run) -> RuleSetTrial:
    same = {"rule_set": rule_set, "run": run, "content_hash": rule_set.content_hash}
    trial = RuleSetTrial.objects.filter(**same).first()
    if trial is None:
        trial = RuleSetTrial(requested_by=by, title=f"{rule_set.label} on {run.project.title}", **same)
        require_quota(by, trial)
        trial.save()
    else:
        queue_again(trial)
    return trial


def _invite(trials: list[RuleSetTrial]) -> None:
    for trial in trials:
        if trial.state == JobState.QUEUED:
            enqueue_job(trial)


def _run_problems(runs: list[Run]) -> list[Problem]:
    if not runs:
        return [Problem("no_runs", "runs", "Choose at least one run to try the rules on.")]
    return [
        Problem(
            "not_done", "runs", f"Run {run.code} is {run.get_state_display().lower()}: only finished runs are tried."
        )
        for run in runs
        if run.state != JobState.DONE
    ]
