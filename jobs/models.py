"""A piece of long work as a row: the row is the truth, an entry in the queue only an invitation to look at it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class JobState(models.TextChoices):
    """Whether a job waits for a worker, has one, is done, or could not be done."""

    QUEUED = "queued", "Queued"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Job(models.Model):
    """A piece of work for one worker: its answer in `summary`, or in `error` why there is none."""

    kind: ClassVar[str]  # what its entries in the queue are called
    queue: ClassVar[str] = "runs"  # of the settings' queues
    worker: ClassVar[str]  # where the function lies that takes a code and brings the job to its end

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    summary = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-created_at", "-id")

    @property
    def is_active(self) -> bool:
        """True while a worker may still change it."""
        return self.state in (JobState.QUEUED, JobState.WORKING)
