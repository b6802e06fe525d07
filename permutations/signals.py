"""What follows in this room when a project's review moves on."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.models import User
from engine.errors import Problem
from jobs.models import ACTIVE_STATES
from lib.errors import Invalid
from notifications.services.notify import notify
from permutations.access import can_run
from permutations.models import Run
from permutations.queries import latest_finished_run
from permutations.services.request_impact import request_impact
from projects.models import Project, Submission
from projects.news import SUBMISSION_APPROVED
from projects.signals import project_leaves, submission_approved, submission_made


@receiver(project_leaves)
def keep_while_running(project: Project, **_: Any) -> None:
    """A project is not deleted under the hands of its workers."""
    under_way = Run.objects.filter(project=project, state__in=ACTIVE_STATES).select_related("requested_by").first()
    if under_way is not None:
        message = (
            f"A run that {under_way.requested_by} asked for is {under_way.get_state_display().lower()}: "
            "cancel it on its page, or wait until it is done, then delete the project."
        )
        raise Invalid([Problem("run_under_way", "project", message)])


@receiver(submission_made)
def work_out_impact(submission: Submission, by: User, **_: Any) -> None:
    """A change request has its impact worked out at once, so that it is there when somebody looks."""
    request_impact(by=by, submission=submission)


@receiver(submission_approved)
def offer_run(submission: Submission, by: User, **_: Any) -> None:
    """Who ran the project last, and who approved, are offered to run it again with the changed inputs."""
    run = latest_finished_run(submission.project)
    if run is None or run.snapshot_id == submission.snapshot_id:
        return
    project = submission.project
    notify(
        to=[person for person in dict.fromkeys((by, run.requested_by)) if can_run(person)],
        kind=SUBMISSION_APPROVED,
        title=f"{project.title}: run again with version {submission.snapshot.version}?",
        body=f"The last run worked on version {run.snapshot.version}. Its levers, terms and budget are filled in.",
        url=f"{reverse('run-new', args=[project.code])}?from={run.code}",
    )
