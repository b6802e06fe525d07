"""Who may follow and stop a job, and how many one person may have under way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from jobs.models import ACTIVE_STATES, Job
from jobs.registry import kind_named, kind_of
from lib.errors import Forbidden, NotFound
from lib.verbs import refuse


def listed_jobs(user: User) -> QuerySet[Job]:
    """The person's own jobs; to an administrator everybody's."""
    return Job.objects.all() if user.is_platform_admin else Job.objects.filter(requested_by=user)


def get_job(user: User, code: UUID | str) -> Any:
    """The job as its kind's row, or NotFound for whoever may not see the page of its result."""
    job = Job.objects.only("kind").filter(code=code).first()
    found = kind_of(job).visible(user).filter(code=code).first() if job else None
    if found is None:
        raise NotFound("There is no such job.")
    return found


def get_listed_job(user: User, code: UUID | str) -> Any:
    """The job, theirs or one whose result they may see: what somebody asked for they may stop, whatever became of it."""
    own = Job.objects.only("kind").filter(code=code, requested_by=user).first()
    return kind_of(own).row(code) if own else get_job(user, code)


def may_cancel(user: User, job: Job) -> bool:
    """True for whoever asked for the job, and for administrators."""
    return user.may_sign_in and (user.is_platform_admin or job.requested_by_id == user.pk)


def require_may_cancel(user: User, job: Job) -> None:
    """Nothing; Forbidden for those who may only follow it."""
    if not may_cancel(user, job):
        raise Forbidden("Only whoever asked for a job, and administrators, may cancel it.")


def require_quota(user: User, job: Job) -> None:
    """Nothing; Invalid where the person has as many jobs of this kind under way as one may. Call it in the transaction
    that saves the job: two requests at once are counted one after the other.
    """
    kind = kind_named(job.KIND)
    if kind.most_active is None:
        return
    User.objects.select_for_update().get(pk=user.pk)
    active = Job.objects.filter(requested_by=user, kind=kind.name, state__in=ACTIVE_STATES).count()
    if active >= kind.most_active:
        sentence = (
            f"You have {active} of {kind.most_active} jobs of the kind {kind.label.lower()} waiting or under way: "
            "wait until one is done, or cancel one under Your jobs."
        )
        raise refuse("quota", "job", sentence)
