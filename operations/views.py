"""The page of whoever runs the platform; for administrators, and to others not there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from jobs.access import get_listed_job
from jobs.registry import kind_named
from jobs.services.retry_job import retry_job
from lib.errors import AtlasError, NotFound
from operations import standing
from operations.alerts import limit_of

MOST_AT_ONCE = 200


@signed_in
@require_safe
def operations(request: PersonRequest) -> HttpResponse:
    """Everything at once; the first part asks for itself anew."""
    _require_administrator(request.user)
    failed = standing.failed_jobs()[: standing.SHOWN]
    context: dict[str, Any] = {
        **_now(),
        "failed": [(job, kind_named(job.kind).label) for job in failed],
        "failed_days": standing.FAILED_FOR.days,
        "database": standing.database(),
        "storage": standing.storage(),
        "disk_limit": limit_of("disk_free_bytes"),
        "backup_limit_seconds": limit_of("backup_seconds"),
        "personal": standing.personal_data(),
    }
    return render(request, "operations/operations.html", context)


@signed_in
@require_safe
def now(request: PersonRequest) -> HttpResponse:
    """What changes by the second."""
    _require_administrator(request.user)
    return render(request, "operations/fragments/now.html", _now())


@signed_in
@require_POST
def retry(request: PersonRequest) -> HttpResponse:
    """Back to the page, each job chosen taken up again or the reason why not."""
    _require_administrator(request.user)
    chosen = request.POST.getlist("job")[:MOST_AT_ONCE]
    done = [each for each in chosen if _retried(request, each)]
    if done:
        messages.success(request, f"Taken up again: {len(done)}. What was finished is kept.")
    elif not chosen:
        messages.error(request, "No job was chosen: tick those to try again.")
    return redirect("operations")


def _retried(request: PersonRequest, text: str) -> bool:
    try:
        job = get_listed_job(request.user, UUID(text))
        retry_job(by=request.user, job=job)
    except ValueError:
        messages.error(request, "One of the jobs has no such code.")
    except AtlasError as refusal:
        messages.error(request, str(refusal))
    else:
        return True
    return False


def _now() -> dict[str, Any]:
    found = standing.standing()
    return {
        "section": "administration",
        "now": found,
        "running": [(job, kind_named(job.kind).label, kind_named(job.kind).unit) for job in found.running],
        "memory_limit": limit_of("memory_ratio"),
        "heartbeat_limit_seconds": limit_of("oldest_heartbeat_seconds"),
        "crossed": {alert.measure for alert in found.alerts},
    }


def _require_administrator(user: User) -> None:
    if not user.is_platform_admin:
        raise NotFound("There is no such page.")
