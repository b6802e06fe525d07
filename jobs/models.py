"""A piece of long work as rows: the rows are the truth, an entry in the queue only an invitation to look at them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

TITLE_LENGTH = 200


class JobState(models.TextChoices):
    """Whether a job waits for a worker, has one, or is at rest: done, not possible, or not wanted any more."""

    QUEUED = "queued", "Queued"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (JobState.QUEUED, JobState.WORKING)
STOPPED_STATES = (JobState.FAILED, JobState.CANCELLED)


class PartState(models.TextChoices):
    """Whether a part waits, is a worker's, is done, or is set aside with what went wrong while the others go on."""

    PENDING = "pending", "Pending"
    CLAIMED = "claimed", "Claimed"
    DONE = "done", "Done"
    ASIDE = "aside", "Set aside"


class Job(models.Model):
    """What somebody asked for and how far it is: its answer in `summary`, or in `error` why there is none."""

    KIND: ClassVar[str]  # of a room's own model: the name of its kind

    code = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, blank=True, editable=False)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True, help_text="What it is about, in a list of jobs.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=9, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    total_count = models.PositiveBigIntegerField(default=1, help_text="Of its kind's units: permutations, paths.")
    done_count = models.PositiveBigIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # A resumed job measures its pace from the resumption, not from the first start.
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_done_count = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created_at", "code")
        indexes = (models.Index(fields=("requested_by", "-created_at"), name="job_by_person_newest"),)

    def __str__(self) -> str:
        asked = f"{timezone.localtime(self.created_at):%-d %b %Y, %H:%M:%S}"
        return f"{self.kind.replace('_', ' ').capitalize()} of {asked} ({self.get_state_display().lower()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The row; a new one with the parts it is done in."""
        if not self._state.adding:
            return super().save(*args, **kwargs)
        self.kind, self.title = self.KIND, self.title[:TITLE_LENGTH]
        with transaction.atomic():
            super().save(*args, **kwargs)
            Part.objects.bulk_create(self.planned_parts(), batch_size=500)
        return None

    def planned_parts(self) -> Sequence[Part]:
        """The parts of a new job: one, unless its kind says otherwise."""
        return [Part(job_id=self.code, number=0, start=0, stop=self.total_count, is_closing=True)]

    @property
    def is_active(self) -> bool:
        """True while workers may still change it."""
        return self.state in ACTIVE_STATES

    @property
    def is_resumable(self) -> bool:
        """True when it stopped before its end and can go on."""
        return self.state in STOPPED_STATES

    @property
    def is_held(self) -> bool:
        """True while a worker has a part of it; one that was cancelled is let go at its next sign of life."""
        return Part.objects.filter(job=self.code, state=PartState.CLAIMED).exists()


class KindOfJob(Job):
    """What the model of each kind begins with: a row of its own beside the Job's, found by the same code."""

    id = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, parent_link=True, related_name="+", editable=False)

    class Meta:
        abstract = True
        ordering = ("-created_at", "-id")


class Part(models.Model):
    """A slice of a job, one worker's at a time; the closing one waits for all others, and its answer is the job's.

    Of the others those of a stage wait for all of the stages before it.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    is_closing = models.BooleanField(default=False)
    stage = models.PositiveSmallIntegerField(default=0, help_text="A part waits for all parts of lower stages.")
    start = models.PositiveBigIntegerField()
    stop = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=PartState.choices, default=PartState.PENDING)
    claimed_by = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True, help_text="What went wrong with a part that is set aside.")

    class Meta:
        ordering = ("job", "number")
        constraints = (models.UniqueConstraint(fields=("job", "number"), name="one_part_of_a_number"),)
        indexes = (models.Index(fields=("job", "state"), name="part_by_job_and_state"),)

    def __str__(self) -> str:
        return f"Part {self.number + 1} of {self.job}"
