"""Strategies, their versions, what workers did of them, and the scenarios a desk tries."""

from __future__ import annotations

from django.db import models

from accounts.models import one_line
from jobs.models import KindOfJob
from lib.columns import code_column, person_column
from lib.written_once import WrittenOnce
from strategies.models.data import Universe
from strategies.models.desks import TITLE_LENGTH, Desk

NOTE_LENGTH = 300


class State(models.TextChoices):
    """How far a strategy is, from idea to export."""

    CREATED = "created", "Created"
    RESEARCH = "research", "Research"
    RISK_REVIEW = "risk_review", "Risk review"
    COMPLIANCE = "compliance", "Compliance"
    APPROVED = "approved", "Approved"
    EXPORTED = "exported", "Exported"
    ARCHIVED = "archived", "Archived"


class StrategyVersion(WrittenOnce):
    """A strategy as somebody left it: signal, construction and costs, named by the SHA-256 of all that it says."""

    code = code_column()
    strategy = models.ForeignKey("strategies.Strategy", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(
        help_text="signal, construction, costs, rebalance, benchmark, initial_cash_amount, as engine.strategies reads them."
    )
    content_hash = models.CharField(max_length=64, editable=False)
    note = models.CharField(
        max_length=NOTE_LENGTH, blank=True, validators=[one_line], help_text="What was changed, and why."
    )
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("strategy", "number"), name="strategy_version_number_once"),)

    def __str__(self) -> str:
        return f"{self.strategy}, version {self.number}"


class Strategy(models.Model):
    """One strategy of a desk; what it is at any time is its last version, once approved the approved one."""

    code = code_column()
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="strategies")
    universe = models.ForeignKey(Universe, on_delete=models.PROTECT, related_name="strategies")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    limits_family = models.SlugField(max_length=60, help_text="The family of limit sets that its checks follow.")
    approved_version = models.ForeignKey(
        StrategyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("desk", "name"), name="strategy_name_once_a_desk"),)

    def __str__(self) -> str:
        return self.name


class Task(models.TextChoices):
    """What a worker does of a version."""

    SIGNALS = "signals", "Signal"
    OPTIMISE = "optimise", "Portfolio"
    BACKTEST = "backtest", "Backtest"
    RISK = "risk", "Risk"
    SCENARIOS = "scenarios", "Scenarios"
    ROLES = "roles", "Roles"


class StrategyRun(KindOfJob):
    """One task of one version on datasets named by hash; the terms decide the answer to the last digit."""

    KIND = "strategy_run"

    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="runs")
    task = models.CharField(max_length=10, choices=Task)
    terms = models.JSONField(default=dict, blank=True, help_text="What the task was asked beside the version.")
    datasets = models.JSONField(default=dict, help_text="The SHA-256 of the Parquet file by kind of dataset.")
    engine_version = models.CharField(max_length=40)


class ScenarioSet(models.Model):
    """Shocks under a name: through factors, and of single names."""

    code = code_column()
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="scenario_sets")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    scenarios = models.JSONField(help_text="Each with name, factors (shock by factor) and specific (shock by name).")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("desk", "name"), name="scenario_set_name_once_a_desk"),)

    def __str__(self) -> str:
        return self.name
