"""Jobs: everybody's list of them, the way to what each found, and what a page needs to follow one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from jobs.access import get_job, get_listed_job, listed_jobs
from jobs.models import ACTIVE_STATES, Job, JobState
from jobs.progress import events, job_progress
from jobs.queries import job_lines
from jobs.registry import kind_named, kind_of, kinds
from jobs.services.cancel_job import cancel_job
from lib.errors import Invalid

PAGE_SIZE = 25
STATES = (("", "All"), ("active", "Waiting or under way"), (JobState.DONE, "Done"), (JobState.FAILED, "Failed"))


@signed_in
@require_safe
def jobs(request: PersonRequest) -> HttpResponse:
    """The person's jobs of all kinds, newest first; an administrator may look at everybody's."""
    everybody = request.user.is_platform_admin and request.GET.get("of") == "everybody"
    found = listed_jobs(request.user) if everybody else Job.objects.filter(requested_by=request.user)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    if state:
        found = found.filter(state__in=ACTIVE_STATES if state == "active" else [state])
    if kind:
        found = found.filter(kind=kind)
    page = Paginator(job_lines(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "section": "jobs",
        "page": page,
        "lines": [(job, kind_named(job.kind).label, kind_named(job.kind).unit) for job in page],
        "everybody": everybody,
        "state": state,
        "states": STATES,
        "kind": kind,
        "kinds": [(each.name, each.label) for each in kinds()],
        "is_active": any(job.is_active for job in page),
    }
    return render(request, "jobs/jobs.html", context)


@signed_in
@require_safe
def job(request: PersonRequest, code: UUID) -> HttpResponse:
    """The page of what the job found, or of how far it is."""
    found = get_job(request.user, code)
    return redirect(kind_of(found).address(found))


@require_safe
async def job_stream(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """Progress as server-sent events, from the last one the page has seen."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse(status=401)
    found = await sync_to_async(get_job)(user, code)
    last_id = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(events(found.code, last_id), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@signed_in
@require_GET
def job_status(request: PersonRequest, code: UUID) -> HttpResponse:
    """The same progress, for pages that cannot hold a stream open."""
    return JsonResponse(job_progress(get_job(request.user, code)))


@signed_in
@require_POST
def job_cancel(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to where the person was, the job cancelled."""
    found = get_listed_job(request.user, code)
    label = kind_of(found).label.lower()
    try:
        cancel_job(by=request.user, job=found)
        messages.success(request, f"The {label} is cancelled. What is finished is kept.")
    except Invalid as error:
        messages.error(request, str(error))
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "jobs")
