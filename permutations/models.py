"""Rows of a run: what was asked, how far it is, and the best of what it found.

Full results live in Parquet shards (`permutations.files`); rows hold only what pages and recovery read often.
"""

from __future__ import annotations

from itertools import pairwise

from django.db import models
from django.utils import timezone

from accounts.models import one_line
from financings.models import NAME_LENGTH, KeptComparison
from financings.over_raise import over_raise_of
from jobs.models import KindOfJob, Part

# Stages of a large run's ranking, after its chunks; into how many parts the second is divided at the most; and up to which
# size a run is ranked by one worker at once where it keeps every row.
ORDERING, KEEPING = 1, 2
MOST_SHELVES, RANKED_AT_ONCE = 32, 2_000_000


class Run(KindOfJob):
    """One evaluation of a lever set over one snapshot under one rule set; asks and answers never change once done."""

    KIND = "run"

    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey("projects.Snapshot", on_delete=models.PROTECT, related_name="runs")
    rule_set = models.ForeignKey("ratings.RuleSet", on_delete=models.PROTECT, related_name="runs")
    market_set = models.ForeignKey(
        "ratings.MarketSet", null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )
    given_name = models.CharField(
        max_length=NAME_LENGTH, blank=True, validators=[one_line], help_text="What people call it."
    )
    note = models.TextField(max_length=2_000, blank=True, help_text="Why it was run, or what came of it.")
    is_starred = models.BooleanField(default=False, help_text="Worth coming back to.")
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

    chunk_size = models.PositiveIntegerField()
    chunk_count = models.PositiveIntegerField()
    chunks_done = models.PositiveIntegerField(default=0)
    gate_a_alive = models.PositiveBigIntegerField(default=0)
    gate_b_alive = models.PositiveBigIntegerField(default=0)
    keeps_all_rows = models.BooleanField(
        default=True, help_text="Else rows are kept of what passed or nearly did, up to a limit."
    )

    class Meta(KindOfJob.Meta):
        constraints = (
            models.CheckConstraint(condition=models.Q(evaluated_count__gt=0), name="run_evaluates_something"),
            models.CheckConstraint(condition=models.Q(chunk_size__gt=0), name="run_chunks_hold_something"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display().lower()})"

    @property
    def name(self) -> str:
        """What it is called; without a name when it was asked for, to the second."""
        return self.given_name or f"Run of {timezone.localtime(self.created_at):%-d %b %Y, %H:%M:%S}"

    @property
    def space_count(self) -> int:
        """Number of permutations in the whole space."""
        return int(self.space_size)

    @property
    def is_sample(self) -> bool:
        """True when the budget is smaller than the space."""
        return self.space_count > self.evaluated_count

    @property
    def keeps_only_best(self) -> bool:
        """True when more passed or nearly did than rows are kept of; known once the run is done."""
        return bool(self.summary.get("rows", {}).get("only_best"))

    @property
    def over_raise(self) -> str:
        """What an over-raise among its levers means, in a sentence; empty where that lever is closed."""
        return over_raise_of(self.lever_set.get("axes", {}), self.rule_set.content)

    @property
    def chunks(self) -> models.QuerySet[Part]:
        """The parts that are chunks."""
        return Part.objects.filter(job=self.code, is_closing=False, stage=0)

    @property
    def shelves(self) -> list[range]:
        """The chunks that are ranked together, each range by one worker, where the ranking of a large run is divided."""
        is_small = self.keeps_all_rows and self.evaluated_count <= RANKED_AT_ONCE
        count = 0 if is_small else min(self.chunk_count, MOST_SHELVES)
        edges = [k * self.chunk_count // count for k in range(count + 1)] if count else []
        return [range(low, high) for low, high in pairwise(edges)]

    def planned_parts(self) -> list[Part]:
        """A part for each chunk, in a large run parts for its ranking, and what closes the run."""
        starts = range(0, self.evaluated_count, self.chunk_size)
        bounds = [(start, min(start + self.chunk_size, self.evaluated_count)) for start in starts]
        chunks = [Part(job_id=self.code, number=n, start=low, stop=high) for n, (low, high) in enumerate(bounds)]
        stages = [ORDERING, ORDERING, *([KEEPING] * len(self.shelves))] if self.shelves else []
        after = {"job_id": self.code, "start": self.evaluated_count, "stop": self.evaluated_count}
        ranking = [Part(**after, number=len(chunks) + n, stage=stage) for n, stage in enumerate(stages)]
        return [*chunks, *ranking, Part(**after, number=len(chunks) + len(ranking), is_closing=True)]


class RunComparison(KeptComparison):
    """Two to six runs that somebody keeps side by side."""

    TOLD_AS = "run_comparison"


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


class Search(KindOfJob):
    """A search between the points of a finished run: the best structure under limits; run and terms decide the answer."""

    KIND = "search"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="searches")
    terms = models.JSONField(help_text="In the terms of engine.permutations.search: objective, limits, levers, seed.")
    engine_version = models.CharField(max_length=40)
    financings = models.ManyToManyField(
        "financings.Financing",
        blank=True,
        related_name="searches",
        help_text="Those of its structures that were opened.",
    )


class Impact(KindOfJob):
    """What a change request does to the best structures of a run: they are evaluated again before and after it."""

    KIND = "impact"

    submission = models.ForeignKey("projects.Submission", on_delete=models.PROTECT, related_name="impacts")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="impacts")
    engine_version = models.CharField(max_length=40)

    class Meta(KindOfJob.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "run", "engine_version"), name="one_impact_per_run_and_engine"
            ),
        )

    def __str__(self) -> str:
        return f"Impact of {self.submission} ({self.state})"


class RuleSetTrial(KindOfJob):
    """A version of the rules tried on a past run: what would change."""

    KIND = "trial"

    rule_set = models.ForeignKey("ratings.RuleSet", on_delete=models.CASCADE, related_name="trials")
    content_hash = models.CharField(max_length=64, help_text="What the rules were when the trial was asked for.")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trials")

    class Meta(KindOfJob.Meta):
        constraints = (models.UniqueConstraint(fields=("rule_set", "content_hash", "run"), name="one_trial_of_a_run"),)

    @property
    def is_current(self) -> bool:
        """False once the draft was edited after the trial."""
        return self.content_hash == self.rule_set.content_hash
