"""How the platform stands, for programs that watch it: what the page of operations shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.access import require_administrator
from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.jobs import JobDetail, JobShown
from api.v1.shared import Of
from jobs.access import get_listed_job
from jobs.models import Job
from jobs.services.retry_job import retry_job
from operations import standing


class QueueShown(Of):
    """A queue: its entries (null while Redis is away), and the jobs that wait."""

    name = serializers.CharField()
    kinds = serializers.CharField()
    depth = serializers.IntegerField(allow_null=True)
    waiting = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)


class KindShown(Of):
    """Jobs of one kind that are not at rest."""

    kind = serializers.CharField()
    title = serializers.CharField(source="label")
    waiting = serializers.IntegerField()
    working = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)


class WorkerShown(Of):
    """A worker, and the job that it is at."""

    name = serializers.CharField()
    state = serializers.CharField()
    heard_at = serializers.DateTimeField(allow_null=True)
    job = serializers.UUIDField(source="job.code", default=None, allow_null=True)
    memory_bytes = serializers.IntegerField(allow_null=True)


class LookShown(Of):
    """What the watcher does by itself, and when it last did."""

    name = serializers.CharField()
    looked_at = serializers.DateTimeField(allow_null=True)
    did = serializers.IntegerField()
    did_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class AlertShown(Of):
    """A limit that is crossed now."""

    name = serializers.CharField()
    severity = serializers.CharField()
    summary = serializers.CharField()
    section = serializers.CharField(help_text="Of docs/operations.md: what to do.")
    measure = serializers.CharField()
    limit = serializers.FloatField()


class StoreShown(Of):
    """How much of one kind lies in the data folder."""

    kind = serializers.CharField()
    title = serializers.CharField(source="label")
    files = serializers.IntegerField()
    size_bytes = serializers.IntegerField()


class BackupShown(Of):
    """The newest backup, and what is wrong with it."""

    name = serializers.CharField()
    made_at = serializers.DateTimeField()
    size_bytes = serializers.IntegerField()
    verified_at = serializers.DateTimeField(allow_null=True)
    problems = serializers.ListField(child=serializers.CharField())


class StorageShown(Of):
    """Where files lie and what room is left."""

    folder = serializers.CharField()
    files_in = serializers.CharField()
    free_bytes = serializers.IntegerField()
    measured_at = serializers.DateTimeField(allow_null=True)
    sizes = StoreShown(many=True)
    backup = BackupShown(allow_null=True)


class DatabaseShown(Of):
    """The database."""

    backend = serializers.CharField()
    version = serializers.CharField()
    size_bytes = serializers.IntegerField()
    applied_count = serializers.IntegerField()
    missing_migrations = serializers.ListField(child=serializers.CharField())


class AgeingShown(Of):
    """Personal data that go with age; `kept_days` 0: for good."""

    title = serializers.CharField(source="label")
    kept_days = serializers.IntegerField()
    too_old = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True)


class StandingShown(Of):
    """How the platform stands."""

    at = serializers.DateTimeField()
    redis_problem = serializers.CharField(help_text="Empty while Redis answers.")
    alerts = AlertShown(many=True)
    values = serializers.DictField(
        child=serializers.FloatField(allow_null=True), help_text="What alerts look at, by measure; null: not known."
    )
    queues = QueueShown(many=True)
    kinds = KindShown(many=True)
    workers = WorkerShown(many=True)
    running = JobShown(many=True)
    failed = JobShown(many=True)
    schedule = LookShown(many=True)
    storage = StorageShown()
    database = DatabaseShown()
    personal_data = AgeingShown(many=True)


class OperationsView(ApiView):
    tag = "operations"

    @operation("read_operations", answer=StandingShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Says how queues, workers, jobs and stores stand, and which limits are crossed."""
        require_administrator(request.user)
        now = standing.standing()
        return {
            **{name: getattr(now, name) for name in now.__slots__},
            "failed": standing.failed_jobs()[: standing.SHOWN],
            "storage": standing.storage(),
            "database": standing.database(),
            "personal_data": standing.personal_data(),
        }


class JobRetry(ApiView):
    tag = "operations"
    current = JobDetail

    @operation("retry_job", scope=Scope.RUN, answer=JobShown)
    def post(self, request: Caller, code: UUID) -> Job:
        """Takes up again a job that failed or was cancelled; what is finished is kept."""
        return retry_job(by=request.user, job=get_listed_job(request.user, code))
