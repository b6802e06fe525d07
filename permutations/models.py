"""Rows of a run: what was asked, how far it is, and the best of what it found.

Full results live in Parquet shards (`permutations.files`); rows hold only what pages and recovery read often.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from jobs.models import Job


class RunState(models.TextChoices):
    """Where a run stands. Queued and evaluating runs have work to claim; ranking has one worker; the rest are at rest."""

    QUEUED = "queued", "Queued"
    EVALUATING = "evaluating", "Evaluating"
    RANKING = "ranking", "Ranking"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


WORKABLE_STATES = (RunState.QUEUED, RunState.EVALUATING)
ACTIVE_STATES = (RunState.QUEUED, RunState.EVALUATING, RunState.RANKING)
RESUMABLE_STATES = (RunState.FAILED, RunState.CANCELLED)


class ChunkState(models.TextChoices):
    """Whether a slice of the run waits, is being worked on, or has its shard on disk."""

    PENDING = "pending", "Pending"
    CLAIMED = "claimed", "Claimed"
    DONE = "done", "Done"


class Run(models.Model):
    """One evaluation of a lever set over one snapshot under one rule set; asks and answers never change once done."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey("projects.Snapshot", on_delete=models.PROTECT, related_name="runs")
    rule_set = models.ForeignKey("ratings.RuleSet", on_delete=models.PROTECT, related_name="runs")
    lever_set = models.JSONField()
    terms = models.JSONField()
    engine_version = models.CharField(max_length=40)
    seed = models.PositiveBigIntegerField(default=0)
    budget = models.PositiveBigIntegerField()
    # Digits, because a product of many axes outgrows every integer column.
    space_size = models.CharField(max_length=100)
    evaluated_count = models.PositiveBigIntegerField()
    objective = models.CharField(max_length=40)
    hard_filters = models.JSONField(default=list, blank=True)

    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED, db_index=True)
    chunk_size = models.PositiveIntegerField()
    chunk_count = models.PositiveIntegerField()
    chunks_done = models.PositiveIntegerField(default=0)
    done_count = models.PositiveBigIntegerField(default=0)
    gate_a_alive = models.PositiveBigIntegerField(default=0)
    gate_b_alive = models.PositiveBigIntegerField(default=0)
    ranked_by = models.CharField(max_length=120, blank=True)
    rank_attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # A resumed run measures its pace from the resumption, not from the first start.
    stretch_started_at = models.DateTimeField(null=True, blank=True)
    stretch_done_count = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="runs")
    summary = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=models.Q(evaluated_count__gt=0), name="run_evaluates_something"),
            models.CheckConstraint(condition=models.Q(chunk_size__gt=0), name="run_chunks_hold_something"),
        )

    def __str__(self) -> str:
        return f"Run {self.code} ({self.state})"

    @property
    def space_count(self) -> int:
        """Number of permutations in the whole space."""
        return int(self.space_size)

    @property
    def is_sample(self) -> bool:
        """True when the budget is smaller than the space."""
        return self.space_count > self.evaluated_count

    @property
    def is_active(self) -> bool:
        """True while workers may still change the run."""
        return self.state in ACTIVE_STATES

    @property
    def is_resumable(self) -> bool:
        """True when the run stopped before its end and can go on."""
        return self.state in RESUMABLE_STATES


class Chunk(models.Model):
    """One slice of a run's permutations, claimed by one worker at a time."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    start = models.PositiveBigIntegerField()
    stop = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=ChunkState.choices, default=ChunkState.PENDING)
    claimed_by = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="one_chunk_per_number"),)
        indexes = (models.Index(fields=("run", "state"), name="chunk_by_run_and_state"),)

    def __str__(self) -> str:
        return f"Chunk {self.number} of run {self.run_id}"

    @property
    def place(self) -> str:
        """The slice in words, for messages."""
        return f"chunk {self.number} (permutations {self.start:,} to {self.stop - 1:,} of the run)"


class TopResult(models.Model):
    """One of a run's best 1,000 permutations, as a row for pages and lists."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="top_results")
    rank = models.PositiveIntegerField()
    permutation_index = models.PositiveBigIntegerField()
    tier = models.CharField(max_length=12)
    score = models.FloatField()
    metrics = models.JSONField()

    class Meta:
        ordering = ("run", "rank")
        constraints = (models.UniqueConstraint(fields=("run", "rank"), name="one_result_per_rank"),)

    def __str__(self) -> str:
        return f"Rank {self.rank} of run {self.run_id}"


class Impact(Job):
    """What a change request does to the best structures of a run: they are evaluated again before and after it."""

    kind = "impact"
    worker = "permutations.impacts.work_out"

    submission = models.ForeignKey("projects.Submission", on_delete=models.PROTECT, related_name="impacts")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="impacts")
    engine_version = models.CharField(max_length=40)

    class Meta(Job.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "run", "engine_version"), name="one_impact_per_run_and_engine"
            ),
        )

    def __str__(self) -> str:
        return f"Impact of {self.submission} ({self.state})"


class RuleSetTrial(Job):
    """A version of the rules tried on a past run: what would change."""

    kind = "trial"
    worker = "permutations.trials.work_on_trial"

    rule_set = models.ForeignKey("ratings.RuleSet", on_delete=models.CASCADE, related_name="trials")
    content_hash = models.CharField(max_length=64, help_text="What the rules were when the trial was asked for.")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trials")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta(Job.Meta):
        constraints = (models.UniqueConstraint(fields=("rule_set", "content_hash", "run"), name="one_trial_of_a_run"),)

    def __str__(self) -> str:
        return f"Trial {self.code} ({self.state})"

    @property
    def is_current(self) -> bool:
        """False once the draft was edited after the trial."""
        return self.content_hash == self.rule_set.content_hash
