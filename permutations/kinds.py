"""The kinds of long job of this room, for the workers, the pages that follow them, and everybody's list of jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.registry import Kind, register
from permutations.access import visible_runs, visible_searches
from permutations.impacts import measure
from permutations.models import Impact, RuleSetTrial, Run, Search
from permutations.notices import run_ended
from permutations.searching import search_run
from permutations.services.resume_run import resume_run
from permutations.trials import try_rules
from permutations.work import count_chunk, place_in_run, run_progress, work_on_run
from projects.access import visible_submissions


def register_kinds() -> None:
    """Runs, searches, impacts and trials are known to the jobs."""
    register(
        Kind(
            model=Run,
            label="Run",
            queue="runs",
            work=work_on_run,
            visible=visible_runs,
            address=lambda run: reverse("run-detail", args=[run.code]),
            related=("snapshot", "rule_set", "market_set", "project__owner", "requested_by"),
            unit="permutations",
            most_active=10,
            place=place_in_run,
            progress=run_progress,
            counted=count_chunk,
            ended=run_ended,
            again=lambda by, run: resume_run(by=by, run=run),
        )
    )
    register(
        Kind(
            model=Search,
            label="Search",
            queue="tasks",
            work=search_run,
            visible=visible_searches,
            address=lambda search: reverse("search", args=[search.code]),
            related=("run__snapshot", "run__rule_set", "run__project"),
            unit="rounds",
            most_active=3,
        )
    )
    register(
        Kind(
            model=Impact,
            label="Impact",
            queue="tasks",
            work=measure,
            visible=_visible_impacts,
            address=lambda impact: reverse("submission-impact", args=[impact.submission.code]),
            related=("submission__snapshot", "submission__base", "run__rule_set", "run__snapshot"),
        )
    )
    register(
        Kind(
            model=RuleSetTrial,
            label="Rule set trial",
            queue="tasks",
            work=try_rules,
            visible=_visible_trials,
            address=lambda trial: reverse("rules-trial", args=[trial.rule_set.code]),
            related=("rule_set", "run__snapshot", "run__rule_set"),
            most_active=20,
        )
    )


def _visible_impacts(user: User) -> QuerySet[Impact]:
    return Impact.objects.filter(submission__in=visible_submissions(user))


def _visible_trials(user: User) -> QuerySet[RuleSetTrial]:
    found = RuleSetTrial.objects.filter(run__in=visible_runs(user))
    return found if user.is_platform_admin else found.none()
