"""Jobs of every kind: followed by polling or as a stream, and cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of, Person
from jobs.access import get_job, get_listed_job, listed_jobs
from jobs.models import Job, JobState
from jobs.progress import events, job_progress
from jobs.queries import job_lines
from jobs.services.cancel_job import cancel_job


class JobShown(Of):
    """A piece of long work: a run, a simulation, a pack, an impact, a trial."""

    code = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(JobState.choices)
    requested_by = Person()
    total_count = serializers.IntegerField()
    done_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class Progress(Of):
    """How far a job is; kinds add figures of their own."""

    job = serializers.UUIDField()
    state = serializers.ChoiceField(JobState.choices)
    state_label = serializers.CharField()
    sentence = serializers.CharField()
    is_finished = serializers.BooleanField()
    total_count = serializers.IntegerField()
    done_count = serializers.IntegerField()
    done_ratio = serializers.FloatField()
    rate_per_second = serializers.FloatField(allow_null=True)
    seconds_left = serializers.FloatField(allow_null=True)
    seconds_elapsed = serializers.FloatField()
    error = serializers.CharField()
    figures = serializers.DictField(help_text="What its kind counts besides.")


class JobQuery(Of):
    state = serializers.ChoiceField(JobState.choices, required=False)
    kind = serializers.CharField(required=False, max_length=20)


class Jobs(ApiView):
    tag = "jobs"

    @operation("list_jobs", query=JobQuery, answer=JobShown, pages="created_at")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Job]:
        """Lists the caller's jobs, the latest first; to an administrator everybody's."""
        chosen = {name: query[name] for name in ("state", "kind") if query.get(name)}
        return job_lines(listed_jobs(request.user)).filter(**chosen)


class JobDetail(ApiView):
    tag = "jobs"

    @operation("read_job", answer=JobShown)
    def get(self, request: Caller, code: UUID) -> Job:
        """Reads a job."""
        found: Job = get_listed_job(request.user, code)
        return found


class JobProgress(ApiView):
    tag = "jobs"

    @operation("read_progress", answer=Progress)
    def get(self, request: Caller, code: UUID) -> dict[str, Any]:
        """Says how far a job is."""
        told = job_progress(get_job(request.user, code))
        common = {name: told.pop(name) for name in Progress._declared_fields if name in told}
        return {**common, "figures": told}


class JobEvents(ApiView):
    tag = "jobs"

    @operation("follow_job", file="text/event-stream")
    def get(self, request: Caller, code: UUID) -> StreamingHttpResponse:
        """Follows a job: server-sent events named `progress`, and `done` at its end."""
        found = get_job(request.user, code)
        stream = events(found.code, request.headers.get("Last-Event-ID", ""))
        response = StreamingHttpResponse(stream, content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-cache, no-transform"
        response.headers["X-Accel-Buffering"] = "no"
        return response


class JobCancel(ApiView):
    tag = "jobs"
    current = JobDetail

    @operation("cancel_job", scope=Scope.RUN, answer=JobShown)
    def post(self, request: Caller, code: UUID) -> Job:
        """Cancels a job; what is finished is kept."""
        done: Job = cancel_job(by=request.user, job=get_listed_job(request.user, code))
        return done
